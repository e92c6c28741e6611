/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Fs - what can be relied on in the file system that a descriptor lies on.
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
