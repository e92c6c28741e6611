/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Must - what the machine owes a test. If it fails, the test can only stop and say where.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define must(condition, ...)                                                                       \
        do {                                                                                       \
                if (!(condition)) {                                                                \
                        fprintf(stderr, "%s:%d: ", __FILE__, __LINE__);                            \
                        fprintf(stderr, __VA_ARGS__);                                              \
                        fprintf(stderr, " (%s)\n", strerror(errno));                               \
                        abort();                                                                   \
                }                                                                                  \
        } while (0)

static inline void *must_calloc(size_t n, size_t size)
{
        void *p = calloc(n, size);

        must(p, "calloc");
        return p;
}

static inline char *must_strdup(const char *text)
{
        char *copy = strdup(text);

        must(copy, "strdup");
        return copy;
}
