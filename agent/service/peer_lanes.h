/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Peer lanes - has watched peers judged by jobs: each user has a queue, and at most one job of
 * PEER_LANES_BATCH peers at a time, so that a user with many delays neither the loop nor others.
 *
 * A finding rests on the generation that was in force when its job began; if that went by
 * meanwhile, it is dropped and the peer judged anew. It goes to the end of the queue then: however
 * fast generations follow each other, every peer has its turn.
 */

#include "engine/cause.h"
#include "engine/footprint.h"
#include "proto/compiler.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct executor;
struct host_clock;
struct peer;
struct peer_lane;
struct peer_lanes;
struct store_state;
struct stores;
struct verdict;

#define PEER_LANES_BATCH 256

/* What was found of a peer. */
struct peer_finding {
        uint32_t status;
        enum cause cause;
        int64_t valid_until_s;
        struct footprint footprint;

        const struct store_state *state; /* NULL: its store is gone */
        /* NULL: as what was told last, or it could not be judged, and reason says why */
        const struct verdict *verdict;
        const char *reason;
};

/** peer_lanes_found_fn - on the loop thread; a peer may leave from inside its own call */
typedef void (*peer_lanes_found_fn)(struct peer *peer, const struct peer_finding *finding,
                                    void *userdata);

struct peer_lanes_config {
        const struct stores *stores;
        const struct executor *executor;
        const struct host_clock *clock;
        peer_lanes_found_fn found;
        void *userdata;
};

int peer_lanes_new(const struct peer_lanes_config *config, struct peer_lanes **out);

/** peer_lanes_free() - all lanes were left; jobs under way end and find nobody */
struct peer_lanes *peer_lanes_free(struct peer_lanes *lanes);

/** peer_lanes_enter() - the lane of a user; Return: 0, and peer_lanes_leave() it; or -ENOMEM */
int peer_lanes_enter(struct peer_lanes *lanes, uid_t uid, struct peer_lane **out);

/** peer_lanes_leave() - none of its peers is watched any more */
void peer_lanes_leave(struct peer_lane *lane);

/** peer_lanes_bytes() - what the peers of a user hold; counted by whoever registers them */
size_t *peer_lanes_bytes(struct peer_lane *lane);

/** peer_lanes_add() - have a peer judged; nothing is begun before peer_lanes_run() */
void peer_lanes_add(struct peer_lane *lane, struct peer *peer);

/**
 * peer_lanes_run() - begin what can be begun; found() is called at once of what cannot be judged
 *
 * Where memory is short, they stay queued until the next call.
 */
void peer_lanes_run(struct peer_lanes *lanes);

/** peer_lanes_due_s() - the second at which to call peer_lanes_run(): memory ran out; INT64_MAX: none */
int64_t peer_lanes_due_s(const struct peer_lanes *lanes);

DEFINE_CLEANUP(struct peer_lanes *, peer_lanes_free)
