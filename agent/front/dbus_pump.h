/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * D-Bus pump - drives one sd-bus connection by the loop. sd-bus keeps messages that it has read and
 * not yet given out, and its wishes change with each of them: so everything is given out before
 * each poll, and its descriptor's events and its timeout are asked anew.
 */

#include "proto/compiler.h"

struct dbus_pump;
struct loop;
struct sd_bus;

/**
 * dbus_pump_lost_fn - the connection is lost: @r says why. Once, and not from within sd-bus: free
 * the pump now
 */
typedef void (*dbus_pump_lost_fn)(int r, void *userdata);

/**
 * dbus_pump_new() - drive a started connection
 * @bus: outlives the pump
 *
 * Return: 0, or a negative errno.
 */
int dbus_pump_new(struct loop *loop, struct sd_bus *bus, dbus_pump_lost_fn lost, void *userdata,
                  struct dbus_pump **out);

/** dbus_pump_free() - takes NULL; Return: NULL */
struct dbus_pump *dbus_pump_free(struct dbus_pump *pump);
DEFINE_CLEANUP(struct dbus_pump *, dbus_pump_free)
