/* SPDX-License-Identifier: Apache-2.0 */
#include "faults/own_disk.h"

#include "base/vec.h"
#include "harness/must.h"

#include <fcntl.h>
#include <stdarg.h>
#include <unistd.h>

struct scene scene;

/* Return: does it fail? */
static bool befalls(bool needs_room)
{
        unsigned int n = ++*scene.n_calls;

        if (!scene.at || n < scene.at || (n > scene.at && !(scene.is_for_good && needs_room)))
                return false;
        if (!scene.error)
                _exit(ENDED);
        errno = scene.error;
        return true;
}

static void record(struct op op, const char *name, const char *to)
{
        if (!scene.records)
                return;

        snprintf(op.name, sizeof(op.name), "%s", name ? name : "");
        snprintf(op.to, sizeof(op.to), "%s", to ? to : "");
        must(VEC_PUSH(&scene.ops, op) == 0, "memory");
}

static int dir_of(int fd)
{
        return fd == scene.fds[CERTS] ? CERTS : KEYS;
}

int __wrap_openat(int dir_fd, const char *name, int flags, ...);
int __wrap_openat(int dir_fd, const char *name, int flags, ...)
{
        va_list arguments;
        mode_t mode;
        int fd;

        va_start(arguments, flags);
        mode = flags & O_CREAT ? va_arg(arguments, mode_t) : 0;
        va_end(arguments);
        if (!(flags & O_CREAT))
                return __real_openat(dir_fd, name, flags);
        if (befalls(true))
                return -1;

        fd = __real_openat(dir_fd, name, flags, mode);
        if (fd >= 0) {
                must(fd < FDS_MAX, "descriptors");
                scene.files[fd] = ++scene.n_files;
                record((struct op){ .kind = OP_CREATE,
                                    .dir = dir_of(dir_fd),
                                    .file = scene.n_files },
                       name, NULL);
        }
        return fd;
}

ssize_t __wrap_write(int fd, const void *data, size_t n);

/* In two parts: something may befall it between them. */
ssize_t __wrap_write(int fd, const void *data, size_t n)
{
        return befalls(true) ? -1 : __real_write(fd, data, n > 1 ? n / 2 : n);
}

int __wrap_fsync(int fd);
int __wrap_fsync(int fd)
{
        bool is_dir = fd == scene.fds[CERTS] || fd == scene.fds[KEYS];

        if (befalls(false))
                return -1;
        record((struct op){ .kind = is_dir ? OP_SYNC_DIR : OP_SYNC_FILE,
                            .dir = dir_of(fd),
                            .file = is_dir ? 0 : scene.files[fd] },
               NULL, NULL);
        return __real_fsync(fd);
}

int __wrap_unlinkat(int fd, const char *name, int flags);
int __wrap_unlinkat(int fd, const char *name, int flags)
{
        int r = befalls(false) ? -1 : __real_unlinkat(fd, name, flags);

        if (!r)
                record((struct op){ .kind = OP_REMOVE, .dir = dir_of(fd) }, name, NULL);
        return r;
}

int __wrap_renameat(int from_fd, const char *from, int to_fd, const char *to);
int __wrap_renameat(int from_fd, const char *from, int to_fd, const char *to)
{
        int r = befalls(false) ? -1 : __real_renameat(from_fd, from, to_fd, to);

        if (!r)
                record((struct op){ .kind = OP_RENAME, .dir = dir_of(from_fd) }, from, to);
        return r;
}

int __wrap_linkat(int from_fd, const char *from, int to_fd, const char *to, int flags);
int __wrap_linkat(int from_fd, const char *from, int to_fd, const char *to, int flags)
{
        int r = befalls(true) ? -1 : __real_linkat(from_fd, from, to_fd, to, flags);

        if (!r)
                record((struct op){ .kind = OP_LINK, .dir = dir_of(from_fd) }, from, to);
        return r;
}
