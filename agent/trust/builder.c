/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/builder.h"

#include "base/vec.h"
#include "pki/cert.h"
#include "pki/crl.h"
#include "pki/link.h"
#include "trust/batch.h"
#include "trust/block.h"
#include "trust/entry.h"
#include "trust/index.h"
#include "trust/resort.h"
#include "trust/settings.h"
#include "trust/snapshot.h"
#include "trust/sort.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct builder {
        struct settings *settings;
        const struct snapshot *base; /* or NULL */
        VEC(const struct batch *) batches;
        VEC(const struct entry *) loose; /* in no batch yet */
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

        for (size_t i = 0; i < builder->loose.n; i++)
                entry_unref((struct entry *)builder->loose.items[i]);
        VEC_FREE(&builder->loose);
        for (size_t i = 0; i < builder->batches.n; i++)
                batch_unref((struct batch *)builder->batches.items[i]);
        VEC_FREE(&builder->batches);
        settings_unref(builder->settings);
        free(builder);
        return NULL;
}

int builder_add(struct builder *builder, const struct entry *entry)
{
        int r = VEC_PUSH(&builder->loose, entry);

        if (!r)
                entry_ref(entry);
        return r;
}

int builder_add_batch(struct builder *builder, const struct batch *batch)
{
        int r = VEC_PUSH(&builder->batches, batch);

        if (!r)
                batch_ref(batch);
        return r;
}

void builder_follow(struct builder *builder, const struct snapshot *base)
{
        builder->base = base;
}

/*
 * -- order --------------------------------------------------------------------------------------
 */

static int compare_entries(const void *left, const void *right)
{
        return entry_compare(left, right);
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
        const struct block *const *a = left, *const *b = right;

        return block_compare(*a, *b);
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
                        crl->state = snapshot_crl_is_last_good(crl) ? SNAPSHOT_CRL_LAST_GOOD
                                                                    : SNAPSHOT_CRL_NEWEST;
                snap->n_crls++;
        }

        qsort(crls, snap->n_crls, sizeof(*crls), compare_crls);
        for (size_t i = 1; i < snap->n_crls; i++)
                if (crls[i].state == SNAPSHOT_CRL_NEWEST &&
                    compare_crl_groups(&crls[i - 1], &crls[i]) == 0)
                        crls[i].state = SNAPSHOT_CRL_SUPERSEDED;
        return 0;
}

static int collect_blocks(struct snapshot *snap)
{
        size_t first = snapshot_find_kind(snap, ENTRY_BLOCK);
        size_t end = snapshot_find_kind(snap, ENTRY_BLOCK + 1);
        const struct block **blocks = make_array(end - first, sizeof(*blocks));

        if (!blocks)
                return -ENOMEM;

        snap->blocks = blocks;
        for (size_t i = first; i < end; i += count_same(snap, i))
                blocks[snap->n_blocks++] = snap->entries[i]->block;

        qsort(blocks, snap->n_blocks, sizeof(*blocks), compare_blocks);
        return 0;
}

/*
 * -- entries ------------------------------------------------------------------------------------
 */

struct pointers {
        VEC(const void *) list;
};

static void pointers_deinit(struct pointers *pointers)
{
        VEC_FREE(&pointers->list);
}

static int compare_addresses(const void *left, const void *right)
{
        const void *const *a = left, *const *b = right;

        return *a == *b ? 0 : (uintptr_t)*a < (uintptr_t)*b ? -1 : 1;
}

static void sort_by_address(const void **items, size_t n)
{
        if (n > 1)
                qsort(items, n, sizeof(*items), compare_addresses);
}

static int add_all(const struct batch *batch, struct pointers *out)
{
        int r = VEC_RESERVE(&out->list, batch->n);

        for (size_t i = 0; !r && i < batch->n; i++)
                r = VEC_PUSH(&out->list, batch->entries[i]);
        return r;
}

