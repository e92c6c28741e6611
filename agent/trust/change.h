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

        /*
         * A new generation: verdicts may differ, or a file of a judged list broke or is broken no
         * more.
         */
        bool is_generation;

        /*
         * For so long news of peers waits, as more may follow: the longest Settle= of the sources
         * that changed. 0: a store's own folder changed alone. Set by the store.
         */
        int64_t settle_ms;

        bool has_own_changed, has_rejected_changed; /* the lists that no verdict depends on */
        /* certificates and CRLs that came into a judged list */
        VEC(struct change_thumbprint) added;
        VEC(struct change_thumbprint) removed;  /* and that left one */
        VEC(struct change_thumbprint) affected; /* CAs whose CRLs changed */
        /* origins in judged lists that now cannot be read */
        VEC(char *) broken;
        /* origins that could not be read and now can, or are gone */
        VEC(char *) healed;
};

/**
 * change_between() - compare two snapshots
 * @before: NULL for the first snapshot: everything is added
 *
 * Cost: O(n). Return: 0 or -ENOMEM.
 */
int change_between(const struct snapshot *before, const struct snapshot *after,
                   struct change **out);

struct change *change_unref(struct change *change);

DEFINE_CLEANUP(struct change *, change_unref)
