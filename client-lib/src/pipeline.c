/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline.h"

#include "door.h"
#include "proto/compiler.h"
#include "proto/names.h"

#include <string.h>
#include <sys/epoll.h>

enum {
        READS_MAX = 64, /* at a time: others want to be heard, too */
};

/* Between tries to connect where the listener's queue is full, or the listener is about to end. */
#define PAUSE_MIN_US UINT64_C(1000)
#define PAUSE_MAX_US UINT64_C(32000)

/* How long the answer to a cancelled call without a limit is waited for. */
#define CANCELLED_US (NAMES_CALL_TIMEOUT_MS * UINT64_C(1000))

/*
 * Slots.
 */

/* @before: NULL if @slot is the first. */
static void unlink_slot(struct pipeline *pipeline, struct slot *before, struct slot *slot)
{
        if (before)
                before->next = slot->next;
        else
                pipeline->first = slot->next;
        if (pipeline->last == slot)
                pipeline->last = before;
        if (pipeline->unsent == slot)
                pipeline->unsent = slot->next;
        slot->next = NULL;
}

static void fail(struct slot *slot, int r, const char *path)
{
        if (slot->is_cancelled)
                slot->rules->on_dropped(slot);
        else
                slot->rules->on_failure(slot, r, path);
}

/* Those that are put meanwhile are not meant. */
static void fail_all(struct pipeline *pipeline, int r, const char *path)
{
        struct slot *slot = pipeline->first, *next;

        pipeline->first = pipeline->last = pipeline->unsent = NULL;
        for (; slot; slot = next) {
                next = slot->next;
                slot->next = NULL;
                fail(slot, r, path);
        }
}

/* Nothing is sent yet, on the connection that comes. */
static void rewind_all(struct pipeline *pipeline)
{
        struct slot *before = NULL, *slot, *next;

        for (slot = pipeline->first; slot; slot = next) {
                next = slot->next;
                slot->n_sent = 0;
                if (slot->is_cancelled) {
                        unlink_slot(pipeline, before, slot);
                        slot->rules->on_dropped(slot);
                } else {
                        before = slot;
                }
        }
        pipeline->unsent = pipeline->first;
}

/*
 * Connecting and sending.
 */

static void close_link(struct pipeline *pipeline)
{
        link_close(&pipeline->link);
        pipeline->was_answered = pipeline->is_deaf = pipeline->has_more = false;
        pipeline->retry_us = ENGINE_NEVER;
        pipeline->pause_us = PAUSE_MIN_US;
}

static void try_later(struct pipeline *pipeline)
{
        pipeline->retry_us = engine_now_us() + pipeline->pause_us;
        pipeline->pause_us *= 2;
        if (pipeline->pause_us > PAUSE_MAX_US)
                pipeline->pause_us = PAUSE_MAX_US;
}

/* Return: 0, CONNECTION_E_AGAIN, CONNECTION_E_LOST, or a negative errno. */
static int send_unsent(struct pipeline *pipeline)
{
        struct slot *slot;

        while ((slot = pipeline->unsent)) {
                size_t n;
                int r;

                r = connection_send(&pipeline->link.connection, slot->message.data + slot->n_sent,
                                    slot->message.n - slot->n_sent, &n);
                if (r)
                        return r;

                slot->n_sent += n;
                if (slot->n_sent == slot->message.n)
                        pipeline->unsent = slot->next;
        }
        return 0;
}

/*
 * An agent that refuses a call may answer and close before it has read all of it: look for the
 * answer anyway.
 */
static void flush(struct pipeline *pipeline)
{
        int r = 0;

        if (!pipeline->is_deaf)
                r = send_unsent(pipeline);
        if (r == CONNECTION_E_LOST)
                pipeline->is_deaf = true;

        if (!r || r > 0)
                r = link_select(&pipeline->link,
                                r == CONNECTION_E_AGAIN ? EPOLLIN | EPOLLOUT : EPOLLIN);
        if (!r)
                return;

        close_link(pipeline);
        fail_all(pipeline, r, NULL);
}

