/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Store - from directories to a snapshot, as a function of values: what is configured, what was
 * known, what may have changed, and what time it is. It calls no clock, waits for nothing and
 * keeps nothing; it does disk I/O, so it runs in a job, in the store's serial lane.
 *
 * How app drives it (the other half is told in watch/dirwatch.h):
 *
 *      store_list_dirs(config)     dirwatch_add() each path, in order: the numbers agree
 *      store_refresh(config, NULL, all)                        the first picture
 *
 *      when the watch is readable, a job:
 *              dirwatch_drain(); events become hints, item by item
 *              store_refresh(config, picture, hints)
 *      after result.again_ms, counted from the end of the refresh: a job with no hints at all
 *      at each sweep (60 s; 5 s while dirwatch_is_blind(), or result.has_aliases) and each change
 *      of the mounts, a job:
 *              dirwatch_rearm(); store_refresh(config, picture, all)
 *      where a refresh failed: the same again after a moment, all
 *
 *      afterwards, on the loop: the result's picture replaces the old one; then
 *              result.not_ready        service_set_not_ready()
 *              result.change           service_publish() with the picture's snapshot
 *              result.large            large_load() in a lane of its own; then a job with it
 *              result.doubt            a doubt goes on: MaxDoubt= counts from doubt_ns; without
 *                                      one it is over
 *
 * A source whose folder is gone, or holds none of its directories, trusts nothing: what it held is
 * removed, and the reason is an entry. The snapshot still says what was known before that, and
 * before files broke, see snapshot.known.
 *
 * What cannot be read is an entry of the snapshot with the reason, and costs nothing else. A CRL
 * file that is damaged (it does not read whole, or no certificate of the store verifies it any
 * more) keeps what its last good content listed, until the path is gone or good again.
 *
 * Spec: OPC 10000-12 Annex F.1. Reading: a missing role directory is an empty one.
 */

#include "store/hint.h"
#include "store/sources.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct change;
struct large;
struct picture;
struct settings;

#define STORE_NEVER_MS INT64_C(-1)

struct store_config {
        const struct store_source *sources; /* the first is the store's own folder */
        size_t n_sources;                   /* 1.. */
        const struct settings *settings;
        const char *user; /* who we are, for the commands that mend permissions; NULL: uatrust */
};

struct store_result {
        struct picture *picture; /* never NULL; may share everything with the old one */

        /* What is to be published, or NULL: nothing. Not NULL when the store became ready. */
        struct change *change;

        char *not_ready;  /* why the store cannot be read at all, or NULL: it can */
        int64_t doubt_ns; /* monotonic: since when; INT64_MAX: there is no doubt */
        char *doubt;      /* a file of which the picture may not say what is on disk, or NULL */
        int64_t again_ms; /* when to refresh again without any event, or STORE_NEVER_MS */

        /* To be loaded and handed to a refresh, or NULL: no large file waits (store/large.h). */
        struct large *large;

        /*
         * A file may change by a name that no directory of the store has, or behind a link: no
         * watch of a directory tells of it.
         */
        bool has_aliases;
};

#define STORE_RESULT_NULL                                                                          \
        {                                                                                          \
                .again_ms = STORE_NEVER_MS, .doubt_ns = INT64_MAX                                  \
        }

/**
 * store_list_dirs() - the paths of all directories that may hold something of the store
 * @out:   free() it, one block; @out_n paths, absolute; that of number i is dir i of the hints
 *
 * Return: 0 or -ENOMEM.
 */
int store_list_dirs(const struct store_config *config, char ***out, size_t *out_n);

/**
 * store_refresh() - look at what may have changed, and say what did
 * @config: its sources must be those that @old was made with; settings may differ
 * @old:    the picture before, or NULL: there is none. Borrowed, unchanged
 * @hints:  what to look at, beside what the last refresh left to do; any order, may repeat
 * @now:    taken before this is called
 * @out:    store_result_deinit() it, or take what it holds; written on success only
 *
 * A name that is hinted is always read; at others, a file that was read and whose stamp is as
 * before is not. Any hint is one for every file that may change by another name.
 * Content of an equal SHA-256 is no change.
 *
 * Errors: what is about the agent: -ENOMEM, -EMFILE, -ENFILE; nothing has changed then. Cost: what
 * is read and decoded; where one of n files changed, O(n). Any thread, one a store.
 *
 * Return: 0 or a negative errno.
 */
int store_refresh(const struct store_config *config, const struct picture *old,
                  const struct store_hints *hints, const struct store_now *now,
                  struct store_result *out);

/** store_result_deinit() - drops what is left in it */
void store_result_deinit(struct store_result *result);
