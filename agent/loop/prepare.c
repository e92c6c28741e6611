/* SPDX-License-Identifier: Apache-2.0 */
#include "loop/prepare.h"

#include "loop/loop.h"

#include <uv.h>

#include <errno.h>

struct loop_prepare {
        uv_prepare_t prepare;
        loop_prepare_fn fn; /* NULL once freed */
        void *userdata;
};

static void on_prepare(uv_prepare_t *uv)
{
        struct loop_prepare *handle = CONTAINER_OF(uv, struct loop_prepare, prepare);

        if (handle->fn)
                handle->fn(handle, handle->userdata);
}

static void on_closed(uv_handle_t *closed)
{
        free(CONTAINER_OF((uv_prepare_t *)closed, struct loop_prepare, prepare));
}

int loop_prepare_new(struct loop *loop, loop_prepare_fn fn, void *userdata,
                     struct loop_prepare **out)
{
        struct loop_prepare *handle = calloc(1, sizeof(*handle));

        if (!handle)
                return -ENOMEM;

        uv_prepare_init(loop_get_uv(loop), &handle->prepare);
        uv_prepare_start(&handle->prepare, on_prepare);
        handle->fn = fn;
        handle->userdata = userdata;
        *out = handle;
        return 0;
}

struct loop_prepare *loop_prepare_free(struct loop_prepare *handle)
{
        if (!handle)
                return NULL;

        handle->fn = NULL;
        uv_close((uv_handle_t *)&handle->prepare, on_closed);
        return NULL;
}
