/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/keeper_scene.h"

#include "app/config.h"
#include "app/scribe.h"
#include "harness/must.h"
#include "service/recorder.h"
#include "service/service.h"
#include "store/layout.h"
#include "store/picture.h"
#include "store/sources.h"
#include "store/store.h"
#include "store/update.h"
#include "trust/settings.h"

struct scene scene;

static struct picture picture;
static struct change *const change = (struct change *)&picture;

static void be_busy(void)
{
        void (*meanwhile)(void) = TAKE(scene.meanwhile);

        if (meanwhile)
                meanwhile();
}

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
        scene.n_refreshes++;
        scene.n_all += hints->is_all;
        scene.n_hints += hints->n;
        be_busy();
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
        scene.n_recoveries++;
        *out = (struct recover_outcome){
                .status = scene.is_stuck ? RECOVER_STUCK : RECOVER_CLEAN,
                .reason = scene.is_stuck ? must_strdup("is missing") : NULL,
        };
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

int ask_for_update(void)
{
        struct update_request *request;
        int r;

        assert_int_equal(update_request_new(UPDATE_REPLACE, &request), 0);
        r = keeper_update(scene.keeper, request, on_updated, &scene);
        update_request_unref(request);
        return r;
}

int keeper_set_up(void **state)
{
        (void)state;
        scene = (struct scene){ .tree = tree_new() };
        fake_loop_begin();
        assert_int_equal(settings_new(&scene.settings), 0);
        scene.host = (struct keeper_host){ .max_doubt_ms = KEEPER_SCENE_MAX_DOUBT_MS,
                                           .on_read = on_read,
                                           .on_gone = on_gone };
        return 0;
}

int keeper_tear_down(void **state)
{
        (void)state;
        keeper_free(scene.keeper);
        fake_loop_end();
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
        assert_int_equal(keeper_new(&scene.host, &store, FAKE_LOOP_LANE, &scene.keeper), 0);
}

void start(void)
{
        start_at(scene.tree->path);
}

void start_settled(void)
{
        start();
        fake_loop_until(keeper_is_settled(scene.keeper));
}

void start_below(void)
{
        char *path = tree_path(scene.tree, "store");

        tree_mkdir(scene.tree, "store");
        start_at(path);
        free(path);
        fake_loop_until(keeper_is_settled(scene.keeper));
}
