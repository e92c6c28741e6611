/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/scarce.h"

#include <errno.h>
#include <stddef.h>

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t n);
void *__real_reallocarray(void *old, size_t n, size_t size);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *old, size_t n);
void *__wrap_reallocarray(void *old, size_t n, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t n);

static long n_left = -1; /* allocations that succeed yet; -1: all */
static bool was_out;     /* one failed */

void scarce_begin(long n)
{
        n_left = n;
        was_out = false;
}

bool scarce_end(void)
{
        n_left = -1;
        return was_out;
}

static bool is_out(void)
{
        if (n_left < 0)
                return false;
        if (n_left > 0) {
                n_left--;
                return false;
        }

        was_out = true;
        errno = ENOMEM;
        return true;
}

void *__wrap_malloc(size_t n)
{
        return is_out() ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t n, size_t size)
{
        return is_out() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *old, size_t n)
{
        return is_out() ? NULL : __real_realloc(old, n);
}

void *__wrap_reallocarray(void *old, size_t n, size_t size)
{
        return is_out() ? NULL : __real_reallocarray(old, n, size);
}

char *__wrap_strdup(const char *text)
{
        return is_out() ? NULL : __real_strdup(text);
}

char *__wrap_strndup(const char *text, size_t n)
{
        return is_out() ? NULL : __real_strndup(text, n);
}
