/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Telling - a watch, and how its callback is told of its peers. That may free the watch, or the
 * client: telling_is_over() is asked after each.
 */

#include "client.h"
#include "peer.h"
#include "proto/buf.h"
#include "stream.h"
#include "task.h"

#include <uatrust/news.h>

struct uatrust_watch {
        struct stream stream;
        struct link timer; /* never open */
        struct task task;
        struct uatrust_client *client;
        struct buf call;
        uatrust_watch_fn callback;
        void *userdata;
        struct peers peers;
        char *id;                    /* in the agent; NULL: it does not know us */
        struct uatrust_call *asking; /* to register or unregister; NULL: nothing is under way */
        size_t n_batch;
        uint64_t ask_us;   /* not before this moment */
        uint64_t retry_us; /* those that were refused */
        uint64_t held_us;  /* when those that are held are told of */
        int told;          /* the error of now, an enum uatrust_code; 0: none */
        bool is_whole;     /* it was told that all are watched */
        bool is_running;   /* its callback, maybe */
        bool is_gone;      /* freed by that: it goes when that returns */
};

/**
 * telling_forget() - the agent, or this call of it, is gone: all that it knew is to be told again
 */
void telling_forget(struct uatrust_watch *watch);

/** telling_break() - the same, by our own will */
void telling_break(struct uatrust_watch *watch);

/** telling_begin() - from now on, until telling_end(), a callback may free the watch */
void telling_begin(struct uatrust_watch *watch);
void telling_end(struct uatrust_watch *watch);

/** telling_is_over() - nothing more is to be told, or done */
bool telling_is_over(const struct uatrust_watch *watch);

/** telling_trouble() - @error: of the agent as a whole, taken; told once */
void telling_trouble(struct uatrust_watch *watch, struct uatrust_error *error);

/**
 * telling_state() - what the agent said when @peer was registered
 *
 * An agent that has just come has no generation of the store yet, and knows nothing for that
 * moment: the peer is held, as what it knows then may be no news.
 */
void telling_state(struct uatrust_watch *watch, struct peer *peer,
                   const struct message_peer_state *state);

/**
 * telling_message() - its verdict is taken; for want of memory the watch begins anew: then it is
 * found
 */
void telling_message(struct uatrust_watch *watch, struct peer *peer,
                     struct message_peer_news *message);

/** telling_held() - that nothing is known of those that were held so long */
void telling_held(struct uatrust_watch *watch);

/** telling_refusal() - @error: why the agent does not watch @peer */
void telling_refusal(struct uatrust_watch *watch, struct peer *peer,
                     const struct uatrust_error *error);
