/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Answers - every verdict that is given at any door, told once each to those that keep account of
 * them: statistics, the record of rejected certificates. (Audit comes before: its EventId is in the
 * reply.) Whether it was judged for this very question, was known, or is a finished reply that a
 * door gives once more, makes no difference to what happened.
 *
 * Not told: what was asked for another moment (`at`), errors, the news of watched peers.
 *
 * A reply that a door keeps is told without its words, for it costs a few nanoseconds only. It can
 * be counted all the same: none is kept but what is Good without a suppressed finding, since any
 * other has an EventId of its own.
 */

#include <stdbool.h>
#include <stddef.h>

struct caller;
struct message_validate;
struct message_verdict;
struct store_state;

#define ANSWERS_LISTENERS_MAX 4

enum answers_how {
        ANSWERS_JUDGED_INLINE, /* on the loop thread */
        ANSWERS_JUDGED_BY_JOB,
        ANSWERS_KNOWN, /* the same question's verdict still held */
        ANSWERS_KEPT,  /* a door gave its finished reply once more */
};

/* All of it is borrowed for the call. */
struct answers_item {
        enum answers_how how;
        const struct store_state *state; /* the store that was asked */
        const struct caller *caller;
        bool is_presented; /* by the caller; else he named one of the store's certificates */

        /* Of ANSWERS_KEPT both are NULL: it is Good, and has no suppressed finding. */
        const struct message_validate *in;
        const struct message_verdict *verdict; /* as it is replied, with its auditEventId */
};

/**
 * answers_fn - a verdict is about to be replied; on the loop thread, before the door has it
 *
 * Must neither block nor call the service.
 */
typedef void (*answers_fn)(const struct answers_item *item, void *userdata);

struct answers {
        struct {
                answers_fn fn;
                void *userdata;
        } listeners[ANSWERS_LISTENERS_MAX];
        size_t n_listeners;
};

/** answers_listen() - one more listener, for good; they are told in the order of coming */
void answers_listen(struct answers *answers, answers_fn fn, void *userdata);

/** answers_tell() - by whoever gives the verdict, once */
void answers_tell(const struct answers *answers, const struct answers_item *item);
