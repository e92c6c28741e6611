/* SPDX-License-Identifier: Apache-2.0 */
#include "app/notify.h"

#include "base/clock.h"
#include "loop/timer.h"

#include <systemd/sd-daemon.h>

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

struct notify {
        struct loop_timer *timer;
        uint64_t interval_ms;
};

static void on_watchdog(struct loop_timer *timer, void *userdata)
{
        struct notify *notify = userdata;

        sd_notify(0, "WATCHDOG=1");
        loop_timer_start(timer, notify->interval_ms);
}

int notify_new(struct loop *loop, struct notify **out)
{
        CLEANUP(notify_freep) struct notify *notify = calloc(1, sizeof(*notify));
        uint64_t limit_us;
        int r;

        if (!notify)
                return -ENOMEM;

        r = loop_timer_new(loop, on_watchdog, notify, &notify->timer);
        if (r)
                return r;

        if (sd_watchdog_enabled(0, &limit_us) > 0) {
                notify->interval_ms = limit_us / 1000 / 2;
                on_watchdog(notify->timer, notify);
        }

        *out = TAKE(notify);
        return 0;
}

struct notify *notify_free(struct notify *notify)
{
        if (!notify)
                return NULL;

        loop_timer_free(notify->timer);
        free(notify);
        return NULL;
}

void notify_ready(void)
{
        sd_notify(0, "READY=1");
}

void notify_reloading(void)
{
        sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRId64, clock_monotonic_ns() / 1000);
}

void notify_stopping(void)
{
        sd_notify(0, "STOPPING=1");
}

void notify_status(const char *format, ...)
{
        char text[256];
        va_list arguments;

        va_start(arguments, format);
        vsnprintf(text, sizeof(text), format, arguments);
        va_end(arguments);
        sd_notifyf(0, "STATUS=%s", text);
}
