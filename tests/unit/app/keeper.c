/* SPDX-License-Identifier: Apache-2.0 */
#include "app/keeper.h"

#include "app/config.h"
#include "app/scribe.h"
#include "app/storm.h"
#include "base/clock.h"
#include "harness/must.h"
#include "harness/test.h"
#include "harness/tree.h"
#include "loop/loop.h"
#include "loop/timer.h"
#include "loop/work.h"
#include "proto/names.h"
#include "service/recorder.h"
#include "service/service.h"
#include "store/layout.h"
#include "store/picture.h"
#include "store/sources.h"
#include "store/store.h"
#include "store/update.h"
#include "trust/settings.h"

#include <stdatomic.h>
#include <unistd.h>

/*
 * The store and the service are this test's own: refreshes do what the scene says, and the service
 * notes what it is told. The directory and its watch are real.
 */
static struct scene {
        struct tree *tree;
        struct loop *loop;
        struct loop_timer *guard;
        struct work *work;
        struct settings *settings;
        const struct access *access;
        struct keeper_host host;
        struct keeper *keeper;

        /* the refreshes, on a worker */
        atomic_uint n_refreshes, n_all, n_hints, n_running, n_overlaps;
        atomic_int fail_with;
        atomic_uint sleep_ms;
        atomic_bool is_in_doubt, is_not_ready, has_aliases;
        int64_t doubt_ns; /* since when */

        /* the updates */
        atomic_uint n_recoveries, n_updates;
        atomic_bool is_stuck;
        atomic_int update_fails_with;
        atomic_bool is_update_unread; /* done, and not read back */
        unsigned int n_ended, n_published_before, n_cancelled;
        int ended_with;

        /* what the service was told */
        unsigned int n_published, n_not_ready, n_doubts, n_read, n_gone;
        unsigned int n_refuse; /* so many publications fail */
        bool is_added, is_doubtful;
        int64_t last_update_s;
        char *doubt;
} scene;

static struct picture picture;
static struct change *const change = (struct change *)&picture;

int store_list_dirs(const struct store_config *config, char ***out, size_t *out_n)
{
        char **paths = malloc(sizeof(*paths) + strlen(config->sources[0].path) + 1);

        must(paths, "malloc");
        paths[0] = (char *)(paths + 1);
        memcpy(paths[0], config->sources[0].path, strlen(config->sources[0].path) + 1);
        *out = paths;
        *out_n = 1;
        return 0;
}

int store_refresh(const struct store_config *config, const struct picture *old,
                  const struct store_hints *hints, const struct store_now *now,
                  struct store_result *out)
{
        bool is_change = hints->is_all || hints->n > 0 || scene.is_in_doubt;

        (void)config;
        (void)old;
        if (!scene.is_in_doubt)
                scene.doubt_ns = INT64_MAX;
        else if (scene.doubt_ns == INT64_MAX)
                scene.doubt_ns = now->monotonic_ns;
        scene.n_overlaps += scene.n_running++ > 0;
        scene.n_refreshes++;
        scene.n_all += hints->is_all;
        scene.n_hints += hints->n;
        usleep(scene.sleep_ms * 1000);
        scene.n_running--;
        if (scene.fail_with)
                return scene.fail_with;

        *out = (struct store_result){
                .picture = &picture,
                .change = is_change && !scene.is_not_ready ? change : NULL,
                .not_ready = scene.is_not_ready ? must_strdup("is missing") : NULL,
                .doubt = scene.is_in_doubt ? must_strdup("half a file") : NULL,
                .doubt_ns = scene.doubt_ns,
                .again_ms = scene.is_in_doubt ? 20 : STORE_NEVER_MS,
                .has_aliases = scene.has_aliases,
        };
        return 0;
}

