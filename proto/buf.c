/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/buf.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define ROOM_MIN 256

void buf_deinit(struct buf *buf)
{
        free(buf->data);
        *buf = (struct buf)BUF_NULL;
}

void buf_reset(struct buf *buf)
{
        buf->n = 0;
        buf->error = 0;
}

static int grow(struct buf *buf, size_t n_more)
{
        size_t room;
        uint8_t *data;

        if (n_more > SIZE_MAX / 2 - buf->n)
                return -ENOMEM;

        room = buf->n_room * 2;
        if (room < buf->n + n_more)
                room = buf->n + n_more;
        if (room < ROOM_MIN)
                room = ROOM_MIN;

        data = realloc(buf->data, room);
        if (!data)
                return -ENOMEM;

        buf->data = data;
        buf->n_room = room;
        return 0;
}

void buf_reserve(struct buf *buf, size_t n)
{
        if (!buf->error && n > buf->n_room - buf->n)
                buf->error = grow(buf, n);
}

uint8_t *buf_extend(struct buf *buf, size_t n)
{
        buf_reserve(buf, n);
        if (buf->error)
                return NULL;

        buf->n += n;
        return buf->data + buf->n - n;
}

void buf_add(struct buf *buf, const void *data, size_t n)
{
        uint8_t *room = n ? buf_extend(buf, n) : NULL;

        if (room)
                memcpy(room, data, n);
}

void buf_add_byte(struct buf *buf, uint8_t byte)
{
        buf_add(buf, &byte, 1);
}

void buf_add_text(struct buf *buf, const char *text)
{
        buf_add(buf, text, strlen(text));
}

void buf_add_int(struct buf *buf, int64_t value)
{
        char digits[24];
        int n = snprintf(digits, sizeof(digits), "%" PRId64, value);

        buf_add(buf, digits, (size_t)n);
}

void buf_printf(struct buf *buf, const char *format, ...)
{
        va_list args;
        uint8_t *room;
        int n;

        va_start(args, format);
        n = vsnprintf(NULL, 0, format, args);
        va_end(args);
        if (n < 0)
                return;

        room = buf_extend(buf, (size_t)n + 1);
        if (!room)
                return;

        va_start(args, format);
        vsnprintf((char *)room, (size_t)n + 1, format, args);
        va_end(args);
        buf->n--; /* the NUL */
}

int buf_take_text(struct buf *buf, char **out)
{
        buf_add_byte(buf, '\0');
        if (buf_error(buf))
                return buf_error(buf);

        *out = (char *)TAKE(buf->data);
        *buf = (struct buf)BUF_NULL;
        return 0;
}
