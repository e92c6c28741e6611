/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Cgroup - the control group of a process at the other end of a connection, by which the service
 * tells services and containers apart.
 *
 * A process may be gone and its number another's by the time that we look: what is found counts only
 * if it belongs to the same user still. Who gets a process of his own user to bear a number gains
 * nothing that the user had not.
 */

#include "service/caller.h"

#include <stddef.h>
#include <sys/types.h>

/**
 * cgroup_read() - of a process
 * @uid: whose it is, by the word of the kernel or the bus
 * @out: a path; "" where it cannot be read, is longer, or is the root, which tells nothing apart
 */
void cgroup_read(pid_t pid, uid_t uid, char out[CALLER_CGROUP_MAX_BYTES + 1]);

/**
 * cgroup_parse() - the same, from the text of /proc/PID/cgroup
 *
 * That of the one hierarchy ("0::"), or, where it says nothing, that of the service manager's own.
 */
void cgroup_parse(const char *text, char out[CALLER_CGROUP_MAX_BYTES + 1]);
