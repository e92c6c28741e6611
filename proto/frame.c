/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/frame.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What one read may bring: as little for one call now and then, as much for a stream of them. */
#define READ_MIN 4096
#define READ_MAX (64 * 1024)

void frame_init(struct frame *frame, size_t max_bytes)
{
        *frame = (struct frame){ .n_read = READ_MIN, .max_bytes = max_bytes };
}

void frame_deinit(struct frame *frame)
{
        free(frame->data);
        frame_init(frame, frame->max_bytes);
}

void frame_trim(struct frame *frame)
{
        if (frame->start < frame->n)
                return;

        free(frame->data);
        frame->data = NULL;
        frame->n_room = frame->n = frame->start = frame->scanned = 0;
}

/* The message at hand moves to the front; what came before it was given out already. */
static void drop_given(struct frame *frame)
{
        if (!frame->start)
                return;

        memmove(frame->data, frame->data + frame->start, frame->n - frame->start);
        frame->n -= frame->start;
        frame->scanned -= frame->start;
        frame->start = 0;
}

static int resize(struct frame *frame, size_t n_room)
{
        char *data = realloc(frame->data, n_room);

        if (!data)
                return -ENOMEM;

        frame->data = data;
        frame->n_room = n_room;
        return 0;
}

int frame_get_room(struct frame *frame, char **out, size_t *n_out)
{
        size_t n_wanted;
        int r = 0;

        drop_given(frame);
        if (!frame->n && frame->n_room > frame->n_read)
                frame_trim(frame);

        n_wanted = frame->n + frame->n_read;
        if (frame->n == frame->n_room && n_wanted < frame->n * 2)
                n_wanted = frame->n * 2;
        if (frame->n_room < n_wanted)
                r = resize(frame, n_wanted);
        if (r)
                return r;

        *out = frame->data + frame->n;
        *n_out = frame->n_room - frame->n;
        return 0;
}

void frame_read_less(struct frame *frame)
{
        drop_given(frame);
        frame->n_read = READ_MIN;
        if (frame->n_room > frame->n + READ_MIN)
                resize(frame, frame->n + READ_MIN); /* smaller, or as it was */
}

/* The next read brings more if this one filled the room, and less if it hardly used it. */
void frame_add(struct frame *frame, size_t n)
{
        size_t n_max = frame->max_bytes < READ_MAX ? frame->max_bytes : READ_MAX;

        assert(n <= frame->n_room - frame->n);
        if (frame->n + n == frame->n_room && frame->n_read * 2 <= n_max)
                frame->n_read *= 2;
        else if (n < frame->n_read / 4 && frame->n_read > READ_MIN)
                frame->n_read /= 2;
        frame->n += n;
}

int frame_next(struct frame *frame, const char **out, size_t *n_out)
{
        const char *end;

        if (frame->scanned == frame->n)
                return frame->n - frame->start > frame->max_bytes ? FRAME_E_TOO_LARGE
                                                                  : FRAME_E_PARTIAL;

        end = memchr(frame->data + frame->scanned, '\0', frame->n - frame->scanned);
        frame->scanned = end ? (size_t)(end - frame->data) : frame->n;
        if (frame->scanned - frame->start > frame->max_bytes)
                return FRAME_E_TOO_LARGE;
        if (!end)
                return FRAME_E_PARTIAL;

        *out = frame->data + frame->start;
        *n_out = frame->scanned - frame->start;
        frame->start = ++frame->scanned;
        return 0;
}