static void connect_now(struct pipeline *pipeline)
{
        char tried[DOOR_PATH_MAX] = "";
        int r;

        pipeline->retry_us = ENGINE_NEVER;
        r = link_open(&pipeline->link, pipeline->door, tried);
        if (!r) {
                memcpy(pipeline->path, pipeline->link.connection.path, sizeof(pipeline->path));
                flush(pipeline);
        } else if (r == CONNECTION_E_FULL) {
                try_later(pipeline);
        } else {
                fail_all(pipeline, r, tried[0] ? tried : NULL);
        }
}

static void go_on(struct pipeline *pipeline)
{
        if (link_is_open(&pipeline->link))
                flush(pipeline);
        else if (pipeline->first && pipeline->retry_us == ENGINE_NEVER)
                connect_now(pipeline);
}

/*
 * Receiving.
 */

/* Return: 0, or why the connection is of no more use. */
static int take_reply(struct pipeline *pipeline, const char *text, size_t n)
{
        struct slot *slot = pipeline->first;
        bool is_early;

        if (!slot)
                return CONNECTION_E_GARBLED;

        is_early = slot == pipeline->unsent;
        unlink_slot(pipeline, NULL, slot);
        if (slot->is_cancelled)
                slot->rules->on_dropped(slot);
        else if (slot->rules->on_reply(slot, text, n, is_early))
                return CONNECTION_E_GARBLED;

        /* What is left of that question would be taken for the next one. */
        pipeline->was_answered = true;
        pipeline->pause_us = PAUSE_MIN_US;
        return is_early ? CONNECTION_E_LOST : 0;
}

/* Return: 0, or why the connection is of no more use. */
static int take_replies(struct pipeline *pipeline)
{
        const char *text;
        size_t n;
        int r;

        do {
                r = connection_next(&pipeline->link.connection, &text, &n);
                if (!r)
                        r = take_reply(pipeline, text, n);
        } while (!r);

        return r == CONNECTION_E_AGAIN ? 0 : r;
}

/* Until nothing is there any more, so that no call is late whose reply is. Return: as above. */
static int receive(struct pipeline *pipeline)
{
        pipeline->has_more = false;
        for (int i = 0; i < READS_MAX; i++) {
                int r;

                r = connection_receive(&pipeline->link.connection);
                if (!r)
                        r = take_replies(pipeline);
                if (r)
                        return r == CONNECTION_E_AGAIN ? 0 : r;
                if (!pipeline->first)
                        return 0;
        }
        pipeline->has_more = true;
        return 0;
}

/*
 * An agent that ends may have taken a connection, on which nothing was asked yet, from the next one,
 * which listens at the same socket.
 */
static bool is_unheard(const struct pipeline *pipeline, int r)
{
        return r == CONNECTION_E_UNHEARD || (r == CONNECTION_E_LOST && pipeline->is_deaf);
}

static void end(struct pipeline *pipeline, int r)
{
        bool was_good = r == CONNECTION_E_LOST && pipeline->was_answered;
        bool was_unheard = is_unheard(pipeline, r);
        uint64_t pause_us = pipeline->pause_us;

        close_link(pipeline);
        if (!pipeline->may_repeat || !(was_good || was_unheard)) {
                fail_all(pipeline, r, NULL);
                return;
        }

        rewind_all(pipeline);
        if (was_good)
                return;
        pipeline->pause_us = pause_us;
        try_later(pipeline);
}

static void on_ready(struct link *link)
{
        struct pipeline *pipeline = CONTAINER_OF(link, struct pipeline, link);
        int r;

        pipeline->is_receiving = true;
        r = receive(pipeline);
        pipeline->is_receiving = false;
        if (r)
                end(pipeline, r);
        go_on(pipeline);
}

/*
 * Times.
 */

