/* SPDX-License-Identifier: Apache-2.0 */
#include "app/refresh.h"

#include "base/clock.h"
#include "loop/work.h"
#include "service/catalog.h"
#include "store/large.h"
#include "store/picture.h"
#include "store/sources.h"
#include "store/update_request.h"
#include "trust/settings.h"
#include "watch/dirwatch.h"

#include <errno.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

/* The name by which permissions are given to us. */
static char *find_user(void)
{
        const struct passwd *user = getpwuid(geteuid());

        return user ? strdup(user->pw_name) : NULL;
}

int refresh_desk_new(const char *name, const struct sources *sources, struct refresh_desk **out)
{
        CLEANUP(refresh_desk_unrefp) struct refresh_desk *desk = calloc(1, sizeof(*desk));

        if (!desk)
                return -ENOMEM;

        desk->ref = (struct ref)REF_INIT;
        desk->name = strdup(name);
        desk->sources = sources_ref(sources);
        desk->user = find_user();
        if (!desk->name)
                return -ENOMEM;

        *out = TAKE(desk);
        return 0;
}

struct refresh_desk *refresh_desk_ref(struct refresh_desk *desk)
{
        ref_get(&desk->ref);
        return desk;
}

struct refresh_desk *refresh_desk_unref(struct refresh_desk *desk)
{
        if (!desk || !ref_put(&desk->ref))
                return NULL;

        dirwatch_free(desk->watch);
        free(desk->name);
        sources_unref(desk->sources);
        free(desk->user);
        free(desk);
        return NULL;
}

int refresh_new(struct refresh_desk *desk, const struct settings *settings,
                const struct picture *picture, bool is_all, struct refresh **out)
{
        struct refresh *refresh = calloc(1, sizeof(*refresh));

        if (!refresh)
                return -ENOMEM;

        refresh->desk = refresh_desk_ref(desk);
        refresh->settings = settings_ref(settings);
        refresh->picture = picture ? picture_ref(picture) : NULL;
        refresh->is_all = is_all;
        refresh->result = (struct store_result)STORE_RESULT_NULL;
        refresh->outcome = (struct update_outcome)UPDATE_OUTCOME_NULL;
        refresh->recovered = (struct recover_outcome)RECOVER_OUTCOME_NULL;
        *out = refresh;
        return 0;
}

struct refresh *refresh_free(struct refresh *refresh)
{
        if (!refresh)
                return NULL;

        store_result_deinit(&refresh->result);
        update_outcome_deinit(&refresh->outcome);
        recover_outcome_deinit(&refresh->recovered);
        update_request_unref(refresh->request);
        large_free(refresh->large);
        picture_unref(refresh->picture);
        settings_unref(refresh->settings);
        refresh_desk_unref(refresh->desk);
        free(refresh);
        return NULL;
}

static void on_drop(void *userdata)
{
        struct refresh **dropped = userdata;

        *dropped = refresh_free(*dropped);
}

static void on_dropped(bool is_cancelled, void *userdata)
{
        CLEANUP(freep) struct refresh **dropped = userdata;

        (void)is_cancelled; /* whether it ran or not */
        refresh_free(*dropped);
}

void refresh_drop(struct refresh *refresh, struct work *work, uint64_t lane)
{
        CLEANUP(freep) struct refresh **dropped = malloc(sizeof(*dropped));
        struct work_task task = { .run = on_drop, .done = on_dropped, .userdata = dropped };

        if (dropped)
                *dropped = refresh;
        if (!dropped || work_submit(work, lane, &task, NULL))
                refresh_free(refresh);
        else
                TAKE(dropped);
}

static int add_paths(struct dirwatch *watch, const struct store_config *config)
{
        CLEANUP(freep) char **paths = NULL;
        size_t n, number;
        int r;

        r = store_list_dirs(config, &paths, &n);
        for (size_t i = 0; i < n && !r; i++)
                r = dirwatch_add(watch, paths[i], &number);
        return r;
}

/* A kernel that gives no watch is no error: then the sweeps are what there is. */
static int make_watch(struct refresh_desk *desk, const struct store_config *config)
{
        CLEANUP(dirwatch_freep) struct dirwatch *watch = NULL;
        int r;

        r = dirwatch_new(&watch);
        if (r)
                return r == -ENOMEM ? r : 0;

        r = add_paths(watch, config);
        if (r)
                return r;

        desk->watch = TAKE(watch);
        return 0;
}

/* Before anything is read: what the kernel tells afterwards is read by the next refresh. */
static int take_hints(struct refresh *refresh, const struct store_config *config,
                      struct dirwatch_events *events)
{
        struct refresh_desk *desk = refresh->desk;
        int r;

