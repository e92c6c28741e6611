/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/touch.h"

#include "pki/cert.h"
#include "pki/crl.h"
#include "trust/block.h"
#include "trust/change.h"
#include "trust/entry.h"
#include "trust/snapshot.h"

#include <string.h>

static void add(struct touch *touch, struct bytes key)
{
        touch->is_all = touch->is_all || touch->things.n == TOUCH_MAX ||
                        VEC_PUSH(&touch->things, footprint_of(key)) != 0;
}

static void add_sha256(struct touch *touch, const uint8_t sha256[32])
{
        add(touch, (struct bytes){ sha256, 32 });
}

static const struct crl *find_crl(const struct snapshot *snap, const uint8_t sha256[32])
{
        for (size_t i = 0; i < snap->n_crls; i++)
                if (memcmp(snap->crls[i].crl->sha256, sha256, 32) == 0)
                        return snap->crls[i].crl;
        return NULL;
}

/* A certificate or CRL that @snap holds, and the other snapshot does not. */
static void add_object(struct touch *touch, const struct snapshot *snap, const uint8_t sha256[32])
{
        const struct snapshot_cert *found = snapshot_find_cert(snap, sha256);
        const struct crl *crl = found ? NULL : find_crl(snap, sha256);

        if (found) {
                add_sha256(touch, sha256);
                add(touch, found->cert->subject.canon);
                if (found->cert->subject_key_id.n > 0)
                        add(touch, found->cert->subject_key_id);
        } else if (crl) {
                add(touch, crl->issuer.canon);
        } else {
                touch->is_all = true;
        }
}

static void add_block(struct touch *touch, const struct block *block)
{
        if (block->has_sha256)
                add_sha256(touch, block->sha256);
        else
                add(touch, block->issuer.canon);
}

/* Both are in order. */
static void add_blocks(struct touch *touch, const struct snapshot *before,
                       const struct snapshot *after)
{
        size_t i = 0, k = 0;

        while (i < before->n_blocks || k < after->n_blocks) {
                int order = i == before->n_blocks ? 1
                            : k == after->n_blocks
                                    ? -1
                                    : block_compare(before->blocks[i], after->blocks[k]);

                if (order != 0)
                        add_block(touch, order < 0 ? before->blocks[i] : after->blocks[k]);
                i += order <= 0;
                k += order >= 0;
        }
}

/* Of last good contents no change tells. */
static bool has_last_good(const struct snapshot *snap)
{
        for (size_t i = 0; i < snap->n_crls; i++)
                for (size_t k = 0; k < snap->crls[i].n_entries; k++)
                        if (snap->crls[i].entries[k]->is_last_good)
                                return true;
        return false;
}

static bool is_told_by(const struct snapshot *before, const struct snapshot *after,
                       const struct change *change)
{
        return before->settings == after->settings && !before->known && !after->known &&
               change->broken.n == 0 && change->healed.n == 0 && !has_last_good(before) &&
               !has_last_good(after);
}

void touch_init(struct touch *touch, const struct snapshot *before, const struct snapshot *after,
                const struct change *change)
{
        *touch = (struct touch){ .is_all = true };
        if (!before || !after || !change || !is_told_by(before, after, change))
                return;

        touch->is_all = false;
        for (size_t i = 0; i < change->added.n; i++)
                add_object(touch, after, change->added.items[i].sha256);
        for (size_t i = 0; i < change->removed.n; i++)
                add_object(touch, before, change->removed.items[i].sha256);
        add_blocks(touch, before, after);
}

void touch_deinit(struct touch *touch)
{
        VEC_FREE(&touch->things);
}

bool touch_reaches(const struct touch *touch, const struct footprint *footprint)
{
        for (size_t i = 0; i < touch->things.n; i++)
                if (footprint_has(footprint, &touch->things.items[i]))
                        return true;
        return touch->is_all;
}
