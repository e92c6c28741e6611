/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/change.h"

#include "pki/cert.h"
#include "pki/crl.h"
#include "proto/buf.h"
#include "trust/block.h"
#include "trust/entry.h"
#include "trust/settings.h"
#include "trust/snapshot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct change *change_unref(struct change *change)
{
        if (!change || !ref_put(&change->ref))
                return NULL;

        for (size_t i = 0; i < change->broken.n; i++)
                free(change->broken.items[i]);
        for (size_t i = 0; i < change->healed.n; i++)
                free(change->healed.items[i]);
        VEC_FREE(&change->added);
        VEC_FREE(&change->removed);
        VEC_FREE(&change->affected);
        VEC_FREE(&change->broken);
        VEC_FREE(&change->healed);
        free(change);
        return NULL;
}

static struct change_thumbprint thumbprint_of(const uint8_t sha256[32])
{
        struct change_thumbprint thumbprint;

        memcpy(thumbprint.sha256, sha256, 32);
        return thumbprint;
}

static int push_text(struct change *change, const char *text, bool is_broken)
{
        char *copy = strdup(text);
        int r;

        if (!copy)
                return -ENOMEM;

        r = is_broken ? VEC_PUSH(&change->broken, copy) : VEC_PUSH(&change->healed, copy);
        if (r)
                free(copy);
        return r;
}

/* -- certificates: two arrays in order of SHA-256, walked together ----------------------------- */

static unsigned int judged_roles(const struct snapshot_cert *cert)
{
        return cert->roles & (1u << ROLE_TRUSTED | 1u << ROLE_ISSUERS);
}

/*
 * A certificate that came into a judged list, or left one; both, where it moved from one to the
 * other.
 */
static int compare_roles(struct change *change, const uint8_t sha256[32], unsigned int before,
                         unsigned int after)
{
        int r = 0;

        if (after & ~before)
                r = VEC_PUSH(&change->added, thumbprint_of(sha256));
        if (!r && before & ~after)
                r = VEC_PUSH(&change->removed, thumbprint_of(sha256));
        return r;
}

/* Most are the same object, and then are not looked at. */
static int compare_certificates(const struct cert *a, const struct cert *b)
{
        return a == b ? 0 : memcmp(a->sha256, b->sha256, 32);
}

static int compare_certs(struct change *change, const struct snapshot *before,
                         const struct snapshot *after)
{
        size_t i = 0, k = 0;
        int r = 0;

        while (!r && (i < before->n_certs || k < after->n_certs)) {
                const struct snapshot_cert *a = i < before->n_certs ? &before->certs[i] : NULL;
                const struct snapshot_cert *b = k < after->n_certs ? &after->certs[k] : NULL;
                int order = !a ? 1 : !b ? -1 : compare_certificates(a->cert, b->cert);

                r = compare_roles(change, order <= 0 ? a->cert->sha256 : b->cert->sha256,
                                  order <= 0 ? judged_roles(a) : 0,
                                  order >= 0 ? judged_roles(b) : 0);
                i += order <= 0;
                k += order >= 0;
        }
        return r;
}

/*
 * -- CRLs and broken files: entries in order, walked together -----------------------------------
 */

/* The judged entries of the kinds that certificates are not; the order is that of trust/builder. */
static const struct entry *next_entry(const struct snapshot *snap, enum entry_kind kind, size_t *at)
{
        for (size_t end = snapshot_find_kind(snap, kind + 1); *at < end; (*at)++) {
                const struct entry *entry = snap->entries[*at];

                if (role_is_judged(entry->role) && !entry->is_last_good && !entry->is_foreign)
                        return entry;
        }
        return NULL;
}

static int compare_entry(const struct entry *a, const struct entry *b)
{
        if (a->kind == ENTRY_CRL)
                return memcmp(a->crl->sha256, b->crl->sha256, 32);
        if (a->role != b->role)
                return a->role < b->role ? -1 : 1;
        return strcmp(a->origin, b->origin);
}

static int note_affected(struct change *change, const struct snapshot *snap, const struct crl *crl)
{
        size_t n;
        const struct snapshot_crl *found = snapshot_find_crls(snap, &crl->issuer, &n);

        for (size_t i = 0; i < n; i++)
                if (found[i].crl == crl && found[i].signer)
                        return VEC_PUSH(&change->affected, thumbprint_of(found[i].signer->sha256));
        return 0;
}

static int note_entry(struct change *change, const struct snapshot *snap, const struct entry *entry,
                      bool is_new)
{
        int r;

        if (entry->kind == ENTRY_BROKEN)
                return push_text(change, entry->origin, is_new);

        r = is_new ? VEC_PUSH(&change->added, thumbprint_of(entry->crl->sha256))
                   : VEC_PUSH(&change->removed, thumbprint_of(entry->crl->sha256));
        return r ? r : note_affected(change, snap, entry->crl);
}

/* Skips the other files that hold the same CRL. */
static void skip_same(const struct snapshot *snap, const struct entry *entry, size_t *at)
{
        const struct entry *next;

        do {
                (*at)++;
                next = next_entry(snap, entry->kind, at);
        } while (next && compare_entry(next, entry) == 0);
}

