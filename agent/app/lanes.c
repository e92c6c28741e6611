/* SPDX-License-Identifier: Apache-2.0 */
#include "app/lanes.h"

#include "app/keeper.h"
#include "app/keepers.h"
#include "loop/timer.h"
#include "service/lane.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_MS 2 /* between two looks whether a reload is in force */

struct lanes {
        struct lanes_config config;
        struct lane lane;
        struct loop_timer *reload_timer;
        lane_reloaded_fn reloaded; /* NULL: no reload is to come */
        void *reloaded_userdata;
        bool is_read; /* the configuration is: what is to be judged by it is being read */
};

static int update(void *app, size_t store, const struct update_request *request,
                  lane_updated_fn done, void *userdata)
{
        const struct lanes *lanes = app;
        struct keeper *keeper = keepers_find(*lanes->config.keepers, store);

        return keeper ? keeper_update(keeper, request, done, userdata) : -ENOENT;
}

static const struct sources *get_sources(void *app, size_t store)
{
        const struct lanes *lanes = app;
        const struct keeper *keeper = keepers_find(*lanes->config.keepers, store);

        return keeper ? keeper_get_sources(keeper) : NULL;
}

/* -- reload ------------------------------------------------------------------------------------- */

static void end_reload(struct lanes *lanes, const char *fault)
{
        lane_reloaded_fn reloaded = lanes->reloaded;

        lanes->reloaded = NULL;
        lanes->is_read = false;
        reloaded(fault, lanes->reloaded_userdata);
}

/* It has ended when it is in force, so that whoever is told of that is judged by it. */
static void on_reload(struct loop_timer *timer, void *userdata)
{
        CLEANUP(freep) char *fault = NULL;
        struct lanes *lanes = userdata;
        int r = 0;

        if (!lanes->is_read)
                r = lanes->config.reload(lanes->config.userdata, &fault);
        lanes->is_read = !r;
        if (r)
                end_reload(lanes, fault ? fault : strerror(-r));
        else if (keepers_are_current(*lanes->config.keepers))
                end_reload(lanes, NULL);
        else
                loop_timer_start(timer, LOOK_MS);
}

static int reload(void *app, lane_reloaded_fn done, void *userdata)
{
        struct lanes *lanes = app;

        if (lanes->reloaded)
                return -EBUSY;

        lanes->reloaded = done;
        lanes->reloaded_userdata = userdata;
        loop_timer_start(lanes->reload_timer, 0);
        return 0;
}

static void tick(void *app)
{
        const struct lanes *lanes = app;

        lanes->config.tick(lanes->config.userdata);
}

/* -- life --------------------------------------------------------------------------------------- */

int lanes_new(const struct lanes_config *config, struct lanes **out)
{
        CLEANUP(lanes_freep) struct lanes *lanes = calloc(1, sizeof(*lanes));
        int r;

        if (!lanes)
                return -ENOMEM;

        lanes->config = *config;
        lanes->lane = (struct lane){ update, get_sources, reload, tick, lanes };
        r = loop_timer_new(config->loop, on_reload, lanes, &lanes->reload_timer);
        if (r)
                return r;

        *out = TAKE(lanes);
        return 0;
}

struct lanes *lanes_free(struct lanes *lanes)
{
        if (!lanes)
                return NULL;

        if (lanes->reloaded)
                end_reload(lanes, "the agent is ending");
        loop_timer_free(lanes->reload_timer);
        free(lanes);
        return NULL;
}

const struct lane *lanes_get(const struct lanes *lanes)
{
        return &lanes->lane;
}
