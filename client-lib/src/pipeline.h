/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Pipeline - questions sent one after the other on one connection, and their answers, which come in
 * the same order. It connects when there is something to ask, and again when the agent was away.
 *
 * A connection that gave a reply before it was lost was good: what was asked on it is asked again,
 * if it may be. So a call that ends the agent is not asked for ever. What was never read is asked
 * again, within its time: an agent that ends takes connections along. One that ran out of time takes
 * the connection with it, as its reply may still come; those behind it are asked again, within
 * their own time.
 */

#include "engine.h"
#include "proto/buf.h"

struct door;
struct slot;

/* What becomes of a question. It is out of the pipeline already, and may be put or freed. */
struct slot_rules {
        /*
         * on_reply() - one message came
         * @is_early: before we had sent all of the question: only an error can be right
         *
         * Return: 0, or CONNECTION_E_GARBLED: it is none, and no later one can be trusted either.
         */
        int (*on_reply)(struct slot *slot, const char *text, size_t n, bool is_early);

        /*
         * on_failure() - there will be none; @r: CONNECTION_E_* or a negative errno; @path: NULL:
         * none
         */
        void (*on_failure)(struct slot *slot, int r, const char *path);

        /* on_dropped() - it was cancelled, and its place is needed no more */
        void (*on_dropped)(struct slot *slot);
};

struct slot {
        const struct slot_rules *rules;
        struct slot *next;
        struct buf message; /* with its NUL; kept until the reply, to be sent again */
        size_t n_sent;
        uint64_t deadline_us; /* ENGINE_NEVER: none */
        bool is_cancelled;
};

struct pipeline {
        struct link link;
        const struct door *door;
        struct slot *first; /* in order, to */
        struct slot *last;
        struct slot *unsent; /* of those, the first that is not sent wholly; NULL: none */
        bool may_repeat;     /* are questions the same if asked twice? */
        bool was_answered;   /* on this connection */
        bool is_deaf;        /* the agent takes nothing more, but may have answered */
        bool has_more;       /* to be read: no time is over before it was */
        bool is_receiving;   /* what is put is sent afterwards */
        uint64_t retry_us;   /* when to connect again; ENGINE_NEVER */
        uint64_t pause_us;   /* between two tries */
        uint64_t due_us;     /* not later than the first deadline */
        char path[CONNECTION_PATH_MAX]; /* where it is, or was, connected */
};

void pipeline_init(struct pipeline *pipeline, struct engine *engine, const struct door *door,
                   bool may_repeat);

/** pipeline_deinit() - every slot fails with CONNECTION_E_LOST, or is dropped */
void pipeline_deinit(struct pipeline *pipeline);

/** pipeline_put() - @slot, zero but for rules, message and deadline, is sent when it can be */
void pipeline_put(struct pipeline *pipeline, struct slot *slot);

/** pipeline_cancel() - @slot is dropped now, or when its reply came */
void pipeline_cancel(struct pipeline *pipeline, struct slot *slot);

/** pipeline_restart() - connect anew, and ask again what is under way */
void pipeline_restart(struct pipeline *pipeline);
