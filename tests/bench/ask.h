/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Ask - a Varlink client that does as little as can be done: it sends frames and waits for frames. Stops the program
 * with a message if the other side does anything else.
 */

#include <stddef.h>
#include <stdint.h>

#define ASK_REPLY_MAX (1024 * 1024)

struct ask {
        int fd;
        char *received; /* ASK_REPLY_MAX bytes */
        size_t n, start;
};

/* A question to Validate. */
struct ask_validate {
        const char *store;
        const char *application_uri; /* NULL: none */
        const uint8_t *der;
        size_t n_der;
};

/** ask_init() - connect to the socket at @path */
void ask_init(struct ask *ask, const char *path);

void ask_deinit(struct ask *ask);

void ask_send(struct ask *ask, const char *data, size_t n);

/** ask_receive() - the next frame, waiting for it; borrowed until the next call; @out_n: NULL allowed */
const char *ask_receive(struct ask *ask, size_t *out_n);

/** ask_receive_all() - wait for bytes, and count the frames that end in them */
size_t ask_receive_all(struct ask *ask);

/** ask_frame() - a call of Validate with its NUL, as a server asks about its client; free() it */
char *ask_frame(const struct ask_validate *question, size_t *out_n);

/** ask_must_be_good() - @reply says Good, or the program stops */
void ask_must_be_good(const char *reply);

/** ask_der_bytes() - how long the DER object at @der is, header and all */
size_t ask_der_bytes(const uint8_t *der, size_t n);
