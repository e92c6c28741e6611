/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Monitors and watched peers of the library at a real agent, that may be away while something
 * happens: what is told then is just what is different, and nothing but knowledge asks for a
 * session to be cut.
 */

#include "harness/plant.h"
#include "harness/test.h"

#include <uatrust/news.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
        WAIT_MS = 20000,
        QUIET_MS = 400,
        MANY = 1000,
        TOLD_MAX = 4096,
};

/* What was told, each as one line. */
struct told {
        char lines[TOLD_MAX][64];
        size_t n, n_read;
};

struct fixture {
        struct plant *plant;
        struct uatrust_client *client;
        struct uatrust_request *pump, *valve, *stranger;
        struct told told;
};

static int set_up(void **state)
{
        static struct fixture fixture;

        fixture = (struct fixture){ .plant = plant_new(), .client = uatrust_client_new() };
        fixture.pump = plant_request("pump");
        fixture.valve = plant_request("valve");
        fixture.stranger = plant_request("stranger");
        uatrust_client_set_socket(fixture.client, fixture.plant->socket, NULL);
        uatrust_client_set_timeout(fixture.client, 5000);
        *state = &fixture;
        return 0;
}

static int tear_down(void **state)
{
        struct fixture *fixture = *state;

        uatrust_client_free(fixture->client);
        uatrust_request_free(fixture->pump);
        uatrust_request_free(fixture->valve);
        uatrust_request_free(fixture->stranger);
        plant_free(fixture->plant);
        return 0;
}

static char *add(struct told *told)
{
        assert_true(told->n < TOLD_MAX);
        return told->lines[told->n++];
}

static void process(struct fixture *fixture, int limit_ms)
{
        uatrust_wait(fixture->client, limit_ms, NULL);
        assert_int_equal(uatrust_process(fixture->client, NULL), 0);
}

/* The next line is this one. */
static void expect(struct fixture *fixture, const char *line)
{
        struct told *told = &fixture->told;
        int64_t end_ms = test_now_ms() + WAIT_MS;

        while (told->n_read == told->n && test_now_ms() < end_ms)
                process(fixture, 100);
        if (told->n_read == told->n)
                fail_msg("%s does not come", line);
        assert_string_equal(told->lines[told->n_read++], line);
}

static void expect_nothing(struct fixture *fixture)
{
        int64_t end_ms = test_now_ms() + QUIET_MS;

        while (test_now_ms() < end_ms)
                process(fixture, 20);
        if (fixture->told.n_read < fixture->told.n)
                fail_msg("%s comes", fixture->told.lines[fixture->told.n_read]);
}

/* So many sessions, in any order, are to be cut, and nothing else. */
static void expect_cuts(struct fixture *fixture, size_t n)
{
        struct told *told = &fixture->told;
        int64_t end_ms = test_now_ms() + WAIT_MS;

        while (told->n < told->n_read + n && test_now_ms() < end_ms)
                process(fixture, 100);
        assert_int_equal(told->n - told->n_read, n);
        while (told->n_read < told->n)
                assert_non_null(strstr(told->lines[told->n_read++], " revoked cut"));
}

/*
 * Monitors.
 */

static void on_event(struct uatrust_monitor *monitor, const struct uatrust_event *event,
                     const struct uatrust_error *error, void *userdata)
{
        struct fixture *fixture = userdata;

        (void)monitor;
        assert_true(!event == !!error);
        if (event)
                snprintf(add(&fixture->told), 64, "%s %lld%s", uatrust_event_get_kind(event),
                         (long long)uatrust_event_get_generation(event),
                         uatrust_event_is_resync(event) ? " resync" : "");
        else
                snprintf(add(&fixture->told), 64, "error %d", uatrust_error_get_code(error));
}

static struct uatrust_monitor *monitor_new(struct fixture *fixture)
{
        struct uatrust_monitor *monitor;

        assert_int_equal(uatrust_monitor_new(fixture->client, NULL, 0, &monitor, NULL), 0);
        uatrust_monitor_set_callback(monitor, on_event, fixture);
        return monitor;
}