        if (!desk->watch) {
                refresh->is_all = true;
                r = make_watch(desk, config);
                if (r || !desk->watch)
                        return r;
        } else if (refresh->is_all) {
                r = dirwatch_rearm(desk->watch);
                if (r)
                        return r;
        }

        refresh->has_news = dirwatch_peek(desk->watch); /* before what may hang */
        r = dirwatch_drain(desk->watch, events);
        if (events->n > 0)
                refresh->has_news = true;
        return r;
}

/* In force, and not read back: the next look, at everything, will. */
static int change(struct refresh *refresh, const struct store_config *config,
                  const struct store_hints *hints, const struct store_now *now)
{
        struct update update = { config, refresh->picture, hints, now, refresh->request };
        int r;

        r = store_update(&update, &refresh->outcome);
        refresh->is_updated = !r;
        refresh->is_stuck = r < 0 || refresh->outcome.is_stuck;
        if (r < 0)
                return r;

        refresh->result = refresh->outcome.result;
        refresh->outcome.result = (struct store_result)STORE_RESULT_NULL;
        return refresh->result.picture ? 0 : -EIO;
}

static int look(struct refresh *refresh, const struct store_config *config,
                const struct dirwatch_events *events)
{
        CLEANUP(freep) struct store_hint *items = calloc(events->n + 1, sizeof(*items));
        struct store_hints hints = { .is_all = refresh->is_all,
                                     .items = items,
                                     .n = events->n,
                                     .may_leave_large = true,
                                     .large = refresh->large };
        struct store_now now = { clock_realtime_ns(), clock_monotonic_ns() };

        if (!items)
                return -ENOMEM;

        for (size_t i = 0; i < events->n; i++)
                items[i] = (struct store_hint){ .dir = events->items[i].dir,
                                                .name = events->items[i].name,
                                                .is_being_written =
                                                        events->items[i].is_being_written };

        return refresh->request
                       ? change(refresh, config, &hints, &now)
                       : store_refresh(config, refresh->picture, &hints, &now, &refresh->result);
}

/* Return: 0: go on; 1: what came out is there already; or a negative errno. */
static int recover(struct refresh *refresh, const struct store_config *config)
{
        int r;

        r = store_recover(config, &refresh->recovered);
        if (r < 0)
                return r;

        switch (refresh->recovered.status) {
        case RECOVER_CLEAN:
        case RECOVER_DONE:
                break;
        case RECOVER_BUSY:
                return -EBUSY;
        case RECOVER_STUCK:
                r = store_stay_stuck(refresh->picture, refresh->recovered.reason, &refresh->result);
                return r < 0 ? r : 1;
        }
        refresh->is_stuck = false;
        return 0;
}

void refresh_log(const struct refresh *refresh, bool was_stuck, const struct log *log)
{
        const struct recover_outcome *recovered = &refresh->recovered;
        const char *name = refresh->desk->name;

        if (recovered->status == RECOVER_DONE)
                catalog_tell(log, CATALOG_UPDATE_COMPLETED, CATALOG_STORE(name),
                             "an update that was interrupted has been completed");
        for (size_t i = 0; i < recovered->foreign.n; i++)
                catalog_tell(log, CATALOG_UPDATE_FOREIGN,
                             &(struct catalog_about){ .store = name,
                                                      .file = recovered->foreign.items[i] },
                             "%s was changed by somebody else, and stays so",
                             recovered->foreign.items[i]);
        if (refresh->is_stuck && !was_stuck && refresh->result.not_ready)
                catalog_tell(log, CATALOG_STORE_STUCK, CATALOG_STORE(name), "%s",
                             refresh->result.not_ready);
}

void refresh_ask(struct refresh *refresh, const struct update_request *request)
{
        refresh->request = update_request_ref(request);
        refresh->is_all = true;
}

void refresh_run(struct refresh *refresh)
{
        struct refresh_desk *desk = refresh->desk;
        struct store_config config = {
                .sources = desk->sources->list.items,
                .n_sources = desk->sources->list.n,
                .settings = refresh->settings,
                .user = desk->user,
        };
        struct dirwatch_events events = { NULL, 0 };

        refresh->is_stuck = refresh->is_recovering;
        refresh->is_all |= refresh->is_recovering;
        refresh->r = take_hints(refresh, &config, &events);
        if (!refresh->r && refresh->is_recovering && !refresh->request)
                refresh->r = recover(refresh, &config);
        if (!refresh->r)
                refresh->r = look(refresh, &config, &events);
        if (refresh->r > 0)
                refresh->r = 0;
        refresh->is_blind =
                !desk->watch || dirwatch_is_blind(desk->watch) || refresh->result.has_aliases;
        refresh->has_more = desk->watch && dirwatch_peek(desk->watch);
        refresh->large = large_free(refresh->large);
        dirwatch_events_deinit(&events);
}
