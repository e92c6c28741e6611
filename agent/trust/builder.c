/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/builder.h"

#include "base/vec.h"
#include "pki/cert.h"
#include "pki/crl.h"
#include "pki/link.h"
#include "trust/entry.h"
#include "trust/index.h"
#include "trust/resort.h"
#include "trust/settings.h"
#include "trust/snapshot.h"
#include "trust/sort.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct block {
        uint8_t sha256[32];
};

struct builder {
        struct settings *settings;
        const struct snapshot *base; /* or NULL */
        struct snapshot *known;      /* or NULL */
        VEC(struct entry *) entries;
        VEC(struct block) blocks;
};

int builder_new(const struct settings *settings, struct builder **out)
{
        struct builder *builder = calloc(1, sizeof(*builder));

        if (!builder)
                return -ENOMEM;

        builder->settings = settings_ref(settings);
        *out = builder;
        return 0;
}

struct builder *builder_free(struct builder *builder)
{
        if (!builder)
                return NULL;

        for (size_t i = 0; i < builder->entries.n; i++)
                entry_unref(builder->entries.items[i]);
        VEC_FREE(&builder->entries);
        VEC_FREE(&builder->blocks);
        settings_unref(builder->settings);
        snapshot_unref(builder->known);
        free(builder);
        return NULL;
}

int builder_add(struct builder *builder, const struct entry *entry)
{
        int r = VEC_PUSH(&builder->entries, (struct entry *)entry);

        if (!r)
                entry_ref(entry);
        return r;
}

void builder_follow(struct builder *builder, const struct snapshot *base)
{
        builder->base = base;
}

void builder_set_known(struct builder *builder, struct snapshot *known)
{
        snapshot_unref(builder->known);
        builder->known = known;
}

int builder_block_sha256(struct builder *builder, const uint8_t sha256[32])
{
        struct block block;

        memcpy(block.sha256, sha256, 32);
        return VEC_PUSH(&builder->blocks, block);
}

/*
 * -- order --------------------------------------------------------------------------------------
 */

/*
 * By kind; then certificates and CRLs by object, role and origin, broken files by role and origin.
 */
static int compare_entries(const void *left, const void *right)
{
        const struct entry *a = left, *b = right;
        int order;

        if (a->kind != b->kind)
                return a->kind < b->kind ? -1 : 1;
        if (a->kind != ENTRY_BROKEN) {
                order = memcmp(entry_sha256(a), entry_sha256(b), 32);
                if (order != 0)
                        return order;
        }
        if (a->role != b->role)
                return a->role < b->role ? -1 : 1;
        return strcmp(a->origin, b->origin);
}

/* The kind in the upper bits, then as much of the object's SHA-256 as there is room for. */
static uint64_t entry_key(const void *item)
{
        const struct entry *entry = item;
        uint64_t key = (uint64_t)entry->kind << 62;

        return entry->kind == ENTRY_BROKEN ? key : key | sort_prefix(entry_sha256(entry)) >> 2;
}

static int compare_blocks(const void *left, const void *right)
{
        return memcmp(left, right, 32);
}

/* The key that verified it; 0 for what no key did. */
static uint64_t signer_key(const struct snapshot_crl *crl)
{
        return crl->signer ? crl_get_verified_by(crl->crl) : 0;
}

/* By issuer, signer's key and scope, which make a group of CRLs that replace each other. */
static int compare_crl_groups(const struct snapshot_crl *a, const struct snapshot_crl *b)
{
        int order = name_compare(&a->crl->issuer, &b->crl->issuer);

        if (order != 0)
                return order;
        if (signer_key(a) != signer_key(b))
                return signer_key(a) < signer_key(b) ? -1 : 1;
        return crl_compare_scope(a->crl, b->crl);
}

/* Within a group: what is whole on disk before a last good content, then the newest first. */
static int compare_crls(const void *left, const void *right)
{
        const struct snapshot_crl *a = left, *b = right;
        int order = compare_crl_groups(a, b);

        if (order != 0)
                return order;
        if (a->state != b->state)
                return a->state < b->state ? -1 : 1;
        if (a->crl->this_update_s != b->crl->this_update_s)
                return a->crl->this_update_s > b->crl->this_update_s ? -1 : 1;
        order = crl_compare_number(b->crl->number, a->crl->number);
        return order != 0 ? order : memcmp(a->crl->sha256, b->crl->sha256, 32);
}

/*
 * -- parts of a snapshot ------------------------------------------------------------------------
 */

/* How many entries from @i on are of the same object. */
static size_t count_same(const struct snapshot *snap, size_t i)
{
        const struct entry *first = snap->entries[i];
        size_t n = 1;

        while (i + n < snap->n_entries && snap->entries[i + n]->kind == first->kind &&
               memcmp(entry_sha256(snap->entries[i + n]), entry_sha256(first), 32) == 0)
                n++;
        return n;
}

