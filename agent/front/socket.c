/* SPDX-License-Identifier: Apache-2.0 */
#include "front/socket.h"

#include "front/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 4096 /* connections that wait to be accepted; the kernel has a limit of its own */

static int set_address(const char *path, struct sockaddr_un *out)
{
        size_t n = strlen(path);

        *out = (struct sockaddr_un){ .sun_family = AF_UNIX };
        if (n == 0 || n >= sizeof(out->sun_path))
                return SOCKET_E_BAD_PATH;

        memcpy(out->sun_path, path, n + 1);
        return 0;
}

/*
 * Is anybody listening? Return: 0 no, SOCKET_E_IN_USE, SOCKET_E_NO_SOCKET, -errno (-ENOENT: nothing
 * is there)
 */
static int probe(const char *path)
{
        struct sockaddr_un address;
        struct stat stat;
        int fd, r;

        if (lstat(path, &stat) < 0)
                return -errno;
        if (!S_ISSOCK(stat.st_mode))
                return SOCKET_E_NO_SOCKET;

        r = set_address(path, &address);
        if (r)
                return r;

        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
                return -errno;

        r = connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ? -errno : 0;
        close(fd);
        if (r == -ECONNREFUSED)
                return 0;

        /* EAGAIN: a full backlog is somebody's; EPROTOTYPE: a socket of another kind, as live. */
        return r == 0 || r == -EAGAIN || r == -EPROTOTYPE ? SOCKET_E_IN_USE : r;
}

/*
 * A name beside @path that no other process uses, and no longer than it needs to be: it is an
 * address, too.
 */
static int make_name_beside(const char *path, char *out, size_t n_out)
{
        const char *slash = strrchr(path, '/');
        int n_folder = slash ? (int)(slash - path) + 1 : 0;
        int n = snprintf(out, n_out, "%.*s.%d", n_folder, path, (int)getpid());

        return n < 0 || (size_t)n >= n_out ? SOCKET_E_BAD_PATH : 0;
}

static int bind_and_listen(int fd, const char *path, mode_t mode, gid_t group)
{
        struct sockaddr_un address;
        int r;

        r = set_address(path, &address);
        if (r)
                return r;

        unlink(path); /* of a process with our number that was killed at just this point */
        if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
                return -errno;
        if (chown(path, (uid_t)-1, group) < 0 || chmod(path, mode) < 0 || listen(fd, BACKLOG) < 0) {
                r = -errno;
                unlink(path);
                return r;
        }

        return 0;
}

/*
 * Puts the listening socket @beside into the place of @path. Nothing that is alive is ever lost:
 * the former file is exchanged, looked at once more, and put back if somebody listens there by now.
 */
static int take_place(const char *beside, const char *path)
{
        int r;

        if (link(beside, path) == 0)
                return 0;
        if (errno != EEXIST)
                return -errno;

        r = probe(path);
        if (r && r != -ENOENT)
                return r;
        if (r == -ENOENT)
                return link(beside, path) < 0 ? -errno : 0;

        if (renameat2(AT_FDCWD, beside, AT_FDCWD, path, RENAME_EXCHANGE) < 0)
                return -errno;

        r = probe(beside);
        if (r > 0)
                renameat2(AT_FDCWD, beside, AT_FDCWD, path, RENAME_EXCHANGE);
        return r > 0 ? r : 0;
}

static int listen_at(int fd, const char *path, mode_t mode, gid_t group)
{
        char beside[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
        struct sockaddr_un address;
        int r;

        r = set_address(path, &address);
        if (!r)
                r = make_name_beside(path, beside, sizeof(beside));
        if (!r)
                r = bind_and_listen(fd, beside, mode, group);
        if (r)
                return r;

        r = take_place(beside, path);
        unlink(beside);
        return r;
}

int socket_listen(const char *path, mode_t mode, gid_t group, int *out)
{
        int fd, r;

        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
                return -errno;

        r = listen_at(fd, path, mode, group);
        if (r) {
                close(fd);
                return r;
        }

        *out = fd;
        return 0;
}

void socket_remove(const char *path)
{
        unlink(path);
}

static bool has_option(int fd, int option, int wanted)
{
        int value;
        socklen_t n = sizeof(value);

        return getsockopt(fd, SOL_SOCKET, option, &value, &n) == 0 && value == wanted;
}

int socket_adopt(int fd)
{
        int flags;

        if (!has_option(fd, SO_DOMAIN, AF_UNIX) || !has_option(fd, SO_TYPE, SOCK_STREAM) ||
            !has_option(fd, SO_ACCEPTCONN, 1))
                return SOCKET_E_NOT_LISTENING;

        flags = fcntl(fd, F_GETFL);
        if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ||
            fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
                return -errno;

        return 0;
}

/* All groups but the primary one, which SO_PEERCRED has. */
static int read_groups(int fd, gid_t **out, size_t *n_out)
{
        CLEANUP(freep) gid_t *groups = NULL;
        socklen_t n_bytes = 0;

        if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, NULL, &n_bytes) < 0 && errno != ERANGE)
                return -errno;

        groups = malloc(n_bytes ? n_bytes : 1);
        if (!groups)
                return -ENOMEM;
        if (n_bytes && getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &n_bytes) < 0)
                return -errno;

        *out = TAKE(groups);
        *n_out = n_bytes / sizeof(**out);
        return 0;
}

int socket_read_caller(int fd, enum caller_door door, struct caller **out)
{
        CLEANUP(freep) gid_t *groups = NULL;
        char cgroup[CALLER_CGROUP_MAX_BYTES + 1];
        struct ucred credentials;
        socklen_t n = sizeof(credentials);
        size_t n_groups = 0;
        int r;

        if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &n) < 0)
                return -errno;

        r = read_groups(fd, &groups, &n_groups);
        if (r)
                return r;

        cgroup_read(credentials.pid, credentials.uid, cgroup);
        return caller_new(&(struct caller){ .door = door,
                                            .uid = credentials.uid,
                                            .gid = credentials.gid,
                                            .pid = credentials.pid,
                                            .groups = groups,
                                            .n_groups = n_groups,
                                            .cgroup = cgroup },
                          out);
}
