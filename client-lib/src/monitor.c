/* SPDX-License-Identifier: Apache-2.0 */
#include "client.h"
#include "error.h"
#include "proto/buf.h"
#include "proto/call.h"
#include "proto/compiler.h"
#include "proto/names.h"
#include "record.h"

#include <uatrust/uatrust.h>

struct uatrust_monitor {
        struct connection connection;
};

void uatrust_monitor_free(struct uatrust_monitor *monitor)
{
        if (!monitor)
                return;

        connection_close(&monitor->connection);
        free(monitor);
}

DEFINE_CLEANUP(struct uatrust_monitor *, uatrust_monitor_free)

int uatrust_monitor_new(const struct uatrust_client *client, const char *const *stores,
                        size_t n_stores, struct uatrust_monitor **out, struct uatrust_error **error)
{
        CLEANUP(uatrust_monitor_freep) struct uatrust_monitor *monitor = malloc(sizeof(*monitor));
        CLEANUP(buf_deinit) struct buf message = BUF_NULL;
        struct message_monitor asked = { .stores = (char **)stores, .n_stores = n_stores };
        int64_t deadline_ms;
        int r;

        if (monitor)
                monitor->connection = (struct connection)CONNECTION_NULL;
        call_encode(NAMES_AGENT_INTERFACE ".Monitor", CALL_MORE, &message_monitor_schema, &asked,
                    &message);
        if (!client || !monitor || buf_error(&message))
                return error_report(error, STATUS_E_NO_MEMORY, NULL, NULL);

        deadline_ms = connection_deadline(client->timeout_ms ? (int64_t)client->timeout_ms : -1);
        r = client_connect(client, deadline_ms, &monitor->connection, error);
        if (r)
                return r;

        r = connection_send(&monitor->connection, message.data, message.n, deadline_ms);
        if (r)
                return client_report(error, r, NULL);

        *out = TAKE(monitor);
        return 0;
}

int uatrust_monitor_get_fd(const struct uatrust_monitor *monitor)
{
        return monitor->connection.fd;
}

int uatrust_monitor_next(struct uatrust_monitor *monitor, int timeout_ms,
                         struct uatrust_event **out, struct uatrust_error **error)
{
        CLEANUP(freep) struct uatrust_event *event = malloc(sizeof(*event));
        struct message_monitor_reply reply;
        const char *text;
        size_t n;
        int r;

        if (!event)
                return error_report(error, STATUS_E_NO_MEMORY, NULL, NULL);

        r = connection_receive(&monitor->connection, connection_deadline(timeout_ms), &text, &n);
        if (r)
                return client_report(error, r, NULL);

        r = client_read_reply(text, n, &message_monitor_reply_schema, &reply, error);
        if (r)
                return r;

        event->m = reply.event;
        *out = TAKE(event);
        return 0;
}
