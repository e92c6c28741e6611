/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Recorder - which refused certificates are kept for an administrator to look at, and the queue of
 * them until they are on disk. Answers never wait for it: it copies what it needs into a bounded
 * queue, and counts what comes again; app has the queue written in the store's lane
 * (store/rejected), at most once a second for what is new, once a minute for what is only counted.
 *
 * What is recorded: verdicts about certificates that were presented, for now, to a caller whom the
 * store's Recorders= allow, and that service/refusal says are due. Nothing of it ever decides a
 * verdict or makes a generation.
 *
 * Limits: a user's new records come from a bucket of RECORDER_BURST that fills with
 * RECORDER_PER_MINUTE; RECORDER_QUEUE_MAX items and RECORDER_QUEUE_BYTES_MAX wait in a store. What
 * finds no room is not recorded, and that is logged, at most once a minute.
 */

#include "proto/compiler.h"
#include "service/refusal.h"
#include "store/rejected.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct answers_item;
struct log;
struct notices;
struct recorder;
struct stores;

#define RECORDER_BURST           64 /* new records of one user at once */
#define RECORDER_PER_MINUTE      60 /* and in the long run */
#define RECORDER_USERS_MAX       1024
#define RECORDER_QUEUE_MAX       2048 /* items of one store that wait, most of them counts */
#define RECORDER_QUEUE_BYTES_MAX (4 * 1024 * 1024) /* certificates of one store that wait */

/* What a store's configuration says of it. */
struct recorder_settings {
        enum refusal_when when;
        size_t max; /* MaxRejected=: records at most, 1 to REJECTED_MAX_MAX */
};

#define RECORDER_SETTINGS_DEFAULT                                                                  \
        {                                                                                          \
                REFUSAL_UNTRUSTED, REJECTED_MAX                                                    \
        }

/* Who writes for one store; called on the loop thread. */
struct recorder_writer {
        /**
         * wake() - something waits: call recorder_take() soon
         * @is_new: within a second; else counts only: within a minute
         *
         * May be called for every answer; must cost next to nothing if it is said again.
         */
        void (*wake)(bool is_new, void *userdata);
        void *userdata;
};

struct recorder_config {
        const struct stores *stores;
        /* told of new records, of one certificate once a minute at most; NULL: nobody is */
        struct notices *notices;
        const struct log *log;
        int64_t (*now_s)(void);        /* the host's clock */
        int64_t (*monotonic_ns)(void); /* for rates */
};

/** recorder_new() - @config is copied, what it points to outlives it; Return: 0 or -ENOMEM */
int recorder_new(const struct recorder_config *config, struct recorder **out);

/** recorder_free() - takes NULL, returns NULL; the writers are gone before */
struct recorder *recorder_free(struct recorder *recorder);
DEFINE_CLEANUP(struct recorder *, recorder_free)

/** recorder_on_answer() - an answers_fn; @userdata: the recorder */
void recorder_on_answer(const struct answers_item *item, void *userdata);

/* What is known of a certificate of the rejected list. */
struct recorder_known {
        const struct rejected_record *record; /* NULL: nothing */
        int64_t last_seen, count;             /* with what is not written yet; 0: not known */
};

/** recorder_find() - what is known of a certificate; borrowed until the next call of this module */
struct recorder_known recorder_find(const struct recorder *recorder, size_t store,
                                    const uint8_t sha256[32]);

/** recorder_look() - the rejected list of a store has changed on disk: have it looked at */
void recorder_look(struct recorder *recorder, size_t store);

/** recorder_count_written() - records that were made since the start, of all stores */
int64_t recorder_count_written(const struct recorder *recorder);

/* -- for the writer: app ------------------------------------------------------------------------- */

/**
 * recorder_open() - from now on what a store has refused is recorded
 * @store:  its handle; it is woken at once, to look at what is there
 * @writer: copied
 *
 * Return: 0 or -ENOMEM.
 */
int recorder_open(struct recorder *recorder, size_t store, const struct recorder_writer *writer);

/** recorder_close() - and from now on no more; what waits is dropped, so take it before */
void recorder_close(struct recorder *recorder, size_t store);

/** recorder_set() - of an open store; defaults until then */
void recorder_set(struct recorder *recorder, size_t store,
                  const struct recorder_settings *settings);

/**
 * recorder_take() - what is to be written next
 * @wants_counts: those too of which there is nothing new but how often
 * @out:          the batch, possibly without items: then look only; recorder_settle() it
 * @out_before:   for rejected_write(): a reference, or NULL
 *
 * The writer is woken again if not all was given. Return: 1: here it is; 0: nothing is to be done;
 * or -ENOMEM, nothing was taken.
 */
int recorder_take(struct recorder *recorder, size_t store, bool wants_counts,
                  struct rejected_batch **out, struct rejected_list **out_before);

/**
 * recorder_settle() - how the writing of a batch ended
 * @outcome: its content is taken; NULL: it could not be done, @r says why
 */
void recorder_settle(struct recorder *recorder, size_t store, struct rejected_outcome *outcome,
                     int r);
