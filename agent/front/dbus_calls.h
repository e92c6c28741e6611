/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * D-Bus calls - method calls from the bus on their way through the service: wait until the bus has
 * said who calls, read the arguments, have polkit asked where the service does not know who may,
 * ask, write the reply. A sender has at most
 * NAMES_CONNECTION_CALLS_MAX calls under way; those of one that left the bus are cancelled.
 */

#include "proto/compiler.h"

struct dbus_calls;
struct log;
struct schema_method;
struct sd_bus;
struct sd_bus_message;
struct service;

struct dbus_calls_config {
        struct sd_bus *bus;
        struct service *service;
        const struct log *log;
};

/** dbus_calls_new() - none yet; Return: 0 or -ENOMEM */
int dbus_calls_new(const struct dbus_calls_config *config, struct dbus_calls **out);

/** dbus_calls_free() - calls under way get no reply; takes NULL; Return: NULL */
struct dbus_calls *dbus_calls_free(struct dbus_calls *calls);
DEFINE_CLEANUP(struct dbus_calls *, dbus_calls_free)

/**
 * dbus_calls_take() - answer a call of that method, now or later; whatever is wrong with it is a
 * reply
 */
void dbus_calls_take(struct dbus_calls *calls, struct sd_bus_message *message,
                     const struct schema_method *method);
