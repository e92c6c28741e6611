/* SPDX-License-Identifier: Apache-2.0 */
#include "app/keeper.h"

#include "app/config.h"
#include "app/loader.h"
#include "app/refresh.h"
#include "app/scribe.h"
#include "app/storm.h"
#include "app/updates.h"
#include "base/clock.h"
#include "loop/fd.h"
#include "loop/timer.h"
#include "loop/work.h"
#include "service/catalog.h"
#include "service/recorder.h"
#include "service/service.h"
#include "store/picture.h"
#include "store/sources.h"
#include "trust/settings.h"
#include "watch/dirwatch.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#define NS_PER_MS INT64_C(1000000)
#define NS_PER_S  INT64_C(1000000000)

#define RETRY_MIN_MS 100
#define RETRY_MAX_MS 2000

/* What makes a watch blind may pass: the first sweep comes that soon, each next after twice as long. */
#define BLIND_TOLD_N       3 /* looks at everything: what passes by itself is not told */
#define BLIND_SWEEP_MIN_MS 500

struct keeper {
        const struct keeper_host *host;
        struct refresh_desk *desk;
        uint64_t lane;
        size_t store;
        bool is_added; /* to the service */
        struct settings *settings;
        struct scribe *scribe;   /* of what the store refuses */
        struct picture *picture; /* NULL before the first refresh */
        struct loop_fd *handle;  /* of the watch, once there is one */
        struct loop_timer *timer, *doubt_timer;

        struct loader *loader;
        struct work_job *job;          /* the refresh that runs */
        const struct refresh *running; /* then; only its has_news may be looked at */
        struct refresh *untold; /* the last one, as long as the service had no memory for it */
        struct refresh *unread; /* of an update in force that was not read back yet; or NULL */
        bool wants_all;         /* the next refresh looks at everything */
        bool wants_recovery;    /* and first sees to what an interrupted update left */
        uint64_t n_asked;       /* times that keeper_look_at_all() was called, */
        uint64_t n_begun;       /* until the refresh that runs, or ran last, began; */
        uint64_t n_seen;        /* and until the last that the service was told of did */
        struct updates updates; /* the first of them, if any, is the next refresh's or the job's */
        int64_t next_ns;        /* when the next refresh is due, INT64_MAX if by a sweep only */
        int64_t sweep_ns;       /* when everything is to be looked at again */
        int64_t begun_ns;       /* the last refresh */
        struct storm storm;
        unsigned int n_failed; /* in a row */
        unsigned int n_blind;  /* looks at everything since the watch is blind */
        bool was_read, was_published;
        bool is_stuck; /* an interrupted update cannot be completed */

        int64_t behind_ns; /* since when the service may not know all; 0: it does */
        char *doubt;       /* what the last refresh was not sure of */
        bool is_doubt_told;
};

/* -- doubt ------------------------------------------------------------------------------------- */

static void tell_doubt(struct keeper *keeper, bool is_in_doubt)
{
        const char *reason = keeper->doubt ? keeper->doubt : "a change could not be read in time";

        keeper->is_doubt_told = is_in_doubt;
        service_set_doubt(keeper->host->service, keeper->store, is_in_doubt ? reason : NULL);
}

/* The service is behind since @since_ns. What it does not know becomes a doubt in time. */
static void set_behind(struct keeper *keeper, int64_t since_ns)
{
        int64_t left_ns = since_ns + keeper->host->max_doubt_ms * NS_PER_MS - clock_monotonic_ns();

        keeper->behind_ns = since_ns;
        if (!since_ns)
                loop_timer_stop(keeper->doubt_timer);
        else
                loop_timer_start(keeper->doubt_timer,
                                 left_ns > 0 ? (uint64_t)(left_ns / NS_PER_MS) + 1 : 0);

        if (keeper->is_doubt_told && (!since_ns || left_ns > 0))
                tell_doubt(keeper, false);
}

/* May there be what the service does not know? */
static bool is_behind(const struct keeper *keeper)
{
        return keeper->behind_ns || (keeper->job && keeper->running->has_news);
}

