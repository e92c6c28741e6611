/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Update base - what a list held when an update of it was begun, so that what others have changed
 * since is not overwritten unseen.
 */

#include "trust/role.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct snapshot;

/*
 * Of a list, whatever the order of its objects: the sum of their SHA-256, and how many there are.
 * Nobody gains from making two lists look alike.
 */
struct update_base {
        uint64_t sum[4];
        size_t n;
};

/** update_base_make() - of one list of a store: certificates or CRLs that lie in @role */
struct update_base update_base_make(const struct snapshot *snap, enum role role, bool is_crls);

/** update_base_is_equal() - did both lists hold the same? */
bool update_base_is_equal(const struct update_base *a, const struct update_base *b);
