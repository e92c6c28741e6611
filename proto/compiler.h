/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Compiler - the few extensions of GCC and clang that this code leans on, each under one name.
 */

#include <stddef.h>
#include <stdlib.h>

/* A local that is released when its scope ends: CLEANUP(buf_freep) struct buf *buf = NULL; */
#define CLEANUP(fn) __attribute__((cleanup(fn)))

/* Hands the value over and leaves NULL behind, so that a cleanup finds nothing: *out = TAKE(buf); */
#define TAKE(pointer)                                                                              \
        ({                                                                                         \
                __typeof__(&(pointer)) take_p = &(pointer);                                        \
                __typeof__(pointer) take_value = *take_p;                                          \
                *take_p = NULL;                                                                    \
                take_value;                                                                        \
        })

/* Defines fn##p, the form of a destructor that CLEANUP wants: DEFINE_CLEANUP(struct buf *, buf_free). It takes NULL. */
#define DEFINE_CLEANUP(type, fn)                                                                   \
        static inline void fn##p(type *pointer)                                                    \
        {                                                                                          \
                fn(*pointer);                                                                      \
        }

#define PRINTF(text, first)       __attribute__((__format__(__printf__, text, first)))
#define ARRAY_SIZE(array)         (sizeof(array) / sizeof((array)[0]))
#define CONTAINER_OF(p, type, of) ((type *)((char *)(p)-offsetof(type, of)))

/** freep() - CLEANUP(freep) char *text = NULL; */
static inline void freep(void *pointer)
{
        free(*(void **)pointer);
}
