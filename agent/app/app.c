/* SPDX-License-Identifier: Apache-2.0 */
#include "app/app.h"

#include "app/clock_file.h"
#include "app/config.h"
#include "app/due.h"
#include "app/journal.h"
#include "app/keeper.h"
#include "app/keepers.h"
#include "app/lanes.h"
#include "app/lease.h"
#include "app/notify.h"
#include "app/options.h"
#include "app/pool.h"
#include "app/sandbox.h"
#include "app/sockets.h"
#include "base/clock.h"
#include "base/log.h"
#include "front/dbus.h"
#include "front/varlink.h"
#include "loop/fd.h"
#include "loop/loop.h"
#include "loop/signal.h"
#include "loop/timer.h"
#include "loop/work.h"
#include "pki/ossl.h"
#include "proto/hex.h"
#include "proto/message.h"
#include "proto/names.h"
#include "service/catalog.h"
#include "service/executor.h"
#include "service/feed.h"
#include "service/service.h"
#include "watch/mounts.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#define TICK_MS  1000
#define READY_MS 10000 /* a store that hangs does not keep the agent from being up for longer */

struct app {
        const struct options *options;
        struct log log;
        struct config *config;

        struct loop *loop;
        struct work *store_work, *user_work;
        struct executor executor;
        struct lanes *lanes;
        struct service *service;

        struct keeper_host keeper_host;
        struct keepers *keepers;

        struct sockets *sockets;
        struct sandbox *sandbox; /* NULL: not confined */
        struct lease *lease;     /* NULL: there is no page */
        struct feed_subscriber *subscriber;
        struct varlink *varlink;
        struct dbus *dbus; /* NULL: there is no bus */

        struct notify *notify;
        struct loop_timer *ready_timer;
        bool is_ready;
        bool wants_apply; /* the configuration is not wholly in force */
        struct loop_signal *term_signal, *int_signal, *hup_signal;
        struct clock_file *clock_file;
        struct due *due;
        struct loop_timer *tick_timer;
        struct loop_fd *mounts;
        int mounts_fd;       /* -1: none */
        int early_mounts_fd; /* for what came before the loop polled; -1: nothing did */
};

/*
 * -- configuration ------------------------------------------------------------------------------
 */

static int absolute(const char *path, char **out)
{
        char folder[PATH_MAX];

        if (path[0] == '/') {
                *out = strdup(path);
                return *out ? 0 : -ENOMEM;
        }
        if (!getcwd(folder, sizeof(folder)))
                return -errno;

        return asprintf(out, "%s/%s", folder, path) < 0 ? -ENOMEM : 0;
}

/*
 * Return: 0; -EINVAL with @out_fault, which says where; or another negative errno
 */
static int read_config(const struct options *options, struct config **out, char **out_fault)
{
        CLEANUP(freep) char *path = NULL;
        const char *given = options->store ? options->store : options->config;
        int r;

        r = absolute(given ? given : NAMES_CONFIG_FILE, &path);
        if (!r && options->store)
                r = config_of_store(path, out);
        else if (!r)
                r = config_read(path, !options->config, out, out_fault);

        return r > 0 ? -EINVAL : r;
}

/* What is wrong is logged. Return: as above */
static int load_config(const struct options *options, const struct log *log, struct config **out)
{
        CLEANUP(freep) char *fault = NULL;
        int r;

        r = read_config(options, out, &fault);
        if (r)
                catalog_tell(log, CATALOG_CONFIG_REFUSED, NULL, "%s", fault ? fault : strerror(-r));
        return r;
}

int app_check_config(const struct options *options)
{
        CLEANUP(config_freep) struct config *config = NULL;
        struct log log = journal_open(LOG_LEVEL_INFO);

        return load_config(options, &log, &config) ? EXIT_FAILURE : EXIT_SUCCESS;
}

/*
 * -- what happens -------------------------------------------------------------------------------
 */

static void tell_status(const struct app *app)
{
        size_t n = keepers_count(app->keepers), n_read = keepers_count_read(app->keepers);

        if (n_read < n)
                notify_status("Reading %zu of %zu stores", n - n_read, n);
        else
                notify_status("Serving %zu stores", n);
}

static void become_ready(struct app *app)
{
        if (app->is_ready)
                return;

        app->is_ready = true;
        loop_timer_stop(app->ready_timer);
        notify_ready();
}

