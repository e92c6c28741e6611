/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Stores - the table of the stores that the service answers for: per store its name, the snapshot
 * in force and its generation, or why there is none. Handles count up and are never used again, so
 * that a late answer about a store that is gone cannot be taken for one about its successor.
 */

#include "base/vec.h"
#include "proto/compiler.h"

#include <stdbool.h>
#include <stdint.h>

struct access;
struct snapshot;

struct store_state {
        size_t handle;
        char *name;
        char **sources; /* NULL-terminated */
        size_t n_sources;
        struct access *access; /* who may do what with it; NULL: no lists */

        struct snapshot *snap; /* NULL: nothing read yet, or not readable */
        bool is_unreadable;    /* there is none, and it is known why */
        bool is_in_doubt;      /* a change could not be read for too long */
        char *reason;          /* of either, for people; NULL: no memory for it */
        int64_t generation;    /* of snap; before the first: the floor */

        bool was_read;         /* there was a picture once */
        int64_t last_update_s; /* when its lists changed last; FRESHNESS_UNKNOWN_S */
        int64_t soonest_s;     /* see struct freshness; FRESHNESS_UNKNOWN_S: not looked at yet */
        int64_t n_problems;    /* warnings that stand, if it was */

        uint8_t hash[32];        /* snapshot_hash() of hash_generation */
        int64_t hash_generation; /* 0: not computed yet */
};

struct stores {
        VEC(struct store_state *) states; /* in order of handle */
        size_t n_given;                   /* handles so far */

        /*
         * The highest generation of a store that is gone. Later ones begin above, so that nobody
         * takes a successor of the same name for it: agentId and generation are all they have.
         */
        int64_t generation_floor;
};

void stores_deinit(struct stores *stores);

/** stores_add() - an empty state; see service_add_store(); Return: 0, -EEXIST or -ENOMEM */
int stores_add(struct stores *stores, const char *name, const char *const *sources, size_t *out);

/** stores_remove() - forget one; false if there is none */
bool stores_remove(struct stores *stores, size_t handle);

/** stores_set_reason() - why a store is unreadable or in doubt; @reason: copied; NULL: neither */
void stores_set_reason(struct store_state *state, const char *reason);

/**
 * stores_get_hash() - snapshot_hash() of the picture in force, computed once a generation
 * @state: with a snapshot
 *
 * Return: 0 with @out borrowed, or -ENOMEM.
 */
int stores_get_hash(struct store_state *state, const uint8_t **out);

/** stores_at() - the store of that handle, or NULL: gone */
struct store_state *stores_at(const struct stores *stores, size_t handle);

/** stores_find() - the store of that name, NULL standing for the default one; NULL: none */
struct store_state *stores_find(const struct stores *stores, const char *name);
