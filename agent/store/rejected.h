/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Rejected - certificates that were presented and refused, kept in the store's own folder for an
 * administrator to look at:
 *
 *      rejected/certs/<sha256>.der     the certificate
 *      rejected/certs/<sha256>.json    what is known of it: store/rejected_record.h
 *
 * Both names are the SHA-256 of the certificate in lower-case hex, so nothing in a certificate
 * chooses where something is written; both files are made beside their place under a name that
 * nobody reads, and renamed. A refusal is no promise: nothing is fsynced. Files of any other name
 * are not ours: they are neither counted nor removed.
 *
 * Functions of values like store_refresh(): they run in a job of the store's serial lane, call no
 * clock and keep nothing. What is wrong with the disk costs the record and nothing else.
 *
 * Limits: a number of records, REJECTED_BYTES_MAX. Past them one goes that store/rejected_room
 * chooses; where none may go, the new one is not kept.
 */

#include "base/vec.h"
#include "proto/compiler.h"
#include "store/rejected_list.h"
#include "store/rejected_record.h"

#include <stdbool.h>
#include <stdint.h>

struct cert;

#define REJECTED_DIR       "rejected/certs" /* below the store's own folder */
#define REJECTED_MAX       1000 /* records; a store may set others, to REJECTED_MAX_MAX */
#define REJECTED_BYTES_MAX (INT64_C(64) << 20)
#define REJECTED_BATCH_MAX 64 /* items in one job */

/*
 * Whoever removes "<sha256>.der" from REJECTED_DIR removes its record, "<sha256>.json", too. If he
 * does not, the next job does, so long after the record was written.
 */
#define REJECTED_ORPHAN_S 60

/* -- what is to be written ----------------------------------------------------------------------- */

/*
 * One certificate's refusals since the last batch. Where there is a record already, count is added,
 * lastSeen and what belongs to it take the place of what was; first_seen and first_uid stay.
 */
struct rejected_item {
        struct rejected_note note;
        /*
         * As presented, the one in question first; empty: there is a record already, and if it has
         * gone meanwhile, nothing is written.
         */
        struct schema_bytes *certificates;
        size_t n_certificates;
};

void rejected_item_deinit(struct rejected_item *item);

struct rejected_batch {
        VEC(struct rejected_item) items; /* at most REJECTED_BATCH_MAX */
        size_t max;                      /* records at most, 0 to REJECTED_MAX_MAX; 0: keep none */
        int64_t now_s;
        uint64_t lane; /* of two that write into one folder at a time each has another */
};

/** rejected_batch_free() - takes NULL; Return: NULL */
struct rejected_batch *rejected_batch_free(struct rejected_batch *batch);
DEFINE_CLEANUP(struct rejected_batch *, rejected_batch_free)

/* A record that is new: what an administrator is told. */
struct rejected_new {
        const struct cert *cert;
        struct rejected_record *record;
};

struct rejected_outcome {
        struct rejected_list *list; /* what is there now; NULL: the directory cannot be read */
        VEC(struct rejected_new) added;
        size_t n_written; /* items that are on disk now */
        size_t n_evicted; /* made room for others */
        size_t n_refused; /* found no room */
        size_t n_failed;  /* could not be written: @error */
        int error;        /* the last errno of the disk, or 0 */
};

#define REJECTED_OUTCOME_NULL                                                                      \
        {                                                                                          \
                .list = NULL                                                                       \
        }

/**
 * rejected_write() - look at what is there, then write a batch
 * @root:   the store's own folder, absolute
 * @before: what the last call found; NULL: nothing is known
 * @batch:  borrowed; without items: only look, nothing is written
 * @out:    rejected_outcome_deinit() it, or take what it holds; written on success only
 *
 * Makes REJECTED_DIR where it is missing and something is to be written. A note whose stamp is as
 * before is not read again.
 *
 * Errors: what is about the agent: -ENOMEM, -EMFILE, -ENFILE; part may have been written. What is
 * about the disk is in @out. Cost: a system call a file that is there; what is written. Any thread,
 * one a store. Return: 0 or a negative errno.
 */
int rejected_write(const char *root, const struct rejected_list *before,
                   const struct rejected_batch *batch, struct rejected_outcome *out);

/** rejected_outcome_deinit() - drops what is left in it */
void rejected_outcome_deinit(struct rejected_outcome *outcome);
