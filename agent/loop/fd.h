/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Fd - tells when a file descriptor can be read or written. Level-triggered: a callback that leaves
 * bytes behind is called again. The descriptor stays the caller's: free the handle first, then
 * close the descriptor.
 */

#include "proto/compiler.h"

struct loop;
struct loop_fd;

enum loop_fd_event {
        LOOP_FD_READABLE = 1 << 0,
        LOOP_FD_WRITABLE = 1 << 1,
        LOOP_FD_PRIORITY = 1 << 2, /* POLLPRI: how the kernel marks a changed mountinfo */
        LOOP_FD_HANGUP = 1 << 3,   /* the peer will send nothing more */
};

/**
 * loop_fd_fn - @events: those that were selected and hold now. After an error of the descriptor all
 * that were selected are reported once and the selection is empty; reading or writing then tells
 * the errno.
 */
typedef void (*loop_fd_fn)(struct loop_fd *handle, unsigned int events, void *userdata);

/**
 * loop_fd_new() - join @fd to the loop; nothing is selected yet
 * @fd: made non-blocking; one handle a descriptor
 *
 * Return: 0, or a negative errno (-EPERM: a kind of file that cannot be polled)
 */
int loop_fd_new(struct loop *loop, int fd, loop_fd_fn fn, void *userdata, struct loop_fd **out);

/** loop_fd_free() - takes NULL; Return: NULL */
struct loop_fd *loop_fd_free(struct loop_fd *handle);
DEFINE_CLEANUP(struct loop_fd *, loop_fd_free)

/**
 * loop_fd_select() - which events to report from now on, 0 for none; free if nothing changes;
 * Return: 0, -errno
 */
int loop_fd_select(struct loop_fd *handle, unsigned int events);
