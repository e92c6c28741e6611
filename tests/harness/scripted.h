/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Scripted agents - a socket at which the test itself is the agent: it accepts each connection of a
 * client, hears and says what it likes, in any order.
 */

#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

enum {
        LIMIT_MS = 300, /* of the client, for each answer */
        WAIT_MS = 20000,
        N_CONNECTIONS = 4,
};

struct fixture {
        struct tree *tree;
        struct sockaddr_un address;
        int listener;
        int fds[N_CONNECTIONS]; /* accepted, in order; -1: not yet */
        struct uatrust_client *client;
        struct uatrust_request *request;
        char told[1024];
};

/* For cmocka. */
int scripted_set_up(void **state);
int scripted_tear_down(void **state);

/* One round of the client's. */
void process(struct fixture *fixture);

/* The client's next connection becomes the @i-th. */
void accept_one(struct fixture *fixture, size_t i);

/* Each newline is a NUL. */
void send_text(struct fixture *fixture, size_t i, const char *text);

/* Waits until the client has sent this word. */
void receive_word(struct fixture *fixture, size_t i, const char *word);
