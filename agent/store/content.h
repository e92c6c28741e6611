/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Content - all bytes of an open file, within LAYOUT_FILE_BYTES_MAX. A file that begins with a
 * private key is read no further than its head.
 */

#include <stddef.h>
#include <stdint.h>

/* What is read first, to see whether the rest is to be read at all. */
#define CONTENT_HEAD_BYTES 4096

struct content {
        uint8_t *data; /* owned; n_room bytes, of which n were read */
        size_t n, n_room;
};

#define CONTENT_NULL                                                                               \
        {                                                                                          \
                .data = NULL                                                                       \
        }

enum {
        CONTENT_E_TOO_LARGE = 1,
        CONTENT_E_PRIVATE_KEY, /* its head was read: content_wipe() it */
};

/**
 * content_read() - read a file to its end, whatever it says its size is
 * @size_hint: as fstat() tells it
 * @content:   CONTENT_NULL; content_deinit() it, also after a failure
 *
 * Return: 0, CONTENT_E_*, or a negative errno, the file's or ours.
 */
int content_read(int fd, int64_t size_hint, struct content *content);

/** content_wipe() - a private key stays in memory no longer than it takes to see that it is one */
void content_wipe(struct content *content);

void content_deinit(struct content *content);
