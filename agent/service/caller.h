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
};

/** caller_new() - @groups: copied; Return: 0 or -ENOMEM */
int caller_new(const struct caller *from, struct caller **out);

struct caller *caller_ref(const struct caller *caller);
struct caller *caller_unref(struct caller *caller);

/**
 * caller_has_rights_of() - do all rights of @b hold for @a too? True if they came by the same door as
 * the same user in the same groups
 */
bool caller_has_rights_of(const struct caller *a, const struct caller *b);

DEFINE_CLEANUP(struct caller *, caller_unref)
