/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Landlock - the kernel's way for a process to give up rights for good (landlock(7), Linux 5.13).
 * The C library has no functions for it, and the headers of an older kernel lack what a newer one
 * knows, so what is used of its interface stands here.
 *
 * A ruleset denies all of what it handles: reading, writing, making and removing files, executing,
 * and of what the kernel knows also TCP, ioctl on devices, and signals to processes outside.
 * landlock_allow() gives back reading or writing beneath a directory. After landlock_enter() this
 * thread, and all that it starts later, never has more.
 */

#include "proto/compiler.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Before version 2 (Linux 5.19) no file could be renamed into another directory, as updates of a
 * store do.
 */
#define LANDLOCK_ABI_MIN 2

struct landlock {
        int fd;
        uint64_t handled;
};

/** landlock_get_abi() - what the kernel knows; Return: its version, -ENOSYS, or -EOPNOTSUPP */
int landlock_get_abi(void);

/**
 * landlock_open() - begin a ruleset
 * @abi: LANDLOCK_ABI_MIN or more
 * @leaves_reading: reading is not handled, and stays as it is
 * @out: landlock_close() it
 *
 * Return: 0 or a negative errno.
 */
int landlock_open(int abi, bool leaves_reading, struct landlock *out);
void landlock_close(struct landlock *landlock);

/**
 * landlock_allow() - allow to read, or also to write, beneath the directory that @fd is open on;
 * Return: 0 or a negative errno
 */
int landlock_allow(const struct landlock *landlock, int fd, bool may_write);

/**
 * landlock_enter() - for good, and with no_new_privs; threads that run already are not concerned;
 * Return: 0 or a negative errno
 */
int landlock_enter(const struct landlock *landlock);
