/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Journal - several files of the store's own folder changed as one: after kill -9 or a power cut
 * either none of them is changed or all are.
 *
 *      journal_stage()         for each file: what it is to hold, under a name that nobody reads
 *      journal_check()         is every file still what it was? Then
 *      journal_commit()        the list of them all, fsynced, renamed to JOURNAL_NAME: from now on
 *                              it is done, whatever happens
 *      journal_carry_out()     renames and removals, fsynced; then the list is removed
 *
 *      journal_drop()          in place of the last: nothing was ever changed
 *      journal_load()          what somebody committed and did not carry out
 *      journal_sweep()         what somebody staged and did not commit is removed
 *
 * Everybody else may change files at any time. What is neither as it was before nor as it is to be
 * is somebody's who came later: it stays, and is told.
 */

#include "base/vec.h"
#include "pki/bytes.h"
#include "proto/compiler.h"
#include "store/journal_text.h"
#include "store/own_folder.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JOURNAL_NAME ".uatrust-journal"

struct layout;

enum {
        JOURNAL_E_FAILED = OWN_FOLDER_E_FAILED, /* own_folder_describe() says what */
        JOURNAL_E_NONE,                         /* nothing is committed */
        JOURNAL_E_DAMAGED,                      /* what is there was not written by us */
        JOURNAL_E_CONFLICT,
};

struct journal_texts {
        VEC(char *) list;
};

void journal_texts_deinit(struct journal_texts *texts);

/**
 * journal_stage() - one file more
 * @op:      copied, but for @after, which is computed
 * @content: what it is to hold, if op->has_after
 * @like:    see own_folder_write()
 *
 * Return: 0, JOURNAL_E_FAILED, or a negative errno that is about us, as of all functions here.
 */
int journal_stage(struct journal *journal, struct own_folder *folder, const struct journal_op *op,
                  struct bytes content, const struct own_folder_file *like);

/** journal_check() - JOURNAL_E_CONFLICT with @out_at: the first file that is not as before */
int journal_check(const struct journal *journal, struct own_folder *folder, size_t *out_at);

/**
 * journal_commit() - from its success on the journal is to be carried out; after a failure it is to
 * be dropped
 */
int journal_commit(const struct journal *journal, struct own_folder *folder);

/**
 * journal_carry_out() - do what is not done yet
 * @foreign: paths of files that somebody else changed and that were left alone are added
 *
 * After a failure: the same again, by whoever comes next.
 */
int journal_carry_out(const struct journal *journal, struct own_folder *folder,
                      struct journal_texts *foreign);

/**
 * journal_drop() - remove what was staged
 *
 * A failure may be that of removing a journal that is in force after all: it is to be carried out.
 */
int journal_drop(const struct journal *journal, struct own_folder *folder);

/** journal_load() - Return: also JOURNAL_E_NONE, JOURNAL_E_DAMAGED */
int journal_load(struct own_folder *folder, struct journal *out);

/** journal_sweep() - remove what was staged, from all directories of the layout */
int journal_sweep(struct own_folder *folder, const struct layout *layout);
