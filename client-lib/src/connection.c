/* SPDX-License-Identifier: Apache-2.0 */
#include "connection.h"

#include "proto/compiler.h"
#include "proto/names.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static int64_t now_ms(void)
{
        struct timespec now;

        clock_gettime(CLOCK_MONOTONIC, &now);
        return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

int64_t connection_deadline(int64_t timeout_ms)
{
        return timeout_ms < 0 ? CONNECTION_FOREVER : now_ms() + timeout_ms;
}

static int64_t left_ms(int64_t deadline_ms)
{
        int64_t left = deadline_ms - now_ms();

        return left > 0 ? left : 0;
}

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
        case EAGAIN: /* the listener's queue stayed full */
                return CONNECTION_E_TIMED_OUT;
        default:
                return -error;
        }
}

/* connect() on a Unix socket waits for room in the listener's queue, as long as a send may take; 0 means for ever. */
static int limit_connect(int fd, int64_t deadline_ms)
{
        int64_t left = left_ms(deadline_ms);
        struct timeval limit = { .tv_sec = left / 1000, .tv_usec = (left % 1000) * 1000 };

        if (deadline_ms == CONNECTION_FOREVER)
                return 0;
        if (!left)
                limit.tv_usec = 1;

        return setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) ? -errno : 0;
}

int connection_open(const char *path, int64_t deadline_ms, struct connection *out)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int fd, r;

        if (strlen(path) >= sizeof(address.sun_path))
                return CONNECTION_E_BAD_PATH;
        memcpy(address.sun_path, path, strlen(path) + 1);

        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0)
                return -errno;

        r = limit_connect(fd, deadline_ms);
        while (!r && connect(fd, (struct sockaddr *)&address, sizeof(address)))
                if (errno != EINTR)
                        r = condition(errno);
        if (r) {
                close(fd);
                return r;
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

static int wait_for(struct connection *connection, short events, int64_t deadline_ms)
{
        struct pollfd fd = { .fd = connection->fd, .events = events };
        int64_t left;
        int r;

        do {
                left = deadline_ms == CONNECTION_FOREVER ? -1 : left_ms(deadline_ms);
                r = poll(&fd, 1, left > INT_MAX ? INT_MAX : (int)left);
        } while (r < 0 && errno == EINTR);

        if (r < 0)
                return -errno;
        return r ? 0 : CONNECTION_E_TIMED_OUT;
}

int connection_send(struct connection *connection, const void *data, size_t n, int64_t deadline_ms)
{
        const char *at = data;
        int r = 0;

        while (!r && n) {
                ssize_t n_sent = send(connection->fd, at, n, MSG_DONTWAIT | MSG_NOSIGNAL);

                if (n_sent >= 0) {
                        at += n_sent;
                        n -= (size_t)n_sent;
                } else if (errno == EAGAIN) {
                        r = wait_for(connection, POLLOUT, deadline_ms);
                } else if (errno != EINTR) {
                        r = condition(errno);
                }
        }
        return r;
}

static int receive_some(struct connection *connection, int64_t deadline_ms)
{
        ssize_t n_received;
        size_t n_room;
        char *room;
        int r;

        r = frame_get_room(&connection->frame, &room, &n_room);
        if (r)
                return r;

        n_received = recv(connection->fd, room, n_room, MSG_DONTWAIT);
        if (n_received > 0) {
                frame_add(&connection->frame, (size_t)n_received);
                return 0;
        }
        if (!n_received)
                return CONNECTION_E_LOST;
        if (errno == EAGAIN)
                return wait_for(connection, POLLIN, deadline_ms);
        return errno == EINTR ? 0 : condition(errno);
}

int connection_receive(struct connection *connection, int64_t deadline_ms, const char **out,
                       size_t *n_out)
{
        int r;

        for (;;) {
                r = frame_next(&connection->frame, out, n_out);
                if (!r)
                        return 0;
                if (r == FRAME_E_TOO_LARGE)
                        return CONNECTION_E_TOO_LARGE;

                r = receive_some(connection, deadline_ms);
                if (r)
                        return r;
        }
}