int store_recover(const struct store_config *config, struct recover_outcome *out)
{
        (void)config;
        scene.n_overlaps += scene.n_running++ > 0;
        scene.n_recoveries++;
        *out = (struct recover_outcome){
                .status = scene.is_stuck ? RECOVER_STUCK : RECOVER_CLEAN,
                .reason = scene.is_stuck ? must_strdup("is missing") : NULL,
        };
        scene.n_running--;
        return 0;
}

void recover_outcome_deinit(struct recover_outcome *outcome)
{
        free(outcome->reason);
}

int store_stay_stuck(const struct picture *old, const char *reason, struct store_result *out)
{
        (void)old;
        *out = (struct store_result){ .picture = &picture,
                                      .not_ready = must_strdup(reason),
                                      .doubt_ns = INT64_MAX,
                                      .again_ms = 50 };
        return 0;
}

int store_update(const struct update *update, struct update_outcome *out)
{
        assert_int_equal(update->request->kind, UPDATE_REPLACE);
        scene.n_updates++;
        scene.n_overlaps += scene.n_running > 0;
        if (scene.update_fails_with)
                return scene.update_fails_with;

        *out = (struct update_outcome)UPDATE_OUTCOME_NULL;
        out->has_changed = true;
        if (scene.is_update_unread)
                return 0;
        return store_refresh(update->config, update->picture, update->hints, update->now,
                             &out->result);
}

void store_result_deinit(struct store_result *result)
{
        free(result->doubt);
        free(result->not_ready);
}

struct picture *picture_ref(const struct picture *p)
{
        return (struct picture *)p;
}

struct picture *picture_unref(struct picture *p)
{
        (void)p;
        return NULL;
}

struct snapshot *picture_get_snapshot(const struct picture *p)
{
        (void)p;
        return NULL;
}

int service_add_store(struct service *service, const char *name, const char *const *sources,
                      size_t *out)
{
        (void)service;
        assert_string_equal(name, "plant");
        assert_int_equal(strncmp(sources[0], scene.tree->path, strlen(scene.tree->path)), 0);
        assert_null(sources[1]);
        scene.is_added = true;
        *out = 7;
        return 0;
}

int service_set_access(struct service *service, size_t store, const struct access *access)
{
        (void)service;
        assert_int_equal(store, 7);
        assert_ptr_equal(access, scene.access);
        return 0;
}

void service_remove_store(struct service *service, size_t store)
{
        (void)service;
        assert_int_equal(store, 7);
        scene.is_added = false;
}

int service_publish(struct service *service, size_t store, const struct snapshot *snap,
                    const struct change *told)
{
        (void)service;
        (void)snap;
        assert_int_equal(store, 7);
        assert_ptr_equal(told, change);
        if (scene.n_refuse > 0) {
                scene.n_refuse--;
                return -ENOMEM;
        }
        scene.n_published++;
        return 0;
}

int64_t picture_last_change_ns(const struct picture *p)
{
        (void)p;
        return INT64_C(1000000000) * 77;
}

void service_set_last_update(struct service *service, size_t store, int64_t at_s)
{
        (void)service;
        (void)store;
        assert_int_equal(scene.n_published, 0);
        scene.last_update_s = at_s;
}

int service_set_not_ready(struct service *service, size_t store, const char *reason)
{
        (void)service;
        (void)store;
        assert_string_equal(reason, "is missing");
        scene.n_not_ready++;
        return 0;
}

void service_set_doubt(struct service *service, size_t store, const char *reason)
{
        (void)service;
        (void)store;
        scene.n_doubts += reason && !scene.is_doubtful;
        scene.is_doubtful = reason != NULL;
        free(scene.doubt);
        scene.doubt = reason ? must_strdup(reason) : NULL;
}

struct recorder *service_recorder(struct service *service)
{
        (void)service;
        return NULL;
}

void recorder_set(struct recorder *recorder, size_t store, const struct recorder_settings *settings)
{
        (void)recorder;
        assert_int_equal(store, 7);
        (void)settings;
}

