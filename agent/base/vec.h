/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Vec - an array that grows, typed by its declaration:
 *
 *         VEC(struct entry *) entries = VEC_NULL;
 *         r = VEC_PUSH(&entries, entry);
 *
 * Items are plain values; whoever declares the vec frees what they own, then calls VEC_FREE().
 */

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#define VEC(type)                                                                                  \
        struct {                                                                                   \
                type *items;                                                                       \
                size_t n, n_room;                                                                  \
        }
#define VEC_NULL                                                                                   \
        {                                                                                          \
                NULL, 0, 0                                                                         \
        }

/** VEC_RESERVE() - room for @n_more further items; Return: 0 or -ENOMEM, in which case nothing changed */
#define VEC_RESERVE(v, n_more)                                                                     \
        vec_reserve((void **)&(v)->items, (v)->n, &(v)->n_room, (n_more), sizeof(*(v)->items))

/** VEC_PUSH() - append @item; Return: 0 or -ENOMEM, in which case nothing changed */
#define VEC_PUSH(v, item)                                                                          \
        ({                                                                                         \
                int vec_r = VEC_RESERVE((v), 1);                                                   \
                if (!vec_r)                                                                        \
                        (v)->items[(v)->n++] = (item);                                             \
                vec_r;                                                                             \
        })

#define VEC_FREE(v)                                                                                \
        ({                                                                                         \
                free((v)->items);                                                                  \
                (v)->items = NULL;                                                                 \
                (v)->n = (v)->n_room = 0;                                                          \
        })

/** vec_reserve() - see VEC_RESERVE() */
int vec_reserve(void **items, size_t n, size_t *n_room, size_t n_more, size_t item_bytes);
