/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Keeper scenes - a keeper whose time, store and service are the test's own: refreshes and updates
 * do what the scene says, and the service notes what it is told. The directory and its watch are
 * real, so others who write into the folders above it may cause refreshes that find nothing.
 */

#include "app/keeper.h"
#include "harness/fake_loop.h"
#include "harness/tree.h"

#define KEEPER_SCENE_MAX_DOUBT_MS 150

struct scene {
        struct tree *tree;
        struct settings *settings;
        const struct access *access;
        struct keeper_host host;
        struct keeper *keeper;

        /* the refreshes */
        unsigned int n_refreshes, n_all, n_hints;
        int fail_with;
        bool is_in_doubt, is_not_ready, has_aliases;
        int64_t doubt_ns;        /* since when */
        void (*meanwhile)(void); /* called while the next one reads; or NULL */

        /* the updates */
        unsigned int n_recoveries, n_updates;
        bool is_stuck;
        int update_fails_with;
        bool is_update_unread; /* done, and not read back */
        unsigned int n_ended, n_published_before, n_cancelled;
        int ended_with;

        /* what the service was told */
        unsigned int n_published, n_not_ready, n_doubts, n_read, n_gone;
        unsigned int n_refuse; /* so many publications fail */
        bool is_added, is_doubtful;
        int64_t last_update_s;
        char *doubt;
};

extern struct scene scene;

/* For cmocka. */
int keeper_set_up(void **state);
int keeper_tear_down(void **state);

/* A keeper of the tree's root. */
void start(void);
void start_settled(void);

/* A keeper of the folder "store" in the tree, settled. */
void start_below(void);

/* Return: as keeper_update(). */
int ask_for_update(void);

#define KEEPER_TEST(fn) cmocka_unit_test_setup_teardown(fn, keeper_set_up, keeper_tear_down)
