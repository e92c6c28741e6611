/* SPDX-License-Identifier: Apache-2.0 */
#include "loop/loop.h"

#include <uv.h>

#include <assert.h>
#include <errno.h>

struct loop {
        uv_loop_t uv;
};

int loop_new(struct loop **out)
{
        struct loop *loop = calloc(1, sizeof(*loop));
        int r;

        if (!loop)
                return -ENOMEM;

        r = uv_loop_init(&loop->uv);
        if (r) {
                free(loop);
                return r;
        }

        *out = loop;
        return 0;
}

static void check_is_closing(uv_handle_t *handle, void *userdata)
{
        (void)userdata;
        assert(uv_is_closing(handle));
}

struct loop *loop_free(struct loop *loop)
{
        int r;

        if (!loop)
                return NULL;

        uv_walk(&loop->uv, check_is_closing, NULL);
        uv_run(&loop->uv, UV_RUN_DEFAULT);
        r = uv_loop_close(&loop->uv);
        assert(!r);
        (void)r;
        free(loop);
        return NULL;
}

void loop_end_workers(void)
{
        uv_library_shutdown();
}

void loop_run(struct loop *loop)
{
        uv_run(&loop->uv, UV_RUN_DEFAULT);
}

void loop_run_once(struct loop *loop)
{
        uv_run(&loop->uv, UV_RUN_ONCE);
}

void loop_stop(struct loop *loop)
{
        uv_stop(&loop->uv);
}

struct uv_loop_s *loop_get_uv(struct loop *loop)
{
        return &loop->uv;
}
