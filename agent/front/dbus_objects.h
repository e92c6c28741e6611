/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * D-Bus objects - what we show on one connection to the bus: methods that become calls of the
 * service, properties, and the signals that tell of new generations. The tables of proto say what
 * there is.
 */

#include "proto/compiler.h"

struct dbus_objects;
struct log;
struct loop;
struct sd_bus;
struct service;

struct dbus_objects_config {
        struct loop *loop;
        struct sd_bus *bus; /* started */
        struct service *service;
        const struct log *log;
        const char *version;
};

/**
 * dbus_objects_new() - show them; what @config points to must outlive them; Return: 0, or a
 * negative errno
 */
int dbus_objects_new(const struct dbus_objects_config *config, struct dbus_objects **out);

/** dbus_objects_free() - calls that are under way get no reply; takes NULL; Return: NULL */
struct dbus_objects *dbus_objects_free(struct dbus_objects *objects);
DEFINE_CLEANUP(struct dbus_objects *, dbus_objects_free)
