/* SPDX-License-Identifier: Apache-2.0 */
#include "connection.h"

#include "proto/compiler.h"
#include "proto/names.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

static int condition(int error)
{
        switch (error) {
        case ENOENT:
        case ENOTDIR:
                return CONNECTION_E_ABSENT;
        case ECONNREFUSED:
        case ECONNRESET:
        case EPIPE:
        case ENOTSOCK: /* a file in the socket's place */
        case EPROTOTYPE:
                return CONNECTION_E_LOST;
        case EACCES:
        case EPERM:
                return CONNECTION_E_DENIED;
        case EAGAIN:
        case EINTR:
                return CONNECTION_E_AGAIN;
        default:
                return -error;
        }
}

/* From now on each call says itself whether it waits. */
static int let_wait(int fd)
{
        const struct timeval time = { .tv_usec = CONNECTION_WAIT_MS * 1000 };

        if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof(time)))
                return -1;
        return fcntl(fd, F_SETFL, 0);
}

int connection_open(const char *path, struct connection *out)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int fd, r;

        /* An empty one would name an abstract socket, which anybody may have bound. */
        if (!*path || strlen(path) >= sizeof(address.sun_path))
                return CONNECTION_E_BAD_PATH;
        memcpy(address.sun_path, path, strlen(path) + 1);

        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
                return -errno;

        if (connect(fd, (struct sockaddr *)&address, sizeof(address)) || let_wait(fd)) {
                r = condition(errno);
                close(fd);
                return r == CONNECTION_E_AGAIN ? CONNECTION_E_FULL : r;
        }

        out->fd = fd;
        memcpy(out->path, address.sun_path, sizeof(out->path));
        frame_init(&out->frame, NAMES_REPLY_MAX_BYTES);
        return 0;
}

void connection_close(struct connection *connection)
{
        if (connection->fd >= 0) {
                close(connection->fd);
                frame_deinit(&connection->frame);
        }
        *connection = (struct connection)CONNECTION_NULL;
}

int connection_send(struct connection *connection, const void *data, size_t n, size_t *out)
{
        ssize_t n_sent = send(connection->fd, data, n, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (n_sent < 0)
                return condition(errno);

        connection->may_wait = true;
        *out = (size_t)n_sent;
        return 0;
}

bool connection_wait(struct connection *connection)
{
        if (!connection->may_wait)
                return false;

        connection->may_wait = false;
        connection->waits = true;
        return true;
}

int connection_receive(struct connection *connection)
{
        ssize_t n_received;
        size_t n_room;
        char *room;
        int r;

        r = frame_get_room(&connection->frame, &room, &n_room);
        if (r)
                return r;

        n_received = recv(connection->fd, room, n_room, connection->waits ? 0 : MSG_DONTWAIT);
        connection->waits = false;
        if (n_received < 0)
                return errno == ECONNRESET ? CONNECTION_E_UNHEARD : condition(errno);
        if (!n_received)
                return CONNECTION_E_LOST;

        frame_add(&connection->frame, (size_t)n_received);
        return 0;
}

int connection_next(struct connection *connection, const char **out, size_t *n_out)
{
        int r = frame_next(&connection->frame, out, n_out);

        if (r == FRAME_E_PARTIAL)
                return CONNECTION_E_AGAIN;
        return r ? CONNECTION_E_TOO_LARGE : 0;
}
