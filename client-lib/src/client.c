/* SPDX-License-Identifier: Apache-2.0 */
#include "client.h"

#include "error.h"
#include "held.h"
#include "proto/compiler.h"
#include "proto/names.h"

#include <uatrust/admin.h>
#include <uatrust/async.h>

#include <poll.h>
#include <string.h>

const char *uatrust_version(void)
{
        return UATRUST_VERSION;
}

struct uatrust_client *uatrust_client_new(void)
{
        struct uatrust_client *client = calloc(1, sizeof(*client));

        if (!client)
                return NULL;

        client->n_refs = 1;
        client->held = held_new();
        client->timeout_ms = NAMES_CALL_TIMEOUT_MS;
        client->door = (struct door){ NULL, NAMES_ENV_SOCKET, NAMES_CLIENT_SOCKET };
        client->admin_door = (struct door){ NULL, NAMES_ENV_ADMIN_SOCKET, NAMES_ADMIN_SOCKET };
        engine_init(&client->engine);
        pipeline_init(&client->calls, &client->engine, &client->door, true);
        pipeline_init(&client->registrations, &client->engine, &client->door, true);
        if (!client->held ||
            uatrust_client_set_store(client, door_get_environment(NAMES_ENV_STORE), NULL)) {
                uatrust_client_free(client);
                return NULL;
        }
        return client;
}

struct uatrust_client *client_ref(struct uatrust_client *client)
{
        client->n_refs++;
        return client;
}

void client_unref(struct uatrust_client *client)
{
        if (!client || --client->n_refs)
                return;

        free(client->door.path);
        free(client->admin_door.path);
        free(client->store);
        held_free(client->held);
        free(client);
}

void uatrust_client_free(struct uatrust_client *client)
{
        if (!client)
                return;

        engine_enter(&client->engine);
        client->is_closed = true;
        pipeline_deinit(&client->calls);
        pipeline_deinit(&client->registrations);
        for (struct link *link = client->engine.links; link; link = link->next)
                link_close(link);
        engine_deinit(&client->engine);
        client_unref(client);
}

uint64_t client_deadline_us(const struct uatrust_client *client)
{
        if (!client->timeout_ms)
                return ENGINE_NEVER;
        return engine_now_us() + client->timeout_ms * UINT64_C(1000);
}

char *client_store(const struct uatrust_client *client, const char *store)
{
        return store ? (char *)store : client->store;
}

int client_report_closed(struct uatrust_error **error)
{
        return error_report(error, STATUS_E_INVALID_ARGUMENT, "client", "is freed");
}

/* One that could not be made is a client that is short of memory. */
static int report_no_client(struct uatrust_error **error)
{
        return error_report(error, STATUS_E_NO_MEMORY, NULL, NULL);
}

/*
 * How it is set up.
 */

/* @at: NULL: there is no client. */
static int replace_text(char **at, const char *text, struct uatrust_error **error)
{
        char *copy = at && text ? strdup(text) : NULL;

        if (!at || (text && !copy))
                return report_no_client(error);

        free(*at);
        *at = copy;
        return 0;
}

int uatrust_client_set_socket(struct uatrust_client *client, const char *path,
                              struct uatrust_error **error)
{
        int r = replace_text(client ? &client->door.path : NULL, path, error);

        if (r)
                return r;

        held_forget(client->held);
        engine_enter(&client->engine);
        pipeline_restart(&client->calls);
        pipeline_restart(&client->registrations);
        return 0;
}

int uatrust_client_set_admin_socket(struct uatrust_client *client, const char *path,
                                    struct uatrust_error **error)
{
        return replace_text(client ? &client->admin_door.path : NULL, path, error);
}

int uatrust_client_set_store(struct uatrust_client *client, const char *store,
                             struct uatrust_error **error)
{
        return replace_text(client ? &client->store : NULL, store, error);
}

void uatrust_client_set_timeout(struct uatrust_client *client, unsigned int timeout_ms)
{
        if (client)
                client->timeout_ms = timeout_ms;
}

void uatrust_client_set_held_max(struct uatrust_client *client, size_t n_max)
{
        if (client)
                held_set_max(client->held, n_max);
}

/*
 * In an event loop.
 */

int uatrust_get_fd(struct uatrust_client *client)
{
        int fd;

        if (!client)
                return -1;

        engine_enter(&client->engine);
        fd = engine_get_fd(&client->engine);
        return fd < 0 ? -1 : fd;
}

int uatrust_get_events(struct uatrust_client *client)
{
        (void)client;
        return POLLIN;
}

uint64_t uatrust_get_timeout(struct uatrust_client *client)
{
        if (!client)
                return ENGINE_NEVER;

        engine_enter(&client->engine);
        return client->tasks.first ? 0 : engine_due_us(&client->engine);
}

int uatrust_process(struct uatrust_client *client, struct uatrust_error **error)
{
        int r;

        if (!client)
                return report_no_client(error);
        if (client->is_processing)
                return error_report(error, STATUS_E_INVALID_ARGUMENT, "client",
                                    "runs a callback already");

        engine_enter(&client->engine);
        r = engine_step(&client->engine, 0);

        client_ref(client);
        client->is_processing = true;
        tasks_run(&client->tasks, &client->is_closed);
        client->is_processing = false;
        client_unref(client);
        return r ? error_report_errno(error, r, NULL) : 0;
}

int uatrust_wait(struct uatrust_client *client, int timeout_ms, struct uatrust_error **error)
{
        uint64_t until_us = ENGINE_NEVER;
        struct pollfd fd = { .events = POLLIN };
        int r;

        if (!client)
                return report_no_client(error);
        if (client->is_processing)
                return error_report(error, STATUS_E_INVALID_ARGUMENT, "client",
                                    "runs a callback already");
        if (timeout_ms >= 0)
                until_us = engine_now_us() + (uint64_t)timeout_ms * 1000;

        engine_enter(&client->engine);
        fd.fd = engine_get_fd(&client->engine);
        r = fd.fd < 0 ? fd.fd : 0;
        while (!r && !client->tasks.first && engine_due_us(&client->engine) > engine_now_us()) {
                if (poll(&fd, 1, 0) == 1)
                        return 0;
                if (engine_now_us() >= until_us)
                        return error_report(error, STATUS_E_TIMED_OUT, NULL, NULL);
                r = engine_wait(&client->engine, until_us);
        }
        return r ? error_report_errno(error, r, NULL) : 0;
}
