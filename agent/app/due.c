/* SPDX-License-Identifier: Apache-2.0 */
#include "app/due.h"

#include "app/clock_file.h"
#include "loop/prepare.h"
#include "loop/timer.h"
#include "loop/wall.h"
#include "service/catalog.h"
#include "service/service.h"

#include <errno.h>
#include <stdlib.h>

#define RETRY_MS 100

struct due {
        struct due_config config;
        struct loop_wall *wall;
        struct loop_prepare *prepare;
        struct loop_timer *step_timer;
        int64_t set_s; /* what the wall is set to */
};

static void tell_step(struct due *due)
{
        if (service_clock_stepped(due->config.service))
                loop_timer_start(due->step_timer, RETRY_MS);
}

static void on_step_retry(struct loop_timer *timer, void *userdata)
{
        (void)timer;
        tell_step(userdata);
}

static void on_wall(struct loop_wall *wall, bool is_step, void *userdata)
{
        struct due *due = userdata;

        (void)wall;
        due->set_s = WALL_NEVER;
        if (is_step) {
                catalog_tell(due->config.log, CATALOG_CLOCK_SET, NULL,
                             "the clock was set: all verdicts are judged anew");
                tell_step(due);
        }
        service_run_due(due->config.service);
        clock_file_keep(due->config.clock_file, service_at_least_s(due->config.service));
}

/* The service is asked before each wait, so that nobody needs to tell us of a new moment. */
static void on_prepare(struct loop_prepare *prepare, void *userdata)
{
        struct due *due = userdata;
        int64_t at_s = service_due_s(due->config.service);

        (void)prepare;
        if (at_s != due->set_s && loop_wall_set(due->wall, at_s) == 0)
                due->set_s = at_s;
}

struct due *due_free(struct due *due)
{
        if (!due)
                return NULL;

        loop_timer_free(due->step_timer);
        loop_prepare_free(due->prepare);
        loop_wall_free(due->wall);
        free(due);
        return NULL;
}

int due_new(const struct due_config *config, struct due **out)
{
        CLEANUP(due_freep) struct due *due = calloc(1, sizeof(*due));
        int r;

        if (!due)
                return -ENOMEM;

        due->config = *config;
        due->set_s = WALL_NEVER;
        r = loop_wall_new(config->loop, on_wall, due, &due->wall);
        if (!r)
                r = loop_timer_new(config->loop, on_step_retry, due, &due->step_timer);
        if (!r)
                r = loop_prepare_new(config->loop, on_prepare, due, &due->prepare);
        if (r)
                return r;

        *out = TAKE(due);
        return 0;
}
