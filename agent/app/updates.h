/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Updates - the updates that wait for a store's keeper, in the order in which they came. Each is
 * told how it ended, once.
 */

#include "base/vec.h"

#include <stddef.h>

struct update_outcome;
struct update_request;

/** updates_done_fn - see keeper_updated_fn */
typedef void (*updates_done_fn)(const struct update_outcome *outcome, int r, void *userdata);

struct updates_item {
        const struct update_request *request; /* owned */
        updates_done_fn done;
        void *userdata;
};

struct updates {
        VEC(struct updates_item) items;
};

/**
 * updates_add() - one more
 * @item: its request is referenced
 *
 * Return: 0; -EBUSY: NAMES_UPDATES_WAITING_MAX are there; or -ENOMEM.
 */
int updates_add(struct updates *updates, const struct updates_item *item);

/** updates_first() - whose turn it is, borrowed; NULL: nobody's */
const struct update_request *updates_first(const struct updates *updates);

/** updates_end() - the first has ended so; it is no longer here when it is told */
void updates_end(struct updates *updates, const struct update_outcome *outcome, int r);

/** updates_deinit() - all that are there end with -ECANCELED */
void updates_deinit(struct updates *updates);
