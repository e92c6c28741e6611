/* SPDX-License-Identifier: Apache-2.0 */
#include "service/monitor.h"

#include "base/vec.h"
#include "proto/names.h"
#include "service/feed.h"
#include "service/report.h"
#include "service/stores.h"

#include <errno.h>
#include <stdlib.h>

struct monitor {
        struct service_pending pending;
        struct service_call call; /* without in */
        const struct stores *stores;
        const char *agent_id;
        struct feed_subscriber *subscriber;
        bool wants_all;
        VEC(size_t) wanted; /* handles; where not all */
        bool is_paused;
        VEC(size_t) missed; /* handles of stores that changed in the meantime, each once */
};

static struct monitor *monitor_free(struct monitor *monitor)
{
        if (!monitor)
                return NULL;

        feed_unsubscribe(monitor->subscriber);
        VEC_FREE(&monitor->wanted);
        VEC_FREE(&monitor->missed);
        free(monitor);
        return NULL;
}

DEFINE_CLEANUP(struct monitor *, monitor_free)

static bool has_handle(const size_t *handles, size_t n, size_t handle)
{
        for (size_t i = 0; i < n; i++)
                if (handles[i] == handle)
                        return true;
        return false;
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

static void on_event(size_t store, const struct message_event *event, uint64_t number,
                     void *userdata)
{
        struct monitor *monitor = userdata;

        if (!monitor->wants_all && !has_handle(monitor->wanted.items, monitor->wanted.n, store))
                return;

        if (!monitor->is_paused)
                send(monitor, event, number);
        else if (!has_handle(monitor->missed.items, monitor->missed.n, store))
                VEC_PUSH(&monitor->missed, store); /* room was made in on_pause() */
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

/* Return: 0, -ENOMEM, or 1: the call was refused. */
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
                int r;

                if (!state) {
                        service_call_refuse(&monitor->call, STATUS_E_NO_SUCH_STORE, in->stores[i],
                                            NULL);
                        return 1;
                }
                r = VEC_PUSH(&monitor->wanted, state->handle);
                if (r)
                        return r;
        }
        return 0;
}

static int send_states(const struct monitor *monitor)
{
        for (size_t i = 0; i < monitor->stores->states.n; i++) {
                const struct store_state *state = monitor->stores->states.items[i];
                int r;

                if (!monitor->wants_all &&
                    !has_handle(monitor->wanted.items, monitor->wanted.n, state->handle))
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

        r = read_wanted(monitor, call->in);
        if (!r)
                r = VEC_RESERVE(&monitor->missed, NAMES_STORES_MAX);
        if (!r)
                r = feed_subscribe(feed, on_event, monitor, &monitor->subscriber);
        if (!r)
                r = send_states(monitor);
        if (r < 0)
                service_call_refuse(call, STATUS_E_BUSY, NULL, NULL);

        return r ? NULL : &TAKE(monitor)->pending;
}
