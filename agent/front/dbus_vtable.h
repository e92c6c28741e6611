/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * D-Bus vtable - an interface of proto/introspect as sd-bus wants it, made at run time so that the
 * tables of proto stay the one statement of what there is. Every method is open to every user for
 * sd-bus: rights are the service's.
 */

#include "proto/compiler.h"

#include <systemd/sd-bus.h>

struct dbus_vtable;

/**
 * dbus_vtable_new() - the interface of that D-Bus name
 * @on_method:   of all its methods; NULL if it has none
 * @on_property: of all its properties
 *
 * Return: 0 or -ENOMEM.
 */
int dbus_vtable_new(const char *interface, sd_bus_message_handler_t on_method,
                    sd_bus_property_get_t on_property, struct dbus_vtable **out);

struct dbus_vtable *dbus_vtable_free(struct dbus_vtable *vtable);
DEFINE_CLEANUP(struct dbus_vtable *, dbus_vtable_free)

/** dbus_vtable_rows() - for sd_bus_add_object_vtable(); borrowed */
const sd_bus_vtable *dbus_vtable_rows(const struct dbus_vtable *vtable);

/** dbus_vtable_properties() - the names of its properties, NULL-terminated; borrowed */
char **dbus_vtable_properties(const struct dbus_vtable *vtable);
