/* SPDX-License-Identifier: Apache-2.0 */
#include "service/monitor.h"

#include "base/vec.h"
#include "proto/names.h"
#include "service/access.h"
#include "service/caller.h"
#include "service/feed.h"
#include "service/report.h"
#include "service/stores.h"

#include <errno.h>
#include <stdlib.h>

struct monitor {
        struct service_pending pending;
        struct service_call call; /* without in; its caller is our own */
        const struct stores *stores;
        const char *agent_id;
        struct feed_subscriber *subscriber;
        bool wants_all;
        VEC(size_t) shown; /* handles of the stores that the caller sees */
        bool is_paused;
        VEC(size_t) missed; /* handles of stores that changed in the meantime, each once */
};

static struct monitor *monitor_free(struct monitor *monitor)
{
        if (!monitor)
                return NULL;

        feed_unsubscribe(monitor->subscriber);
        caller_unref((struct caller *)monitor->call.caller);
        VEC_FREE(&monitor->shown);
        VEC_FREE(&monitor->missed);
        free(monitor);
        return NULL;
}

DEFINE_CLEANUP(struct monitor *, monitor_free)

/* Return: where the handle is, or @n. */
static size_t find_handle(const size_t *handles, size_t n, size_t handle)
{
        size_t i = 0;

        while (i < n && handles[i] != handle)
                i++;
        return i;
}

static bool is_shown(const struct monitor *monitor, size_t store)
{
        return find_handle(monitor->shown.items, monitor->shown.n, store) < monitor->shown.n;
}

static bool is_missed(const struct monitor *monitor, size_t store)
{
        return find_handle(monitor->missed.items, monitor->missed.n, store) < monitor->missed.n;
}

static void forget_missed(struct monitor *monitor, size_t store)
{
        size_t i = find_handle(monitor->missed.items, monitor->missed.n, store);

        if (i < monitor->missed.n)
                monitor->missed.items[i] = monitor->missed.items[--monitor->missed.n];
}

static bool may_read(const struct monitor *monitor, const struct store_state *state)
{
        return access_may_read(monitor->call.caller, state->access);
}

static void send(const struct monitor *monitor, const struct message_event *event, uint64_t news)
{
        const struct message_monitor_reply out = { .event = *event };

        monitor->call.reply(&(struct service_reply){ .out = &out, .continues = true, .news = news },
                            monitor->call.userdata);
}

/* What is now, as an event of its own. Return: 0 or -ENOMEM. */
static int send_state(const struct monitor *monitor, const struct store_state *state,
                      const char *kind)
{
        struct message_event event;
        int r;

        r = report_event(kind, state, monitor->agent_id, NULL, &event);
        if (!r)
                send(monitor, &event, 0);
        schema_deinit(&message_event_schema, &event);
        return r;
}

/* A view that is no longer whole ends, so that nobody takes silence for peace. */
static void end_denied(struct monitor *monitor)
{
        const struct service_call call = monitor->call;

        monitor_free(monitor);
        service_call_refuse(&call, STATUS_E_PERMISSION_DENIED, NULL, NULL);
}

/* The last event of a store that is gone comes after it is out of the table. */
static bool becomes_shown(const struct monitor *monitor, const struct store_state *state)
{
        return monitor->wants_all && state && monitor->shown.n < NAMES_STORES_MAX &&
               may_read(monitor, state);
}

static void on_event(size_t store, const struct message_event *event, uint64_t number,
                     void *userdata)
{
        struct monitor *monitor = userdata;
        const struct store_state *state = stores_at(monitor->stores, store);
        size_t i = find_handle(monitor->shown.items, monitor->shown.n, store);

        if (i < monitor->shown.n && state && !may_read(monitor, state)) {
                end_denied(monitor);
                return;
        }
        if (i == monitor->shown.n) {
                if (!becomes_shown(monitor, state))
                        return;
                VEC_PUSH(&monitor->shown, store); /* room was made in monitor_call() */
        } else if (!state) {
                monitor->shown.items[i] = monitor->shown.items[--monitor->shown.n];
                forget_missed(monitor, store);
        }

        if (!monitor->is_paused || !state) /* of a store that is gone there is no resync */
                send(monitor, event, number);
        else if (!is_missed(monitor, store))
                VEC_PUSH(&monitor->missed, store); /* likewise */
}

