/* SPDX-License-Identifier: Apache-2.0 */
#include "client.h"
#include "error.h"
#include "proto/call.h"
#include "proto/compiler.h"
#include "proto/names.h"
#include "record.h"
#include "reply.h"
#include "stream.h"

#include <uatrust/reading.h>

enum {
        NOTHING = -1, /* beside enum uatrust_code */
};

struct uatrust_notices {
        struct stream stream;
        struct task task;
        struct uatrust_client *client;
        struct buf call;
        uatrust_notices_fn callback;
        void *userdata;
        int told;        /* the error of now, an enum uatrust_code; 0: none */
        bool is_running; /* its callback */
        bool is_gone;    /* freed by that: it goes when that returns */
};

void uatrust_notices_free(struct uatrust_notices *notices)
{
        if (!notices)
                return;

        if (notices->is_running) {
                notices->is_gone = true;
                return;
        }

        task_take(&notices->task);
        if (notices->client)
                stream_deinit(&notices->stream);
        buf_deinit(&notices->call);
        client_unref(notices->client);
        free(notices);
}

/* Return: 0; or an enum uatrust_code, after which the stream is of no more use. */
static int read_notice(struct uatrust_notices *notices, const char *text, size_t n,
                       struct message_monitor_notices_reply **out, struct uatrust_error **error)
{
        struct reply reply;

        reply_read(text, n, &message_monitor_notices_reply_schema, &reply);
        if (reply.error) {
                stream_break(&notices->stream);
                *error = reply.error;
                return (int)uatrust_error_get_code(reply.error);
        }

        stream_confirm(&notices->stream);
        *out = reply.value;
        return 0;
}

/* Return: 0; NOTHING; or what is told as an error, once. */
static int take(struct uatrust_notices *notices, struct message_monitor_notices_reply **out,
                struct uatrust_error **error)
{
        for (;;) {
                const char *text;
                size_t n;
                int r;

                r = stream_next(&notices->stream, &text, &n);
                if (r == STREAM_E_NOTHING)
                        return NOTHING;

                r = r ? reply_report_failure(error, r, notices->stream.path)
                      : read_notice(notices, text, n, out, error);
                if (!r || r != notices->told) {
                        notices->told = r;
                        return r;
                }
                uatrust_error_free(TAKE(*error));
        }
}

static void run(struct task *task)
{
        struct uatrust_notices *notices = CONTAINER_OF(task, struct uatrust_notices, task);

        notices->is_running = true;
        while (!notices->is_gone) {
                struct message_monitor_notices_reply *notice = NULL;
                struct uatrust_error *error = NULL;

                if (take(notices, &notice, &error) == NOTHING)
                        break;
                notices->callback(notices, (const struct uatrust_notice *)notice, error,
                                  notices->userdata);
                reply_free_value(&message_monitor_notices_reply_schema, notice);
                uatrust_error_free(error);
        }
        notices->is_running = false;
        if (notices->is_gone)
                uatrust_notices_free(notices);
}

static void on_news(struct stream *stream)
{
        struct uatrust_notices *notices = CONTAINER_OF(stream, struct uatrust_notices, stream);

        task_put(&notices->client->tasks, &notices->task);
}

DEFINE_CLEANUP(struct uatrust_notices *, uatrust_notices_free)

int uatrust_notices_new(struct uatrust_client *client, const char *const *stores, size_t n_stores,
                        uatrust_notices_fn callback, void *userdata, struct uatrust_notices **out,
                        struct uatrust_error **error)
{
        CLEANUP(uatrust_notices_freep)
        struct uatrust_notices *notices = calloc(1, sizeof(*notices));
        struct message_monitor_notices asked = { .stores = (char **)stores, .n_stores = n_stores };

        if (!client || !notices)
                return error_report(error, STATUS_E_NO_MEMORY, NULL, NULL);
        if (!callback)
                return error_report(error, STATUS_E_INVALID_ARGUMENT, "callback", NULL);
        if (client->is_closed)
                return client_report_closed(error);

        call_encode(NAMES_AGENT_INTERFACE ".MonitorNotices", CALL_MORE,
                    &message_monitor_notices_schema, &asked, &notices->call);
        if (buf_error(&notices->call))
                return error_report(error, STATUS_E_NO_MEMORY, NULL, NULL);

        engine_enter(&client->engine);
        notices->task.run = run;
        notices->client = client_ref(client);
        notices->callback = callback;
        notices->userdata = userdata;
        stream_init(&notices->stream, &client->engine, &client->door);
        stream_begin(&notices->stream, &notices->call, on_news);
        *out = TAKE(notices);
        return 0;
}
