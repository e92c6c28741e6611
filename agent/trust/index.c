/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/index.h"

#include "pki/cert.h"
#include "proto/compiler.h"
#include "trust/entry.h"
#include "trust/resort.h"
#include "trust/role.h"
#include "trust/snapshot.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define NOWHERE SIZE_MAX

/* calloc() may answer NULL to a size of 0; no array of a snapshot is that short. */
static void *make_array(size_t n, size_t item_bytes)
{
        return calloc(n + 1, item_bytes);
}

/*
 * -- certificates -------------------------------------------------------------------------------
 */

/* The certificate whose first entry is number @i of @n. */
static void collect(const struct snapshot *snap, size_t i, size_t n, struct snapshot_cert *out)
{
        const struct entry *const *entries = snap->entries + i;

        *out = (struct snapshot_cert){ .cert = entries[0]->cert, .entries = entries };
        do {
                out->roles |= 1u << entries[out->n_entries]->role;
                out->n_entries++;
        } while (i + out->n_entries < n &&
                 memcmp(entries[out->n_entries]->cert->sha256, out->cert->sha256, 32) == 0);
}

/*
 * Is the certificate whose first entry is number @i number @k of @base, with the same entries? The
 * one behind it must begin as before, or its own entries might go on.
 */
static bool is_as_before(const struct snapshot *snap, size_t i, const struct snapshot *base,
                         size_t k)
{
        const struct snapshot_cert *old = base->certs;
        size_t n = k < base->n_certs ? old[k].n_entries : 0;

        return n > 0 && k + 1 < base->n_certs && i + n < snap->n_entries &&
               snap->entries[i + n] == old[k + 1].entries[0] &&
               memcmp(snap->entries + i, old[k].entries, n * sizeof(*old->entries)) == 0;
}

static void count_roles(struct snapshot *snap)
{
        for (size_t i = 0; i < snap->n_certs; i++)
                for (int role = 0; role < ROLE_N; role++)
                        snap->n_role_certs[role] += snap->certs[i].roles >> role & 1;
}

static int collect_certs(struct snapshot *snap, const struct snapshot *base)
{
        const struct snapshot_cert *old = base->certs;
        size_t k = 0, n = snapshot_find_kind(snap, ENTRY_CERT + 1); /* they come first */
        struct snapshot_cert *certs = make_array(n, sizeof(*certs));

        if (!certs)
                return -ENOMEM;

        snap->certs = certs;
        for (size_t i = 0; i < n; i += certs[snap->n_certs++].n_entries) {
                struct snapshot_cert *cert = &certs[snap->n_certs];

                if (is_as_before(snap, i, base, k)) {
                        *cert = old[k++];
                        cert->entries = snap->entries + i;
                        continue;
                }

                collect(snap, i, n, cert);
                while (k < base->n_certs &&
                       memcmp(old[k].cert->sha256, cert->cert->sha256, 32) <= 0)
                        k++;
        }

        count_roles(snap);
        return 0;
}

/* Where each certificate of @base is in @snap; NOWHERE if it is gone, or in other lists. */
static void find_again(const struct snapshot *base, const struct snapshot *snap, size_t *out)
{
        size_t k = 0;

        for (size_t i = 0; i < base->n_certs; i++) {
                const struct snapshot_cert *old = &base->certs[i];
                bool is_there;

                while (k < snap->n_certs && snap->certs[k].cert != old->cert &&
                       memcmp(snap->certs[k].cert->sha256, old->cert->sha256, 32) < 0)
                        k++;

                is_there = k < snap->n_certs && snap->certs[k].cert == old->cert;
                out[i] = is_there && snap->certs[k].roles == old->roles ? k : NOWHERE;
                k += is_there;
        }
}

/*
 * -- order --------------------------------------------------------------------------------------
 */

/* Trusted before issuers, then by SHA-256: an order that depends on content alone. */
static int compare_rank(const struct snapshot_cert *a, const struct snapshot_cert *b)
{
        unsigned int trusted = 1u << ROLE_TRUSTED;

        if ((a->roles & trusted) != (b->roles & trusted))
                return a->roles & trusted ? -1 : 1;
        return memcmp(a->cert->sha256, b->cert->sha256, 32);
}

static int compare_subjects(const void *left, const void *right)
{
        const struct snapshot_cert *a = left, *b = right;
        int order = name_compare(&a->cert->subject, &b->cert->subject);

        return order != 0 ? order : compare_rank(a, b);
}

static uint64_t subject_key(const void *item)
{
        const struct snapshot_cert *cert = item;

        return sort_hash(cert->cert->subject.canon.data, cert->cert->subject.canon.n);
}

static int compare_key_ids(const void *left, const void *right)
{
        const struct snapshot_cert *a = left, *b = right;
        int order = bytes_compare(a->cert->subject_key_id, b->cert->subject_key_id);

        return order != 0 ? order : compare_rank(a, b);
}

static uint64_t key_id_key(const void *item)
{
        const struct snapshot_cert *cert = item;

        return sort_hash(cert->cert->subject_key_id.data, cert->cert->subject_key_id.n);
}