static void a_monitor_lives_through_a_restart(void **state)
{
        struct fixture *fixture = *state;
        struct uatrust_monitor *monitor = monitor_new(fixture);
        int fd = uatrust_get_fd(fixture->client);

        expect(fixture, "state 1");
        plant_revoke(fixture->plant, true);
        expect(fixture, "changed 2");
        plant_kill(fixture->plant);
        expect(fixture, "error 40");
        expect_nothing(fixture);
        plant_start(fixture->plant);
        expect(fixture, "state 1 resync");
        plant_revoke(fixture->plant, false);
        expect(fixture, "changed 2");
        plant_start(fixture->plant);
        expect(fixture, "error 40");
        expect(fixture, "state 1 resync");
        assert_int_equal(uatrust_get_fd(fixture->client), fd);
        uatrust_monitor_free(monitor);
        plant_revoke(fixture->plant, true);
        expect_nothing(fixture);
}

static void a_monitor_begins_before_its_agent(void **state)
{
        struct fixture *fixture = *state;
        struct uatrust_monitor *monitor;

        plant_kill(fixture->plant);
        monitor = monitor_new(fixture);
        expect(fixture, "error 40");
        expect_nothing(fixture);
        plant_start(fixture->plant);
        expect(fixture, "state 1");
        uatrust_monitor_free(monitor);
}

static void an_unknown_store_is_asked_for_again_and_again(void **state)
{
        static const char *const stores[] = { "elsewhere" };
        struct fixture *fixture = *state;
        struct uatrust_monitor *monitor;
        struct uatrust_event *event;

        assert_int_equal(uatrust_monitor_new(fixture->client, stores, 1, &monitor, NULL), 0);
        assert_int_equal(uatrust_monitor_next(monitor, WAIT_MS, &event, NULL),
                         UATRUST_E_NO_SUCH_STORE);
        assert_int_equal(uatrust_monitor_next(monitor, 100, &event, NULL), UATRUST_E_TIMED_OUT);
        uatrust_monitor_free(monitor);
}

static void a_command_waits_for_events(void **state)
{
        struct fixture *fixture = *state;
        struct uatrust_monitor *monitor;
        struct uatrust_event *event;

        assert_int_equal(uatrust_monitor_new(fixture->client, NULL, 0, &monitor, NULL), 0);
        assert_int_equal(uatrust_monitor_next(monitor, -1, &event, NULL), 0);
        assert_string_equal(uatrust_event_get_kind(event), "state");
        assert_false(uatrust_event_is_resync(event));
        uatrust_event_free(event);
        assert_int_equal(uatrust_monitor_next(monitor, 50, &event, NULL), UATRUST_E_TIMED_OUT);

        plant_kill(fixture->plant);
        assert_int_equal(uatrust_monitor_next(monitor, -1, &event, NULL), UATRUST_E_UNREACHABLE);
        assert_int_equal(uatrust_monitor_next(monitor, 50, &event, NULL), UATRUST_E_TIMED_OUT);
        plant_start(fixture->plant);
        assert_int_equal(uatrust_monitor_next(monitor, -1, &event, NULL), 0);
        assert_true(uatrust_event_is_resync(event));
        uatrust_event_free(event);

        uatrust_monitor_set_callback(monitor, on_event, fixture);
        assert_int_equal(uatrust_monitor_next(monitor, 0, &event, NULL),
                         UATRUST_E_INVALID_ARGUMENT);
        uatrust_monitor_free(monitor);
}

