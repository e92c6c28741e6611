/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Varlink - the door of the Unix sockets: accepts, has connections counted, and keeps the
 * connections, each of which is a varlink_peer. What the kernel says of the other end becomes the
 * caller by whom the service judges rights.
 *
 * Spec: https://varlink.org, pages Interface Definition, Method Call, Service
 */

#include "proto/compiler.h"
#include "service/caller.h"

#include <stddef.h>
#include <stdint.h>

struct log;
struct loop;
struct schema_interface;
struct service;
struct varlink;

struct varlink_config {
        struct loop *loop;
        struct service *service;
        const struct log *log;
        const char *version; /* of the agent, for GetInfo */

        /* what all its sockets serve, NULL-terminated; NULL: what is right for each door */
        const struct schema_interface *const *interfaces;
        uint64_t unsent_max_ms; /* 0: NAMES_UNSENT_MAX_MS */

        /* a connection came or went, and there are @n now; NULL: nobody wants to know */
        void (*on_connections)(size_t n, void *userdata);
        void *userdata;
};

/**
 * varlink_new() - a door without sockets; what @config points to must outlive it; Return: 0 or
 * -ENOMEM
 */
int varlink_new(const struct varlink_config *config, struct varlink **out);

/**
 * varlink_free() - close all connections, then all sockets; before the service goes. Takes NULL;
 * Return: NULL
 */
struct varlink *varlink_free(struct varlink *varlink);
DEFINE_CLEANUP(struct varlink *, varlink_free)

/**
 * varlink_listen() - accept callers
 * @fd: a listening, non-blocking Unix stream socket (front/socket); taken, also on failure
 * @door: what its callers are
 *
 * A connection beyond those that its user, or its control group, may have (service/quota) gets the
 * error QuotaExceeded and is closed.
 *
 * Return: 0, or a negative errno.
 */
int varlink_listen(struct varlink *varlink, int fd, enum caller_door door);
