/* SPDX-License-Identifier: Apache-2.0 */
#include "client.h"
#include "error.h"
#include "proto/call.h"
#include "proto/compiler.h"
#include "proto/names.h"
#include "record.h"
#include "reply.h"
#include "stream.h"

#include <uatrust/news.h>

#include <errno.h>
#include <string.h>

enum {
        NOTHING = -1, /* beside enum uatrust_code */
};

/* What was told last of a store. */
struct known {
        char *store, *agent_id;
        int64_t generation;
};

struct uatrust_monitor {
        struct stream stream;
        struct task task;
        struct uatrust_client *client;
        struct buf call;
        uatrust_monitor_fn callback; /* NULL: who wants events asks for them */
        void *userdata;
        struct known *known; /* n_known of them */
        size_t n_known;
        int told;        /* the error of now, an enum uatrust_code; 0: none */
        bool is_running; /* its callback */
        bool is_gone;    /* freed by that: it goes when that returns */
};

static void free_known(struct known *known)
{
        free(known->store);
        free(known->agent_id);
}

void uatrust_monitor_free(struct uatrust_monitor *monitor)
{
        if (!monitor)
                return;

        if (monitor->is_running) {
                monitor->is_gone = true;
                return;
        }

        task_take(&monitor->task);
        if (monitor->client)
                stream_deinit(&monitor->stream);
        for (size_t i = 0; i < monitor->n_known; i++)
                free_known(&monitor->known[i]);
        free(monitor->known);
        buf_deinit(&monitor->call);
        client_unref(monitor->client);
        free(monitor);
}

/*
 * Events.
 */

/* Return: NULL: nothing was told of it yet. */
static struct known *find_known(const struct uatrust_monitor *monitor, const char *store)
{
        for (size_t i = 0; i < monitor->n_known; i++)
                if (!strcmp(monitor->known[i].store, store))
                        return &monitor->known[i];
        return NULL;
}

/* Return: 0, -ENOMEM, or CONNECTION_E_GARBLED: no agent has so many stores. */
static int add_known(struct uatrust_monitor *monitor, const struct message_event *event)
{
        struct known new = { strdup(event->store), strdup(event->agent_id), event->generation };
        struct known *grown = NULL;

        if (monitor->n_known < NAMES_STORES_MAX)
                grown = reallocarray(monitor->known, monitor->n_known + 1, sizeof(*grown));
        if (grown)
                monitor->known = grown;
        if (!grown || !new.store || !new.agent_id) {
                free_known(&new);
                return monitor->n_known < NAMES_STORES_MAX ? -ENOMEM : CONNECTION_E_GARBLED;
        }

        monitor->known[monitor->n_known++] = new;
        return 0;
}

/* Return: as of add_known(); @event says from now on whether events went by unseen. */
static int note(struct uatrust_monitor *monitor, struct uatrust_event *event)
{
        struct known *known = find_known(monitor, event->m.store);
        bool is_same_agent;

        event->is_resync = !strcmp(event->m.kind, NAMES_EVENT_RESYNC);
        if (!known)
                return add_known(monitor, &event->m);

        is_same_agent = !strcmp(known->agent_id, event->m.agent_id);
        if (!strcmp(event->m.kind, NAMES_EVENT_STATE))
                event->is_resync = !is_same_agent || known->generation != event->m.generation;
        if (!is_same_agent) {
                char *agent_id = strdup(event->m.agent_id);

                if (!agent_id)
                        return -ENOMEM;
                free(known->agent_id);
                known->agent_id = agent_id;
        }
        known->generation = event->m.generation;
        return 0;
}

/* Return: 0; or an enum uatrust_code, after which the stream is of no more use. */
static int read_event(struct uatrust_monitor *monitor, const char *text, size_t n,
                      struct uatrust_event **out, struct uatrust_error **error)
{
        struct uatrust_event *event = calloc(1, sizeof(*event));
        struct message_monitor_reply *message;
        struct reply reply;
        int r;

        reply_read(text, n, &message_monitor_reply_schema, &reply);
        if (!event || reply.error) {
                reply_free_value(&message_monitor_reply_schema, reply.value);
                free(event);
                if (!reply.error)
                        return error_report(error, STATUS_E_NO_MEMORY, NULL, NULL);
                *error = reply.error;
                return (int)uatrust_error_get_code(reply.error);
        }

        message = reply.value;
        event->m = message->event;
        free(message);
        r = note(monitor, event);
        if (r) {
                uatrust_event_free(event);
                return reply_report_failure(error, r, NULL);
        }

