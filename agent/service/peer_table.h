/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Peer table - the peers of one watch by their keys, and in the order in which they came, in which
 * they lie in memory too. Keys are strangers' choice: they are placed by
 * their SHA-256, so that nobody can pile them up.
 */

#include "engine/cause.h"
#include "engine/footprint.h"
#include "proto/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct peer_lane;
struct peer_question;
struct peer_registration;
struct peers_watch;

#define PEER_NO_STORE SIZE_MAX

/* Of the loop thread only. */
struct peer {
        unsigned int n_refs;
        struct peer_question *question;
        struct peers_watch *watch; /* NULL: watched no more */

        /* what was told last, by the reply of RegisterPeers or by news */
        struct peer_registration *registration; /* that waits for its first judgement, or NULL */
        bool is_told;
        enum cause cause;
        uint32_t status;
        int64_t seq, generation;

        size_t store; /* its handle; PEER_NO_STORE: there was none when it was looked for */
        struct footprint footprint; /* of its last judgement; everything, where there was none */
        bool was_good;              /* once, since it is watched and its store was last read anew */
        bool is_owed;               /* it has news that its reader was too slow for */
        int64_t due_s; /* to be judged again then; INT64_MAX: time alone changes nothing */

        /* of its lane */
        struct peer *next_queued;
        bool is_queued;

        /* of the table */
        uint64_t hash;
        struct peer *next_in_bucket;
        struct peer *next, *prev; /* as they came */
};

struct peer_table {
        struct peer **buckets;
        size_t n_buckets; /* 0, or a power of two */
        size_t n;
        struct peer *first, *last;
};

/** peer_new() - with one reference; @question: takes a reference of its own; Return: 0 or -ENOMEM */
int peer_new(struct peer_question *question, struct peer **out);
struct peer *peer_ref(struct peer *peer);
struct peer *peer_unref(struct peer *peer);

/** peer_table_reserve() - room for @n_more peers; Return: 0 or -ENOMEM */
int peer_table_reserve(struct peer_table *table, size_t n_more);

/** peer_table_put() - room was reserved, and none of this key is there; takes the reference */
void peer_table_put(struct peer_table *table, struct peer *peer);

/** peer_table_take() - out of the table with it; Return: its reference; NULL: no such key, or -ENOMEM */
struct peer *peer_table_take(struct peer_table *table, const char *key);

/** peer_table_next() - each of them, in the order of coming; NULL after the last; @peer: the one before, or NULL */
struct peer *peer_table_next(const struct peer_table *table, const struct peer *peer);

/** peer_table_deinit() - what is left in it was given to somebody else */
void peer_table_deinit(struct peer_table *table);

DEFINE_CLEANUP(struct peer *, peer_unref)
