/* SPDX-License-Identifier: Apache-2.0 */
#include "service/service.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/vec.h"
#include "proto/names.h"
#include "service/answers.h"
#include "service/caller.h"
#include "service/feed.h"
#include "service/judge.h"
#include "service/lists.h"
#include "service/lookup.h"
#include "service/monitor.h"
#include "service/reading.h"
#include "service/report.h"
#include "service/stores.h"
#include "trust/change.h"
#include "trust/snapshot.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Questions that wait for a store's first snapshot; beyond these, Busy. */
#define WAITERS_MAX 1024

struct service {
        struct service_config config;
        char *agent_id;
        struct stores stores;
        struct feed *feed;
        struct answers answers;
        struct notices *notices;
        struct judge *judge;
        struct reading *reading;
        VEC(struct waiter *) waiters; /* in order of arrival; those that were answered are out */
};

/*
 * A question about a store that is being read for the first time. Once answered it is a mere
 * handle.
 */
struct waiter {
        struct service_pending pending;
        struct service *service;
        size_t store;
        int64_t deadline_ns;
        struct service_call call; /* its in and caller are our own */
        service_reply_fn reply;   /* the door's */
        void *userdata;
        struct service_pending *inner; /* after the wait: who answers later */
        /* while the question is put anew: a reply may come at once */
        bool is_asking, is_answered;
};

/*
 * -- life ---------------------------------------------------------------------------------------
 */

int service_new(const struct service_config *config, struct service **out)
{
        CLEANUP(service_freep) struct service *service = calloc(1, sizeof(*service));
        struct judge_config judge;
        int r;

        if (!service)
                return -ENOMEM;

        service->config = *config;
        service->agent_id = strdup(config->agent_id);
        if (!service->agent_id)
                return -ENOMEM;

        r = feed_new(&service->feed);
        if (!r)
                r = notices_new(&service->notices);
        if (r)
                return r;

        judge = (struct judge_config){
                .agent_id = service->agent_id,
                .stores = &service->stores,
                .answers = &service->answers,
                .executor = config->executor,
                .log = config->log,
                .now_s = config->now_s,
                .at_least_s = config->at_least_s,
        };
        r = judge_new(&judge, &service->judge);
        if (!r)
                r = reading_new(&(struct reading_config){ .agent_id = service->agent_id,
                                                          .executor = config->executor,
                                                          .lane = config->lane },
                                &service->reading);
        if (r)
                return r;

        *out = TAKE(service);
        return 0;
}

static struct waiter *waiter_free(struct waiter *waiter);

struct service *service_free(struct service *service)
{
        if (!service)
                return NULL;

        while (service->waiters.n > 0)
                waiter_free(service->waiters.items[service->waiters.n - 1]);
        VEC_FREE(&service->waiters);
        reading_free(service->reading);
        judge_free(service->judge);
        notices_free(service->notices);
        feed_free(service->feed);
        stores_deinit(&service->stores);
        free(service->agent_id);
        free(service);
        return NULL;
}

const char *service_agent_id(const struct service *service)
{
        return service->agent_id;
}

/*
 * -- waiting ------------------------------------------------------------------------------------
 */

static void leave_queue(struct waiter *waiter)
{
        struct service *service = waiter->service;

        for (size_t i = 0; i < service->waiters.n; i++) {
                struct waiter **at = service->waiters.items + i;

                if (*at != waiter)
                        continue;
                service->waiters.n--;
                memmove(at, at + 1, (service->waiters.n - i) * sizeof(*at));
                return;
        }
}

static const struct schema *schema_in(enum message_method method)
{
        return message_get_method(method)->in;
}

static struct waiter *waiter_free(struct waiter *waiter)
{
        if (!waiter)
                return NULL;

        leave_queue(waiter);
        if (waiter->call.in)
                schema_deinit(schema_in(waiter->call.method), (void *)waiter->call.in);
        free((void *)waiter->call.in);
        caller_unref((struct caller *)waiter->call.caller);
        free(waiter);
        return NULL;
}