static bool is_judged(const struct snapshot_cert *cert)
{
        return cert->roles & (1u << ROLE_TRUSTED | 1u << ROLE_ISSUERS);
}

static bool has_key_id(const struct snapshot_cert *cert)
{
        return is_judged(cert) && cert->cert->subject_key_id.n > 0;
}

/*
 * -- indices ------------------------------------------------------------------------------------
 */

struct kind {
        size_t at; /* the index in struct snapshot */
        bool (*is_wanted)(const struct snapshot_cert *cert);
        struct resort_order order;
};

static const struct kind kinds[] = {
        { offsetof(struct snapshot, by_subject), is_judged, { subject_key, compare_subjects } },
        { offsetof(struct snapshot, by_key_id), has_key_id, { key_id_key, compare_key_ids } },
};

/* The snapshot before, and where each of its certificates is now. */
struct past {
        const struct snapshot *base;
        const size_t *again;
};

/* An index under way, of what was in it before and what is new. */
struct draft {
        const struct snapshot_cert **kept, **fresh;
        uint64_t *kept_keys, *fresh_keys;
        size_t n_kept, n_fresh;
        bool *is_kept; /* for each certificate */
        size_t *places;
};

static void draft_deinit(struct draft *draft)
{
        free(draft->kept);
        free(draft->fresh);
        free(draft->kept_keys);
        free(draft->fresh_keys);
        free(draft->is_kept);
        free(draft->places);
}

static int draft_init(struct draft *draft, size_t n)
{
        *draft = (struct draft){
                .kept = make_array(n, sizeof(*draft->kept)),
                .fresh = make_array(n, sizeof(*draft->fresh)),
                .kept_keys = make_array(n, sizeof(*draft->kept_keys)),
                .fresh_keys = make_array(n, sizeof(*draft->fresh_keys)),
                .is_kept = make_array(n, sizeof(*draft->is_kept)),
                .places = make_array(n, sizeof(*draft->places)),
        };
        return draft->kept && draft->fresh && draft->kept_keys && draft->fresh_keys &&
                               draft->is_kept && draft->places
                       ? 0
                       : -ENOMEM;
}

/* What the index held before is wanted as long as it is there at all, in the same lists. */
static void keep(struct draft *draft, const struct snapshot *snap, const struct kind *kind,
                 const struct past *past)
{
        const struct snapshot_index *old = (const void *)((const char *)past->base + kind->at);

        for (size_t i = 0; i < old->n; i++) {
                size_t at = past->again[old->certs[i] - past->base->certs];

                if (at == NOWHERE)
                        continue;
                draft->kept[draft->n_kept] = &snap->certs[at];
                draft->kept_keys[draft->n_kept++] = old->keys[i];
                draft->is_kept[at] = true;
        }
}

static int sort_fresh(struct draft *draft, const struct snapshot *snap, const struct kind *kind)
{
        for (size_t i = 0; i < snap->n_certs; i++)
                if (!draft->is_kept[i] && kind->is_wanted(&snap->certs[i]))
                        draft->fresh[draft->n_fresh++] = &snap->certs[i];

        return sort_pointers((const void **)draft->fresh, draft->n_fresh, kind->order.key,
                             kind->order.compare, draft->fresh_keys);
}

static int weave(struct draft *draft, const struct kind *kind, struct snapshot_index *out)
{
        size_t n = draft->n_kept + draft->n_fresh;
        const struct snapshot_cert **certs = make_array(n, sizeof(*certs));
        uint64_t *keys = make_array(n, sizeof(*keys));

        out->certs = certs;
        out->keys = keys;
        if (!certs || !keys)
                return -ENOMEM;

        out->n = n;
        resort_find_places((const void *const *)draft->kept, draft->n_kept,
                           (const void *const *)draft->fresh, draft->n_fresh, &kind->order,
                           draft->places);
        resort_weave(draft->kept, draft->n_kept, draft->fresh, draft->n_fresh, draft->places,
                     sizeof(*certs), certs);
        resort_weave(draft->kept_keys, draft->n_kept, draft->fresh_keys, draft->n_fresh,
                     draft->places, sizeof(*keys), keys);
        return 0;
}

static int make_index(struct snapshot *snap, const struct kind *kind, const struct past *past)
{
        CLEANUP(draft_deinit) struct draft draft;
        int r;

        r = draft_init(&draft, snap->n_certs);
        if (r)
                return r;

        keep(&draft, snap, kind, past);
        r = sort_fresh(&draft, snap, kind);
        return r ? r : weave(&draft, kind, (void *)((char *)snap + kind->at));
}

int index_make(struct snapshot *snap, const struct snapshot *base)
{
        static const struct snapshot NOTHING;
        CLEANUP(freep) size_t *again = NULL;
        struct past past = { base ? base : &NOTHING, NULL };
        int r;

        past.again = again = make_array(past.base->n_certs, sizeof(*again));
        if (!again)
                return -ENOMEM;

        r = collect_certs(snap, past.base);
        if (r)
                return r;

        find_again(past.base, snap, again);
        for (size_t i = 0; !r && i < ARRAY_SIZE(kinds); i++)
                r = make_index(snap, &kinds[i], &past);
        return r;
}