static void on_doubt(struct loop_timer *timer, void *userdata)
{
        struct keeper *keeper = userdata;

        if (is_behind(keeper))
                tell_doubt(keeper, true);
        else if (keeper->job)
                loop_timer_start(timer, (uint64_t)keeper->host->max_doubt_ms);
}

/* -- when -------------------------------------------------------------------------------------- */

static void start_timer(struct keeper *keeper)
{
        int64_t due_ns = keeper->next_ns < keeper->sweep_ns ? keeper->next_ns : keeper->sweep_ns;
        int64_t left_ns = due_ns - clock_monotonic_ns();

        if (!keeper->job)
                loop_timer_start(keeper->timer,
                                 left_ns > 0 ? (uint64_t)(left_ns / NS_PER_MS) + 1 : 0);
}

static void plan(struct keeper *keeper, int64_t at_ns)
{
        if (at_ns < keeper->next_ns)
                keeper->next_ns = at_ns;
        start_timer(keeper);
}

/* Never later than planned before: what was not looked at since then still waits for that one. */
static void plan_sweep(struct keeper *keeper, int64_t at_ns)
{
        if (at_ns < keeper->sweep_ns)
                keeper->sweep_ns = at_ns;
}

static int64_t choose_time(const struct keeper *keeper)
{
        return storm_choose(&keeper->storm, clock_monotonic_ns());
}

/* @first_ms, doubled @n times, but at most @longest_ms. */
static int64_t grow(int64_t first_ms, unsigned int n, int64_t longest_ms)
{
        int64_t ms = first_ms;

        for (unsigned int i = 0; i < n && ms < longest_ms; i++)
                ms *= 2;

        return ms < longest_ms ? ms : longest_ms;
}

static int64_t choose_sweep_ms(struct keeper *keeper, const struct refresh *done)
{
        if (!done->is_blind) {
                keeper->n_blind = 0;
                return KEEPER_SWEEP_MS;
        }

        keeper->n_blind += done->is_all;
        if (done->is_all && keeper->n_blind == BLIND_TOLD_N)
                catalog_tell(keeper->host->log, CATALOG_STORE_BLIND,
                             CATALOG_STORE(keeper->desk->name),
                             "changes may be seen late: not all of it can be watched");
        return grow(BLIND_SWEEP_MIN_MS, keeper->n_blind, KEEPER_BLIND_SWEEP_MS);
}

static bool is_readable(const struct keeper *keeper)
{
        struct pollfd poll_fd = { .events = POLLIN };

        if (!keeper->handle)
                return false;

        poll_fd.fd = dirwatch_get_fd(keeper->desk->watch);
        return poll(&poll_fd, 1, 0) != 0;
}

/* -- refresh ----------------------------------------------------------------------------------- */

static void refresh(struct keeper *keeper);

static void on_readable(struct loop_fd *handle, unsigned int events, void *userdata)
{
        struct keeper *keeper = userdata;

        (void)events;
        loop_fd_select(handle, 0); /* until the refresh has drained it */
        if (!keeper->behind_ns)
                set_behind(keeper, clock_monotonic_ns());
        if (keeper->job) /* which takes it, or says that there is more */
                return;

        plan(keeper, choose_time(keeper));
        if (keeper->next_ns <= clock_monotonic_ns())
                refresh(keeper);
}

static void fail(struct keeper *keeper, int r)
{
        if (keeper->n_failed++ == 0)
                catalog_tell(keeper->host->log, CATALOG_STORE_UNREAD,
                             CATALOG_STORE(keeper->desk->name),
                             "it cannot be read now: %s; trying again", strerror(-r));
        if (!keeper->behind_ns)
                set_behind(keeper, keeper->begun_ns);

        keeper->wants_all = true;
        plan(keeper, clock_monotonic_ns() +
                             grow(RETRY_MIN_MS, keeper->n_failed - 1, RETRY_MAX_MS) * NS_PER_MS);
}