DEFINE_CLEANUP(struct waiter *, waiter_free)

static void on_waiter_cancel(struct service_pending *pending)
{
        struct waiter *waiter = CONTAINER_OF(pending, struct waiter, pending);

        service_cancel(waiter->inner);
        waiter_free(waiter);
}

/* The door's function comes last: it may end the connection, and with it this waiter. */
static void on_waiter_reply(const struct service_reply *reply, void *userdata)
{
        struct waiter *waiter = userdata;
        service_reply_fn forward = waiter->reply;
        void *forward_to = waiter->userdata;

        if (waiter->is_asking)
                waiter->is_answered = true;
        else
                waiter_free(waiter);
        forward(reply, forward_to);
}

static int make_waiter(struct service *service, const struct store_state *state,
                       const struct service_call *call, struct waiter **out)
{
        const struct schema *schema = schema_in(call->method);
        CLEANUP(waiter_freep) struct waiter *waiter = calloc(1, sizeof(*waiter));
        CLEANUP(freep) void *in = malloc(schema->size_bytes);
        int r;

        if (!waiter || !in)
                return -ENOMEM;

        waiter->pending.cancel = on_waiter_cancel;
        waiter->service = service;
        waiter->store = state->handle;
        waiter->deadline_ns = clock_monotonic_ns() + NAMES_STORE_WAIT_MS * INT64_C(1000000);
        waiter->call.method = call->method;
        waiter->reply = call->reply;
        waiter->userdata = call->userdata;

        r = schema_copy(schema, call->in, in);
        if (r)
                return r;

        waiter->call.in = TAKE(in);
        waiter->call.caller = caller_ref(call->caller);
        waiter->call.reply = on_waiter_reply;
        waiter->call.userdata = waiter;
        *out = TAKE(waiter);
        return 0;
}

static struct service_pending *wait_for_store(struct service *service,
                                              const struct store_state *state,
                                              const struct service_call *call)
{
        CLEANUP(waiter_freep) struct waiter *waiter = NULL;
        int r = -EBUSY;

        if (service->waiters.n < WAITERS_MAX)
                r = make_waiter(service, state, call, &waiter);
        if (!r)
                r = VEC_PUSH(&service->waiters, waiter);
        if (r) {
                service_call_refuse(call, STATUS_E_BUSY, NULL, NULL);
                return NULL;
        }
        return &TAKE(waiter)->pending;
}

static struct service_pending *ask(struct service *service, const struct store_state *state,
                                   const struct service_call *call);

/* Its store is there now, or will not be. */
static void end_wait(struct waiter *waiter, const char *reason)
{
        struct service *service = waiter->service;
        const struct store_state *state = stores_at(&service->stores, waiter->store);

        leave_queue(waiter);
        if (!state) {
                service_call_refuse(&waiter->call, STATUS_E_NO_SUCH_STORE, NULL, NULL);
                return;
        }
        if (!state->snap) {
                service_call_refuse(&waiter->call, STATUS_E_STORE_NOT_READY, state->name, reason);
                return;
        }

        waiter->is_asking = true;
        waiter->inner = ask(service, state, &waiter->call);
        waiter->is_asking = false;
        if (waiter->is_answered)
                waiter_free(waiter);
}

/* Answering may end connections, and with them other waiters: each time the first that is left. */
static void end_waits(struct service *service, size_t store, const char *reason)
{
        size_t i = 0;

        while (i < service->waiters.n) {
                if (service->waiters.items[i]->store == store) {
                        end_wait(service->waiters.items[i], reason);
                        i = 0;
                } else {
                        i++;
                }
        }
}

void service_tick(struct service *service)
{
        int64_t now_ns = clock_monotonic_ns();

        while (service->waiters.n > 0 && service->waiters.items[0]->deadline_ns <= now_ns)
                end_wait(service->waiters.items[0], "is still being read");
}

/*
 * -- stores -------------------------------------------------------------------------------------
 */

