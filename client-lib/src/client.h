/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Client - what holds for all that is made of it, and what carries that: an engine with the
 * connections, and the tasks that wait for the caller. Calls, monitors and watches hold it; when
 * the caller has freed it, it is closed and does nothing more.
 */

#include "door.h"
#include "engine.h"
#include "pipeline.h"
#include "task.h"

#include <stdbool.h>

struct held;
struct uatrust_error;

struct uatrust_client {
        unsigned int n_refs;
        bool is_closed;
        bool is_processing;
        struct door door, admin_door;
        char *store; /* NULL: the agent's default */
        unsigned int timeout_ms;
        struct engine engine;
        struct pipeline calls;         /* of the callers */
        struct pipeline registrations; /* of watched peers, which take their time */
        struct tasks tasks;
        struct held *held;
};

struct uatrust_client *client_ref(struct uatrust_client *client);
void client_unref(struct uatrust_client *client); /* takes NULL */

/** client_deadline_us() - of what begins now */
uint64_t client_deadline_us(const struct uatrust_client *client);

/** client_store() - @store, or else the client's */
char *client_store(const struct uatrust_client *client, const char *store);

/** client_report_closed() - the caller freed the client; Return: its enum uatrust_code */
int client_report_closed(struct uatrust_error **error);
