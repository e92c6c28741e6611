/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Hint - where a refresh is to look, and what time it is. Plain values from outside.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A part of what dirwatch told, see struct dirwatch_event. */
struct store_hint {
        size_t dir;
        const char *name; /* NULL: the whole directory */
        bool is_being_written;
};

struct large;

struct store_hints {
        bool is_all; /* look at everything; @items may still say what is being written */
        const struct store_hint *items;
        size_t n;
        bool may_leave_large; /* see store/large.h */
        struct large *large;  /* loaded, to be used now, or NULL; what it holds may be taken */
};

struct store_now {
        int64_t realtime_ns;  /* since 1970, as stamps of files are; may step */
        int64_t monotonic_ns; /* never steps */
};