static void on_ready_timeout(struct loop_timer *timer, void *userdata)
{
        (void)timer;
        become_ready(userdata);
}

/* The loop has polled by now: it hears of every mount from here on. */
static void end_early_mounts(struct app *app)
{
        if (app->early_mounts_fd < 0)
                return;
        if (mounts_have_changed(app->early_mounts_fd))
                keepers_look_at_all(app->keepers);
        close(app->early_mounts_fd);
        app->early_mounts_fd = -1;
}

/* Up is who can answer: the first time that all stores were read. */
static void on_read(void *userdata)
{
        struct app *app = userdata;

        end_early_mounts(app);
        tell_status(app);
        if (keepers_count_read(app->keepers) == keepers_count(app->keepers))
                become_ready(app);
}

static void on_gone(const char *store, void *userdata)
{
        struct app *app = userdata;

        if (app->lease)
                lease_end_store(app->lease, store);
}

/* The first of all subscribers: the page has a generation before anybody is told of it. */
static void on_event(size_t store, const struct message_event *event, uint64_t number,
                     void *userdata)
{
        struct app *app = userdata;

        (void)store;
        (void)number;
        if (app->lease)
                lease_set_generation(app->lease, event->store, event->generation);
}

static void on_connections(size_t n, void *userdata)
{
        struct app *app = userdata;

        service_set_connections(app->service, n);
        if (app->lease)
                lease_set_connections(app->lease, n);
}

static bool is_settled(void *userdata)
{
        const struct app *app = userdata;

        return keepers_are_settled(app->keepers);
}

static int64_t max_doubt_ms(void *userdata)
{
        const struct app *app = userdata;

        return app->config->max_doubt_ms;
}

static void on_mounts(struct loop_fd *handle, unsigned int events, void *userdata)
{
        struct app *app = userdata;

        (void)handle;
        (void)events;
        keepers_look_at_all(app->keepers);
}

static void on_end(struct loop_signal *handle, int number, void *userdata)
{
        struct app *app = userdata;

        (void)handle;
        log_info(&app->log, "ending: signal %d", number);
        notify_stopping();
        loop_stop(app->loop);
}

/* What could not be done is tried again with the next tick. */
static int apply_config(struct app *app)
{
        int r;

        app->log.max_level = app->config->max_level;
        app->keeper_host.max_doubt_ms = app->config->max_doubt_ms;
        r = keepers_apply(app->keepers, app->config);
        if (r)
                catalog_tell(&app->log, CATALOG_MEMORY_SHORT, NULL,
                             "a store could not be added: %s", strerror(-r));

        app->wants_apply = r != 0;
        loop_timer_start(app->tick_timer, TICK_MS);
        tell_status(app);
        return r;
}

/* Questions may be waiting for a store that is being read. */
static void on_tick(struct loop_timer *timer, void *userdata)
{
        struct app *app = userdata;

        if (app->wants_apply)
                apply_config(app);
        if (service_tick(app->service) ||
            keepers_count_read(app->keepers) < keepers_count(app->keepers))
                loop_timer_start(timer, TICK_MS);
}

/* All or nothing: with a fault in it, the configuration in force stays. */
static int reload(void *userdata, char **out_fault)
{
        CLEANUP(config_freep) struct config *config = NULL;
        CLEANUP(freep) char *fault = NULL;
        struct app *app = userdata;
        int r;

        notify_reloading();
        r = read_config(app->options, &config, &fault);
        if (!r)
                r = sandbox_check(app->sandbox, config, &fault);
        if (r) {
                r = r > 0 ? -EINVAL : r;
                catalog_tell(&app->log, CATALOG_RELOAD_REFUSED,
                             &(struct catalog_about){ .reason = fault ? fault : strerror(-r) },
                             "the configuration was not reloaded, the former one stays: %s",
                             fault ? fault : strerror(-r));
                *out_fault = TAKE(fault);
        } else {
                config_free(app->config);
                app->config = TAKE(config);
                apply_config(app);
                keepers_look_at_all(app->keepers);
                catalog_tell(&app->log, CATALOG_RELOADED, NULL, "the configuration was reloaded");
        }
        notify_ready();
        return r;
}

static void on_reload(struct loop_signal *handle, int number, void *userdata)
{
        CLEANUP(freep) char *fault = NULL;

        (void)handle;
        (void)number;
        reload(userdata, &fault);
}