/* calloc() may answer NULL to a size of 0; no array of a snapshot is that short. */
static void *make_array(size_t n, size_t item_bytes)
{
        return calloc(n + 1, item_bytes);
}

static int find_signer(const struct snapshot *snap, struct snapshot_crl *crl)
{
        const struct snapshot_cert *const *candidates;
        size_t n;

        candidates = snapshot_find_by_subject(snap, &crl->crl->issuer, &n);
        for (size_t i = 0; i < n && i < BUILDER_SIGNERS_MAX; i++) {
                enum link_result result;
                int r = link_verify_crl(candidates[i]->cert, crl->crl, &result);

                if (r)
                        return r;
                if (result == LINK_VERIFIED) {
                        crl->signer = candidates[i]->cert;
                        return 0;
                }
        }
        return 0;
}

/*
 * What every file that holds it says: a last good content alone, or the CRL as it stands on disk.
 */
static bool is_last_good(const struct snapshot_crl *crl)
{
        for (size_t i = 0; i < crl->n_entries; i++)
                if (!crl->entries[i]->is_last_good)
                        return false;
        return true;
}

static bool is_in_judged_list(const struct snapshot_crl *crl)
{
        for (size_t i = 0; i < crl->n_entries; i++)
                if (role_is_judged(crl->entries[i]->role))
                        return true;
        return false;
}

static int collect_crls(struct snapshot *snap)
{
        size_t first = snapshot_find_kind(snap, ENTRY_CRL);
        size_t n_max = snapshot_find_kind(snap, ENTRY_CRL + 1) - first;
        struct snapshot_crl *crls = make_array(n_max, sizeof(*crls));

        if (!crls)
                return -ENOMEM;

        snap->crls = crls;
        for (size_t i = 0; i < n_max;) {
                struct snapshot_crl *crl = &crls[snap->n_crls];
                int r;

                *crl = (struct snapshot_crl){
                        .crl = snap->entries[first + i]->crl,
                        .entries = snap->entries + first + i,
                        .n_entries = count_same(snap, first + i),
                };
                i += crl->n_entries;
                if (!is_in_judged_list(crl))
                        continue;

                r = find_signer(snap, crl);
                if (r)
                        return r;
                if (crl->signer)
                        crl->state =
                                is_last_good(crl) ? SNAPSHOT_CRL_LAST_GOOD : SNAPSHOT_CRL_NEWEST;
                snap->n_crls++;
        }

        qsort(crls, snap->n_crls, sizeof(*crls), compare_crls);
        for (size_t i = 1; i < snap->n_crls; i++)
                if (crls[i].state == SNAPSHOT_CRL_NEWEST &&
                    compare_crl_groups(&crls[i - 1], &crls[i]) == 0)
                        crls[i].state = SNAPSHOT_CRL_SUPERSEDED;
        return 0;
}

/*
 * -- all of it ----------------------------------------------------------------------------------
 */

/* The builder's own lists become the snapshot's. */
static int take_lists(struct builder *builder, struct snapshot *snap)
{
        static const struct resort_order ORDER = { entry_key, compare_entries };
        const struct snapshot *base = builder->base;
        int r;

        r = resort_pointers((const void **)builder->entries.items, builder->entries.n,
                            base ? (const void *const *)base->entries : NULL,
                            base ? base->n_entries : 0, &ORDER);
        if (r)
                return r;

        snap->settings = TAKE(builder->settings);
        snap->known = TAKE(builder->known);
        snap->n_entries = builder->entries.n;
        snap->entries = (const struct entry *const *)TAKE(builder->entries.items);
        builder->entries.n = builder->entries.n_room = 0;

        if (builder->blocks.n > 0)
                qsort(builder->blocks.items, builder->blocks.n, sizeof(struct block),
                      compare_blocks);
        snap->n_blocks = builder->blocks.n;
        snap->blocks = (const uint8_t(*)[32])TAKE(builder->blocks.items);
        builder->blocks.n = builder->blocks.n_room = 0;
        return 0;
}

int builder_build(struct builder *builder, struct snapshot **out)
{
        CLEANUP(snapshot_unrefp) struct snapshot *snap = calloc(1, sizeof(*snap));
        int r;

        if (!snap)
                return -ENOMEM;

        snap->ref = (struct ref)REF_INIT;
        r = take_lists(builder, snap);
        if (r)
                return r;

        snap->n_broken = snap->n_entries - snapshot_find_kind(snap, ENTRY_BROKEN);
        r = index_make(snap, builder->base);
        if (!r)
                r = collect_crls(snap);
        if (r)
                return r;

        *out = TAKE(snap);
        return 0;
}