/* What is refused is written by somebody else's test. */
int scribe_new(const struct scribe_config *config, struct scribe **out)
{
        assert_int_equal(config->store, 7);
        assert_int_equal(strncmp(config->root, scene.tree->path, strlen(scene.tree->path)), 0);
        *out = NULL;
        return 0;
}

struct scribe *scribe_free(struct scribe *scribe)
{
        (void)scribe;
        return NULL;
}

static void on_read(void *userdata)
{
        (void)userdata;
        scene.n_read++;
}

static void on_gone(const char *store, void *userdata)
{
        (void)userdata;
        assert_string_equal(store, "plant");
        assert_false(scene.is_added);
        scene.n_gone++;
}

static void on_updated(const struct update_outcome *outcome, int r, void *userdata)
{
        assert_ptr_equal(userdata, &scene);
        assert_int_equal(!outcome, r != 0);
        scene.n_ended++;
        scene.n_cancelled += r == -ECANCELED;
        scene.n_published_before = scene.n_published;
        scene.ended_with = r;
}

/* Return: as keeper_update(). */
static int ask_for_update(void)
{
        struct update_request *request;
        int r;

        assert_int_equal(update_request_new(UPDATE_REPLACE, &request), 0);
        r = keeper_update(scene.keeper, request, on_updated, &scene);
        update_request_unref(request);
        return r;
}

/* Again and again: due before the loop polls, a single one would let it wait for ever. */
static void on_guard(struct loop_timer *timer, void *userdata)
{
        (void)userdata;
        loop_timer_start(timer, 1);
}

static void run_for(unsigned int ms)
{
        int64_t end_ns = clock_monotonic_ns() + ms * INT64_C(1000000);

        while (clock_monotonic_ns() < end_ns) {
                loop_timer_start(scene.guard, 5);
                loop_run_once(scene.loop);
        }
}

/* Until it is so, or for two seconds. */
#define run_until(condition)                                                                       \
        do {                                                                                       \
                for (int i = 0; i < 400 && !(condition); i++)                                      \
                        run_for(5);                                                                \
                assert_true(condition);                                                            \
        } while (0)

static int set_up(void **state)
{
        (void)state;
        scene = (struct scene){ .tree = tree_new() };
        assert_int_equal(loop_new(&scene.loop), 0);
        assert_int_equal(work_new(scene.loop, &scene.work), 0);
        assert_int_equal(loop_timer_new(scene.loop, on_guard, NULL, &scene.guard), 0);
        assert_int_equal(settings_new(&scene.settings), 0);
        scene.host = (struct keeper_host){ .loop = scene.loop,
                                           .work = scene.work,
                                           .max_doubt_ms = 150,
                                           .on_read = on_read,
                                           .on_gone = on_gone };
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        keeper_free(scene.keeper);
        work_free(scene.work);
        loop_timer_free(scene.guard);
        loop_free(scene.loop);
        settings_unref(scene.settings);
        free(scene.doubt);
        tree_free(scene.tree);
        return 0;
}

static void start_at(char *path)
{
        struct store_source source = { .name = "plant", .path = path, .layout = layout_default() };
        CLEANUP(sources_unrefp) struct sources *sources = NULL;
        struct config_store store = { .name = (char *)"plant", .settings = scene.settings };

        scene.access = store.access = (struct access *)&scene; /* only handed on */
        assert_int_equal(sources_new(&sources), 0);
        assert_int_equal(sources_add(sources, &source), 0);
        store.sources = sources;
        assert_int_equal(keeper_new(&scene.host, &store, 3, &scene.keeper), 0);
}

static void start(void)
{
        start_at(scene.tree->path);
}

static void start_settled(void)
{
        start();
        run_until(keeper_is_settled(scene.keeper));
}

/* In a folder of the tree. */
static void start_below(void)
{
        char *path = tree_path(scene.tree, "store");

        tree_mkdir(scene.tree, "store");
        start_at(path);
        free(path);
        run_until(keeper_is_settled(scene.keeper));
}