/* What nobody asks for is left with the agent, and no blocking call is in its way. */
static void a_monitor_that_nobody_asks_costs_nothing(void **state)
{
        struct fixture *fixture = *state;
        struct uatrust_verdict *verdict;
        struct uatrust_monitor *monitor;
        struct uatrust_event *event;
        clock_t start;

        assert_int_equal(uatrust_monitor_new(fixture->client, NULL, 0, &monitor, NULL), 0);
        assert_int_equal(uatrust_wait(fixture->client, 0, NULL), 0);
        process(fixture, 0);
        for (int i = 1; i <= 4; i++) {
                plant_revoke(fixture->plant, i % 2);
                process(fixture, 100);
        }
        start = clock();
        assert_int_equal(uatrust_wait(fixture->client, 300, NULL), UATRUST_E_TIMED_OUT);
        assert_true(clock() - start < CLOCKS_PER_SEC / 10);
        assert_int_equal(uatrust_validate(fixture->client, fixture->pump, &verdict, NULL), 0);
        uatrust_verdict_free(verdict);

        assert_int_equal(uatrust_monitor_next(monitor, WAIT_MS, &event, NULL), 0);
        assert_string_equal(uatrust_event_get_kind(event), "state");
        uatrust_event_free(event);
        assert_int_equal(uatrust_monitor_next(monitor, WAIT_MS, &event, NULL), 0);
        assert_string_equal(uatrust_event_get_kind(event), "changed");
        uatrust_event_free(event);
        uatrust_monitor_free(monitor);
}

static void on_event_free(struct uatrust_monitor *monitor, const struct uatrust_event *event,
                          const struct uatrust_error *error, void *userdata)
{
        on_event(monitor, event, error, userdata);
        uatrust_monitor_free(monitor);
}

static void a_monitor_may_be_freed_in_its_callback(void **state)
{
        struct fixture *fixture = *state;

        uatrust_monitor_set_callback(monitor_new(fixture), on_event_free, fixture);
        expect(fixture, "state 1");
        plant_revoke(fixture->plant, true);
        expect_nothing(fixture);
}

/*
 * Watches.
 */

static void on_news(struct uatrust_watch *watch, const struct uatrust_news *news,
                    const struct uatrust_error *error, void *userdata)
{
        struct fixture *fixture = userdata;
        int code = uatrust_error_get_code(error);

        (void)watch;
        if (!news) {
                snprintf(add(&fixture->told), 64, error ? "error %d" : "whole", code);
                return;
        }

        snprintf(add(&fixture->told), 64, code ? "%s %s%s refused %d" : "%s %s%s",
                 uatrust_news_get_key(news), uatrust_news_get_cause(news),
                 uatrust_news_asks_to_cut(news) ? " cut" : "", code);
        if (uatrust_news_get_verdict(news)) {
                assert_string_equal(uatrust_verdict_get_status_name(uatrust_news_get_verdict(news)),
                                    uatrust_news_get_status_name(news));
                assert_true(uatrust_news_get_generation(news) > 0);
        }
        assert_int_equal(uatrust_news_get_status_code(news) == 0,
                         !strcmp(uatrust_news_get_cause(news), "good"));
        assert_ptr_equal(uatrust_news_get_peer(news), &fixture->told);
}

static struct uatrust_watch *watch_new(struct fixture *fixture)
{
        struct uatrust_watch *watch = uatrust_watch_new(fixture->client, on_news, fixture);

        assert_non_null(watch);
        return watch;
}

static void watch_add(struct fixture *fixture, struct uatrust_watch *watch, const char *key,
                      const struct uatrust_request *request)
{
        assert_int_equal(uatrust_watch_add(watch, key, request, &fixture->told, NULL), 0);
}

static void who_is_revoked_is_told_to_be_cut(void **state)
{
        struct fixture *fixture = *state;
        struct uatrust_watch *watch = watch_new(fixture);

        watch_add(fixture, watch, "pump", fixture->pump);
        watch_add(fixture, watch, "valve", fixture->valve);
        expect(fixture, "whole");
        plant_revoke(fixture->plant, true);
        expect(fixture, "pump revoked cut");
        plant_revoke(fixture->plant, false);
        expect(fixture, "pump good");
        expect_nothing(fixture);
        uatrust_watch_free(watch);
}

