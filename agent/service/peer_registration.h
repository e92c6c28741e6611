/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Peer registration - a RegisterPeers call from its first look at the peers until all of them were
 * judged once and the reply can say how each stands.
 */

#include "proto/compiler.h"
#include "proto/message.h"
#include "service/service_call.h"

#include <stddef.h>

struct message_peer_state;
struct peer;
struct peers_watch;
struct stores;

/* The calls that wait for their reply, in any order. */
struct peer_registrations {
        struct peer_registration *first;
};

struct peer_registration {
        struct service_pending pending;
        struct service_call call;  /* without in; its caller is our own */
        struct peers_watch *watch; /* NULL: it is over */
        struct peer **items;       /* n of them */
        size_t n, n_open;          /* n_open: not judged yet */

        struct message_peer_state *states; /* n of them, empty until the reply */
        struct peer_registrations *list;   /* NULL: not in it */
        struct peer_registration *next;
};

/* Why it is refused; the error may borrow from subject, or from the call. */
struct peer_refusal {
        struct message_error error;
        char subject[64];
};

enum {
        PEER_REGISTRATION_E_REFUSED = 1,
};

/**
 * peer_registration_new() - check all peers of a call, and make them
 * @out_refusal: written where it is refused
 *
 * Return: 0, PEER_REGISTRATION_E_REFUSED, or -ENOMEM.
 */
int peer_registration_new(const struct service_call *call, struct peers_watch *watch,
                          const struct stores *stores, struct peer_registration **out,
                          struct peer_refusal *out_refusal);

struct peer_registration *peer_registration_free(struct peer_registration *registration);

/** peer_registration_bytes() - of all its peers */
size_t peer_registration_bytes(const struct peer_registration *registration);

/** peer_registration_enter() - it waits from now on; @list frees it when it is answered */
void peer_registration_enter(struct peer_registration *registration,
                             struct peer_registrations *list);

/** peer_registration_leave() - nobody waits for this peer's first judgement any more */
void peer_registration_leave(struct peer *peer);

/** peer_registrations_end() - the watch of some is over: they are to be refused */
void peer_registrations_end(struct peer_registrations *list, const struct peers_watch *watch);

/**
 * peer_registrations_answer() - reply to those that wait for nothing more
 *
 * A reply may end its connection, and with it watches and other registrations.
 */
void peer_registrations_answer(struct peer_registrations *list);

DEFINE_CLEANUP(struct peer_registration *, peer_registration_free)