int service_add_store(struct service *service, const char *name, const char *const *sources,
                      size_t *out)
{
        return stores_add(&service->stores, name, sources, out);
}

/*
 * A new generation: the swap first, then everybody is told. Verdicts of the old one are no longer
 * found, since the generation is part of their key. Return: 0, or -ENOMEM, in which case nothing
 * has changed.
 */
static int begin_generation(struct service *service, struct store_state *state,
                            const struct snapshot *snap, const struct change *change)
{
        struct snapshot *before;
        struct message_event event;
        int r;

        state->generation++;
        r = report_event(NAMES_EVENT_CHANGED, state, service->agent_id, change, &event);
        if (r) {
                state->generation--;
                schema_deinit(&message_event_schema, &event);
                return r;
        }

        before = state->snap;
        state->snap = snap ? snapshot_ref(snap) : NULL;
        snapshot_unref(before);
        judge_forget(service->judge, state);
        feed_tell(service->feed, state->handle, &event);
        schema_deinit(&message_event_schema, &event);
        return 0;
}

int service_publish(struct service *service, size_t store, const struct snapshot *snap,
                    const struct change *change)
{
        struct store_state *state = stores_at(&service->stores, store);
        int r;

        if (state->snap && !change->is_generation) {
                snapshot_unref(state->snap);
                state->snap = snapshot_ref(snap);
                return 0;
        }

        r = begin_generation(service, state, snap, change);
        if (r)
                return r;

        if (state->is_unreadable)
                stores_set_reason(state, NULL);
        state->is_unreadable = false;
        log_info(service->config.log, "store %s: generation %" PRId64, state->name,
                 state->generation);
        end_waits(service, store, NULL);
        return 0;
}

int service_set_not_ready(struct service *service, size_t store, const char *reason)
{
        struct store_state *state = stores_at(&service->stores, store);
        int r = 0;

        if (!state->is_unreadable)
                log_warning(service->config.log, "store %s: %s", state->name, reason);
        if (state->snap)
                r = begin_generation(service, state, NULL, NULL);
        if (r)
                return r;

        state->is_unreadable = true;
        state->is_in_doubt = false;
        stores_set_reason(state, reason);
        end_waits(service, store, reason);
        return 0;
}

void service_set_doubt(struct service *service, size_t store, const char *reason)
{
        struct store_state *state = stores_at(&service->stores, store);

        if (!state->snap)
                return;
        if (reason && !state->is_in_doubt)
                log_warning(service->config.log, "store %s: %s", state->name, reason);

        state->is_in_doubt = reason != NULL;
        stores_set_reason(state, reason);
}

bool service_has_doubt(const struct service *service)
{
        for (size_t i = 0; i < service->stores.states.n; i++)
                if (service->stores.states.items[i]->is_in_doubt)
                        return true;
        return false;
}

int service_clock_stepped(struct service *service)
{
        for (size_t i = 0; i < service->stores.states.n; i++) {
                struct store_state *state = service->stores.states.items[i];
                int r;

                if (!state->snap)
                        continue;
                r = begin_generation(service, state, state->snap, NULL);
                if (r)
                        return r;
        }
        return 0;
}

/*
 * The store is out of the table before its last event is told: who looks for it then does not find
 * it.
 */
void service_remove_store(struct service *service, size_t store)
{
        struct store_state *state = stores_at(&service->stores, store);
        struct message_event event;
        int r;

        state->generation++;
        r = report_event(NAMES_EVENT_CHANGED, state, service->agent_id, NULL, &event);
        judge_forget(service->judge, state);
        stores_remove(&service->stores, store);
        if (!r)
                feed_tell(service->feed, store, &event);
        schema_deinit(&message_event_schema, &event);
        end_waits(service, store, NULL);
}

/*
 * -- calls --------------------------------------------------------------------------------------
 */

/*
 * Put to whoever answers it. @state: with a snapshot; NULL for a method that is about no single
 * store.
 */
