/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Connection - a Unix socket to the agent: bytes out, whole messages in. Nothing here waits
 * but where connection_wait() asks for it.
 */

#include "proto/frame.h"

#include <stdbool.h>
#include <stddef.h>

enum {
        CONNECTION_E_ABSENT = 1, /* there is no socket at the path */
        CONNECTION_E_LOST,       /* nobody listens, or not any more */
        CONNECTION_E_UNHEARD,    /* the same, and what was sent last was never read */
        CONNECTION_E_DENIED,
        CONNECTION_E_TIMED_OUT, /* nothing here gives it; for those above */
        CONNECTION_E_TOO_LARGE, /* a message beyond NAMES_REPLY_MAX_BYTES */
        CONNECTION_E_GARBLED,   /* a message out of turn, or one that is no reply; as above */
        CONNECTION_E_BAD_PATH,  /* empty, or too long for a socket */
        CONNECTION_E_FULL,      /* the listener's queue is: connect again soon */
        CONNECTION_E_AGAIN,     /* no room to send, nothing to receive, no whole message */
};

enum {
        CONNECTION_PATH_MAX = 108, /* of a Unix socket, its NUL counted */
        CONNECTION_WAIT_MS = 50,   /* and at most a tick of the kernel more */
};

struct connection {
        int fd;        /* -1: none */
        bool may_wait; /* something was sent, and no wait for a reply was begun since */
        bool waits;    /* the next connection_receive() does */
        struct frame frame;
        char path[CONNECTION_PATH_MAX]; /* where it was opened */
};

#define CONNECTION_NULL                                                                            \
        {                                                                                          \
                .fd = -1                                                                           \
        }

/**
 * connection_open() - connect to @path; connection_close() @out; Return: 0, CONNECTION_E_*, or a
 * negative errno
 */
int connection_open(const char *path, struct connection *out);

/** connection_close() - leaves CONNECTION_NULL */
void connection_close(struct connection *connection);

/**
 * connection_send() - as many of @n bytes as there is room for
 * @out: how many, at least 1; written on success only
 *
 * Return: 0, CONNECTION_E_AGAIN, CONNECTION_E_LOST, or a negative errno.
 */
int connection_send(struct connection *connection, const void *data, size_t n, size_t *out);

/**
 * connection_wait() - have the next connection_receive() wait for what comes, CONNECTION_WAIT_MS at
 * most; once for what was sent
 *
 * Return: false: it was done already.
 */
bool connection_wait(struct connection *connection);

/**
 * connection_receive() - take what has come, and end the life of messages given before
 *
 * Return: 0: something has; CONNECTION_E_AGAIN, CONNECTION_E_LOST, CONNECTION_E_UNHEARD, or a
 * negative errno.
 */
int connection_receive(struct connection *connection);

/**
 * connection_next() - the next whole message of what has come
 * @out: borrowed until connection_receive()
 *
 * Return: 0, CONNECTION_E_AGAIN, or CONNECTION_E_TOO_LARGE.
 */
int connection_next(struct connection *connection, const char **out, size_t *n_out);
