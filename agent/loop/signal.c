/* SPDX-License-Identifier: Apache-2.0 */
#include "loop/signal.h"

#include "loop/loop.h"

#include <uv.h>

#include <errno.h>

struct loop_signal {
        uv_signal_t signal;
        loop_signal_fn fn; /* NULL once freed */
        void *userdata;
};

static void on_signal(uv_signal_t *uv, int number)
{
        struct loop_signal *handle = CONTAINER_OF(uv, struct loop_signal, signal);

        if (handle->fn)
                handle->fn(handle, number, handle->userdata);
}

static void on_closed(uv_handle_t *closed)
{
        free(CONTAINER_OF((uv_signal_t *)closed, struct loop_signal, signal));
}

int loop_signal_new(struct loop *loop, int number, loop_signal_fn fn, void *userdata,
                    struct loop_signal **out)
{
        CLEANUP(loop_signal_freep) struct loop_signal *handle = NULL;
        struct loop_signal *made = calloc(1, sizeof(*made));
        int r;

        if (!made)
                return -ENOMEM;

        r = uv_signal_init(loop_get_uv(loop), &made->signal);
        if (r) {
                free(made);
                return r;
        }

        handle = made;
        handle->fn = fn;
        handle->userdata = userdata;
        r = uv_signal_start(&handle->signal, on_signal, number);
        if (r)
                return r;

        *out = TAKE(handle);
        return 0;
}

struct loop_signal *loop_signal_free(struct loop_signal *handle)
{
        if (!handle)
                return NULL;

        handle->fn = NULL;
        uv_close((uv_handle_t *)&handle->signal, on_closed);
        return NULL;
}