static uint64_t get_due(const struct link *link)
{
        const struct pipeline *pipeline = CONTAINER_OF(link, struct pipeline, link);
        uint64_t due_us = pipeline->first ? pipeline->due_us : ENGINE_NEVER;

        return pipeline->retry_us < due_us ? pipeline->retry_us : due_us;
}

/* Return: was any of these sent, also in part? */
static bool expire(struct pipeline *pipeline, uint64_t now_us)
{
        struct slot *before = NULL, *slot, *next;
        bool was_sent = false;

        pipeline->due_us = ENGINE_NEVER;
        for (slot = pipeline->first; slot; slot = next) {
                next = slot->next;
                if (slot->deadline_us > now_us) {
                        if (slot->deadline_us < pipeline->due_us)
                                pipeline->due_us = slot->deadline_us;
                        before = slot;
                        continue;
                }

                was_sent = was_sent || slot->n_sent;
                unlink_slot(pipeline, before, slot);
                fail(slot, CONNECTION_E_TIMED_OUT, NULL);
        }
        return was_sent;
}

/* What is there already is given even after the deadline. */
static void on_due(struct link *link, uint64_t now_us)
{
        struct pipeline *pipeline = CONTAINER_OF(link, struct pipeline, link);

        if (pipeline->retry_us <= now_us)
                connect_now(pipeline);
        if (link_is_open(link))
                on_ready(link);
        if (!pipeline->has_more && expire(pipeline, now_us))
                pipeline_restart(pipeline);
}

/* Nothing is asked before the child does something with it. */
static void on_fork(struct link *link)
{
        struct pipeline *pipeline = CONTAINER_OF(link, struct pipeline, link);

        close_link(pipeline);
        if (!pipeline->may_repeat)
                fail_all(pipeline, CONNECTION_E_LOST, NULL);
        rewind_all(pipeline);
        if (pipeline->first)
                pipeline->retry_us = 0;
}

static const struct link_rules rules = { on_ready, get_due, on_due, on_fork };

/*
 * Life.
 */

void pipeline_init(struct pipeline *pipeline, struct engine *engine, const struct door *door,
                   bool may_repeat)
{
        *pipeline = (struct pipeline){ .door = door, .may_repeat = may_repeat };
        pipeline->due_us = ENGINE_NEVER;
        link_init(&pipeline->link, engine, &rules);
        close_link(pipeline);
}

void pipeline_deinit(struct pipeline *pipeline)
{
        close_link(pipeline);
        fail_all(pipeline, CONNECTION_E_LOST, NULL);
        link_deinit(&pipeline->link);
}

static void set_deadline(struct pipeline *pipeline, struct slot *slot, uint64_t deadline_us)
{
        slot->deadline_us = deadline_us;
        if (deadline_us < pipeline->due_us)
                pipeline->due_us = deadline_us;
}

void pipeline_put(struct pipeline *pipeline, struct slot *slot)
{
        if (!pipeline->first)
                pipeline->due_us = ENGINE_NEVER;
        set_deadline(pipeline, slot, slot->deadline_us);
        if (pipeline->last)
                pipeline->last->next = slot;
        else
                pipeline->first = slot;
        pipeline->last = slot;
        if (!pipeline->unsent)
                pipeline->unsent = slot;

        if (!pipeline->is_receiving)
                go_on(pipeline);
}

void pipeline_cancel(struct pipeline *pipeline, struct slot *slot)
{
        struct slot *before = NULL;

        if (slot->n_sent) {
                slot->is_cancelled = true;
                if (slot->deadline_us == ENGINE_NEVER)
                        set_deadline(pipeline, slot, engine_now_us() + CANCELLED_US);
                return;
        }

        if (pipeline->first != slot)
                for (before = pipeline->first; before->next != slot;)
                        before = before->next;
        unlink_slot(pipeline, before, slot);
        slot->rules->on_dropped(slot);
}

void pipeline_restart(struct pipeline *pipeline)
{
        close_link(pipeline);
        rewind_all(pipeline);
        go_on(pipeline);
}
