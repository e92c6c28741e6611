/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Listeners - a list of those who are told something, in the order in which they came. Whoever
 * listens embeds a struct listener; it may leave from inside its own call, and so may others.
 */

#include <stddef.h>

struct listener {
        struct listeners *list;      /* NULL: is in none */
        struct listener *next, **at; /* at: what points here */
};

struct listeners {
        struct listener *first, **end;
        struct listener *next_told; /* while telling: who comes next */
        size_t n;
};

/** listeners_init() - nobody listens */
void listeners_init(struct listeners *list);

/** listeners_add() - as the last one */
void listeners_add(struct listeners *list, struct listener *listener);

/** listeners_remove() - does nothing to one that is in no list */
void listeners_remove(struct listener *listener);

/**
 * listeners_first(), listeners_next() - whom to tell now, NULL: that was all. One telling at a time
 */
struct listener *listeners_first(struct listeners *list);
struct listener *listeners_next(struct listeners *list);
