/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Buf - bytes that grow. A failure to allocate sticks: later additions do nothing, and one question at the end,
 * buf_error(), tells. So that writers of text need no check after each word.
 */

#include "proto/compiler.h"

#include <stddef.h>
#include <stdint.h>

struct buf {
        uint8_t *data; /* NULL or n_room bytes */
        size_t n;      /* used */
        size_t n_room;
        int error; /* 0 or -ENOMEM */
};

#define BUF_NULL                                                                                   \
        {                                                                                          \
                NULL, 0, 0, 0                                                                      \
        }

/** buf_deinit() - free, and leave BUF_NULL; CLEANUP(buf_deinit) struct buf buf = BUF_NULL; */
void buf_deinit(struct buf *buf);

/** buf_reset() - forget the content and a failure, keep the room */
void buf_reset(struct buf *buf);

/** buf_error() - Return: 0, or -ENOMEM if any addition since the start or buf_reset() failed */
static inline int buf_error(const struct buf *buf)
{
        return buf->error;
}

/** buf_reserve() - room for @n bytes more, so that adding them moves nothing; the failure sticks */
void buf_reserve(struct buf *buf, size_t n);

/** buf_extend() - @n bytes more at the end, not initialised; Return: where, or NULL: the failure sticks */
uint8_t *buf_extend(struct buf *buf, size_t n);

void buf_add(struct buf *buf, const void *data, size_t n);
void buf_add_byte(struct buf *buf, uint8_t byte);
void buf_add_text(struct buf *buf, const char *text); /* without its NUL */
void buf_add_int(struct buf *buf, int64_t value);     /* in decimal */
void buf_printf(struct buf *buf, const char *format, ...) PRINTF(2, 3);

/**
 * buf_take_text() - the content as a string
 * @out: malloc()ed, with a NUL behind it; written on success only
 *
 * Return: 0, after which @buf is BUF_NULL, or -ENOMEM.
 */
int buf_take_text(struct buf *buf, char **out);
