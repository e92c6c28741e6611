/* SPDX-License-Identifier: Apache-2.0 */
#include "faults/refuse.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

/* The same function of whoever comes next. */
#define NEXT(name) ((__typeof__(name) *)dlsym(RTLD_NEXT, #name))

static struct refuse none;
static struct refuse *refuse = &none;

__attribute__((constructor)) static void open_file(void)
{
        const char *path = getenv("UATRUST_REFUSE");
        int fd = path ? NEXT(open)(path, O_RDWR | O_CLOEXEC) : -1;
        void *memory;

        if (fd < 0)
                return;

        memory = mmap(NULL, sizeof(*refuse), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        close(fd);
        if (memory != MAP_FAILED)
                refuse = memory;
}

/* The program's name in the list of what is loaded is empty. */
static bool lies_in_program(const void *caller)
{
        struct dl_find_object found;

        return _dl_find_object((void *)caller, &found) == 0 && !found.dlfo_link_map->l_name[0];
}

/* Is it this one's turn? */
static bool is_refused(enum refuse_call call, const void *caller)
{
        int64_t left = refuse->left;

        if (left <= 0 || refuse->call != (int32_t)call || !lies_in_program(caller))
                return false;
        while (!atomic_compare_exchange_weak(&refuse->left, &left, left - 1))
                if (left <= 0)
                        return false;

        errno = refuse->error;
        return true;
}

#define IS_REFUSED(call) is_refused(call, __builtin_return_address(0))

static mode_t take_mode(va_list list)
{
        return (mode_t)va_arg(list, int);
}

EXPORT int open(const char *path, int flags, ...)
{
        va_list list;
        mode_t mode;

        va_start(list, flags);
        mode = flags & (O_CREAT | __O_TMPFILE) ? take_mode(list) : 0;
        va_end(list);
        return flags & O_PATH && IS_REFUSED(REFUSE_OPEN) ? -1 : NEXT(open)(path, flags, mode);
}

EXPORT int openat(int fd, const char *path, int flags, ...)
{
        va_list list;
        mode_t mode;

        va_start(list, flags);
        mode = flags & (O_CREAT | __O_TMPFILE) ? take_mode(list) : 0;
        va_end(list);
        return IS_REFUSED(REFUSE_OPENAT) ? -1 : NEXT(openat)(fd, path, flags, mode);
}

EXPORT long syscall(long number, ...)
{
        long arguments[6];
        va_list list;

        va_start(list, number);
        for (size_t i = 0; i < 6; i++)
                arguments[i] = va_arg(list, long);
        va_end(list);
        if (number == SYS_openat2 && IS_REFUSED(REFUSE_OPENAT2))
                return -1;

        return NEXT(syscall)(number, arguments[0], arguments[1], arguments[2], arguments[3],
                             arguments[4], arguments[5]);
}

/* Not of sockets, pipes and the like. */
static bool is_file(int fd)
{
        struct stat st;

        return fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

EXPORT ssize_t read(int fd, void *data, size_t n)
{
        const void *caller = __builtin_return_address(0);

        return refuse->left > 0 && is_file(fd) && is_refused(REFUSE_READ, caller)
                       ? -1
                       : NEXT(read)(fd, data, n);
}

EXPORT int fstatat(int fd, const char *path, struct stat *out, int flags)
{
        return IS_REFUSED(REFUSE_FSTATAT) ? -1 : NEXT(fstatat)(fd, path, out, flags);
}

EXPORT struct dirent *readdir(DIR *names)
{
        return IS_REFUSED(REFUSE_READDIR) ? NULL : NEXT(readdir)(names);
}

EXPORT int inotify_init1(int flags)
{
        return IS_REFUSED(REFUSE_INOTIFY_INIT1) ? -1 : NEXT(inotify_init1)(flags);
}

EXPORT int inotify_add_watch(int fd, const char *path, uint32_t mask)
{
        return IS_REFUSED(REFUSE_INOTIFY_ADD_WATCH) ? -1 : NEXT(inotify_add_watch)(fd, path, mask);
}
