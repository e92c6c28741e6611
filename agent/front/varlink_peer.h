/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Varlink peer - one connection: frames in, calls to the service one after another, replies out in
 * the same order.
 *
 * One call at a time is with the service; what the client pipelines behind it stays in the kernel,
 * beyond one read. So a connection holds one frame and its unsent replies, however much the client
 * sends, and the frames of all connections of a user or control group are counted (service/quota). A running `more` call keeps the connection busy for good. A client that reads too slowly
 * is asked no further: its calls wait, its events are paused and become a resync, and without any
 * progress for unsent_max_ms it is closed.
 */

#include "front/varlink_answer.h"
#include "proto/compiler.h"

#include <stdint.h>

struct caller;
struct log;
struct loop;
struct turns;
struct varlink_peer;

/* What all connections share; it outlives them. */
struct varlink_host {
        struct varlink_shared shared;
        struct loop *loop;
        struct turns *turns; /* which of them goes on */
        const struct log *log;
        uint64_t unsent_max_ms;

        /*
         * the connection is over: varlink_peer_free() it now; never called from within
         * varlink_peer_new()
         */
        void (*on_over)(struct varlink_peer *peer, void *userdata);
        void *userdata;
};

/**
 * varlink_peer_new() - serve a connection
 * @fd: non-blocking; taken, also on failure
 * @caller: takes a reference of its own
 *
 * Return: 0, or a negative errno.
 */
int varlink_peer_new(const struct varlink_host *host, int fd, const struct caller *caller,
                     struct varlink_peer **out);

/** varlink_peer_free() - close; a call that is pending is cancelled. Takes NULL; Return: NULL */
struct varlink_peer *varlink_peer_free(struct varlink_peer *peer);
DEFINE_CLEANUP(struct varlink_peer *, varlink_peer_free)

/** varlink_peer_caller() - whom it serves; borrowed */
const struct caller *varlink_peer_caller(const struct varlink_peer *peer);
