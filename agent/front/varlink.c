/* SPDX-License-Identifier: Apache-2.0 */
#include "front/varlink.h"

#include "base/vec.h"
#include "front/outbox.h"
#include "front/replies.h"
#include "front/socket.h"
#include "front/turns.h"
#include "front/varlink_peer.h"
#include "loop/fd.h"
#include "loop/timer.h"
#include "proto/buf.h"
#include "proto/call.h"
#include "proto/message.h"
#include "proto/names.h"
#include "service/catalog.h"
#include "service/quota.h"
#include "service/service.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ACCEPT_AT_ONCE  64 /* then others have their turn */
#define ACCEPT_RETRY_MS 200

struct listener {
        struct varlink *varlink;
        enum caller_door door;
        int fd;
        struct loop_fd *handle;
        struct loop_timer *timer; /* accepts again after descriptors or memory ran out */
};

struct varlink {
        struct varlink_config config;
        struct varlink_host host;
        struct varlink_news news;
        VEC(struct listener *) listeners;
        VEC(struct varlink_peer *) peers;
};

static void tell_connections(struct varlink *varlink)
{
        if (varlink->config.on_connections)
                varlink->config.on_connections(varlink->peers.n, varlink->config.userdata);
}

static void remove_peer(struct varlink *varlink, struct varlink_peer *peer)
{
        quota_give(service_quota(varlink->config.service), varlink_peer_caller(peer),
                   QUOTA_CONNECTIONS, 1);
        varlink_peer_free(peer);
}

static void on_over(struct varlink_peer *peer, void *userdata)
{
        struct varlink *varlink = userdata;
        size_t i = 0;

        while (varlink->peers.items[i] != peer)
                i++;
        varlink->peers.items[i] = varlink->peers.items[--varlink->peers.n];
        remove_peer(varlink, peer);
        tell_connections(varlink);
}

/* One line that a client finds as the reply to whatever it asks. */
static void refuse(int fd, const char *limit)
{
        struct message_error error = { STATUS_E_QUOTA_EXCEEDED, (char *)limit, NULL };
        CLEANUP(buf_deinit) struct buf out = BUF_NULL;

        call_reply_encode_error(&error, &out);
        if (!buf_error(&out))
                send(fd, out.data, out.n, MSG_NOSIGNAL | MSG_DONTWAIT);
        close(fd);
}

/* @caller: was counted. */
static int add_peer(struct varlink *varlink, int fd, const struct caller *caller)
{
        struct varlink_peer *peer;
        int r;

        r = VEC_RESERVE(&varlink->peers, 1);
        if (r) {
                close(fd);
                return r;
        }

        r = varlink_peer_new(&varlink->host, fd, caller, &peer);
        if (r)
                return r;

        varlink->peers.items[varlink->peers.n++] = peer;
        tell_connections(varlink);
        return 0;
}

static int welcome(struct listener *listener, int fd)
{
        struct varlink *varlink = listener->varlink;
        struct quota *quota = service_quota(varlink->config.service);
        CLEANUP(caller_unrefp) struct caller *caller = NULL;
        const char *limit;
        int r;

        r = socket_read_caller(fd, listener->door, &caller);
        if (!r)
                r = quota_take(quota, caller, QUOTA_CONNECTIONS, 1, &limit);
        if (r == QUOTA_E_EXCEEDED) {
                refuse(fd, limit);
                return 0;
        }
        if (r) {
                close(fd);
                return r;
        }

        r = add_peer(varlink, fd, caller);
        if (r)
                quota_give(quota, caller, QUOTA_CONNECTIONS, 1);
        return r;
}

static void on_connection(struct loop_fd *handle, unsigned int events, void *userdata)
{
        struct listener *listener = userdata;
        int fd, r = 0;

        (void)events;
        for (size_t i = 0; i < ACCEPT_AT_ONCE && !r; i++) {
                fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
                if (fd >= 0)
                        r = welcome(listener, fd);
                else if (errno != ECONNABORTED && errno != EINTR)
                        r = -errno;
        }

        if (!r || r == -EAGAIN)
                return;

        catalog_tell(listener->varlink->config.log, CATALOG_CONNECTIONS_REFUSED, NULL,
                     "cannot accept connections: %s; trying again", strerror(-r));
        loop_fd_select(handle, 0);
        loop_timer_start(listener->timer, ACCEPT_RETRY_MS);
}

static void on_retry(struct loop_timer *timer, void *userdata)
{
        struct listener *listener = userdata;

        (void)timer;
        loop_fd_select(listener->handle, LOOP_FD_READABLE);
}

static struct listener *listener_free(struct listener *listener)
{
        if (!listener)
                return NULL;

        loop_timer_free(listener->timer);
        loop_fd_free(listener->handle);
        close(listener->fd);
        free(listener);
        return NULL;
}
DEFINE_CLEANUP(struct listener *, listener_free)

int varlink_listen(struct varlink *varlink, int fd, enum caller_door door)
{
        CLEANUP(listener_freep) struct listener *listener = calloc(1, sizeof(*listener));
        struct loop *loop = varlink->config.loop;
        int r;

        if (!listener) {
                close(fd);
                return -ENOMEM;
        }

        listener->varlink = varlink;
        listener->door = door;
        listener->fd = fd;
        r = loop_timer_new(loop, on_retry, listener, &listener->timer);
        if (!r)
                r = loop_fd_new(loop, fd, on_connection, listener, &listener->handle);
        if (!r)
                r = loop_fd_select(listener->handle, LOOP_FD_READABLE);
        if (!r)
                r = VEC_PUSH(&varlink->listeners, listener);
        if (r)
                return r;

        TAKE(listener);
        return 0;
}

int varlink_new(const struct varlink_config *config, struct varlink **out)
{
        CLEANUP(varlink_freep) struct varlink *varlink = calloc(1, sizeof(*varlink));
        uint64_t unsent_max_ms = config->unsent_max_ms;
        int r;

        if (!varlink)
                return -ENOMEM;

        varlink->config = *config;
        varlink->host = (struct varlink_host){
                .shared = { .service = config->service,
                            .version = config->version,
                            .news = &varlink->news,
                            .interfaces = config->interfaces },
                .loop = config->loop,
                .log = config->log,
                .unsent_max_ms = unsent_max_ms ? unsent_max_ms : NAMES_UNSENT_MAX_MS,
                .on_over = on_over,
                .userdata = varlink,
        };
        r = turns_new(config->loop, &varlink->host.turns);
        if (!r)
                r = replies_new(&varlink->host.shared.replies);
        if (r)
                return r;

        *out = TAKE(varlink);
        return 0;
}

struct varlink *varlink_free(struct varlink *varlink)
{
        if (!varlink)
                return NULL;

        for (size_t i = 0; i < varlink->peers.n; i++)
                remove_peer(varlink, varlink->peers.items[i]);
        for (size_t i = 0; i < varlink->listeners.n; i++)
                listener_free(varlink->listeners.items[i]);
        VEC_FREE(&varlink->peers);
        VEC_FREE(&varlink->listeners);
        turns_free(varlink->host.turns);
        replies_free(varlink->host.shared.replies);
        bulletin_unref(varlink->news.bulletin);
        free(varlink);
        return NULL;
}
