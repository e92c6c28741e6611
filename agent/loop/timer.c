/* SPDX-License-Identifier: Apache-2.0 */
#include "loop/timer.h"

#include "loop/loop.h"

#include <uv.h>

#include <assert.h>
#include <errno.h>

struct loop_timer {
        uv_timer_t timer;
        loop_timer_fn fn; /* NULL once freed */
        void *userdata;
};

static void on_timeout(uv_timer_t *uv)
{
        struct loop_timer *timer = CONTAINER_OF(uv, struct loop_timer, timer);

        if (timer->fn)
                timer->fn(timer, timer->userdata);
}

static void on_closed(uv_handle_t *closed)
{
        free(CONTAINER_OF((uv_timer_t *)closed, struct loop_timer, timer));
}

int loop_timer_new(struct loop *loop, loop_timer_fn fn, void *userdata, struct loop_timer **out)
{
        struct loop_timer *timer = calloc(1, sizeof(*timer));

        if (!timer)
                return -ENOMEM;

        uv_timer_init(loop_get_uv(loop), &timer->timer);
        timer->fn = fn;
        timer->userdata = userdata;
        *out = timer;
        return 0;
}

struct loop_timer *loop_timer_free(struct loop_timer *timer)
{
        if (!timer)
                return NULL;

        timer->fn = NULL;
        uv_close((uv_handle_t *)&timer->timer, on_closed);
        return NULL;
}

void loop_timer_start(struct loop_timer *timer, uint64_t delay_ms)
{
        int r;

        /* libuv counts from the time of the last poll, which a long callback leaves behind. */
        uv_update_time(timer->timer.loop);
        r = uv_timer_start(&timer->timer, on_timeout, delay_ms, 0);
        assert(!r);
        (void)r;
}

void loop_timer_stop(struct loop_timer *timer)
{
        uv_timer_stop(&timer->timer);
}

bool loop_timer_is_started(const struct loop_timer *timer)
{
        return uv_is_active((const uv_handle_t *)&timer->timer);
}