static void tick(void *userdata)
{
        const struct app *app = userdata;

        loop_timer_start(app->tick_timer, TICK_MS);
}

/*
 * -- building -----------------------------------------------------------------------------------
 */

/* Before anything that starts threads. */
static int enter_sandbox(struct app *app)
{
        const char *given = app->options->config ? app->options->config : NAMES_CONFIG_FILE;
        const char *state = getenv("STATE_DIRECTORY");
        CLEANUP(freep) char *path = NULL;
        int r;

        if (!app->options->wants_sandbox)
                return 0;

        r = absolute(given, &path);
        if (r)
                return r;
        return sandbox_enter(
                &(struct sandbox_config){ .config = app->config,
                                          .config_path = path,
                                          .sockets = app->sockets,
                                          .state_directory = state ? state : NAMES_STATE_DIR,
                                          .log = &app->log },
                &app->sandbox);
}

static int make_service(struct app *app)
{
        char agent_id[33];
        uint8_t id[16];
        int r;

        if (getrandom(id, sizeof(id), 0) != sizeof(id))
                return -EIO;

        hex_encode(id, sizeof(id), agent_id);
        app->executor = pool_executor(app->user_work);
        r = clock_file_new(getenv("STATE_DIRECTORY"), UATRUST_BUILD_S, app->store_work, &app->log,
                           &app->clock_file);
        if (r)
                return r;

        r = lanes_new(&(struct lanes_config){ .loop = app->loop,
                                              .keepers = &app->keepers,
                                              .reload = reload,
                                              .tick = tick,
                                              .userdata = app },
                      &app->lanes);
        if (r)
                return r;

        r = service_new(&(struct service_config){ .agent_id = agent_id,
                                                  .executor = &app->executor,
                                                  .lane = lanes_get(app->lanes),
                                                  .log = &app->log,
                                                  .now_s = clock_realtime_s,
                                                  .at_least_s = clock_file_get_s(app->clock_file) },
                        &app->service);
        if (!r)
                r = service_subscribe(app->service, on_event, app, &app->subscriber);
        return r;
}

/* An agent without a page judges as well; its clients ask more often. */
static void make_page(struct app *app)
{
        int r;

        if (!app->sockets->page_path)
                return;

        r = lease_new(&(struct lease_config){ .loop = app->loop,
                                              .log = &app->log,
                                              .path = app->sockets->page_path,
                                              .agent_id = service_agent_id(app->service),
                                              .max_doubt_ms = max_doubt_ms,
                                              .is_settled = is_settled,
                                              .userdata = app },
                      &app->lease);
        if (r)
                catalog_tell(&app->log, CATALOG_PAGE_FAILING, NULL, "there is no page at %s: %s",
                             app->sockets->page_path, strerror(-r));
}

static int make_stores(struct app *app)
{
        app->keeper_host = (struct keeper_host){ .loop = app->loop,
                                                 .work = app->store_work,
                                                 .service = app->service,
                                                 .log = &app->log,
                                                 .on_read = on_read,
                                                 .on_gone = on_gone,
                                                 .userdata = app };
        return keepers_new(&app->keeper_host, &app->keepers);
}

static int make_doors(struct app *app)
{
        const char *bus = app->options->bus ? app->options->bus
                          : geteuid() == 0  ? "system"
                                            : "session";
        int r;

        r = varlink_new(&(struct varlink_config){ .loop = app->loop,
                                                  .service = app->service,
                                                  .log = &app->log,
                                                  .version = UATRUST_VERSION,
                                                  .on_connections = on_connections,
                                                  .userdata = app },
                        &app->varlink);
        for (size_t i = 0; i < app->sockets->items.n && !r; i++) {
                struct sockets_item *item = &app->sockets->items.items[i];

                r = varlink_listen(app->varlink, item->fd, item->door);
                item->fd = -1;
        }

        if (!r && strcmp(bus, "none") != 0)
                r = dbus_new(&(struct dbus_config){ .loop = app->loop,
                                                    .service = app->service,
                                                    .log = &app->log,
                                                    .version = UATRUST_VERSION,
                                                    .address = bus },
                             &app->dbus);
        return r;
}

