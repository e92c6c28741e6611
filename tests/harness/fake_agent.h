/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Fake agents - a process behind a Unix socket that answers messages by a script, for tests of the client library.
 */

#include <stddef.h>

struct fake_agent;

/* What the agent does with one message. */
struct fake_agent_row {
        const char *
                expected; /* some part of the message; another message gets an error that no agent has */
        const char *reply; /* sent as it is, each newline as a NUL; NULL: closes the connection */
};

/**
 * fake_agent_new() - listen at @path and answer in a child process, one connection after the other
 * @rows: in the order of messages, over all connections; after the last one it takes messages and says nothing
 */
struct fake_agent *fake_agent_new(const char *path, const struct fake_agent_row *rows,
                                  size_t n_rows);

/** fake_agent_free() - end the process, leave the socket's file; takes NULL; Return: NULL */
struct fake_agent *fake_agent_free(struct fake_agent *agent);

void fake_agent_freep(struct fake_agent **agent);