/* Return: false: nobody hears what the watch tells; the next refresh tries again. */
static bool listen_to_watch(struct keeper *keeper)
{
        int r = 0;

        if (!keeper->handle && keeper->desk->watch)
                r = loop_fd_new(keeper->host->loop, dirwatch_get_fd(keeper->desk->watch),
                                on_readable, keeper, &keeper->handle);
        if (!r && keeper->handle)
                r = loop_fd_select(keeper->handle, LOOP_FD_READABLE);
        if (r)
                catalog_tell(keeper->host->log, CATALOG_STORE_BLIND,
                             CATALOG_STORE(keeper->desk->name), "it cannot be watched: %s",
                             strerror(-r));
        return !r;
}

/* As the files say, for we were not there; but a stamp of the future is none. */
static void tell_last_update(const struct keeper *keeper, const struct picture *picture)
{
        int64_t last_ns = picture_last_change_ns(picture), now_ns = clock_realtime_ns();

        if (last_ns != PICTURE_NEVER_NS)
                service_set_last_update(keeper->host->service, keeper->store,
                                        (last_ns < now_ns ? last_ns : now_ns) / NS_PER_S);
}

/* Hands the result to the service. Return: 0, or a negative errno: to be tried again. */
static int tell(struct keeper *keeper, const struct store_result *result)
{
        struct service *service = keeper->host->service;

        if (result->not_ready)
                return service_set_not_ready(service, keeper->store, result->not_ready);
        if (!result->change)
                return 0;

        if (!keeper->was_published)
                tell_last_update(keeper, result->picture);
        keeper->was_published = true;
        return service_publish(service, keeper->store, picture_get_snapshot(result->picture),
                               result->change);
}

/* What the kernel told, or somebody asked for, while the refresh ran is not in it. */
static void settle(struct keeper *keeper, struct refresh *done)
{
        struct store_result *result = &done->result;
        int64_t since_ns = INT64_MAX;

        free(keeper->doubt);
        keeper->doubt = TAKE(result->doubt);
        if (done->has_more || is_readable(keeper) || keeper->wants_all)
                since_ns = keeper->begun_ns;
        if (keeper->doubt && result->doubt_ns < since_ns)
                since_ns = result->doubt_ns;
        set_behind(keeper, since_ns < INT64_MAX ? since_ns : 0);

        if (keeper->is_doubt_told) /* a store that has only now become ready was not told */
                tell_doubt(keeper, true);
}

/* Once loaded, or after a moment, the next refresh sees to it. */
static void on_loaded(int r, void *userdata)
{
        struct keeper *keeper = userdata;

        if (r)
                catalog_tell(keeper->host->log, CATALOG_STORE_UNREAD,
                             CATALOG_STORE(keeper->desk->name),
                             "a large file cannot be read now: %s; trying again", strerror(-r));
        plan(keeper, clock_monotonic_ns() + (r ? RETRY_MAX_MS * NS_PER_MS : 0));
}

static void load_large(struct keeper *keeper, struct large *large)
{
        int r = large ? loader_start(keeper->loader, large) : 0;

        if (r)
                on_loaded(r, keeper);
}

/* The update that @done was for, if any, has ended. */
static void end_update(struct keeper *keeper, const struct refresh *done)
{
        if (done->request)
                updates_end(&keeper->updates, done->is_updated ? &done->outcome : NULL,
                            done->is_updated ? 0 : done->r);
}

/* Where the service has no memory, @done is kept and told later. */
static void conclude(struct keeper *keeper, struct refresh *done)
{
        int64_t now_ns = clock_monotonic_ns();
        bool was_read = keeper->was_read;
        int r;

        r = tell(keeper, &done->result);
        if (r) {
                keeper->untold = done;
                fail(keeper, r);
                return;
        }

        keeper->n_failed = 0;
        keeper->was_read = true;
        keeper->n_seen = keeper->n_begun;
        picture_unref(keeper->picture);
        keeper->picture = TAKE(done->result.picture);
        if (!listen_to_watch(keeper))
                done->is_blind = true;
        settle(keeper, done);
        load_large(keeper, TAKE(done->result.large));
        plan_sweep(keeper, now_ns + choose_sweep_ms(keeper, done) * NS_PER_MS);
        if (done->result.again_ms != STORE_NEVER_MS)
                plan(keeper, now_ns + done->result.again_ms * NS_PER_MS);
        if (keeper->wants_all || done->has_more) /* since a failure, or while the refresh ran */
                plan(keeper, choose_time(keeper));
        start_timer(keeper);
        end_update(keeper, keeper->unread ? keeper->unread : done);
        keeper->unread = refresh_free(keeper->unread);
        if (updates_first(&keeper->updates))
                plan(keeper, now_ns);
        refresh_drop(done, keeper->host->work, keeper->lane);
        if (!was_read)
                keeper->host->on_read(keeper->host->userdata);
}

