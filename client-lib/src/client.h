/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Client - one call to the agent and its reply, for the functions of the API.
 */

#include "connection.h"

#include <stdint.h>
#include <sys/types.h>

struct held;
struct schema;
struct uatrust_client;
struct uatrust_error;

struct uatrust_client {
        char *socket; /* NULL: the default */
        char *admin_socket;
        char *store; /* NULL: the agent's default */
        unsigned int timeout_ms;
        struct connection connection;
        struct held *held;
        pid_t owner; /* the process that connected */
};

struct client_call {
        const char *method; /* full name */
        const struct schema *in;
        const void *value;
        const struct schema *out;
};

/**
 * client_call() - ask and wait; connects first if need be
 * @out: a struct of call->out; written on success only
 *
 * A connection that the agent closed since the last call is made anew once. All our methods may be asked twice.
 *
 * Return: 0 or an enum uatrust_code.
 */
int client_call(struct uatrust_client *client, const struct client_call *call, void *out,
                struct uatrust_error **error);

/**
 * client_call_admin() - the same on the admin socket, by a connection of its own
 *
 * Asked once: of a call whose reply was lost nobody knows whether it was carried out.
 */
int client_call_admin(struct uatrust_client *client, const struct client_call *call, void *out,
                      struct uatrust_error **error);

/** client_connect() - a new connection as the client is set up; Return: 0 or an enum uatrust_code */
int client_connect(const struct uatrust_client *client, int64_t deadline_ms, struct connection *out,
                   struct uatrust_error **error);

/** client_report() - turn what a connection_* function returned into an error; Return: its enum uatrust_code */
int client_report(struct uatrust_error **error, int r, const char *path);

/**
 * client_read_reply() - one reply as it came
 * @out: a struct of @schema; written on success only
 *
 * Return: 0, or an enum uatrust_code: the error that the reply holds, or that it is none.
 */
int client_read_reply(const char *text, size_t n, const struct schema *schema, void *out,
                      struct uatrust_error **error);
