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
 * fs_folds_names() - may a file in it be called by other names than the one that is listed, such as
 * in capitals, or by a short one?
 * @fd: an open directory; of one that is opened with O_PATH only the kind of its file system tells
 *
 * What inotify tells is the name by which the file was called.
 */
bool fs_folds_names(int fd);

/**
 * fs_is_about_us() - does this errno say something of the agent, and nothing of the file?
 * @error: positive
 *
 * Such a want of memory or descriptors passes: what failed is to be done again.
 */
bool fs_is_about_us(int error);
