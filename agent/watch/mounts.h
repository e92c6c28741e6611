/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Mounts - tells when something was mounted or unmounted anywhere in this mount namespace. inotify
 * says nothing of a file system that is mounted over a watched directory.
 */

#include <stdbool.h>

/**
 * mounts_open() - a descriptor that stands at "priority" (POLLPRI) when the mounts changed
 * @out_fd: close() it; there is nothing to read from it
 *
 * The kernel forgets the change when the poll that told of it returns. After each: dirwatch_rearm()
 * and look at every directory.
 *
 * It also forgets one that came before the descriptor was added to an epoll set (the kernel polls
 * then, and throws away what it hears). Whoever waits by epoll opens a second one first, and asks
 * that by mounts_have_changed() once the first is in the set.
 *
 * Return: 0, or a negative errno.
 */
int mounts_open(int *out_fd);

/** mounts_have_changed() - since it was opened, or last asked? @fd: in no epoll set */
bool mounts_have_changed(int fd);
