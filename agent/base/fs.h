/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Fs - what can be relied on in the file system that a descriptor lies on, and whom its errors are
 * about.
 */

#include <stdbool.h>

/**
 * fs_is_local() - does this kernel alone change what is there, and stamp it by its own clock?
 * @fd: an open file or directory; O_PATH will do
 *
 * Only then does inotify tell of every change. Network file systems, FUSE, and what we do not know
 * are not local.
 */
bool fs_is_local(int fd);

/**
 * fs_is_about_us() - does this errno say something of the agent, and nothing of the file?
 * @error: positive
 *
 * Such a want of memory or descriptors passes: what failed is to be done again.
 */
bool fs_is_about_us(int error);
