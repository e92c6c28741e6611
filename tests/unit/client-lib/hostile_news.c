/* SPDX-License-Identifier: Apache-2.0 */

/* What unit/client-lib/hostile asks of calls, of monitors and watched peers. */

#include "harness/scripted.h"
#include "harness/test.h"

#include <uatrust/news.h>

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVENT(kind, store)                                                                         \
        "{\"parameters\":{\"event\":{\"kind\":\"" kind "\",\"store\":\"" store                     \
        "\",\"agentId\":\"cc\",\"generation\":1,\"added\":[],\"removed\":[],\"broken\":[],"        \
        "\"healed\":[],\"affectedIssuers\":[]}},\"continues\":true}\n"
#define WATCH_ID "{\"parameters\":{\"watchId\":\"id\"},\"continues\":true}\n"
#define STATE(key, seq, cause)                                                                     \
        "{\"parameters\":{\"states\":[{\"key\":\"" key "\",\"seq\":" seq ",\"cause\":\"" cause     \
        "\",\"statusName\":\"Good\",\"statusCode\":0,\"store\":\"default\",\"generation\":1}]}}\n"
#define UNREADY(key, seq)                                                                          \
        "{\"parameters\":{\"states\":[{\"key\":\"" key "\",\"seq\":" seq                           \
        ",\"cause\":\"unknown\",\"statusName\":\"Bad\",\"statusCode\":2148728832,"                 \
        "\"store\":\"default\",\"generation\":0}]}}\n"
#define NEWS(key, seq, cause, code)                                                                \
        "{\"parameters\":{\"news\":{\"key\":\"" key "\",\"seq\":" seq ",\"cause\":\"" cause        \
        "\",\"verdict\":{\"trusted\":false,\"statusCode\":" code                                   \
        ",\"statusName\":\"Bad\",\"wireStatusCode\":0,\"wireStatusName\":\"Bad\",\"findings\":[]," \
        "\"notChecked\":[],\"chain\":[],\"store\":\"default\",\"agentId\":\"cc\","                 \
        "\"generation\":7}}},\"continues\":true}\n"

static void tell(struct fixture *fixture, const char *word, int code)
{
        size_t n = strlen(fixture->told);

        snprintf(fixture->told + n, sizeof(fixture->told) - n, code ? "%s%s %d" : "%s%s",
                 n ? ", " : "", word, code);
}

static void expect(struct fixture *fixture, const char *told)
{
        int64_t end_ms = test_now_ms() + WAIT_MS;

        while (strlen(fixture->told) < strlen(told) && test_now_ms() < end_ms)
                process(fixture);
        for (int i = 0; i < 3; i++)
                process(fixture);
        assert_string_equal(fixture->told, told);
}

static void on_event(struct uatrust_monitor *monitor, const struct uatrust_event *event,
                     const struct uatrust_error *error, void *userdata)
{
        (void)monitor;
        tell(userdata, event ? uatrust_event_get_store(event) : "error",
             (int)uatrust_error_get_code(error));
}

static void a_monitor_takes_no_nonsense(void **state)
{
        struct fixture *fixture = *state;
        struct uatrust_monitor *monitor;

        assert_int_equal(uatrust_monitor_new(fixture->client, NULL, 0, &monitor, NULL), 0);
        uatrust_monitor_set_callback(monitor, on_event, fixture);
        accept_one(fixture, 0);
        send_text(fixture, 0, EVENT("state", "a") "x\n" EVENT("state", "b"));
        expect(fixture, "a, error 42");

        accept_one(fixture, 1);
        send_text(fixture, 1, "{\"parameters\":{}}\n");
        accept_one(fixture, 2); /* the same error again is not told */
        send_text(fixture, 2, EVENT("changed", "c"));
        expect(fixture, "a, error 42, c");
        close(fixture->fds[2]);
        fixture->fds[2] = -1;
        expect(fixture, "a, error 42, c, error 40");
        uatrust_monitor_free(monitor);
}

/* No agent has so many: what is remembered of them is bounded. */
static void a_monitor_remembers_no_endless_stores(void **state)
{
        struct fixture *fixture = *state;
        struct uatrust_monitor *monitor;
        struct uatrust_event *event;
        int r = 0, n;

        assert_int_equal(uatrust_monitor_new(fixture->client, NULL, 0, &monitor, NULL), 0);
        accept_one(fixture, 0);
        for (n = 0; !r && n < 1000; n++) {
                char text[512];

                snprintf(text, sizeof(text), EVENT("state", "%d"), n);
                send_text(fixture, 0, text);
                r = uatrust_monitor_next(monitor, WAIT_MS, &event, NULL);
                if (!r)
                        uatrust_event_free(event);
        }
        assert_int_equal(r, UATRUST_E_PROTOCOL);
        assert_in_range(n, 64, 66);
        uatrust_monitor_free(monitor);
}

/* What nobody takes stays with the agent, which gives up in time. */
static void a_monitor_reads_no_more_than_is_asked_for(void **state)
{
        static const char event[] = EVENT("changed", "a");
        struct fixture *fixture = *state;
        struct uatrust_monitor *monitor;
        size_t n = 0;

        assert_int_equal(uatrust_monitor_new(fixture->client, NULL, 0, &monitor, NULL), 0);
        accept_one(fixture, 0);
        for (int i = 0; i < 50; i++) {
                ssize_t n_sent;

                do {
                        n_sent = send(fixture->fds[0], event, sizeof(event) - 1, MSG_NOSIGNAL);
                        n += n_sent > 0 ? (size_t)n_sent : 0;
                } while (n_sent > 0);
                process(fixture);
        }
        assert_in_range(n, 1, 1024 * 1024);
        uatrust_monitor_free(monitor);
}

