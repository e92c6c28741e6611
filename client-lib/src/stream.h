/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Stream - one call that is answered again and again, on a connection of its own, which is made
 * anew as long as the stream lives. What came is kept until it is asked for, and nothing more is
 * read before: the agent knows what to do with readers that are slow.
 */

#include "engine.h"
#include "proto/buf.h"

struct door;

enum {
        STREAM_E_NOTHING = 100, /* beside CONNECTION_E_*: no message, no trouble */
};

struct stream {
        struct link link;
        const struct door *door;
        const struct buf *call; /* sent first on each connection */
        void (*on_news)(
                struct stream *stream); /* stream_next() is worth it; in a step of the engine */
        size_t n_sent;
        uint64_t retry_us; /* when to connect again; ENGINE_NEVER: not */
        uint64_t pause_us; /* before the next try but one */
        int trouble;  /* why it is not open: CONNECTION_E_* or a negative errno; 0: none to tell */
        bool is_full; /* something came, and is not read yet */
        char path[128]; /* that the trouble is about, cut; "": none */
};

/** stream_init() - does not connect yet */
void stream_init(struct stream *stream, struct engine *engine, const struct door *door);
void stream_deinit(struct stream *stream);

/** stream_begin() - with this @call, which stays as long; it connects in the engine's next step */
void stream_begin(struct stream *stream, const struct buf *call,
                  void (*on_news)(struct stream *stream));

/**
 * stream_next() - what came
 * @out: a message; borrowed until the next call
 *
 * Return: 0, STREAM_E_NOTHING, or as of stream.trouble, once for each connection that ended, or was
 * not made.
 */
int stream_next(struct stream *stream, const char **out, size_t *n_out);

/** stream_confirm() - it is well: the next pause is short again */
void stream_confirm(struct stream *stream);

/** stream_break() - what came is of no use: connect again, later */
void stream_break(struct stream *stream);
