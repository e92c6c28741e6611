/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * D-Bus senders - who calls over the bus. The bus is asked once for the credentials behind a unique
 * name, without waiting for the answer, and tells when the name is gone; a call that comes before
 * the answer waits for it. sd-bus's own ways to ask would block the loop for as long as a hung bus
 * likes.
 */

#include "proto/compiler.h"

#include <stdbool.h>
#include <stddef.h>

struct caller;
struct dbus_senders;
struct sd_bus;
struct sd_bus_slot;

#define DBUS_SENDERS_MAX                                                                           \
        256 /* known at once; each costs a match rule, of which the bus allows 512 */

/* One connection to the bus that called us. */
struct dbus_sender {
        char *name;            /* unique, ":1.42" */
        struct caller *caller; /* NULL: the bus has not answered yet */
        /* of its calls that are not answered; kept by whoever answers them */
        size_t n_calls;

        struct dbus_senders *senders;
        struct sd_bus_slot *match, *query;
        struct dbus_sender *next;
};

struct dbus_senders_config {
        struct sd_bus *bus;

        /*
         * the bus has answered: sender->caller is set; or @is_gone: it left, or the bus does not
         * know it
         */
        void (*on_news)(struct dbus_sender *sender, bool is_gone, void *userdata);
        void *userdata;
};

/** dbus_senders_new() - nobody yet; Return: 0 or -ENOMEM */
int dbus_senders_new(const struct dbus_senders_config *config, struct dbus_senders **out);

/** dbus_senders_free() - forget all, calling nobody; takes NULL; Return: NULL */
struct dbus_senders *dbus_senders_free(struct dbus_senders *senders);
DEFINE_CLEANUP(struct dbus_senders *, dbus_senders_free)

/**
 * dbus_senders_get() - the sender of that unique name; the bus is asked if it is new
 *
 * Where too many are known, one without calls is forgotten. Return: 0; -EBUSY: all of them have
 * calls; or another negative errno.
 */
int dbus_senders_get(struct dbus_senders *senders, const char *name, struct dbus_sender **out);
