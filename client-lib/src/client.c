/* SPDX-License-Identifier: Apache-2.0 */
#include "client.h"

#include "error.h"
#include "held.h"
#include "proto/buf.h"
#include "proto/call.h"
#include "proto/json.h"
#include "proto/message.h"
#include "proto/names.h"

#include <uatrust/admin.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

const char *uatrust_version(void)
{
        return UATRUST_VERSION;
}

/* A variable that is not set, or empty, is none. */
static const char *get_environment(const char *name)
{
        const char *value = secure_getenv(name);

        return value && *value ? value : NULL;
}

struct uatrust_client *uatrust_client_new(void)
{
        const char *store = get_environment(NAMES_ENV_STORE);
        struct uatrust_client *client = calloc(1, sizeof(*client));

        if (!client)
                return NULL;

        client->timeout_ms = NAMES_CALL_TIMEOUT_MS;
        client->connection = (struct connection)CONNECTION_NULL;
        client->held = held_new();
        if (!client->held || uatrust_client_set_store(client, store, NULL)) {
                uatrust_client_free(client);
                return NULL;
        }
        return client;
}

void uatrust_client_free(struct uatrust_client *client)
{
        if (!client)
                return;

        connection_close(&client->connection);
        held_free(client->held);
        free(client->socket);
        free(client->admin_socket);
        free(client->store);
        free(client);
}

static int replace_text(char **at, const char *text, struct uatrust_error **error)
{
        char *copy = NULL;

        if (text) {
                copy = strdup(text);
                if (!copy)
                        return error_report(error, STATUS_E_NO_MEMORY, NULL, NULL);
        }

        free(*at);
        *at = copy;
        return 0;
}

int uatrust_client_set_socket(struct uatrust_client *client, const char *path,
                              struct uatrust_error **error)
{
        connection_close(&client->connection);
        held_forget(client->held);
        return replace_text(&client->socket, path, error);
}

int uatrust_client_set_admin_socket(struct uatrust_client *client, const char *path,
                                    struct uatrust_error **error)
{
        return replace_text(&client->admin_socket, path, error);
}

int uatrust_client_set_store(struct uatrust_client *client, const char *store,
                             struct uatrust_error **error)
{
        return replace_text(&client->store, store, error);
}

void uatrust_client_set_timeout(struct uatrust_client *client, unsigned int timeout_ms)
{
        client->timeout_ms = timeout_ms;
}

void uatrust_client_set_held_max(struct uatrust_client *client, size_t n_max)
{
        held_set_max(client->held, n_max);
}

/*
 * Connecting.
 */

int client_report(struct uatrust_error **error, int r, const char *path)
{
        switch (r) {
        case CONNECTION_E_ABSENT:
                return error_report(error, STATUS_E_UNREACHABLE, path, "no such socket");
        case CONNECTION_E_LOST:
                return error_report(error, STATUS_E_UNREACHABLE, path, "nobody answers there");
        case CONNECTION_E_DENIED:
                return error_report(error, STATUS_E_PERMISSION_DENIED, path, NULL);
        case CONNECTION_E_TIMED_OUT:
                return error_report(error, STATUS_E_TIMED_OUT, path, NULL);
        case CONNECTION_E_TOO_LARGE:
                return error_report(error, STATUS_E_PROTOCOL, path, "reply is too large");
        case CONNECTION_E_BAD_PATH:
                return error_report(error, STATUS_E_INVALID_ARGUMENT, path,
                                    "too long for a socket");
        default:
                return error_report_errno(error, r, path);
        }
}

/*
 * The user's own agent counts only where the host has none: not one that is away for a moment.
 * @name: of the socket below the run directory
 */
static int connect_default(const char *name, int64_t deadline_ms, struct connection *out,
                           struct uatrust_error **error)
{
        const char *run_dir = get_environment("XDG_RUNTIME_DIR");
        char path[4096], host_path[128];
        int r;

        snprintf(host_path, sizeof(host_path), NAMES_RUN_DIR "/%s", name);
        r = connection_open(host_path, deadline_ms, out);
        if (r != CONNECTION_E_ABSENT || !run_dir)
                return r ? client_report(error, r, host_path) : 0;

        snprintf(path, sizeof(path), "%s/uatrust/%s", run_dir, name);
        r = connection_open(path, deadline_ms, out);
        if (r == CONNECTION_E_ABSENT)
                return client_report(error, r, host_path);
        return r ? client_report(error, r, path) : 0;
}

int client_connect(const struct uatrust_client *client, int64_t deadline_ms, struct connection *out,
                   struct uatrust_error **error)
{
        const char *path = client->socket ? client->socket : get_environment(NAMES_ENV_SOCKET);
        int r;