static struct service_pending *ask(struct service *service, const struct store_state *state,
                                   const struct service_call *call)
{
        switch (call->method) {
        case MESSAGE_VALIDATE:
                return lookup_validate(service->judge, state, call);
        case MESSAGE_MONITOR:
                return monitor_call(service->feed, &service->stores, service->agent_id, call);
        case MESSAGE_MONITOR_NOTICES:
                return notices_call(service->notices, &service->stores, call);
        case MESSAGE_LIST_STORES:
                lists_stores(&service->stores, service->agent_id, call);
                return NULL;
        case MESSAGE_LIST_CERTIFICATES:
                lists_certificates(state, service->agent_id, call);
                return NULL;
        case MESSAGE_GET_CERTIFICATE:
                lookup_certificate(state, service->agent_id, call);
                return NULL;
        case MESSAGE_READ_TRUST_LIST:
        case MESSAGE_READ_CRL:
                return reading_call(service->reading, state, call);
        case MESSAGE_LIST_CRLS:
                lists_crls(state, service->agent_id, service->config.now_s(), call);
                return NULL;
        default:
                service_call_refuse(call, STATUS_E_METHOD_NOT_IMPLEMENTED,
                                    message_get_method(call->method)->name, NULL);
                return NULL;
        }
}

/*
 * The name of the one store that a call is about: its optional field "store". Return: false: it is
 * about none, or about several.
 */
static bool find_store_name(const struct service_call *call, const char **out)
{
        const struct schema *in = message_get_method(call->method)->in;
        const struct schema_field *field = schema_find_field(in, "store");

        if (field)
                *out = *(char **)((char *)call->in + field->offset);
        return field;
}

struct service_pending *service_call(struct service *service, const struct service_call *call)
{
        const struct store_state *state;
        const char *name;

        if ((message_get_method(call->method)->flags & SCHEMA_METHOD_MORE) && !call->wants_more) {
                service_call_refuse(call, STATUS_E_EXPECTED_MORE, NULL, NULL);
                return NULL;
        }
        if (!find_store_name(call, &name))
                return ask(service, NULL, call);

        state = stores_find(&service->stores, name);
        if (!state) {
                service_call_refuse(call, STATUS_E_NO_SUCH_STORE, name ? name : NAMES_DEFAULT_STORE,
                                    NULL);
                return NULL;
        }
        if (state->snap)
                return ask(service, state, call);
        if (!state->is_unreadable)
                return wait_for_store(service, state, call);

        service_call_refuse(call, STATUS_E_STORE_NOT_READY, state->name, state->reason);
        return NULL;
}

struct service_pending *service_cancel(struct service_pending *pending)
{
        if (pending)
                pending->cancel(pending);
        return NULL;
}

void service_pause(struct service_pending *pending)
{
        if (pending->pause)
                pending->pause(pending);
}

void service_resume(struct service_pending *pending)
{
        if (pending->resume)
                pending->resume(pending);
}

bool service_stamp_holds(const struct service *service, const struct service_stamp *stamp)
{
        const struct store_state *state;

        if (!stamp->is_keepable)
                return false;

        state = stores_at(&service->stores, stamp->store);
        return state && state->snap && !state->is_in_doubt &&
               state->generation == stamp->generation &&
               service->config.now_s() < stamp->valid_until_s;
}

void service_note_kept(const struct service *service, const struct service_stamp *stamp,
                       const struct caller *caller)
{
        answers_tell(&service->answers, &(struct answers_item){
                                                .how = ANSWERS_KEPT,
                                                .state = stores_at(&service->stores, stamp->store),
                                                .caller = caller,
                                        });
}

/*
 * -- news ---------------------------------------------------------------------------------------
 */

int service_subscribe(struct service *service, feed_fn fn, void *userdata,
                      struct feed_subscriber **out)
{
        return feed_subscribe(service->feed, fn, userdata, out);
}

struct notices *service_notices(struct service *service)
{
        return service->notices;
}
