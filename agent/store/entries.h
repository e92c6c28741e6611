/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Entries - a list that holds a reference to each of its entries.
 */

#include "base/vec.h"

struct entry;

struct entries {
        VEC(struct entry *) list;
};

#define ENTRIES_NULL                                                                               \
        {                                                                                          \
                VEC_NULL                                                                           \
        }

/** entries_add() - append; takes the reference to @entry, also on failure; Return: 0 or -ENOMEM */
int entries_add(struct entries *entries, struct entry *entry);

/** entries_add_all() - append those of @from, each with a reference more; Return: 0 or -ENOMEM */
int entries_add_all(struct entries *entries, const struct entries *from);

/** entries_find_broken() - the first that is broken, borrowed, or NULL */
const struct entry *entries_find_broken(const struct entries *entries);

void entries_deinit(struct entries *entries);