/* The entries of those of @from that are not among @others; both in order of address. */
static int collect_entries(const struct batch *const *from, size_t n,
                           const struct batch *const *others, size_t n_others, struct pointers *out)
{
        size_t k = 0;
        int r = 0;

        for (size_t i = 0; !r && i < n; i++) {
                while (k < n_others && (uintptr_t)others[k] < (uintptr_t)from[i])
                        k++;
                if (k == n_others || others[k] != from[i])
                        r = add_all(from[i], out);
        }

        sort_by_address(out->list.items, out->list.n);
        return r;
}

/* What both hold was only put into another batch. Both are in order of address. */
static void drop_common(struct pointers *a, struct pointers *b)
{
        size_t i = 0, k = 0, n_a = 0, n_b = 0;

        while (i < a->list.n && k < b->list.n) {
                uintptr_t of_a = (uintptr_t)a->list.items[i], of_b = (uintptr_t)b->list.items[k];

                if (of_a < of_b)
                        a->list.items[n_a++] = a->list.items[i];
                else if (of_b < of_a)
                        b->list.items[n_b++] = b->list.items[k];
                i += of_a <= of_b;
                k += of_b <= of_a;
        }
        while (i < a->list.n)
                a->list.items[n_a++] = a->list.items[i++];
        while (k < b->list.n)
                b->list.items[n_b++] = b->list.items[k++];
        a->list.n = n_a;
        b->list.n = n_b;
}

/* All entries in order: those of the base but for what left it, and what is new. */
static int put_in_order(struct snapshot *snap, const struct snapshot *base)
{
        static const struct resort_order ORDER = { entry_key, compare_entries };
        CLEANUP(pointers_deinit) struct pointers gone = { VEC_NULL };
        CLEANUP(pointers_deinit) struct pointers fresh = { VEC_NULL };
        struct resort_exchange exchange;
        const struct entry **entries;
        int r;

        r = collect_entries(base->batches, base->n_batches, snap->batches, snap->n_batches, &gone);
        if (!r)
                r = collect_entries(snap->batches, snap->n_batches, base->batches, base->n_batches,
                                    &fresh);
        if (r)
                return r;

        drop_common(&gone, &fresh);
        exchange = (struct resort_exchange){ gone.list.items, fresh.list.items, gone.list.n,
                                             fresh.list.n };
        snap->n_entries = base->n_entries - gone.list.n + fresh.list.n;
        entries = make_array(snap->n_entries, sizeof(*entries));
        if (!entries)
                return -ENOMEM;

        snap->entries = entries;
        return resort_exchange((const void *const *)base->entries, base->n_entries, &exchange,
                               &ORDER, (const void **)entries);
}

/*
 * -- all of it ----------------------------------------------------------------------------------
 */

static int put_loose_in_batch(struct builder *builder)
{
        CLEANUP(batch_unrefp) struct batch *batch = NULL;
        int r;

        if (builder->loose.n == 0)
                return 0;

        r = batch_new(builder->loose.items, builder->loose.n, &batch);
        return r ? r : builder_add_batch(builder, batch);
}

/* The builder's own lists become the snapshot's. */
static int take_lists(struct builder *builder, struct snapshot *snap)
{
        int r = put_loose_in_batch(builder);

        if (r)
                return r;

        sort_by_address((const void **)builder->batches.items, builder->batches.n);
        snap->n_batches = builder->batches.n;
        snap->batches = TAKE(builder->batches.items);
        builder->batches.n = builder->batches.n_room = 0;
        snap->settings = TAKE(builder->settings);

        return 0;
}

int builder_build(struct builder *builder, struct snapshot **out)
{
        static const struct snapshot NOTHING;
        CLEANUP(snapshot_unrefp) struct snapshot *snap = calloc(1, sizeof(*snap));
        int r;

        if (!snap)
                return -ENOMEM;

        snap->ref = (struct ref)REF_INIT;
        r = take_lists(builder, snap);
        if (!r)
                r = put_in_order(snap, builder->base ? builder->base : &NOTHING);
        if (r)
                return r;

        snap->n_broken = snap->n_entries - snapshot_find_kind(snap, ENTRY_BROKEN);
        r = index_make(snap, builder->base);
        if (!r)
                r = collect_crls(snap);
        if (!r)
                r = collect_blocks(snap);
        if (r)
                return r;

        *out = TAKE(snap);
        return 0;
}
