/* SPDX-License-Identifier: Apache-2.0 */
#include "stream.h"

#include "door.h"
#include "proto/compiler.h"

#include <stdio.h>
#include <sys/epoll.h>

#define PAUSE_MIN_US UINT64_C(10000)
#define PAUSE_MAX_US UINT64_C(1000000)

static void close_link(struct stream *stream, uint64_t retry_us)
{
        link_close(&stream->link);
        stream->n_sent = 0;
        stream->is_full = false;
        stream->retry_us = retry_us;
}

void stream_break(struct stream *stream)
{
        close_link(stream, engine_now_us() + stream->pause_us);
        stream->pause_us *= 2;
        if (stream->pause_us > PAUSE_MAX_US)
                stream->pause_us = PAUSE_MAX_US;
}

static void fail(struct stream *stream, int r, const char *path)
{
        stream_break(stream);
        stream->trouble = r;
        snprintf(stream->path, sizeof(stream->path), "%.*s", (int)sizeof(stream->path) - 1, path);
        stream->on_news(stream);
}

/* Return: as of connection_send(), and of link_select(). */
static int send_call(struct stream *stream)
{
        int r = 0;

        while (!r && stream->n_sent < stream->call->n) {
                size_t n = 0;

                r = connection_send(&stream->link.connection, stream->call->data + stream->n_sent,
                                    stream->call->n - stream->n_sent, &n);
                stream->n_sent += n;
        }
        if (!r || r == CONNECTION_E_AGAIN)
                r = link_select(&stream->link, r ? EPOLLIN | EPOLLOUT : EPOLLIN);
        return r;
}

static void connect_now(struct stream *stream)
{
        char tried[DOOR_PATH_MAX] = "";
        int r;

        r = link_open(&stream->link, stream->door, tried);
        if (!r)
                r = send_call(stream);
        if (r)
                fail(stream, r, tried);
        else
                stream->retry_us = ENGINE_NEVER;
}

/* An agent that refuses may answer and close before it has read all: what it said comes first. */
static void on_ready(struct link *link)
{
        struct stream *stream = CONTAINER_OF(link, struct stream, link);
        int r;

        r = connection_receive(&link->connection);
        if (!r) {
                stream->is_full = true;
                link_select(link, 0);
                stream->on_news(stream);
        } else if (r == CONNECTION_E_AGAIN) {
                r = send_call(stream);
        }
        if (r)
                fail(stream, r, "");
}

static uint64_t get_due(const struct link *link)
{
        return CONTAINER_OF(link, struct stream, link)->retry_us;
}

static void on_due(struct link *link, uint64_t now_us)
{
        (void)now_us;
        connect_now(CONTAINER_OF(link, struct stream, link));
}

static void on_fork(struct link *link)
{
        struct stream *stream = CONTAINER_OF(link, struct stream, link);

        if (stream->call)
                close_link(stream, 0);
}

static const struct link_rules rules = { on_ready, get_due, on_due, on_fork };

void stream_init(struct stream *stream, struct engine *engine, const struct door *door)
{
        *stream =
                (struct stream){ .door = door, .retry_us = ENGINE_NEVER, .pause_us = PAUSE_MIN_US };
        link_init(&stream->link, engine, &rules);
}

void stream_deinit(struct stream *stream)
{
        link_deinit(&stream->link);
}

void stream_begin(struct stream *stream, const struct buf *call,
                  void (*on_news)(struct stream *stream))
{
        stream->call = call;
        stream->on_news = on_news;
        stream->retry_us = 0;
}

int stream_next(struct stream *stream, const char **out, size_t *n_out)
{
        int r = CONNECTION_E_AGAIN;

        if (stream->is_full)
                r = connection_next(&stream->link.connection, out, n_out);
        if (!r)
                return 0;

        if (stream->is_full && r == CONNECTION_E_AGAIN) {
                stream->is_full = false;
                r = send_call(stream);
        }
        if (r != CONNECTION_E_AGAIN && r)
                fail(stream, r, "");

        r = stream->trouble;
        stream->trouble = 0;
        return r ? r : STREAM_E_NOTHING;
}

void stream_confirm(struct stream *stream)
{
        stream->pause_us = PAUSE_MIN_US;
}
