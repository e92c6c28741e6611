/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Caller - who asks, as the kernel or the bus told it (never as the caller itself did). A door
 * makes one for each connection, so that the core judges rights and quotas without knowing doors.
 */

#include "base/ref.h"
#include "proto/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define CALLER_CGROUP_MAX_BYTES 1023 /* a longer path counts as unknown */

enum caller_door {
        CALLER_DOOR_CLIENT, /* the client socket */
        /* the admin socket, whose mode and group decided already who gets here */
        CALLER_DOOR_ADMIN,
        CALLER_DOOR_BUS,
};

struct caller {
        struct ref ref;
        enum caller_door door;
        uid_t uid;
        gid_t gid;
        pid_t pid;           /* 0 where the door cannot tell */
        const gid_t *groups; /* supplementary groups, in any order */
        size_t n_groups;

        /*
         * path of its control group, which tells service and container of one user apart; "" or
         * NULL where nobody knows
         */
        const char *cgroup;
};

/** caller_new() - a copy of @from with all that it points to; Return: 0 or -ENOMEM */
int caller_new(const struct caller *from, struct caller **out);

struct caller *caller_ref(const struct caller *caller);
struct caller *caller_unref(struct caller *caller);

/**
 * caller_has_rights_of() - do all rights of @b hold for @a too? True if they came by the same door as
 * the same user in the same groups and control group
 */
bool caller_has_rights_of(const struct caller *a, const struct caller *b);

/** caller_is_in_group() - as its primary group or another */
bool caller_is_in_group(const struct caller *caller, gid_t group);

/**
 * caller_is_of_unit() - does its control group belong to this unit of the system's service manager?
 * @unit: its full name, such as "ua-server.service"
 *
 * Units of users' own service managers are part of user@UID.service: nobody wears a name that he
 * chose himself.
 */
bool caller_is_of_unit(const struct caller *caller, const char *unit);

/**
 * caller_find_unit() - the service or scope of the system's service manager that it belongs to
 *
 * Return: @out_n letters of its control group, borrowed; NULL: nobody knows.
 */
const char *caller_find_unit(const struct caller *caller, size_t *out_n);

DEFINE_CLEANUP(struct caller *, caller_unref)