static void the_first_refresh_reads_everything(void **state)
{
        (void)state;
        start();
        assert_true(scene.is_added);
        assert_false(keeper_was_read(scene.keeper));
        assert_false(keeper_is_settled(scene.keeper));
        run_until(keeper_was_read(scene.keeper));
        run_until(keeper_is_settled(scene.keeper));
        run_for(200); /* and then nothing, but for what others do in the folders above */
        assert_int_equal(scene.n_all, 1);
        assert_int_equal(scene.n_hints, 0);
        assert_int_equal(scene.n_published, 1);
        assert_int_equal(scene.last_update_s, 77);
        assert_int_equal(scene.n_read, 1);
}

static void an_event_is_read_at_once(void **state)
{
        int64_t begin_ns;

        (void)state;
        start_settled();
        tree_write(scene.tree, "a", "a", 1);
        assert_false(keeper_is_settled(scene.keeper)); /* the kernel knows */
        begin_ns = clock_monotonic_ns();
        run_until(scene.n_published == 2);
        assert_true(clock_monotonic_ns() - begin_ns < STORM_NEWS_NS);
        run_until(keeper_is_settled(scene.keeper));
        assert_int_equal(scene.n_all, 1);
        assert_true(scene.n_hints >= 1);
        assert_int_equal(scene.n_doubts, 0);
}

static void a_storm_is_few_refreshes_and_leaves_nothing_behind(void **state)
{
        int64_t end_ns;

        (void)state;
        start_settled();
        end_ns = clock_monotonic_ns() + INT64_C(500000000);
        while (clock_monotonic_ns() < end_ns) {
                tree_write(scene.tree, "a", "a", 1);
                loop_timer_start(scene.guard, 1);
                loop_run_once(scene.loop);
        }
        run_until(keeper_is_settled(scene.keeper));
        assert_true(scene.n_refreshes < 40);
        assert_true(scene.n_refreshes > 8);
        assert_int_equal(scene.n_overlaps, 0);
        assert_int_equal(scene.n_doubts, 0);
}

static void a_refresh_that_fails_is_tried_again_and_becomes_a_doubt(void **state)
{
        (void)state;
        start_settled();
        scene.fail_with = -EMFILE;
        tree_write(scene.tree, "a", "a", 1);
        run_until(scene.is_doubtful);
        assert_true(scene.n_refreshes >= 2);
        assert_true(scene.n_refreshes <= 8); /* with growing pauses */
        assert_string_equal(scene.doubt, "a change could not be read in time");
        assert_int_equal(scene.n_published, 1);

        scene.fail_with = 0;
        run_until(keeper_is_settled(scene.keeper));
        assert_false(scene.is_doubtful);
        assert_int_equal(scene.n_published, 2);
        assert_true(scene.n_all >= 2);
}

static void a_file_that_stays_uncertain_becomes_a_doubt(void **state)
{
        (void)state;
        start_settled();
        scene.is_in_doubt = true;
        tree_write(scene.tree, "a", "a", 1);
        run_until(scene.n_published >= 2);
        assert_false(keeper_is_settled(scene.keeper));
        assert_false(scene.is_doubtful); /* not yet */
        run_until(scene.is_doubtful);
        assert_string_equal(scene.doubt, "half a file");
        assert_true(scene.n_refreshes >= 4); /* looked at again without any event */

        scene.is_in_doubt = false;
        run_until(!scene.is_doubtful);
        run_until(keeper_is_settled(scene.keeper));
}

