/* SPDX-License-Identifier: Apache-2.0 */
#include "front/dbus_pump.h"

#include "base/clock.h"
#include "loop/fd.h"
#include "loop/prepare.h"
#include "loop/timer.h"

#include <systemd/sd-bus.h>

#include <errno.h>
#include <poll.h>

/*
 * Messages given out in one round of the loop, so that a caller who floods us delays nobody else
 * for long.
 */
#define ROUND_MAX 64

struct dbus_pump {
        sd_bus *bus;
        struct loop_fd *handle;
        struct loop_prepare *prepare;
        struct loop_timer *timer;
        dbus_pump_lost_fn lost;
        void *userdata;
};

static int process(struct dbus_pump *pump)
{
        int r = 1;

        for (int i = 0; i < ROUND_MAX && r > 0; i++)
                r = sd_bus_process(pump->bus, NULL);
        return r;
}

static int select_events(struct dbus_pump *pump)
{
        int events = sd_bus_get_events(pump->bus);
        unsigned int wanted = 0;

        if (events < 0)
                return events;

        if (events & POLLIN)
                wanted |= LOOP_FD_READABLE;
        if (events & POLLOUT)
                wanted |= LOOP_FD_WRITABLE;
        return loop_fd_select(pump->handle, wanted);
}

/* @has_more: a round ended with messages left. */
static int set_timer(struct dbus_pump *pump, bool has_more)
{
        uint64_t now_us = (uint64_t)clock_monotonic_ns() / 1000, at_us;
        int r;

        r = sd_bus_get_timeout(pump->bus, &at_us);
        if (r < 0)
                return r;

        if (has_more || at_us <= now_us)
                loop_timer_start(pump->timer, 0);
        else if (at_us == UINT64_MAX)
                loop_timer_stop(pump->timer);
        else
                loop_timer_start(pump->timer, (at_us - now_us) / 1000 + 1);
        return 0;
}

static void on_prepare(struct loop_prepare *prepare, void *userdata)
{
        struct dbus_pump *pump = userdata;
        int r, has_more;

        (void)prepare;
        has_more = r = process(pump);
        if (r >= 0)
                r = select_events(pump);
        if (r >= 0)
                r = set_timer(pump, has_more);
        if (r < 0)
                pump->lost(r, pump->userdata);
}

/* These only end the poll: what there is to do is done before the next one. */
static void on_event(struct loop_fd *handle, unsigned int events, void *userdata)
{
        (void)handle;
        (void)events;
        (void)userdata;
}

static void on_timeout(struct loop_timer *timer, void *userdata)
{
        (void)timer;
        (void)userdata;
}

int dbus_pump_new(struct loop *loop, struct sd_bus *bus, dbus_pump_lost_fn lost, void *userdata,
                  struct dbus_pump **out)
{
        CLEANUP(dbus_pump_freep) struct dbus_pump *pump = calloc(1, sizeof(*pump));
        int fd, r;

        if (!pump)
                return -ENOMEM;

        *pump = (struct dbus_pump){ .bus = bus, .lost = lost, .userdata = userdata };
        fd = sd_bus_get_fd(bus);
        if (fd < 0)
                return fd;

        r = loop_fd_new(loop, fd, on_event, pump, &pump->handle);
        if (!r)
                r = loop_timer_new(loop, on_timeout, pump, &pump->timer);
        if (!r)
                r = loop_prepare_new(loop, on_prepare, pump, &pump->prepare);
        if (r)
                return r;

        *out = TAKE(pump);
        return 0;
}

struct dbus_pump *dbus_pump_free(struct dbus_pump *pump)
{
        if (!pump)
                return NULL;

        loop_prepare_free(pump->prepare);
        loop_timer_free(pump->timer);
        loop_fd_free(pump->handle);
        free(pump);
        return NULL;
}
