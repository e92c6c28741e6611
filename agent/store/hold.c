/* SPDX-License-Identifier: Apache-2.0 */
#include "store/hold.h"

#include "pki/crl.h"
#include "store/picture.h"
#include "trust/block.h"
#include "trust/entry.h"
#include "trust/snapshot.h"

#include <string.h>

static bool is_same(const struct crl *a, const struct crl *b)
{
        return memcmp(a->sha256, b->sha256, sizeof(a->sha256)) == 0;
}

static bool is_verified(const struct snapshot *snap, const struct crl *crl)
{
        const struct snapshot_crl *found;
        size_t n;

        found = snapshot_find_crls(snap, &crl->issuer, &n);
        for (size_t i = 0; i < n; i++) {
                if (is_same(found[i].crl, crl))
                        return found[i].signer;
        }
        return false;
}

/* @crl NULL: any. */
static bool has_crl(const struct entries *entries, const struct crl *crl)
{
        for (size_t i = 0; i < entries->list.n; i++) {
                const struct entry *entry = entries->list.items[i];

                if (entry->kind == ENTRY_CRL && (!crl || is_same(entry->crl, crl)))
                        return true;
        }
        return false;
}

/* What was verified once, and only that, is worth holding; what is held already was. */
static bool is_crl_to_hold(const struct hold *hold, const struct entry *entry,
                           const struct entries *now)
{
        return !has_crl(now, entry->crl) &&
               (entry->is_last_good || (hold->before && is_verified(hold->before, entry->crl)));
}

static bool has_block(const struct entries *entries, const struct block *block)
{
        for (size_t i = 0; i < entries->list.n; i++) {
                const struct entry *entry = entries->list.items[i];

                if (entry->kind == ENTRY_BLOCK && block_compare(entry->block, block) == 0)
                        return true;
        }
        return false;
}

static int add_last_good(const struct hold *hold, const struct entries *from,
                         const struct entries *now, struct entries *out)
{
        int r = 0;

        for (size_t i = 0; !r && i < from->list.n; i++) {
                const struct entry *entry = from->list.items[i];
                struct entry *made = NULL;

                if (entry->kind == ENTRY_CRL && is_crl_to_hold(hold, entry, now))
                        r = entry_new_crl(hold->role, hold->origin, entry->crl, true, &made);
                else if (entry->kind == ENTRY_BLOCK && !has_block(now, entry->block))
                        r = entry_new_block(hold->role, hold->origin, entry->block, true, &made);
                if (!r && made)
                        r = entries_add(out, made);
        }
        return r;
}

int hold_collect(const struct hold *hold, const struct entries *now, bool is_whole,
                 const char *reason, struct entries *out)
{
        struct entry *broken;
        int r;

        if (is_whole && !has_crl(now, NULL))
                return 0;

        r = add_last_good(hold, &hold->old->entries, now, out);
        if (!r)
                r = add_last_good(hold, &hold->old->held, now, out);
        if (r < 0 || out->list.n == 0 || entries_find_broken(now))
                return r;

        r = entry_new_broken(hold->role, hold->origin, reason, &broken);
        return r < 0 ? r : entries_add(out, broken);
}

bool hold_is_over(const struct picture_file *file, const struct snapshot *snap)
{
        for (size_t i = 0; i < file->entries.list.n; i++) {
                const struct entry *entry = file->entries.list.items[i];

                if (entry->kind == ENTRY_CRL && !is_verified(snap, entry->crl))
                        return false;
        }
        return true;
}
