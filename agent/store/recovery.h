/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Recovery - what an update that was interrupted has left in the store's own folder: what it had
 * committed is carried out to its end, what it had not is removed.
 */

#include "base/vec.h"
#include "store/store.h"

#include <stdbool.h>

struct own_folder;

enum recover_status {
        RECOVER_CLEAN, /* nothing was left */
        RECOVER_DONE,  /* an update that was committed has been carried out to its end */
        RECOVER_BUSY,  /* another process writes this folder now: try again */
        RECOVER_STUCK, /* an update that was committed cannot be carried out: see @reason */
};

struct recover_outcome {
        enum recover_status status;

        /*
         * STUCK: for people, with the command that mends it. The store is not ready until then:
         * neither the old list nor the new one is whole on disk.
         */
        char *reason;

        /* DONE: files that somebody else changed meanwhile and that were left alone; for the log */
        VEC(char *) foreign;
};

#define RECOVER_OUTCOME_NULL                                                                       \
        {                                                                                          \
                .status = RECOVER_CLEAN                                                            \
        }

/**
 * store_recover() - carry out what an update before a crash had committed, and remove what one had
 *                   not
 * @out: recover_outcome_deinit() it; written on success only
 *
 * To be called before the first refresh of a store, after each RECOVER_BUSY and RECOVER_STUCK, and
 * where store_update() returned a negative errno; store_update() itself begins with it. A folder in
 * which the agent has never written, it does not write either.
 *
 * Errors: what is about the agent: -ENOMEM, -EMFILE, -ENFILE. Return: 0 or a negative errno.
 */
int store_recover(const struct store_config *config, struct recover_outcome *out);

void recover_outcome_deinit(struct recover_outcome *outcome);

#define STORE_STUCK_MS 5000

/**
 * store_stay_stuck() - in place of a refresh, of a store for which recovery said RECOVER_STUCK
 * @old: the picture before, or NULL
 * @out: not ready for this reason, and to be tried again after STORE_STUCK_MS
 *
 * Return: 0 or -ENOMEM.
 */
int store_stay_stuck(const struct picture *old, const char *reason, struct store_result *out);

/**
 * recovery_finish() - the same, with the folder open and locked
 * @out: RECOVER_OUTCOME_NULL; never RECOVER_BUSY
 */
int recovery_finish(struct own_folder *folder, const struct store_config *config,
                    struct recover_outcome *out);

/**
 * recovery_describe() - why an update is stuck, for people, and how that ends
 * @is_damaged: it is the journal; else it is what failed last in the folder
 *
 * Return: 0 or -ENOMEM.
 */
int recovery_describe(const struct own_folder *folder, const char *user, bool is_damaged,
                      char **out);
