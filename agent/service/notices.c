/* SPDX-License-Identifier: Apache-2.0 */
#include "service/notices.h"

#include "base/vec.h"
#include "proto/message_peers.h"
#include "proto/names.h"
#include "service/access.h"
#include "service/caller.h"
#include "service/listeners.h"
#include "service/stores.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A warning that stands. Numbers count up: who was told of one was told of all before it. */
struct standing {
        int64_t number;
        struct message_warning warning;
};

struct notices {
        struct listeners subscribers;
        VEC(struct standing) standing; /* in order of number */
        int64_t last_number;
};

struct notices_subscriber {
        struct listener listener;
        notices_fn fn;
        void *userdata;
};

/* One MonitorNotices call. */
struct reader {
        struct service_pending pending;
        struct service_call call; /* without in; its caller is our own */
        struct notices *notices;
        const struct stores *stores;
        struct notices_subscriber *subscriber;
        VEC(char *) wanted; /* names; none where wants_all */
        bool wants_all;
        bool is_paused;
        int64_t told_number; /* warnings up to this one were told */
        int64_t missed;
};

int notices_new(struct notices **out)
{
        struct notices *notices = calloc(1, sizeof(*notices));

        if (!notices)
                return -ENOMEM;

        listeners_init(&notices->subscribers);
        *out = notices;
        return 0;
}

struct notices *notices_free(struct notices *notices)
{
        if (!notices)
                return NULL;

        assert(!notices->subscribers.first);
        for (size_t i = 0; i < notices->standing.n; i++)
                schema_deinit(&message_warning_schema, &notices->standing.items[i].warning);
        VEC_FREE(&notices->standing);
        free(notices);
        return NULL;
}

/*
 * -- telling ------------------------------------------------------------------------------------
 */

static void tell(struct notices *notices, const struct notice *notice)
{
        struct listener *listener = listeners_first(&notices->subscribers);

        for (; listener; listener = listeners_next(&notices->subscribers)) {
                struct notices_subscriber *told =
                        CONTAINER_OF(listener, struct notices_subscriber, listener);

                told->fn(notice, told->userdata);
        }
}

static bool is_equal(const char *a, const char *b)
{
        return a == b || (a && b && strcmp(a, b) == 0);
}

static bool is_about_the_same(const struct message_warning *a, const struct message_warning *b)
{
        return is_equal(a->sha256, b->sha256) && is_equal(a->list, b->list) &&
               is_equal(a->kind, b->kind) && is_equal(a->store, b->store);
}

static size_t find_standing(const struct notices *notices, const struct message_warning *warning)
{
        const struct standing *items = notices->standing.items;
        size_t i = 0;

        while (i < notices->standing.n && !is_about_the_same(&items[i].warning, warning))
                i++;
        return i;
}

static struct message_warning take_standing(struct notices *notices, size_t i)
{
        struct standing *items = notices->standing.items;
        struct message_warning warning = items[i].warning;

        notices->standing.n--;
        memmove(items + i, items + i + 1, (notices->standing.n - i) * sizeof(*items));
        return warning;
}

/* In place of the one before of the same subject. Return: 0 or -ENOMEM: as it was. */
static int put_standing(struct notices *notices, const struct message_warning *warning)
{
        struct standing standing = { .number = notices->last_number + 1 };
        struct message_warning before;
        size_t i;
        int r;

        r = VEC_RESERVE(&notices->standing, 1);
        if (!r)
                r = schema_copy(&message_warning_schema, warning, &standing.warning);
        if (r)
                return r;

        notices->last_number++;
        i = find_standing(notices, warning);
        if (i < notices->standing.n) {
                before = take_standing(notices, i);
                schema_deinit(&message_warning_schema, &before);
        }
        if (notices->standing.n < NOTICES_STANDING_MAX)
                notices->standing.items[notices->standing.n++] = standing;
        else
                schema_deinit(&message_warning_schema, &standing.warning);
        return 0;
}

/* It is told once more as it stood. */
static void end_standing(struct notices *notices, const struct message_warning *warning)
{
        size_t i = find_standing(notices, warning);
        struct message_warning before;

        if (i == notices->standing.n)
                return;

        before = take_standing(notices, i);
        before.is_over = true;
        before.time = warning->time;
        before.generation = warning->generation;
        tell(notices, &(struct notice){ .warning = &before });
        schema_deinit(&message_warning_schema, &before);
}

int notices_warning(struct notices *notices, const struct message_warning *warning)
{
        int r = 0;

        if (warning->is_over) {
                end_standing(notices, warning);
                return 0;
        }

        r = put_standing(notices, warning);
        if (!r)
                tell(notices, &(struct notice){ .warning = warning });
        return r;
}

void notices_rejected(struct notices *notices, const struct message_rejected *rejected)
{
        tell(notices, &(struct notice){ .rejected = rejected });
}

void notices_audit(struct notices *notices, const struct message_audit_event *event)
{
        tell(notices, &(struct notice){ .audit = event });
}

/*
 * -- listening ----------------------------------------------------------------------------------
 */

int notices_subscribe(struct notices *notices, notices_fn fn, void *userdata,
                      struct notices_subscriber **out)
{
        struct notices_subscriber *subscriber = malloc(sizeof(*subscriber));

        if (!subscriber)
                return -ENOMEM;

        *subscriber = (struct notices_subscriber){ .fn = fn, .userdata = userdata };
        listeners_add(&notices->subscribers, &subscriber->listener);
        *out = subscriber;
        return 0;
}

