/* SPDX-License-Identifier: Apache-2.0 */
#include "loop/wall.h"

#include "loop/fd.h"

#include <errno.h>
#include <sys/timerfd.h>
#include <unistd.h>

/*
 * The kernel counts to 2262; a timer that is due then is armed, so that steps cancel it, and never
 * fires.
 */
#define FAR_S INT64_C(9000000000)

struct loop_wall {
        int fd;
        struct loop_fd *handle;
        loop_wall_fn fn;
        void *userdata;
        bool is_step_pending; /* seen while setting; the callback is still to come */
};

/* Arm at @at_s. ECANCELED tells of a step since the last look; the timer is armed nevertheless. */
static int arm(struct loop_wall *wall, int64_t at_s)
{
        int64_t due_s = at_s > FAR_S ? FAR_S : at_s;
        struct itimerspec due = { .it_value.tv_sec = due_s > 0 ? (time_t)due_s : 1 };

        if (timerfd_settime(wall->fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &due, NULL) < 0)
                return -errno;

        return 0;
}

static void on_due(struct loop_fd *handle, unsigned int events, void *userdata)
{
        struct loop_wall *wall = userdata;
        bool is_step = wall->is_step_pending;
        uint64_t n_expired;
        ssize_t n;

        (void)handle;
        (void)events;

        n = read(wall->fd, &n_expired, sizeof(n_expired));
        if (n < 0 && errno == EAGAIN && !is_step)
                return;
        if (n < 0 && errno == ECANCELED)
                is_step = true;

        wall->is_step_pending = false;
        if (arm(wall, WALL_NEVER) == -ECANCELED)
                is_step = true;

        wall->fn(wall, is_step, wall->userdata);
}

struct loop_wall *loop_wall_free(struct loop_wall *wall)
{
        if (!wall)
                return NULL;

        loop_fd_free(wall->handle);
        if (wall->fd >= 0)
                close(wall->fd);
        free(wall);
        return NULL;
}

int loop_wall_new(struct loop *loop, loop_wall_fn fn, void *userdata, struct loop_wall **out)
{
        CLEANUP(loop_wall_freep) struct loop_wall *wall = calloc(1, sizeof(*wall));
        int r;

        if (!wall)
                return -ENOMEM;

        wall->fn = fn;
        wall->userdata = userdata;
        wall->fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
        if (wall->fd < 0)
                return -errno;

        r = loop_fd_new(loop, wall->fd, on_due, wall, &wall->handle);
        if (r)
                return r;

        r = arm(wall, WALL_NEVER);
        if (r)
                return r;

        r = loop_fd_select(wall->handle, LOOP_FD_READABLE);
        if (r)
                return r;

        *out = TAKE(wall);
        return 0;
}

int loop_wall_set(struct loop_wall *wall, int64_t at_s)
{
        int r = arm(wall, wall->is_step_pending ? 0 : at_s);

        if (r != -ECANCELED)
                return r;

        /* A step was overtaken by this setting: tell of it in the next round. */
        wall->is_step_pending = true;
        r = arm(wall, 0);
        return r == -ECANCELED ? 0 : r;
}