        *out = event;
        return 0;
}

/* Return: 0; NOTHING; or what is told as an error, once. */
static int take(struct uatrust_monitor *monitor, struct uatrust_event **out,
                struct uatrust_error **error)
{
        for (;;) {
                struct uatrust_error *trouble = NULL;
                const char *text;
                size_t n;
                int r;

                r = stream_next(&monitor->stream, &text, &n);
                if (r == STREAM_E_NOTHING)
                        return NOTHING;

                if (r) {
                        r = reply_report_failure(&trouble, r, monitor->stream.path);
                } else {
                        r = read_event(monitor, text, n, out, &trouble);
                        if (r)
                                stream_break(&monitor->stream);
                        else
                                stream_confirm(&monitor->stream);
                }
                if (!r || r != monitor->told) {
                        monitor->told = r;
                        *error = trouble;
                        return r;
                }
                uatrust_error_free(trouble);
        }
}

static void run(struct task *task)
{
        struct uatrust_monitor *monitor = CONTAINER_OF(task, struct uatrust_monitor, task);

        monitor->is_running = true;
        while (!monitor->is_gone && monitor->callback) {
                struct uatrust_error *error = NULL;
                struct uatrust_event *event = NULL;

                if (take(monitor, &event, &error) == NOTHING)
                        break;
                monitor->callback(monitor, event, error, monitor->userdata);
                uatrust_event_free(event);
                uatrust_error_free(error);
        }
        monitor->is_running = false;
        if (monitor->is_gone)
                uatrust_monitor_free(monitor);
}

static void on_news(struct stream *stream)
{
        struct uatrust_monitor *monitor = CONTAINER_OF(stream, struct uatrust_monitor, stream);

        if (monitor->callback)
                task_put(&monitor->client->tasks, &monitor->task);
}

/*
 * The API.
 */

DEFINE_CLEANUP(struct uatrust_monitor *, uatrust_monitor_free)

int uatrust_monitor_new(struct uatrust_client *client, const char *const *stores, size_t n_stores,
                        struct uatrust_monitor **out, struct uatrust_error **error)
{
        CLEANUP(uatrust_monitor_freep)
        struct uatrust_monitor *monitor = calloc(1, sizeof(*monitor));
        struct message_monitor asked = { .stores = (char **)stores, .n_stores = n_stores };

        if (!client || !monitor)
                return error_report(error, STATUS_E_NO_MEMORY, NULL, NULL);
        if (client->is_closed)
                return client_report_closed(error);

        call_encode(NAMES_AGENT_INTERFACE ".Monitor", CALL_MORE, &message_monitor_schema, &asked,
                    &monitor->call);
        if (buf_error(&monitor->call))
                return error_report(error, STATUS_E_NO_MEMORY, NULL, NULL);

        engine_enter(&client->engine);
        monitor->task.run = run;
        monitor->client = client_ref(client);
        stream_init(&monitor->stream, &client->engine, &client->door);
        stream_begin(&monitor->stream, &monitor->call, on_news);
        *out = TAKE(monitor);
        return 0;
}

void uatrust_monitor_set_callback(struct uatrust_monitor *monitor, uatrust_monitor_fn callback,
                                  void *userdata)
{
        monitor->callback = callback;
        monitor->userdata = userdata;
        on_news(&monitor->stream);
}

int uatrust_monitor_next(struct uatrust_monitor *monitor, int timeout_ms,
                         struct uatrust_event **out, struct uatrust_error **error)
{
        uint64_t until_us = ENGINE_NEVER, step_us = 0;
        struct uatrust_error *trouble = NULL;
        int r;

        if (monitor->callback)
                return error_report(error, STATUS_E_INVALID_ARGUMENT, "monitor", "has a callback");
        if (timeout_ms >= 0)
                until_us = engine_now_us() + (uint64_t)timeout_ms * 1000;

        do {
                if (monitor->client->is_closed)
                        return client_report_closed(error);

                engine_enter(&monitor->client->engine);
                r = engine_step(&monitor->client->engine, step_us);
                if (r)
                        return error_report_errno(error, r, NULL);

                step_us = until_us;
                r = take(monitor, out, &trouble);
        } while (r == NOTHING && engine_now_us() < until_us);

        if (r == NOTHING)
                return error_report(error, STATUS_E_TIMED_OUT, NULL, NULL);
        if (error)
                *error = trouble;
        else
                uatrust_error_free(trouble);
        return r;
}

bool uatrust_event_is_resync(const struct uatrust_event *event)
{
        return event->is_resync;
}