        if (!path)
                return connect_default(NAMES_CLIENT_SOCKET, deadline_ms, out, error);

        r = connection_open(path, deadline_ms, out);
        return r ? client_report(error, r, path) : 0;
}

/*
 * Calling.
 */

/* An agent that refuses a call may answer and close before it has read all of it: look for the answer anyway. */
static int exchange(struct connection *connection, const struct buf *message, int64_t deadline_ms,
                    const char **out, size_t *n_out)
{
        int r;

        r = connection_send(connection, message->data, message->n, deadline_ms);
        if (r && r != CONNECTION_E_LOST)
                return r;

        return connection_receive(connection, deadline_ms, out, n_out);
}

static int ask(struct uatrust_client *client, const struct buf *message, const char **out,
               size_t *n_out, struct uatrust_error **error)
{
        int64_t deadline_ms =
                connection_deadline(client->timeout_ms ? (int64_t)client->timeout_ms : -1);
        int r = CONNECTION_E_LOST;

        /* The other side of a fork has this connection too. */
        if (client->owner != getpid())
                connection_close(&client->connection);

        if (client->connection.fd >= 0)
                r = exchange(&client->connection, message, deadline_ms, out, n_out);

        if (r == CONNECTION_E_LOST) {
                connection_close(&client->connection);
                r = client_connect(client, deadline_ms, &client->connection, error);
                if (r)
                        return r;

                client->owner = getpid();
                r = exchange(&client->connection, message, deadline_ms, out, n_out);
        }

        return r ? client_report(error, r, NULL) : 0;
}

static int read_error(const struct call_reply *reply, struct uatrust_error **error)
{
        struct message_error message = MESSAGE_ERROR_NULL;
        int r;

        r = call_reply_decode_error(reply, &message);
        if (r)
                return error_report_errno(error, r, NULL);

        r = error_report_message(error, &message);
        message_error_deinit(&message);
        return r;
}

int client_read_reply(const char *text, size_t n, const struct schema *schema, void *out,
                      struct uatrust_error **error)
{
        CLEANUP(call_reply_deinit) struct call_reply reply = CALL_REPLY_NULL;
        struct json_error fault;
        int r;

        r = call_reply_parse(text, n, &reply, &fault);
        if (!r && reply.error)
                return read_error(&reply, error);
        if (!r)
                r = call_reply_decode(&reply, schema, out, &fault);

        if (r > 0)
                return error_report(error, STATUS_E_PROTOCOL, fault.field, fault.reason);
        return r ? error_report_errno(error, r, NULL) : 0;
}

int client_call(struct uatrust_client *client, const struct client_call *call, void *out,
                struct uatrust_error **error)
{
        CLEANUP(buf_deinit) struct buf message = BUF_NULL;
        const char *text;
        size_t n;
        int r;

        call_encode(call->method, 0, call->in, call->value, &message);
        if (buf_error(&message))
                return error_report_errno(error, buf_error(&message), NULL);

        r = ask(client, &message, &text, &n, error);
        if (!r)
                return client_read_reply(text, n, call->out, out, error);

        /* A reply that came late would be taken for that of the next call. */
        connection_close(&client->connection);
        return r;
}

static int connect_admin(const struct uatrust_client *client, int64_t deadline_ms,
                         struct connection *out, struct uatrust_error **error)
{
        const char *path = client->admin_socket ? client->admin_socket
                                                : get_environment(NAMES_ENV_ADMIN_SOCKET);
        int r;

        if (!path)
                return connect_default(NAMES_ADMIN_SOCKET, deadline_ms, out, error);

        r = connection_open(path, deadline_ms, out);
        return r ? client_report(error, r, path) : 0;
}

int client_call_admin(struct uatrust_client *client, const struct client_call *call, void *out,
                      struct uatrust_error **error)
{
        int64_t deadline_ms =
                connection_deadline(client->timeout_ms ? (int64_t)client->timeout_ms : -1);
        CLEANUP(connection_close) struct connection connection = CONNECTION_NULL;
        CLEANUP(buf_deinit) struct buf message = BUF_NULL;
        const char *text;
        size_t n;
        int r;

        call_encode(call->method, 0, call->in, call->value, &message);
        if (buf_error(&message))
                return error_report_errno(error, buf_error(&message), NULL);

        r = connect_admin(client, deadline_ms, &connection, error);
        if (r)
                return r;

        r = exchange(&connection, &message, deadline_ms, &text, &n);
        return r ? client_report(error, r, NULL)
                 : client_read_reply(text, n, call->out, out, error);
}