struct order {
        struct keeper *keeper; /* not to be touched if the job was cancelled */
        struct refresh *refresh;
};

static void on_run(void *userdata)
{
        struct order *order = userdata;

        refresh_run(order->refresh);
}

static void on_done(bool is_cancelled, void *userdata)
{
        CLEANUP(freep) struct order *order = userdata;
        CLEANUP(refresh_freep) struct refresh *done = order->refresh;
        struct keeper *keeper = order->keeper;

        if (is_cancelled)
                return;

        keeper->job = NULL;
        storm_note(&keeper->storm, keeper->begun_ns, done->is_all || done->has_news);
        refresh_log(done, keeper->is_stuck, keeper->host->log);
        keeper->wants_recovery = keeper->is_stuck = done->is_stuck;
        if (!done->r) {
                conclude(keeper, TAKE(done));
                return;
        }

        fail(keeper, done->r);
        if (done->is_updated)
                keeper->unread = TAKE(done);
        else
                end_update(keeper, done);
}

static int submit(struct keeper *keeper)
{
        CLEANUP(refresh_freep) struct refresh *refresh = NULL;
        CLEANUP(freep) struct order *order = calloc(1, sizeof(*order));
        struct work_task task = { .run = on_run, .done = on_done, .userdata = order };
        int r;

        if (!order)
                return -ENOMEM;

        r = refresh_new(keeper->desk, keeper->settings, keeper->picture, keeper->wants_all,
                        &refresh);
        if (r)
                return r;

        refresh->large = loader_take(keeper->loader);
        refresh->is_recovering = keeper->wants_recovery;
        if (updates_first(&keeper->updates) && !keeper->unread) {
                refresh_ask(refresh, updates_first(&keeper->updates));
                if (keeper->handle)
                        loop_fd_select(keeper->handle, 0); /* for what it writes itself */
        }
        *order = (struct order){ keeper, refresh };
        r = work_submit(keeper->host->work, keeper->lane, &task, &keeper->job);
        if (r)
                return r;

        keeper->n_begun = keeper->n_asked;
        keeper->running = TAKE(refresh);
        TAKE(order);
        return 0;
}

/* One at a time; what is asked for while one runs comes after it. */
static void refresh(struct keeper *keeper)
{
        int64_t now_ns = clock_monotonic_ns();
        int r;

        if (keeper->job)
                return;
        if (keeper->untold) {
                keeper->next_ns = INT64_MAX;
                conclude(keeper, TAKE(keeper->untold));
                return;
        }

        keeper->wants_all |= now_ns >= keeper->sweep_ns;
        if (keeper->wants_all)
                keeper->sweep_ns = INT64_MAX; /* until it has succeeded */
        keeper->begun_ns = now_ns;
        keeper->next_ns = INT64_MAX;
        loop_timer_stop(keeper->timer);
        if (!keeper->behind_ns)
                loop_timer_start(keeper->doubt_timer, (uint64_t)keeper->host->max_doubt_ms);

        r = submit(keeper);
        if (r)
                fail(keeper, r);
        else
                keeper->wants_all = false;
}

static void on_due(struct loop_timer *timer, void *userdata)
{
        (void)timer;
        refresh(userdata);
}

/* -- life -------------------------------------------------------------------------------------- */

struct keeper *keeper_free(struct keeper *keeper)
{
        if (!keeper)
                return NULL;

