/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Mounts - tells when something was mounted or unmounted anywhere in this mount namespace. inotify
 * says nothing of a file system that is mounted over a watched directory.
 */

/**
 * mounts_open() - a descriptor that stands at "priority" (POLLPRI) when the mounts changed
 * @out_fd: close() it; there is nothing to read from it
 *
 * The kernel forgets the change when the poll that told of it returns. After each: dirwatch_rearm()
 * and look at every directory.
 *
 * Return: 0, or a negative errno.
 */
int mounts_open(int *out_fd);
