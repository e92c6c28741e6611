/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Bytes - a run of bytes that lies somewhere else: embedded NULs are bytes like any other, and it
 * never ends with one of its own. Plain value, borrowed content.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct bytes {
        const uint8_t *data; /* may be NULL if n is 0 */
        size_t n;
};

/* Initialises a struct bytes with those of a literal: BYTES("\x2b\x65\x70"). */
#define BYTES(literal)                                                                             \
        {                                                                                          \
                (const uint8_t *)(literal), sizeof(literal) - 1                                    \
        }

/** bytes_compare() - total order: the shorter first, then by content; Return: <0, 0, >0 */
static inline int bytes_compare(struct bytes a, struct bytes b)
{
        if (a.n != b.n)
                return a.n < b.n ? -1 : 1;
        return a.n ? memcmp(a.data, b.data, a.n) : 0;
}

static inline bool bytes_equal(struct bytes a, struct bytes b)
{
        return bytes_compare(a, b) == 0;
}