        if (keeper->job)
                work_cancel(keeper->job);
        updates_deinit(&keeper->updates);
        loader_free(keeper->loader);
        refresh_free(keeper->untold);
        refresh_free(keeper->unread);
        loop_fd_free(keeper->handle);
        loop_timer_free(keeper->timer);
        loop_timer_free(keeper->doubt_timer);
        scribe_free(keeper->scribe);
        if (keeper->is_added) {
                service_remove_store(keeper->host->service, keeper->store);
                keeper->host->on_gone(keeper->desk->name, keeper->host->userdata);
        }
        picture_unref(keeper->picture);
        settings_unref(keeper->settings);
        refresh_desk_unref(keeper->desk);
        free(keeper->doubt);
        free(keeper);
        return NULL;
}

static int make_scribe(struct keeper *keeper)
{
        const struct keeper_host *host = keeper->host;

        return scribe_new(
                &(struct scribe_config){ .loop = host->loop,
                                         .work = host->work,
                                         .lane = keeper->lane,
                                         .recorder = service_recorder(host->service),
                                         .store = keeper->store,
                                         .root = keeper->desk->sources->list.items[0].path },
                &keeper->scribe);
}

int keeper_set_access(struct keeper *keeper, const struct access *access)
{
        return service_set_access(keeper->host->service, keeper->store, access);
}

int keeper_new(const struct keeper_host *host, const struct config_store *store, uint64_t lane,
               struct keeper **out)
{
        CLEANUP(freep) const char **folders = NULL;
        CLEANUP(keeper_freep) struct keeper *keeper = calloc(1, sizeof(*keeper));
        int r;

        if (!keeper)
                return -ENOMEM;

        keeper->host = host;
        keeper->lane = lane;
        keeper->settings = settings_ref(store->settings);
        keeper->next_ns = keeper->sweep_ns = INT64_MAX;
        keeper->wants_all = keeper->wants_recovery = true;
        r = refresh_desk_new(store->name, store->sources, &keeper->desk);
        if (!r)
                r = loader_new(host->work, on_loaded, keeper, &keeper->loader);
        if (!r)
                r = loop_timer_new(host->loop, on_due, keeper, &keeper->timer);
        if (!r)
                r = loop_timer_new(host->loop, on_doubt, keeper, &keeper->doubt_timer);
        if (!r)
                r = sources_list_folders(store->sources, &folders);
        if (!r)
                r = service_add_store(host->service, store->name, folders, &keeper->store);
        if (r)
                return r;

        keeper->is_added = true;
        r = keeper_set_access(keeper, store->access);
        if (!r)
                r = make_scribe(keeper);
        if (r)
                return r;

        keeper_set_recording(keeper, &store->recording);
        refresh(keeper);
        *out = TAKE(keeper);
        return 0;
}

const char *keeper_get_name(const struct keeper *keeper)
{
        return keeper->desk->name;
}

size_t keeper_get_store(const struct keeper *keeper)
{
        return keeper->store;
}

const struct sources *keeper_get_sources(const struct keeper *keeper)
{
        return keeper->desk->sources;
}

void keeper_look_at_all(struct keeper *keeper)
{
        keeper->n_asked++;
        keeper->wants_all = true;
        if (!keeper->behind_ns)
                set_behind(keeper, clock_monotonic_ns());
        plan(keeper, choose_time(keeper));
}

void keeper_set_settings(struct keeper *keeper, const struct settings *settings)
{
        settings_unref(keeper->settings);
        keeper->settings = settings_ref(settings);
        keeper_look_at_all(keeper);
}

void keeper_set_recording(struct keeper *keeper, const struct recorder_settings *recording)
{
        recorder_set(service_recorder(keeper->host->service), keeper->store, recording);
}

bool keeper_was_read(const struct keeper *keeper)
{
        return keeper->was_read;
}

bool keeper_is_settled(const struct keeper *keeper)
{
        return keeper->was_read && !is_behind(keeper) && !is_readable(keeper);
}

bool keeper_is_current(const struct keeper *keeper)
{
        return !keeper->was_read || keeper->is_doubt_told || keeper->n_seen == keeper->n_asked;
}

int keeper_update(struct keeper *keeper, const struct update_request *request,
                  keeper_updated_fn done, void *userdata)
{
        int r = updates_add(&keeper->updates, &(struct updates_item){ request, done, userdata });

        if (!r)
                plan(keeper, clock_monotonic_ns());
        return r;
}