static void an_agent_that_is_away_cuts_nobody(void **state)
{
        struct fixture *fixture = *state;
        struct uatrust_watch *watch = watch_new(fixture);

        watch_add(fixture, watch, "pump", fixture->pump);
        watch_add(fixture, watch, "valve", fixture->valve);
        expect(fixture, "whole");
        for (int i = 0; i < 2; i++) {
                plant_kill(fixture->plant);
                expect(fixture, "error 40");
                expect_nothing(fixture);
                plant_start(fixture->plant);
                expect(fixture, "whole");
        }
        plant_start(fixture->plant);
        expect(fixture, "error 40");
        expect(fixture, "whole");
        plant_revoke(fixture->plant, true);
        expect(fixture, "pump revoked cut");
        uatrust_watch_free(watch);
}

static void who_was_revoked_meanwhile_is_told_afterwards(void **state)
{
        struct fixture *fixture = *state;
        struct uatrust_watch *watch = watch_new(fixture);

        watch_add(fixture, watch, "pump", fixture->pump);
        watch_add(fixture, watch, "valve", fixture->valve);
        expect(fixture, "whole");
        plant_kill(fixture->plant);
        expect(fixture, "error 40");
        plant_revoke(fixture->plant, true);
        plant_start(fixture->plant);
        expect(fixture, "pump revoked cut");
        expect(fixture, "whole");

        /* It is no news to the next agent. */
        plant_start(fixture->plant);
        expect(fixture, "error 40");
        expect(fixture, "whole");
        expect_nothing(fixture);
        uatrust_watch_free(watch);
}

static void who_is_bad_from_the_start_is_told_at_once(void **state)
{
        struct fixture *fixture = *state;
        struct uatrust_watch *watch = watch_new(fixture);

        watch_add(fixture, watch, "a", fixture->stranger);
        expect(fixture, "a untrusted cut");
        expect(fixture, "whole");
        uatrust_watch_free(watch);
}

static void who_is_removed_is_told_of_no_more(void **state)
{
        struct fixture *fixture = *state;
        struct uatrust_watch *watch = watch_new(fixture);

        watch_add(fixture, watch, "a", fixture->pump);
        watch_add(fixture, watch, "b", fixture->pump);
        watch_add(fixture, watch, "c", fixture->pump);
        uatrust_watch_remove(watch, "c");
        uatrust_watch_remove(watch, "never seen");
        expect(fixture, "whole");
        uatrust_watch_remove(watch, "a");
        watch_add(fixture, watch, "b", fixture->valve); /* another session of that name */
        expect(fixture, "whole");
        plant_revoke(fixture->plant, true);
        expect_nothing(fixture);
        watch_add(fixture, watch, "a", fixture->pump);
        expect(fixture, "a revoked cut");
        uatrust_watch_free(watch);
}

static void what_cannot_be_watched_is_said(void **state)
{
        struct fixture *fixture = *state;
        struct uatrust_watch *watch = watch_new(fixture);
        char key[258];

        memset(key, 'k', sizeof(key));
        key[sizeof(key) - 1] = '\0';
        assert_int_equal(uatrust_watch_add(watch, key, fixture->pump, NULL, NULL),
                         UATRUST_E_INVALID_ARGUMENT);
        assert_int_equal(uatrust_watch_add(watch, "", fixture->pump, NULL, NULL),
                         UATRUST_E_INVALID_ARGUMENT);
        assert_int_equal(uatrust_watch_add(watch, "a", NULL, NULL, NULL), UATRUST_E_NO_MEMORY);
        assert_int_equal(uatrust_watch_add(NULL, "a", fixture->pump, NULL, NULL),
                         UATRUST_E_NO_MEMORY);
        uatrust_request_set_at(fixture->valve, 5);
        assert_int_equal(uatrust_watch_add(watch, "a", fixture->valve, NULL, NULL),
                         UATRUST_E_INVALID_ARGUMENT);

        /* One among many that the agent refuses: the others are watched. */
        uatrust_request_set_store(fixture->stranger, "elsewhere");
        for (int i = 0; i < 20; i++) {
                snprintf(key, sizeof(key), "%d", i);
                watch_add(fixture, watch, key, i == 13 ? fixture->stranger : fixture->pump);
        }
        expect(fixture, "13 unknown refused 1");
        expect_nothing(fixture);
        uatrust_watch_remove(watch, "13");
        expect(fixture, "whole");
        plant_revoke(fixture->plant, true);
        expect_cuts(fixture, 19);
        uatrust_watch_free(watch);
}

