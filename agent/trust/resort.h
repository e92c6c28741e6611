/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Resort - put in order what was mostly in order before. Of ten thousand pointers of which one is
 * new, one is sorted, and no more than a few are followed.
 */

#include "trust/sort.h"

#include <stddef.h>

struct resort_order {
        sort_key_fn key;
        sort_compare_fn compare;
};

/* What goes out of an array and what comes into it. */
struct resort_exchange {
        const void **gone, **fresh; /* any order; are sorted */
        size_t n_gone, n_fresh;
};

/**
 * resort_exchange() - an array in order with some items exchanged
 * @known:    array of @n_known pointers in that order, in which no two items are equal
 * @exchange: gone ones are all in @known, fresh ones are not
 * @out:      room for n_known - n_gone + n_fresh pointers
 *
 * Cost: O(n) in copying alone. Return: 0 or -ENOMEM.
 */
int resort_exchange(const void *const *known, size_t n_known,
                    const struct resort_exchange *exchange, const struct resort_order *order,
                    const void **out);

/**
 * resort_find_places() - where pointers go among others
 * @kept, @fresh: both in that order, nothing in both
 * @out:          for each of @fresh, how many of @kept come before it
 */
void resort_find_places(const void *const *kept, size_t n_kept, const void *const *fresh,
                        size_t n_fresh, const struct resort_order *order, size_t *out);

/**
 * resort_weave() - make one array of two
 * @places:     of resort_find_places()
 * @item_bytes: of an item of both arrays, which may be anything that goes along with the pointers
 * @out:        room for all
 */
void resort_weave(const void *kept, size_t n_kept, const void *fresh, size_t n_fresh,
                  const size_t *places, size_t item_bytes, void *out);