static int compare_others(struct change *change, const struct snapshot *before,
                          const struct snapshot *after, enum entry_kind kind)
{
        size_t i = snapshot_find_kind(before, kind), k = snapshot_find_kind(after, kind);
        int r = 0;

        while (!r) {
                const struct entry *a = next_entry(before, kind, &i);
                const struct entry *b = next_entry(after, kind, &k);
                int order;

                if (!a && !b)
                        break;

                order = !a ? 1 : !b ? -1 : compare_entry(a, b);
                if (order != 0)
                        r = note_entry(change, order < 0 ? before : after, order < 0 ? a : b,
                                       order > 0);
                if (order <= 0)
                        skip_same(before, a, &i);
                if (order >= 0)
                        skip_same(after, b, &k);
        }
        return r;
}

/*
 * -- what no list shows -------------------------------------------------------------------------
 */

static int compare_settings(const struct snapshot *before, const struct snapshot *after, bool *out)
{
        CLEANUP(buf_deinit) struct buf a = BUF_NULL;
        CLEANUP(buf_deinit) struct buf b = BUF_NULL;

        settings_write(before->settings, &a);
        settings_write(after->settings, &b);
        if (buf_error(&a) || buf_error(&b))
                return -ENOMEM;

        *out = a.n != b.n || memcmp(a.data, b.data, a.n) != 0;
        return 0;
}

static bool has_blocks_changed(const struct snapshot *before, const struct snapshot *after)
{
        if (before->n_blocks != after->n_blocks)
                return true;

        for (size_t i = 0; i < after->n_blocks; i++)
                if (block_compare(before->blocks[i], after->blocks[i]) != 0)
                        return true;
        return false;
}

static const struct entry *next_of_role(const struct snapshot *snap, enum role role, size_t *at)
{
        while (*at < snap->n_entries) {
                const struct entry *entry = snap->entries[(*at)++];

                if (entry->role == role)
                        return entry;
        }
        return NULL;
}

/*
 * Unchanged entries are shared between snapshots; one that was made anew is compared by what it
 * says.
 */
static bool is_same(const struct entry *a, const struct entry *b)
{
        if (a == b)
                return true;
        if (!a || !b || a->kind != b->kind)
                return false;
        return a->kind == ENTRY_BROKEN ? strcmp(a->origin, b->origin) == 0
                                       : memcmp(entry_sha256(a), entry_sha256(b), 32) == 0;
}

static bool has_list_changed(const struct snapshot *before, const struct snapshot *after,
                             enum role role)
{
        const struct entry *a, *b;
        size_t i = 0, k = 0;

        do {
                a = next_of_role(before, role, &i);
                b = next_of_role(after, role, &k);
                if (!is_same(a, b))
                        return true;
        } while (a);
        return false;
}

/* A bit 1 << enum role for each list in which some entry is not the same object. */
static unsigned int find_touched_roles(const struct snapshot *before, const struct snapshot *after)
{
        unsigned int roles = 0;
        size_t i = 0, k = 0;

        while (i < before->n_entries || k < after->n_entries) {
                const struct entry *a = i < before->n_entries ? before->entries[i] : NULL;
                const struct entry *b = k < after->n_entries ? after->entries[k] : NULL;
                int order = !a ? 1 : !b ? -1 : entry_compare(a, b);

                if (order < 0)
                        roles |= 1u << a->role;
                else if (order > 0)
                        roles |= 1u << b->role;
                i += order <= 0;
                k += order >= 0;
        }
        return roles;
}

/*
 * -- all of it ----------------------------------------------------------------------------------
 */

static int compare_thumbprints(const void *a, const void *b)
{
        return memcmp(a, b, sizeof(struct change_thumbprint));
}

/* A CA whose CRL was replaced is affected once, not twice. */
static void drop_repeats(struct change *change)
{
        struct change_thumbprint *items = change->affected.items;
        size_t n = 0;

        if (change->affected.n == 0)
                return;

        qsort(items, change->affected.n, sizeof(*items), compare_thumbprints);
        for (size_t i = 0; i < change->affected.n; i++)
                if (n == 0 || compare_thumbprints(&items[n - 1], &items[i]) != 0)
                        items[n++] = items[i];
        change->affected.n = n;
}

static bool has_news(const struct change *change)
{
        return change->added.n > 0 || change->removed.n > 0 || change->broken.n > 0 ||
               change->healed.n > 0;
}

int change_between(const struct snapshot *before, const struct snapshot *after, struct change **out)
{
        static const struct snapshot NOTHING;
        CLEANUP(change_unrefp) struct change *change = calloc(1, sizeof(*change));
        const struct snapshot *from = before ? before : &NOTHING;
        bool has_settings_changed = true;
        unsigned int touched;
        int r;

        if (!change)
                return -ENOMEM;

        change->ref = (struct ref)REF_INIT;
        r = compare_certs(change, from, after);
        if (!r)
                r = compare_others(change, from, after, ENTRY_CRL);
        if (!r)
                r = compare_others(change, from, after, ENTRY_BROKEN);
        if (!r && before)
                r = compare_settings(before, after, &has_settings_changed);
        if (r)
                return r;

        drop_repeats(change);
        change->is_generation = !before || has_settings_changed || has_news(change) ||
                                has_blocks_changed(from, after);
        touched = before ? find_touched_roles(before, after) : 0;
        change->has_own_changed =
                !before || (touched & 1u << ROLE_OWN && has_list_changed(from, after, ROLE_OWN));
        change->has_rejected_changed = !before || (touched & 1u << ROLE_REJECTED &&
                                                   has_list_changed(from, after, ROLE_REJECTED));
        *out = TAKE(change);
        return 0;
}
