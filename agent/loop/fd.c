/* SPDX-License-Identifier: Apache-2.0 */
#include "loop/fd.h"

#include "loop/loop.h"

#include <uv.h>

#include <errno.h>

struct loop_fd {
        uv_poll_t poll;
        loop_fd_fn fn; /* NULL once freed */
        void *userdata;
        unsigned int events;
};

/* libuv's names for the same events, in the order of enum loop_fd_event. */
static const int uv_events[] = { UV_READABLE, UV_WRITABLE, UV_PRIORITIZED, UV_DISCONNECT };

static int to_uv(unsigned int events)
{
        int mask = 0;

        for (size_t i = 0; i < ARRAY_SIZE(uv_events); i++)
                if (events & (1U << i))
                        mask |= uv_events[i];

        return mask;
}

static unsigned int from_uv(int mask)
{
        unsigned int events = 0;

        for (size_t i = 0; i < ARRAY_SIZE(uv_events); i++)
                if (mask & uv_events[i])
                        events |= 1U << i;

        return events;
}

static void on_poll(uv_poll_t *poll, int status, int mask)
{
        struct loop_fd *handle = CONTAINER_OF(poll, struct loop_fd, poll);
        unsigned int events = handle->events & from_uv(mask);

        if (status < 0) { /* libuv has stopped polling */
                events = handle->events;
                handle->events = 0;
        }
        if (handle->fn && events)
                handle->fn(handle, events, handle->userdata);
}

static void on_closed(uv_handle_t *closed)
{
        free(CONTAINER_OF((uv_poll_t *)closed, struct loop_fd, poll));
}

int loop_fd_new(struct loop *loop, int fd, loop_fd_fn fn, void *userdata, struct loop_fd **out)
{
        struct loop_fd *handle = calloc(1, sizeof(*handle));
        int r;

        if (!handle)
                return -ENOMEM;

        r = uv_poll_init(loop_get_uv(loop), &handle->poll, fd);
        if (r) {
                free(handle);
                return r;
        }

        handle->fn = fn;
        handle->userdata = userdata;
        *out = handle;
        return 0;
}

struct loop_fd *loop_fd_free(struct loop_fd *handle)
{
        if (!handle)
                return NULL;

        handle->fn = NULL;
        uv_close((uv_handle_t *)&handle->poll, on_closed);
        return NULL;
}

int loop_fd_select(struct loop_fd *handle, unsigned int events)
{
        int r;

        if (events == handle->events)
                return 0;

        r = events ? uv_poll_start(&handle->poll, to_uv(events), on_poll)
                   : uv_poll_stop(&handle->poll);
        if (r)
                return r;

        handle->events = events;
        return 0;
}