static void many_peers_are_renewed_in_batches(void **state)
{
        struct fixture *fixture = *state;
        struct uatrust_watch *watch = watch_new(fixture);
        char key[32];

        for (int i = 0; i < MANY; i++) {
                snprintf(key, sizeof(key), "session %d", i);
                watch_add(fixture, watch, key, i % 2 ? fixture->pump : fixture->valve);
        }
        expect(fixture, "whole");
        plant_kill(fixture->plant);
        expect(fixture, "error 40");
        plant_revoke(fixture->plant, true);
        plant_start(fixture->plant);
        for (int i = 1; i < MANY; i += 2) {
                char line[64];

                snprintf(line, sizeof(line), "session %d revoked cut", i);
                expect(fixture, line);
        }
        expect(fixture, "whole");

        for (int i = 0; i < MANY; i++) {
                snprintf(key, sizeof(key), "session %d", i);
                uatrust_watch_remove(watch, key);
        }
        plant_revoke(fixture->plant, false);
        expect_nothing(fixture);
        uatrust_watch_free(watch);
}

static void on_news_free(struct uatrust_watch *watch, const struct uatrust_news *news,
                         const struct uatrust_error *error, void *userdata)
{
        struct fixture *fixture = userdata;

        on_news(watch, news, error, userdata);
        if (news) {
                uatrust_watch_free(watch);
                uatrust_client_free(fixture->client);
                fixture->client = NULL;
        }
}

static void a_watch_and_its_client_may_be_freed_in_its_callback(void **state)
{
        struct fixture *fixture = *state;
        struct uatrust_watch *watch = uatrust_watch_new(fixture->client, on_news_free, fixture);

        watch_add(fixture, watch, "a", fixture->stranger);
        watch_add(fixture, watch, "b", fixture->stranger);
        while (fixture->client) {
                uatrust_wait(fixture->client, -1, NULL);
                uatrust_process(fixture->client, NULL);
        }
        assert_int_equal(fixture->told.n, 1);
}

static void both_sides_of_a_fork_watch(void **state)
{
        struct fixture *fixture = *state;
        struct uatrust_watch *watch = watch_new(fixture);
        int status, ends[2];
        pid_t child;

        watch_add(fixture, watch, "pump", fixture->pump);
        expect(fixture, "whole");
        assert_int_equal(pipe(ends), 0);
        child = fork();
        if (!child) {
                expect(fixture, "whole");
                (void)!write(ends[1], "", 1);
                expect(fixture, "pump revoked cut");
                uatrust_watch_free(watch);
                uatrust_client_free(fixture->client);
                _exit(0);
        }
        assert_int_equal(read(ends[0], &status, 1), 1);
        plant_revoke(fixture->plant, true);
        expect(fixture, "pump revoked cut");
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
        plant_revoke(fixture->plant, false);
        expect(fixture, "pump good");
        uatrust_watch_free(watch);
        close(ends[0]);
        close(ends[1]);
}

int main(void)
{
#define ROW(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
        const struct CMUnitTest tests[] = {
                ROW(a_monitor_lives_through_a_restart),
                ROW(a_monitor_begins_before_its_agent),
                ROW(an_unknown_store_is_asked_for_again_and_again),
                ROW(a_command_waits_for_events),
                ROW(a_monitor_that_nobody_asks_costs_nothing),
                ROW(a_monitor_may_be_freed_in_its_callback),
                ROW(who_is_revoked_is_told_to_be_cut),
                ROW(an_agent_that_is_away_cuts_nobody),
                ROW(who_was_revoked_meanwhile_is_told_afterwards),
                ROW(who_is_bad_from_the_start_is_told_at_once),
                ROW(who_is_removed_is_told_of_no_more),
                ROW(what_cannot_be_watched_is_said),
                ROW(many_peers_are_renewed_in_batches),
                ROW(a_watch_and_its_client_may_be_freed_in_its_callback),
                ROW(both_sides_of_a_fork_watch),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
