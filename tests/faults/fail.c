/* SPDX-License-Identifier: Apache-2.0 */
#include "faults/fail.h"

#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <link.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

/* While dlsym() looks for the next malloc(), it may want memory itself: from here, never to be freed. */
static _Alignas(max_align_t) char early[65536];
static size_t n_early;

static struct fail own = { .left = FAIL_NEVER };
static struct fail *fail = &own;
static bool wants_trace;

static struct {
        void *(*malloc)(size_t n);
        void *(*calloc)(size_t n, size_t size);
        void *(*realloc)(void *old, size_t n);
        void (*free)(void *memory);
        int (*posix_memalign)(void **out, size_t alignment, size_t n);
        bool is_known, is_asked;
} next;

static void *take_early(size_t n)
{
        void *memory = early + n_early;

        n = (n + 15) & ~(size_t)15;
        if (n > sizeof(early) - n_early)
                _exit(99);
        n_early += n;
        return memory;
}

static bool is_early(const void *memory)
{
        return (const char *)memory >= early && (const char *)memory < early + sizeof(early);
}

/* Return: false while it is being found out. */
static bool find_next(void)
{
        if (next.is_known)
                return true;
        if (next.is_asked)
                return false;

        next.is_asked = true;
        next.malloc = dlsym(RTLD_NEXT, "malloc");
        next.calloc = dlsym(RTLD_NEXT, "calloc");
        next.realloc = dlsym(RTLD_NEXT, "realloc");
        next.free = dlsym(RTLD_NEXT, "free");
        next.posix_memalign = dlsym(RTLD_NEXT, "posix_memalign");
        next.is_known = true;
        return true;
}

EXPORT struct fail *fail_get(void)
{
        return fail;
}

__attribute__((constructor)) static void open_file(void)
{
        const char *path = getenv("UATRUST_FAIL");
        int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
        void *memory;

        wants_trace = getenv("UATRUST_FAIL_TRACE");
        if (fd < 0)
                return;

        memory = mmap(NULL, sizeof(*fail), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        close(fd);
        if (memory != MAP_FAILED)
                fail = memory;
}

/* Is @caller code of the library whose file's name begins so? */
static bool lies_in(const void *caller, const char *library)
{
        struct dl_find_object found;
        const char *name;

        if (_dl_find_object((void *)caller, &found) < 0)
                return false;

        name = strrchr(found.dlfo_link_map->l_name, '/');
        return name && !strncmp(name + 1, library, strlen(library));
}

static bool is_let_through(const void *caller)
{
        return lies_in(caller, "libuv.") || lies_in(caller, "libeconf.") ||
               lies_in(caller, "libasan.") || lies_in(caller, "libubsan.");
}

static void trace(void)
{
        void *frames[32];

        backtrace_symbols_fd(frames, backtrace(frames, 32), STDERR_FILENO);
}

/* Is it this one's turn? */
static bool is_out(const void *caller)
{
        int64_t left;

        fail->count++;
        left = fail->left;
        if (left < 0 || is_let_through(caller))
                return false;
        while (!atomic_compare_exchange_weak(&fail->left, &left, left - 1))
                if (left < 0)
                        return false;
        if (left > 0)
                return false;

        if (wants_trace)
                trace();
        errno = ENOMEM;
        return true;
}

EXPORT void *malloc(size_t n)
{
        if (!find_next())
                return take_early(n);
        return is_out(__builtin_return_address(0)) ? NULL : next.malloc(n);
}

EXPORT void *calloc(size_t n, size_t size)
{
        if (!find_next())
                return take_early(n * size);
        return is_out(__builtin_return_address(0)) ? NULL : next.calloc(n, size);
}

static void *resize(void *old, size_t n)
{
        void *memory;

        if (!is_early(old))
                return next.realloc(old, n);

        memory = next.malloc(n);
        if (memory)
                memcpy(memory, old,
                       n < (size_t)(early + sizeof(early) - (char *)old)
                               ? n
                               : (size_t)(early + sizeof(early) - (char *)old));
        return memory;
}

EXPORT void *realloc(void *old, size_t n)
{
        if (!find_next())
                return take_early(n);
        return is_out(__builtin_return_address(0)) ? NULL : resize(old, n);
}

EXPORT void *reallocarray(void *old, size_t n, size_t size)
{
        size_t n_bytes;

        if (__builtin_mul_overflow(n, size, &n_bytes)) {
                errno = ENOMEM;
                return NULL;
        }
        if (!find_next())
                return take_early(n_bytes);
        return is_out(__builtin_return_address(0)) ? NULL : resize(old, n_bytes);
}

EXPORT void free(void *memory)
{
        if (memory && !is_early(memory) && find_next())
                next.free(memory);
}

static void *allocate(size_t n)
{
        return find_next() ? next.malloc(n) : take_early(n);
}

EXPORT char *strndup(const char *text, size_t n_max)
{
        size_t n = strnlen(text, n_max);
        char *copy = is_out(__builtin_return_address(0)) ? NULL : allocate(n + 1);

        if (!copy)
                return NULL;
        memcpy(copy, text, n);
        copy[n] = '\0';
        return copy;
}

EXPORT char *strdup(const char *text)
{
        const void *caller = __builtin_return_address(0);
        size_t n = strlen(text) + 1;
        /* see fail.h */
        char *copy = !lies_in(caller, "libjson-c.") && is_out(caller) ? NULL : allocate(n);

        return copy ? memcpy(copy, text, n) : NULL;
}

EXPORT int posix_memalign(void **out, size_t alignment, size_t n)
{
        if (is_out(__builtin_return_address(0)))
                return ENOMEM;
        return find_next() ? next.posix_memalign(out, alignment, n) : ENOMEM;
}
