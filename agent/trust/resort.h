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

/**
 * resort_pointers() - put @items in order
 * @items:   array of @n pointers to two bytes or more, no one twice; may be NULL if @n is 0
 * @known:   array of @n_known pointers in that order; those that are among @items too are not
 *           looked at again
 *
 * Return: 0 or -ENOMEM, in which case nothing has changed.
 */
int resort_pointers(const void **items, size_t n, const void *const *known, size_t n_known,
                    const struct resort_order *order);

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
