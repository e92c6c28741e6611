/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Connection - a Unix socket to the agent that sends and receives whole messages, each before a deadline.
 */

#include "proto/frame.h"

#include <stddef.h>
#include <stdint.h>

enum {
        CONNECTION_E_ABSENT = 1, /* there is no socket at the path */
        CONNECTION_E_LOST,       /* nobody listens, or not any more */
        CONNECTION_E_DENIED,
        CONNECTION_E_TIMED_OUT,
        CONNECTION_E_TOO_LARGE, /* a message beyond NAMES_REPLY_MAX_BYTES */
        CONNECTION_E_BAD_PATH,  /* too long for a socket */
};

struct connection {
        int fd; /* -1: none */
        struct frame frame;
        char path[108]; /* where it was opened */
};

#define CONNECTION_NULL                                                                            \
        {                                                                                          \
                .fd = -1                                                                           \
        }
#define CONNECTION_FOREVER INT64_MAX

/** connection_deadline() - the moment so many milliseconds from now, in CLOCK_MONOTONIC's ms; negative: never */
int64_t connection_deadline(int64_t timeout_ms);

/** connection_open() - connect to @path; connection_close() @out; Return: 0, CONNECTION_E_*, or a negative errno */
int connection_open(const char *path, int64_t deadline_ms, struct connection *out);

/** connection_close() - leaves CONNECTION_NULL */
void connection_close(struct connection *connection);

/** connection_send() - all @n bytes; Return: 0, CONNECTION_E_*, or a negative errno */
int connection_send(struct connection *connection, const void *data, size_t n, int64_t deadline_ms);

/**
 * connection_receive() - the next message
 * @out: borrowed until the next call
 *
 * What is there already is given even after the deadline.
 *
 * Return: 0, CONNECTION_E_*, or a negative errno.
 */
int connection_receive(struct connection *connection, int64_t deadline_ms, const char **out,
                       size_t *n_out);