/* The same, but for what is done elsewhere, which is no reason to doubt. */
static void what_is_no_news_is_no_doubt(void **state)
{
        (void)state;
        start_below();
        scene.sleep_ms = 300; /* longer than MaxDoubt */
        keeper_look_at_all(scene.keeper);
        run_until(scene.n_running == 1);
        tree_write(scene.tree, "elsewhere", "a", 1);
        run_until(scene.n_published == 2);
        assert_false(scene.is_doubtful);

        keeper_look_at_all(scene.keeper);
        run_until(scene.n_running == 1);
        tree_write(scene.tree, "store/a", "a", 1);
        run_until(scene.n_published == 3);
        assert_true(scene.is_doubtful);
        run_until(keeper_is_settled(scene.keeper));
        assert_int_equal(scene.n_published, 4); /* what came meanwhile was not lost */
        assert_false(scene.is_doubtful);
}

static void a_refresh_that_hangs_becomes_a_doubt(void **state)
{
        (void)state;
        start_settled();
        scene.sleep_ms = 500;
        tree_write(scene.tree, "a", "a", 1);
        run_for(100);
        assert_false(scene.is_doubtful);
        run_for(100);
        assert_true(scene.is_doubtful);
        scene.sleep_ms = 0;
        run_until(keeper_is_settled(scene.keeper));
        assert_false(scene.is_doubtful);
}

/* Looks begin without news, too: what comes by then, or meanwhile, waits for their end. */
static void news_during_a_sweep_that_hangs_become_a_doubt(void **state)
{
        (void)state;
        start_settled();
        scene.has_aliases = true; /* so that it is swept in 0.5 s and in 1 s */
        tree_write(scene.tree, "a", "a", 1);
        run_until(keeper_is_settled(scene.keeper));

        scene.sleep_ms = 300;
        usleep(600 * 1000);
        tree_write(scene.tree, "b", "b", 1); /* with the sweep overdue: whoever sees it first */
        run_until(scene.n_running == 1);
        assert_int_equal(scene.n_all, 2);
        assert_false(keeper_is_settled(scene.keeper));
        run_until(scene.is_doubtful);
        run_until(keeper_is_settled(scene.keeper));
        assert_false(scene.is_doubtful);

        run_until(scene.n_all == 3 && scene.n_running == 1);
        tree_write(scene.tree, "c", "c", 1);
        run_until(scene.is_doubtful);
        run_until(keeper_is_settled(scene.keeper));
        assert_false(scene.is_doubtful);
}

static void what_the_service_could_not_take_is_told_again(void **state)
{
        (void)state;
        start_settled();
        scene.n_refuse = 2;
        tree_write(scene.tree, "a", "a", 1);
        run_until(scene.n_refuse == 0);
        run_until(keeper_is_settled(scene.keeper));
        assert_true(scene.n_published >= 2);
}

static void what_becomes_blind_is_swept_soon(void **state)
{
        (void)state;
        start_settled();
        scene.has_aliases = true;
        tree_write(scene.tree, "a", "a", 1);
        run_until(keeper_is_settled(scene.keeper));
        assert_int_equal(scene.n_all, 1);
        run_for(400);
        assert_int_equal(scene.n_all, 1);
        run_until(scene.n_all == 2); /* it may pass: after 0.5 s, then 1 s, at last each 5 s */
        run_for(500);
        assert_int_equal(scene.n_all, 2);
        run_until(scene.n_all == 3);
}

/* Others write into the folder above the store's. */
static void what_is_no_news_delays_none(void **state)
{
        int64_t end_ns;

        (void)state;
        start_below();
        end_ns = clock_monotonic_ns() + INT64_C(200000000);
        while (clock_monotonic_ns() < end_ns) {
                tree_write(scene.tree, "elsewhere", "a", 1);
                tree_remove(scene.tree, "elsewhere");
                loop_timer_start(scene.guard, 1);
                loop_run_once(scene.loop);
        }
        assert_int_equal(scene.n_hints, 0);
        assert_true(scene.n_refreshes > 8);
        assert_true(scene.n_refreshes < 60);

        end_ns = clock_monotonic_ns() + STORM_NEWS_NS;
        tree_write(scene.tree, "store/a", "a", 1);
        run_until(scene.n_published == 2);
        assert_true(clock_monotonic_ns() < end_ns);
}