static void on_news(struct uatrust_watch *watch, const struct uatrust_news *news,
                    const struct uatrust_error *error, void *userdata)
{
        (void)watch;
        tell(userdata,
             news    ? uatrust_news_get_cause(news)
             : error ? "error"
                     : "whole",
             (int)uatrust_error_get_code(error));
        if (news)
                assert_int_equal(
                        uatrust_news_asks_to_cut(news),
                        strstr("revoked untrusted blocked", uatrust_news_get_cause(news)) != NULL);
}

/* The registration is begun and not answered yet. */
static struct uatrust_watch *begin_watch(struct fixture *fixture)
{
        struct uatrust_watch *watch = uatrust_watch_new(fixture->client, on_news, fixture);

        uatrust_client_set_timeout(fixture->client, WAIT_MS);
        assert_int_equal(uatrust_watch_add(watch, "k", fixture->request, NULL, NULL), 0);
        accept_one(fixture, 0);
        receive_word(fixture, 0, "WatchPeers");
        send_text(fixture, 0, WATCH_ID);
        accept_one(fixture, 1);
        receive_word(fixture, 1, "RegisterPeers");
        return watch;
}

static void the_higher_number_counts(void **state)
{
        struct fixture *fixture = *state;
        struct uatrust_watch *watch = begin_watch(fixture);

        /* Before the state: of the peer that had the key before (5, 6), or what came after it (8). */
        send_text(fixture, 0, NEWS("k", "5", "revoked", "1"));
        for (int i = 0; i < 3; i++)
                process(fixture);
        send_text(fixture, 0,
                  NEWS("k", "8", "expired", "3") NEWS("k", "6", "blocked", "2")
                          NEWS("other", "9", "revoked", "4"));
        for (int i = 0; i < 3; i++)
                process(fixture);
        assert_string_equal(fixture->told, "");
        send_text(fixture, 1, STATE("k", "7", "good"));
        expect(fixture, "expired, whole");
        send_text(fixture, 0, NEWS("k", "8", "revoked", "5") NEWS("k", "4", "revoked", "6"));
        expect(fixture, "expired, whole");
        send_text(fixture, 0, NEWS("k", "10", "nonsense", "7"));
        expect(fixture, "expired, whole, unknown");
        send_text(fixture, 0,
                  NEWS("k", "11", "blocked", "1") NEWS("k", "12", "untrusted", "2")
                          NEWS("k", "13", "revoked", "3"));
        expect(fixture, "expired, whole, unknown, blocked, untrusted, revoked");
        uatrust_watch_free(watch);
}

/* So it is for a moment whenever an agent starts. */
static void a_store_that_is_not_read_yet_is_no_news_at_once(void **state)
{
        struct fixture *fixture = *state;
        struct uatrust_watch *watch = begin_watch(fixture);

        send_text(fixture, 1, UNREADY("k", "1"));
        expect(fixture, "whole");
        send_text(fixture, 0, NEWS("k", "2", "good", "0"));
        expect(fixture, "whole");
        send_text(fixture, 0, NEWS("k", "3", "unknown", "7"));
        expect(fixture, "whole, unknown");

        assert_int_equal(uatrust_watch_add(watch, "l", fixture->request, NULL, NULL), 0);
        receive_word(fixture, 1, "RegisterPeers");
        send_text(fixture, 1, UNREADY("l", "4"));
        expect(fixture, "whole, unknown, whole");
        expect(fixture, "whole, unknown, whole, unknown"); /* for long */
        uatrust_watch_free(watch);
}

static void news_of_a_former_peer_is_none_of_the_new_one(void **state)
{
        struct fixture *fixture = *state;
        struct uatrust_watch *watch = begin_watch(fixture);

        /* Its key is another session's before the agent has answered. */
        assert_int_equal(uatrust_watch_add(watch, "k", fixture->request, NULL, NULL), 0);
        send_text(fixture, 0, NEWS("k", "3", "revoked", "1"));
        send_text(fixture, 1, STATE("k", "2", "blocked"));
        receive_word(fixture, 1, "RegisterPeers");
        assert_string_equal(fixture->told, "");
        send_text(fixture, 1, STATE("k", "4", "good"));
        expect(fixture, "whole");
        uatrust_watch_free(watch);
}

static void a_watch_takes_no_nonsense(void **state)
{
        struct fixture *fixture = *state;
        struct uatrust_watch *watch = uatrust_watch_new(fixture->client, on_news, fixture);

        accept_one(fixture, 0);
        send_text(fixture, 0, NEWS("k", "1", "revoked", "1"));
        expect(fixture, "error 42");
        accept_one(fixture, 1);
        send_text(fixture, 1, "{\"error\":\"org.varlink.service.MethodNotFound\"}\n");
        expect(fixture, "error 42, error 21");
        accept_one(fixture, 2);
        send_text(fixture, 2, WATCH_ID);
        expect(fixture, "error 42, error 21, whole");
        send_text(fixture, 2, WATCH_ID);
        expect(fixture, "error 42, error 21, whole, error 42");
        uatrust_watch_free(watch);
}

int main(void)
{
#define ROW(test) cmocka_unit_test_setup_teardown(test, scripted_set_up, scripted_tear_down)
        const struct CMUnitTest tests[] = {
                ROW(a_monitor_takes_no_nonsense),
                ROW(a_monitor_remembers_no_endless_stores),
                ROW(a_monitor_reads_no_more_than_is_asked_for),
                ROW(the_higher_number_counts),
                ROW(a_store_that_is_not_read_yet_is_no_news_at_once),
                ROW(news_of_a_former_peer_is_none_of_the_new_one),
                ROW(a_watch_takes_no_nonsense),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