static int make_events(struct app *app)
{
        int r;

        r = notify_new(app->loop, &app->notify);
        if (!r)
                r = loop_signal_new(app->loop, SIGTERM, on_end, app, &app->term_signal);
        if (!r)
                r = loop_signal_new(app->loop, SIGINT, on_end, app, &app->int_signal);
        if (!r)
                r = loop_signal_new(app->loop, SIGHUP, on_reload, app, &app->hup_signal);
        if (!r)
                r = due_new(&(struct due_config){ .loop = app->loop,
                                                  .service = app->service,
                                                  .log = &app->log,
                                                  .clock_file = app->clock_file },
                            &app->due);
        if (!r)
                r = loop_timer_new(app->loop, on_ready_timeout, app, &app->ready_timer);
        if (!r)
                r = loop_timer_new(app->loop, on_tick, app, &app->tick_timer);
        if (!r)
                r = mounts_open(&app->early_mounts_fd);
        if (!r)
                r = mounts_open(&app->mounts_fd);
        if (!r)
                r = loop_fd_new(app->loop, app->mounts_fd, on_mounts, app, &app->mounts);
        if (!r)
                r = loop_fd_select(app->mounts, LOOP_FD_PRIORITY);
        return r;
}

/* Directories are watched, and mounts seen, by what lies there. Return: 0, or logged. */
static int check_proc(const struct app *app)
{
        int r = access("/proc/self/fd", X_OK) < 0 ? -errno : 0;

        if (r)
                catalog_tell(&app->log, CATALOG_CANNOT_START, NULL,
                             "cannot start: /proc/self/fd: %s; /proc has to be mounted",
                             strerror(-r));
        return r;
}

static int make_all(struct app *app)
{
        int r;

        r = check_proc(app);
        if (!r)
                r = load_config(app->options, &app->log, &app->config);
        if (!r)
                r = sockets_open(app->options, &app->log, &app->sockets);
        if (r)
                return r; /* has been logged */

        r = enter_sandbox(app);
        if (!r)
                r = ossl_init();
        if (!r)
                r = loop_new(&app->loop);
        if (!r)
                r = work_new(app->loop, &app->store_work);
        if (!r)
                r = work_new(app->loop, &app->user_work);
        if (!r)
                r = make_service(app);
        if (!r) {
                make_page(app);
                r = make_stores(app);
        }
        if (!r)
                r = make_events(app);
        if (!r)
                r = make_doors(app);
        if (!r)
                r = apply_config(app);
        if (r)
                catalog_tell(&app->log, CATALOG_CANNOT_START, NULL, "cannot start: %s",
                             strerror(-r));
        return r;
}

/* In the reverse order, but for the files of the sockets: nobody new shall find what is ending. */
static void free_all(struct app *app)
{
        if (app->sockets)
                sockets_remove_files(app->sockets);
        dbus_free(app->dbus);
        varlink_free(app->varlink);
        loop_fd_free(app->mounts);
        if (app->mounts_fd >= 0)
                close(app->mounts_fd);
        if (app->early_mounts_fd >= 0)
                close(app->early_mounts_fd);
        loop_timer_free(app->tick_timer);
        loop_timer_free(app->ready_timer);
        due_free(app->due);
        loop_signal_free(app->hup_signal);
        loop_signal_free(app->int_signal);
        loop_signal_free(app->term_signal);
        notify_free(app->notify);
        keepers_free(app->keepers);
        lease_free(app->lease);
        feed_unsubscribe(app->subscriber);
        service_free(app->service);
        lanes_free(app->lanes);
        clock_file_free(app->clock_file);
        work_free(app->user_work);
        work_free(app->store_work);
        loop_free(app->loop);
        loop_end_workers();
        sandbox_free(app->sandbox);
        sockets_close(app->sockets);
        config_free(app->config);
        ossl_deinit();
}

int app_run(const struct options *options)
{
        struct app app = { .options = options,
                           .log = journal_open(LOG_LEVEL_INFO),
                           .mounts_fd = -1,
                           .early_mounts_fd = -1 };
        int r;

        r = make_all(&app);
        if (!r) {
                loop_timer_start(app.ready_timer, READY_MS);
                log_info(&app.log, "uatrustd " UATRUST_VERSION " is up, agent %s",
                         service_agent_id(app.service));
                loop_run(app.loop);
        }

        free_all(&app);
        return r ? EXIT_FAILURE : EXIT_SUCCESS;
}