static void settings_that_come_meanwhile_are_read_afterwards(void **state)
{
        struct settings *others = NULL;
        unsigned int n;

        (void)state;
        start_settled();
        scene.sleep_ms = 50;
        tree_write(scene.tree, "a", "a", 1);
        run_until(scene.n_running == 1);
        n = scene.n_refreshes;
        assert_int_equal(settings_new(&others), 0);
        keeper_set_settings(scene.keeper, others);
        settings_unref(others);
        assert_false(keeper_is_settled(scene.keeper));
        run_until(keeper_is_settled(scene.keeper));
        assert_true(scene.n_refreshes > n);
        assert_int_equal(scene.n_all, 2);
        assert_int_equal(scene.n_overlaps, 0);
}

static void what_is_asked_for_is_current_once_it_was_told(void **state)
{
        unsigned int n_published;

        (void)state;
        start_settled();
        assert_true(keeper_is_current(scene.keeper));

        scene.sleep_ms = 50;
        tree_write(scene.tree, "a", "a", 1);
        run_until(scene.n_running > 0);
        keeper_set_settings(scene.keeper, scene.settings); /* too late for the one that runs */
        n_published = scene.n_published;
        assert_false(keeper_is_current(scene.keeper));
        run_until(keeper_is_current(scene.keeper));
        assert_true(scene.n_published >= n_published + 2);

        scene.fail_with = -EMFILE;
        keeper_look_at_all(scene.keeper);
        run_until(keeper_is_current(scene.keeper));
        assert_true(scene.is_doubtful); /* so that nothing is Good */
}

static void a_store_that_cannot_be_read_is_not_ready(void **state)
{
        (void)state;
        scene.is_not_ready = true;
        start();
        run_until(keeper_was_read(scene.keeper));
        assert_true(scene.n_not_ready > 0);
        assert_int_equal(scene.n_published, 0);

        scene.is_not_ready = false;
        tree_write(scene.tree, "a", "a", 1);
        run_until(scene.n_published == 1);
        assert_int_equal(scene.n_read, 1);
}

