/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Change - what differs between two snapshots of a store, as a value that the service tells its
 * subscribers. Frozen and shared.
 */

#include "base/ref.h"
#include "base/vec.h"
#include "proto/compiler.h"

#include <stdbool.h>
#include <stdint.h>

struct snapshot;

struct change_thumbprint {
        uint8_t sha256[32];
};

struct change {
        struct ref ref;
        bool is_judgement; /* verdicts may differ: the state hash changed */
        VEC(struct change_thumbprint)
        added; /* certificates and CRLs that came into a judged list */
        VEC(struct change_thumbprint) removed; /* and that left one */
        VEC(char *) broken; /* origins that could be read before, or are new, and now cannot */
        VEC(char *) healed; /* origins that could not be read before */
        VEC(struct change_thumbprint)
        affected; /* CAs whose revocations changed: signers of CRLs added or removed */
        bool own_changed, rejected_changed; /* the lists that no verdict depends on */
};

/**
 * change_between() - compare two snapshots
 * @before: NULL for the first snapshot: everything is added
 *
 * Cost: O(n). Return: 0 or -ENOMEM.
 */
int change_between(const struct snapshot *before, const struct snapshot *after,
                   struct change **out);

struct change *change_ref(const struct change *change);
struct change *change_unref(struct change *change);

DEFINE_CLEANUP(struct change *, change_unref)
