/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Peer - who is watched, as the caller gave it, and what was told of it last. The peers of a watch
 * are found by key, and stand in one list each, by what is to be done with them.
 */

#include "proto/compiler.h"
#include "proto/message_peers.h"

#include <stdbool.h>
#include <stdint.h>

enum peer_state {
        PEER_FRESH,   /* to be registered */
        PEER_SENT,    /* being registered */
        PEER_WATCHED, /* news of it count */
        PEER_HELD, /* as before; the agent has not read its store yet, which is not told at once */
        PEER_REFUSED, /* the agent does not want it; to be tried again */
        PEER_REMOVED, /* to be unregistered; its key may be another one's already */
        PEER_LEAVING, /* being unregistered */
        PEER_STATES,
};

struct peer {
        struct message_peer m; /* owned */
        void *userdata;
        enum peer_state state;
        struct peer *next_of_bucket;
        struct peer *before, *next; /* in the list of its state */
        int64_t seq;                /* of the agent's watch of now; 0: nothing came yet */
        const char *cause;          /* as told last, a literal */
        int64_t status_code;
        int refusal;      /* as told last, an enum uatrust_code; 0: none */
        bool was_refused; /* since the agent came; told if it happens again */
        struct message_peer_news
                early; /* that came before the reply that makes it count; key NULL: none */
};

struct peer_list {
        struct peer *first, *last;
        size_t n;
};

struct peers {
        struct peer_list lists[PEER_STATES];
        struct peer **buckets; /* n_buckets, a power of two; NULL: none yet */
        size_t n_buckets, n;   /* of those that are found by key */
        uint64_t secret[2];
};

/** peers_init() - empty */
void peers_init(struct peers *peers);
void peers_deinit(struct peers *peers);

/**
 * peers_add() - a fresh one, told to be good
 * @m: copied
 *
 * One that has its key is forgotten.
 *
 * Return: 0 or -ENOMEM.
 */
int peers_add(struct peers *peers, const struct message_peer *m, void *userdata);

/** peers_find() - Return: NULL if no peer that is not removed has this key */
struct peer *peers_find(const struct peers *peers, const char *key);

/**
 * peers_remove() - find it no more; what the agent knows of becomes PEER_REMOVED, else it is gone
 */
void peers_remove(struct peers *peers, struct peer *peer);

/** peers_move() - to the end of the list of @state */
void peers_move(struct peers *peers, struct peer *peer, enum peer_state state);

/** peers_move_all() - before those that are in the list of @to */
void peers_move_all(struct peers *peers, enum peer_state from, enum peer_state to);

/** peers_forget() - all in the list of @state, which are removed */
void peers_forget(struct peers *peers, enum peer_state state);

/** peers_renew() - another agent, or another watch of it, knows none of them */
void peers_renew(struct peers *peers);

/** peer_take_early() - keep @news, whose content is taken, if it is newer than what is kept */
void peer_take_early(struct peer *peer, struct message_peer_news *news);
