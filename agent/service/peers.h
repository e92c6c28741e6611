/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Peers - the certificates of open sessions, which applications have us watch: who opens a watch
 * (WatchPeers) and registers peers with it (RegisterPeers, on another connection of the same user)
 * is told of each whose verdict or cause has changed, once, with what it is now. OPC 10000-12
 * 7.8.2.5 says that such sessions shall be looked at; this says at which, and why.
 *
 * A peer is registered before it is judged, and each generation that comes later has it judged
 * again, so that nothing falls between the reply and the first news. It is judged by jobs in the
 * lane of its user, some at a time, and again at the second at which its verdict ends. What a job
 * found by a generation that went by meanwhile is told to nobody.
 *
 * While the reader of a watch is too slow, nothing is kept for it but which of its peers have news:
 * these are judged once more when it has caught up, so that the last state wins.
 *
 * Where a store is not ready, in doubt or gone, its peers cannot be judged, and their cause is
 * unknown, as no list says that they are trusted no more. After a source said to settle (Settle=)
 * lost something, unknown and untrusted are told only if they still hold that much later.
 */

#include "proto/compiler.h"
#include "service/service_call.h"

#include <stddef.h>
#include <stdint.h>

struct change;
struct executor;
struct host_clock;
struct peer_list;
struct peers;
struct quota;
struct snapshot;
struct stores;

struct peers_config {
        const char *agent_id;
        const struct stores *stores;
        struct quota *quota;
        const struct executor *executor;
        const struct host_clock *clock;
};

/** peers_new() - @config is copied, what it points to must outlive the peers; Return: 0 or -ENOMEM */
int peers_new(const struct peers_config *config, struct peers **out);

/** peers_free() - no call is pending any more; jobs may be, and find nobody when they end */
struct peers *peers_free(struct peers *peers);

/* -- calls; each is answered as service_call() says ---------------------------------------------- */

/** peers_watch() - answer WatchPeers; Return: what ends the watch, and all its peers; NULL: refused */
struct service_pending *peers_watch(struct peers *peers, const struct service_call *call);

/**
 * peers_register() - answer RegisterPeers: all or none
 *
 * Return: what cancels the reply, not the registration; NULL: it was answered.
 */
struct service_pending *peers_register(struct peers *peers, const struct service_call *call);

/** peers_unregister() - answer UnregisterPeers */
void peers_unregister(struct peers *peers, const struct service_call *call);

/* -- what happens -------------------------------------------------------------------------------- */

/**
 * peers_note() - a store has a new generation, is not ready, gone, in doubt or no more so
 * @store:  its handle
 * @before: its picture until now, and
 * @change: what is different; NULL, either: anything may be
 *
 * Only those are judged again whom the change touches (engine/touch).
 *
 * Who watches a peer that can be judged no more is told before this returns.
 */
void peers_note(struct peers *peers, size_t store, const struct snapshot *before,
                const struct change *change);

/** peers_due_s() - the first second at which peers_run_due() has something to do; INT64_MAX: none */
int64_t peers_due_s(const struct peers *peers);

/** peers_run_due() - judge again those whose time is over */
void peers_run_due(struct peers *peers);

/** peers_count() - how many are watched */
size_t peers_count(const struct peers *peers);

/**
 * peers_list_good() - those of a store that stand as Good: peer_list_would_fall() says which of them
 * another picture would not have so
 *
 * Return: 0 or -ENOMEM.
 */
int peers_list_good(const struct peers *peers, size_t store, struct peer_list **out);

DEFINE_CLEANUP(struct peers *, peers_free)