static void a_keeper_may_end_while_it_reads(void **state)
{
        (void)state;
        scene.sleep_ms = 100;
        start();
        run_for(20);
        scene.keeper = keeper_free(scene.keeper);
        assert_int_equal(scene.n_gone, 1);
        assert_false(scene.is_added);
        run_for(150);
        assert_int_equal(scene.n_published, 0);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

static void an_update_is_told_after_it_was_published(void **state)
{
        (void)state;
        start_settled();
        assert_int_equal(ask_for_update(), 0);
        assert_int_equal(scene.n_ended, 0);
        run_until(scene.n_ended == 1);
        assert_int_equal(scene.ended_with, 0);
        assert_int_equal(scene.n_published_before, 2);
        run_until(keeper_is_settled(scene.keeper));
        assert_int_equal(scene.n_updates, 1);
}

static void updates_wait_for_each_other_and_only_so_many(void **state)
{
        (void)state;
        start();
        for (size_t i = 0; i < NAMES_UPDATES_WAITING_MAX; i++)
                assert_int_equal(ask_for_update(), 0);
        assert_int_equal(ask_for_update(), -EBUSY);
        run_until(scene.n_ended == NAMES_UPDATES_WAITING_MAX);
        assert_int_equal(scene.n_updates, NAMES_UPDATES_WAITING_MAX);
        assert_int_equal(scene.n_overlaps, 0);
        assert_int_equal(ask_for_update(), 0);
        run_until(scene.n_ended == NAMES_UPDATES_WAITING_MAX + 1);
}

static void an_update_that_the_machine_fails_is_recovered_from(void **state)
{
        (void)state;
        start_settled();
        assert_int_equal(scene.n_recoveries, 1);
        scene.update_fails_with = -EMFILE;
        assert_int_equal(ask_for_update(), 0);
        run_until(scene.n_ended == 1);
        assert_int_equal(scene.ended_with, -EMFILE);
        run_until(keeper_is_settled(scene.keeper));
        assert_int_equal(scene.n_recoveries, 2);
}

static void an_update_whose_news_are_not_taken_is_told_later(void **state)
{
        (void)state;
        start_settled();
        scene.n_refuse = 2;
        assert_int_equal(ask_for_update(), 0);
        run_until(scene.n_ended == 1);
        assert_int_equal(scene.n_published_before, 2);
        assert_int_equal(scene.n_updates, 1);
}

/* Told at once it would be news of what no question is judged by yet. */
static void an_update_that_was_not_read_back_is_told_once_it_is(void **state)
{
        (void)state;
        start_settled();
        scene.is_update_unread = true;
        scene.fail_with = -ENOMEM;
        assert_int_equal(ask_for_update(), 0);
        run_until(scene.n_updates == 1 && scene.n_refreshes >= 2);
        assert_int_equal(scene.n_ended, 0);

        scene.fail_with = 0;
        run_until(scene.n_ended == 1);
        assert_int_equal(scene.ended_with, 0);
        assert_int_equal(scene.n_published_before, 2);
        run_until(keeper_is_settled(scene.keeper));
        assert_int_equal(scene.n_updates, 1);
}

static void a_keeper_that_ends_ends_its_updates(void **state)
{
        (void)state;
        start_settled();
        scene.sleep_ms = 100;
        for (size_t i = 0; i < 3; i++)
                assert_int_equal(ask_for_update(), 0);
        run_until(scene.n_updates == 1);
        scene.keeper = keeper_free(scene.keeper);
        assert_int_equal(scene.n_ended, 3);
        assert_int_equal(scene.n_cancelled, 3);
        run_for(150);
        assert_int_equal(scene.n_updates, 1);
}

static void what_an_update_left_is_seen_to_before_the_first_refresh(void **state)
{
        (void)state;
        scene.is_stuck = true;
        start();
        run_until(scene.n_not_ready >= 2); /* tried again and again */
        assert_int_equal(scene.n_refreshes, 0);
        assert_true(scene.n_recoveries >= 2);

        scene.is_stuck = false;
        run_until(scene.n_published == 1);
        run_until(keeper_is_settled(scene.keeper));
        assert_int_equal(scene.n_overlaps, 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(the_first_refresh_reads_everything),
                TEST(an_event_is_read_at_once),
                TEST(a_storm_is_few_refreshes_and_leaves_nothing_behind),
                TEST(a_refresh_that_fails_is_tried_again_and_becomes_a_doubt),
                TEST(a_file_that_stays_uncertain_becomes_a_doubt),
                TEST(a_refresh_that_hangs_becomes_a_doubt),
                TEST(news_during_a_sweep_that_hangs_become_a_doubt),
                TEST(what_is_no_news_is_no_doubt),
                TEST(what_the_service_could_not_take_is_told_again),
                TEST(what_becomes_blind_is_swept_soon),
                TEST(what_is_no_news_delays_none),
                TEST(settings_that_come_meanwhile_are_read_afterwards),
                TEST(what_is_asked_for_is_current_once_it_was_told),
                TEST(a_store_that_cannot_be_read_is_not_ready),
                TEST(a_keeper_may_end_while_it_reads),
                TEST(an_update_is_told_after_it_was_published),
                TEST(updates_wait_for_each_other_and_only_so_many),
                TEST(an_update_that_the_machine_fails_is_recovered_from),
                TEST(an_update_whose_news_are_not_taken_is_told_later),
                TEST(an_update_that_was_not_read_back_is_told_once_it_is),
                TEST(a_keeper_that_ends_ends_its_updates),
                TEST(what_an_update_left_is_seen_to_before_the_first_refresh),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
