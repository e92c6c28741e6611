/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * D-Bus - the door for busctl and tools: name org.uatrust.Agent1, object /org/uatrust/Agent1 with
 * interface .Manager, and below it one object a store with interface .Store
 * (proto/org.uatrust.Agent1.xml). A bus that cannot be reached, or is lost, is tried again with
 * growing pauses; the other doors never notice.
 *
 * Any user's call reaches us: who may what is judged by the service from the credentials that the
 * bus tells.
 */

#include "proto/compiler.h"

struct dbus;
struct log;
struct loop;
struct service;

struct dbus_config {
        struct loop *loop;
        struct service *service;
        const struct log *log;
        const char *version; /* of the agent */
        const char *address; /* "system", "session", or an address as dbus-daemon prints it */
};

/**
 * dbus_new() - connect, now or later; what @config points to must outlive it; Return: 0 or -ENOMEM
 */
int dbus_new(const struct dbus_config *config, struct dbus **out);

/** dbus_free() - leave the bus; before the service goes. Takes NULL; Return: NULL */
struct dbus *dbus_free(struct dbus *dbus);
DEFINE_CLEANUP(struct dbus *, dbus_free)