struct notices_subscriber *notices_unsubscribe(struct notices_subscriber *subscriber)
{
        if (subscriber)
                listeners_remove(&subscriber->listener);
        free(subscriber);
        return NULL;
}

size_t notices_count_standing(const struct notices *notices)
{
        return notices->standing.n;
}

const struct message_warning *notices_get_standing(const struct notices *notices, size_t i)
{
        return &notices->standing.items[i].warning;
}

/*
 * -- MonitorNotices -----------------------------------------------------------------------------
 */

static struct reader *reader_free(struct reader *reader)
{
        if (!reader)
                return NULL;

        notices_unsubscribe(reader->subscriber);
        caller_unref((struct caller *)reader->call.caller);
        for (size_t i = 0; i < reader->wanted.n; i++)
                free(reader->wanted.items[i]);
        VEC_FREE(&reader->wanted);
        free(reader);
        return NULL;
}

DEFINE_CLEANUP(struct reader *, reader_free)

/* What is about no store is about the host, and everybody's. */
static bool wants(const struct reader *reader, const char *store)
{
        const struct store_state *state;

        if (!store[0])
                return true;

        state = stores_find(reader->stores, store);
        if (state && !access_may_read(reader->call.caller, state->access))
                return false;
        if (reader->wants_all)
                return true;

        for (size_t i = 0; i < reader->wanted.n; i++)
                if (strcmp(reader->wanted.items[i], store) == 0)
                        return true;
        return false;
}

static const char *store_of(const struct notice *notice)
{
        if (notice->warning)
                return notice->warning->store;
        return notice->rejected ? notice->rejected->store : notice->audit->store;
}

static void send(struct reader *reader, const struct notice *notice)
{
        const struct message_monitor_notices_reply out = {
                .warning = (struct message_warning *)notice->warning,
                .rejected = (struct message_rejected *)notice->rejected,
                .audit = (struct message_audit_event *)notice->audit,
                .missed = reader->missed ? reader->missed : SCHEMA_INT_ABSENT,
        };

        reader->missed = 0;
        reader->call.reply(&(struct service_reply){ .out = &out, .continues = true },
                           reader->call.userdata);
}

/* Those that were not told yet. The reader may be too slow in the middle, and go on here later. */
static void send_standing(struct reader *reader)
{
        const struct notices *notices = reader->notices;

        for (size_t i = 0; i < notices->standing.n && !reader->is_paused; i++) {
                const struct standing *standing = &notices->standing.items[i];

                if (standing->number <= reader->told_number)
                        continue;
                reader->told_number = standing->number;
                if (wants(reader, standing->warning.store))
                        send(reader, &(struct notice){ .warning = &standing->warning });
        }
}

static void on_notice(const struct notice *notice, void *userdata)
{
        struct reader *reader = userdata;

        if (!wants(reader, store_of(notice)))
                return;

        if (!reader->is_paused) {
                if (notice->warning)
                        reader->told_number = reader->notices->last_number;
                send(reader, notice);
                return;
        }
        if (notice->warning && !notice->warning->is_over)
                return; /* it stands, and is told on resume */

        reader->missed++;
        if (notice->warning)
                reader->told_number = 0;
}

static void on_cancel(struct service_pending *pending)
{
        reader_free(CONTAINER_OF(pending, struct reader, pending));
}

static void on_pause(struct service_pending *pending)
{
        CONTAINER_OF(pending, struct reader, pending)->is_paused = true;
}

static void on_resume(struct service_pending *pending)
{
        struct reader *reader = CONTAINER_OF(pending, struct reader, pending);

        reader->is_paused = false;
        if (reader->missed)
                send(reader, &(struct notice){ 0 });
        send_standing(reader);
}

/* Return: 0, -ENOMEM, or 1: the call was refused. */
static int read_wanted(struct reader *reader, const struct stores *stores,
                       const struct message_monitor_notices *in)
{
        if (in->n_stores > NAMES_STORES_MAX) {
                service_call_refuse(&reader->call, STATUS_E_BAD_REQUEST, "stores",
                                    "holds more than 64 names");
                return 1;
        }

        reader->wants_all = !in->stores;
        for (size_t i = 0; i < in->n_stores; i++) {
                CLEANUP(freep) char *name = strdup(in->stores[i]);

                if (!stores_find(stores, in->stores[i])) {
                        service_call_refuse(&reader->call, STATUS_E_NO_SUCH_STORE, in->stores[i],
                                            NULL);
                        return 1;
                }
                if (!name || VEC_PUSH(&reader->wanted, name))
                        return -ENOMEM;
                (void)TAKE(name);
        }
        return 0;
}

struct service_pending *notices_call(struct notices *notices, const struct stores *stores,
                                     const struct service_call *call)
{
        CLEANUP(reader_freep) struct reader *reader = calloc(1, sizeof(*reader));
        int r;

        if (!reader) {
                service_call_refuse(call, STATUS_E_BUSY, NULL, NULL);
                return NULL;
        }

        reader->pending = (struct service_pending){ on_cancel, on_pause, on_resume };
        reader->call = *call;
        reader->call.in = NULL;
        reader->call.caller = caller_ref(call->caller);
        reader->notices = notices;
        reader->stores = stores;
        r = read_wanted(reader, stores, call->in);
        if (!r)
                r = notices_subscribe(notices, on_notice, reader, &reader->subscriber);
        if (r < 0)
                service_call_refuse(call, STATUS_E_BUSY, NULL, NULL);
        if (r)
                return NULL;

        send_standing(reader);
        return &TAKE(reader)->pending;
}
