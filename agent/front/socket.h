/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Socket - Unix stream sockets as files, and who is at their other end.
 */

#include "proto/compiler.h"
#include "service/caller.h"

#include <sys/types.h>

enum {
        SOCKET_E_IN_USE = 1,       /* somebody listens at the path */
        SOCKET_E_NO_SOCKET = 2,    /* there is something at the path, and it is no socket */
        SOCKET_E_BAD_PATH = 3,     /* empty, or too long for the address of a socket (107 bytes) */
        SOCKET_E_NOT_LISTENING = 4 /* the descriptor is no listening Unix stream socket */
};

/**
 * socket_listen() - make a socket at @path
 * @path: in an existing directory; a dead agent's socket there is replaced, a live one never
 * @mode: of the file, whatever the umask
 * @group: of the file; -1: the process's own
 * @out: non-blocking, close() it; written on success only
 *
 * The file appears with its mode and listening already, so that nobody meets a half-made one; of
 * several agents that start at once, one wins.
 *
 * Return: 0, SOCKET_E_IN_USE, _NO_SOCKET, _BAD_PATH, or a negative errno.
 */
int socket_listen(const char *path, mode_t mode, gid_t group, int *out);

/**
 * socket_remove() - remove the file of our own socket; before closing it, or it may be the next
 * agent's already
 */
void socket_remove(const char *path);

/**
 * socket_adopt() - make sure of a socket that was handed to us; Return: 0, SOCKET_E_NOT_LISTENING,
 * or -errno
 */
int socket_adopt(int fd);

/**
 * socket_read_caller() - who connected, by the kernel's word
 * @fd: an accepted connection
 * @out: caller_unref() it; written on success only
 *
 * Return: 0, or a negative errno.
 */
int socket_read_caller(int fd, enum caller_door door, struct caller **out);
