/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Frame - messages out of a stream of bytes. Each ends with one NUL byte. The stream comes as it comes: a byte at
 * a time, or many messages at once; every byte is looked at once.
 *
 *         frame_get_room(&frame, &room, &n_room);
 *         n = read(fd, room, n_room);
 *         frame_add(&frame, n);
 *         while ((r = frame_next(&frame, &message, &n_message)) == 0)
 *                 ...
 */

#include <stddef.h>

enum {
        FRAME_E_PARTIAL = 1, /* no whole message yet: read more */
        FRAME_E_TOO_LARGE =
                2, /* the message at hand is longer than the limit; the stream is of no more use */
};

struct frame {
        char *data;
        size_t n_room;
        size_t n;       /* bytes held */
        size_t start;   /* of the message at hand */
        size_t scanned; /* up to here there is no NUL after start */
        size_t n_read;  /* how much the next read may bring */
        size_t max_bytes;
};

/** frame_init() - @max_bytes: of one message, without its NUL. Allocates nothing */
void frame_init(struct frame *frame, size_t max_bytes);
void frame_deinit(struct frame *frame);

/** frame_trim() - hold no memory while nothing is pending; ends the life of messages given before */
void frame_trim(struct frame *frame);

/**
 * frame_get_room() - where the next bytes of the stream shall go; ends the life of messages given before
 *
 * Call frame_next() until it gives no more between two of these: then at most twice max_bytes are ever held (4 KiB
 * if that is less), and a frame with nothing pending gives larger room back.
 *
 * Return: 0 and at least one byte of room, or -ENOMEM.
 */
int frame_get_room(struct frame *frame, char **out, size_t *n_out);

/**
 * frame_read_less() - for want of memory the next reads bring as little as possible; gives back the room that they do
 * not need
 */
void frame_read_less(struct frame *frame);

/** frame_add() - @n bytes were put into the room */
void frame_add(struct frame *frame, size_t n);

/**
 * frame_next() - the next whole message
 * @out: @n_out bytes and a NUL; borrowed until frame_get_room(), frame_trim() or frame_deinit(); may be of 0 bytes
 *
 * Return: 0, FRAME_E_PARTIAL or FRAME_E_TOO_LARGE, the latter as soon as it is certain and for good.
 */
int frame_next(struct frame *frame, const char **out, size_t *n_out);