static void on_cancel(struct service_pending *pending)
{
        monitor_free(CONTAINER_OF(pending, struct monitor, pending));
}

static void on_pause(struct service_pending *pending)
{
        CONTAINER_OF(pending, struct monitor, pending)->is_paused = true;
}

/* The reader may be too slow again in the middle: the rest stays missed. */
static void on_resume(struct service_pending *pending)
{
        struct monitor *monitor = CONTAINER_OF(pending, struct monitor, pending);

        monitor->is_paused = false;
        while (monitor->missed.n > 0 && !monitor->is_paused) {
                size_t handle = monitor->missed.items[--monitor->missed.n];
                const struct store_state *state = stores_at(monitor->stores, handle);

                if (state && send_state(monitor, state, NAMES_EVENT_RESYNC)) {
                        monitor->missed.n++;
                        monitor->is_paused = true;
                }
        }
}

/* Return: 0, or 1: the call was refused. What it may not read was refused before. */
static int read_wanted(struct monitor *monitor, const struct message_monitor *in)
{
        if (in->n_stores > NAMES_STORES_MAX) {
                service_call_refuse(&monitor->call, STATUS_E_BAD_REQUEST, "stores",
                                    "holds more than 64 names");
                return 1;
        }

        monitor->wants_all = !in->stores;
        for (size_t i = 0; i < in->n_stores; i++) {
                const struct store_state *state = stores_find(monitor->stores, in->stores[i]);

                if (!state) {
                        service_call_refuse(&monitor->call, STATUS_E_NO_SUCH_STORE, in->stores[i],
                                            NULL);
                        return 1;
                }
                if (!is_shown(monitor, state->handle))
                        VEC_PUSH(&monitor->shown, state->handle);
        }
        return 0;
}

static int send_states(struct monitor *monitor)
{
        for (size_t i = 0; i < monitor->stores->states.n; i++) {
                const struct store_state *state = monitor->stores->states.items[i];
                int r;

                if (becomes_shown(monitor, state))
                        VEC_PUSH(&monitor->shown, state->handle);
                if (!is_shown(monitor, state->handle))
                        continue;

                r = send_state(monitor, state, NAMES_EVENT_STATE);
                if (r)
                        return r;
        }
        return 0;
}

struct service_pending *monitor_call(struct feed *feed, const struct stores *stores,
                                     const char *agent_id, const struct service_call *call)
{
        CLEANUP(monitor_freep) struct monitor *monitor = calloc(1, sizeof(*monitor));
        int r;

        if (!monitor) {
                service_call_refuse(call, STATUS_E_BUSY, NULL, NULL);
                return NULL;
        }

        *monitor = (struct monitor){
                .pending = { on_cancel, on_pause, on_resume },
                .call = *call,
                .stores = stores,
                .agent_id = agent_id,
        };
        monitor->call.in = NULL;
        monitor->call.caller = caller_ref(call->caller);

        r = VEC_RESERVE(&monitor->shown, NAMES_STORES_MAX);
        if (!r)
                r = VEC_RESERVE(&monitor->missed, NAMES_STORES_MAX);
        if (!r)
                r = read_wanted(monitor, call->in);
        if (!r)
                r = feed_subscribe(feed, on_event, monitor, &monitor->subscriber);
        if (!r)
                r = send_states(monitor);
        if (r < 0)
                service_call_refuse(call, STATUS_E_BUSY, NULL, NULL);

        return r ? NULL : &TAKE(monitor)->pending;
}
