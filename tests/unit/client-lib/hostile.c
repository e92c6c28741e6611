/* SPDX-License-Identifier: Apache-2.0 */

/*
 * An agent that is none: whatever it sends, an answer is an error or was given to just that question. The test is the
 * agent itself, as the library never waits in it.
 */

#include "harness/must.h"
#include "harness/test.h"
#include "harness/tree.h"
#include "proto/compiler.h"

#include <uatrust/news.h>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define VERDICT                                                                                    \
        "{\"parameters\":{\"verdict\":{\"trusted\":true,\"statusCode\":0,\"statusName\":\"Good\"," \
        "\"wireStatusCode\":0,\"wireStatusName\":\"Good\",\"findings\":[],\"notChecked\":[],"      \
        "\"chain\":[],\"store\":\"default\",\"agentId\":\"cc\",\"generation\":7}}}\n"
#define STORES "{\"parameters\":{\"agentId\":\"cc\",\"stores\":[]}}\n"
#define BUSY   "{\"error\":\"org.uatrust.agent1.Busy\"}\n"
#define MORE   "{\"parameters\":{\"agentId\":\"cc\",\"stores\":[]},\"continues\":true}\n"
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

enum {
        LIMIT_MS = 300,
        WAIT_MS = 20000,
        HUGE_BYTES = 17 * 1024 * 1024,
        LARGE_BYTES = 200 * 1024, /* of a certificate; two fill a socket */
        N_CONNECTIONS = 4,
};

struct fixture {
        struct tree *tree;
        struct sockaddr_un address;
        int listener;
        int fds[N_CONNECTIONS]; /* accepted, in order; -1: not yet */
        struct uatrust_client *client;
        struct uatrust_request *request;
        char told[1024];
};

static int set_up(void **state)
{
        static struct fixture fixture;
        char *path;

        fixture = (struct fixture){ .tree = tree_new(), .client = uatrust_client_new() };
        path = tree_path(fixture.tree, "socket");
        fixture.address.sun_family = AF_UNIX;
        snprintf(fixture.address.sun_path, sizeof(fixture.address.sun_path), "%s", path);
        fixture.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
        must(!bind(fixture.listener, (struct sockaddr *)&fixture.address,
                   sizeof(fixture.address)) &&
                     !listen(fixture.listener, 4),
             "%s", path);
        for (size_t i = 0; i < N_CONNECTIONS; i++)
                fixture.fds[i] = -1;
        fixture.request = uatrust_request_new(UATRUST_PURPOSE_CLIENT);
        uatrust_request_add_certificate(fixture.request, "foo", 3);
        uatrust_client_set_socket(fixture.client, path, NULL);
        uatrust_client_set_timeout(fixture.client, LIMIT_MS);
        uatrust_client_set_held_max(fixture.client, 0);
        free(path);
        *state = &fixture;
        return 0;
}

static int tear_down(void **state)
{
        struct fixture *fixture = *state;

        uatrust_client_free(fixture->client);
        uatrust_request_free(fixture->request);
        for (size_t i = 0; i < N_CONNECTIONS; i++)
                close(fixture->fds[i]);
        close(fixture->listener);
        tree_free(fixture->tree);
        return 0;
}

static void process(struct fixture *fixture)
{
        uatrust_wait(fixture->client, 20, NULL);
        assert_int_equal(uatrust_process(fixture->client, NULL), 0);
}

static void accept_one(struct fixture *fixture, size_t i)
{
        int64_t end_ms = test_now_ms() + WAIT_MS;

        while (fixture->fds[i] < 0 && test_now_ms() < end_ms) {
                fixture->fds[i] = accept4(fixture->listener, NULL, NULL, SOCK_NONBLOCK);
                process(fixture);
        }
        assert_true(fixture->fds[i] >= 0);
}

/* Each newline is a NUL. */
static void send_text(struct fixture *fixture, size_t i, const char *text)
{
        char copy[8192];
        size_t n = strlen(text);

        must(n < sizeof(copy), "text is too long");
        for (size_t at = 0; at < n; at++)
                copy[at] = text[at];
        for (size_t at = 0; at < n; at++)
                if (copy[at] == '\n')
                        copy[at] = '\0';
        assert_int_equal(send(fixture->fds[i], copy, n, MSG_NOSIGNAL), n);
}

/* Waits until the client has sent this word. */
static void receive_word(struct fixture *fixture, size_t i, const char *word)
{
        static char data[1 << 16];
        int64_t end_ms = test_now_ms() + WAIT_MS;
        size_t n = 0;

        do {
                ssize_t n_read = read(fixture->fds[i], data + n, sizeof(data) - 1 - n);

                n += n_read > 0 ? (size_t)n_read : 0;
                data[n] = '\0';
                if (memmem(data, n, word, strlen(word)))
                        return;
                process(fixture);
        } while (test_now_ms() < end_ms);
        fail_msg("no %s", word);
}

/*
 * Calls. Two are asked at once, to validate and for the stores.
 */

static const struct {
        const char *name;
        const char *sent;
        bool closes;
        int validate, stores;
} rows[] = {
        { "the answers", VERDICT STORES, false, 0, 0 },
        { "no JSON", "x\n", false, UATRUST_E_PROTOCOL, UATRUST_E_PROTOCOL },
        { "nothing", "\n", false, UATRUST_E_PROTOCOL, UATRUST_E_PROTOCOL },
        { "no JSON for the second", VERDICT "[]\n", false, 0, UATRUST_E_PROTOCOL },
        { "no JSON before an answer", "{}}\n" VERDICT, false, UATRUST_E_PROTOCOL,
          UATRUST_E_PROTOCOL },
        { "the wrong order", STORES VERDICT, false, UATRUST_E_PROTOCOL, UATRUST_E_PROTOCOL },
        { "one answer for both", VERDICT VERDICT, false, 0, UATRUST_E_PROTOCOL },
        { "an answer too many", VERDICT STORES VERDICT, false, 0, 0 },
        { "an end", "", true, UATRUST_E_UNREACHABLE, UATRUST_E_UNREACHABLE },
        { "half an answer and an end", "{\"parameters\":{\"verdict\":", true, UATRUST_E_UNREACHABLE,
          UATRUST_E_UNREACHABLE },
        { "half an answer", "{\"parameters\":{\"verdict\":", false, UATRUST_E_TIMED_OUT,
          UATRUST_E_TIMED_OUT },
        { "one answer and an end: asked again", VERDICT, true, 0, UATRUST_E_TIMED_OUT },
        { "an answer to come", VERDICT MORE, false, 0, UATRUST_E_PROTOCOL },
        { "an error", BUSY STORES, false, UATRUST_E_BUSY, 0 },
        { "neither error nor parameters", "{}\n" STORES, false, UATRUST_E_PROTOCOL, 0 },
        { "a NUL in the midst", "{\"parameters\":\n{}}\n", false, UATRUST_E_PROTOCOL,
          UATRUST_E_PROTOCOL },
};

static void whatever_comes_is_an_error_or_the_answer(void **state)
{
        struct fixture *fixture = *state;

        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                struct uatrust_call *validate = uatrust_call_new(fixture->client, NULL, NULL);
                struct uatrust_call *list = uatrust_call_new(fixture->client, NULL, NULL);
                struct uatrust_verdict *verdict = NULL;
                struct uatrust_stores *stores = NULL;
                int r;

                uatrust_client_set_socket(fixture->client, fixture->address.sun_path, NULL);
                assert_int_equal(uatrust_validate_start(validate, fixture->request, NULL), 0);
                assert_int_equal(uatrust_list_stores_start(list, NULL), 0);
                accept_one(fixture, 0);
                receive_word(fixture, 0, "ListStores");
                send_text(fixture, 0, rows[i].sent);
                if (rows[i].closes)
                        shutdown(fixture->fds[0], SHUT_RDWR);

                r = uatrust_validate_finish(validate, &verdict, NULL);
                if (r != rows[i].validate || !r != !!verdict)
                        fail_msg("%s: validate gives %d", rows[i].name, r);
                r = uatrust_list_stores_finish(list, &stores, NULL);
                if (r != rows[i].stores || !r != !!stores)
                        fail_msg("%s: the stores give %d", rows[i].name, r);
                uatrust_verdict_free(verdict);
                uatrust_stores_free(stores);
                uatrust_call_free(validate);
                uatrust_call_free(list);
                close(fixture->fds[0]);
                do { /* what it connected to again */
                        fixture->fds[0] = accept4(fixture->listener, NULL, NULL, 0);
                        close(fixture->fds[0]);
                } while (fixture->fds[0] >= 0);
        }
}

static void an_answer_beyond_every_limit_is_an_error(void **state)
{
        struct fixture *fixture = *state;
        struct uatrust_call *call = uatrust_call_new(fixture->client, NULL, NULL);
        struct uatrust_verdict *verdict;
        char *data = must_calloc(1, HUGE_BYTES);
        size_t n = 0;

        uatrust_client_set_timeout(fixture->client, WAIT_MS);
        assert_int_equal(uatrust_validate_start(call, fixture->request, NULL), 0);
        accept_one(fixture, 0);
        memset(data, ' ', HUGE_BYTES);
        while (!uatrust_call_is_done(call) && n < HUGE_BYTES) {
                ssize_t n_sent = send(fixture->fds[0], data + n, HUGE_BYTES - n, MSG_NOSIGNAL);

                n += n_sent > 0 ? (size_t)n_sent : 0;
                process(fixture);
        }
        assert_int_equal(uatrust_validate_finish(call, &verdict, NULL), UATRUST_E_PROTOCOL);
        uatrust_call_free(call);
        free(data);
}

/* A question that is too long may be refused before it has come wholly, but not be answered. */
static void an_answer_before_the_question_is_none(void **state)
{
        static const struct {
                const char *sent;
                int r;
        } answers[] = {
                { VERDICT, UATRUST_E_PROTOCOL },
                { "{\"error\":\"org.uatrust.agent1.TooLarge\",\"parameters\":{\"limit\":\"x\"}}\n",
                  UATRUST_E_TOO_LARGE },
        };
        struct fixture *fixture = *state;
        char *large = must_calloc(1, LARGE_BYTES);

        for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
                struct uatrust_call *call = uatrust_call_new(fixture->client, NULL, NULL);
                struct uatrust_verdict *verdict;

                uatrust_request_add_certificate(fixture->request, large, LARGE_BYTES);
                assert_int_equal(uatrust_validate_start(call, fixture->request, NULL), 0);
                accept_one(fixture, i);
                send_text(fixture, i, answers[i].sent);
                assert_int_equal(uatrust_validate_finish(call, &verdict, NULL), answers[i].r);
                uatrust_call_free(call);
        }
        free(large);
}

static void words_that_nobody_asked_for_end_a_connection(void **state)
{
        struct fixture *fixture = *state;
        struct uatrust_call *call = uatrust_call_new(fixture->client, NULL, NULL);
        struct uatrust_verdict *verdict;
        struct uatrust_stores *stores;

        uatrust_client_set_timeout(fixture->client, WAIT_MS);
        assert_int_equal(uatrust_list_stores_start(call, NULL), 0);
        accept_one(fixture, 0);
        send_text(fixture, 0, STORES);
        assert_int_equal(uatrust_list_stores_finish(call, &stores, NULL), 0);
        uatrust_stores_free(stores);
        uatrust_call_free(call);

        /* The verdict of a question that is not asked yet, and the question. */
        send_text(fixture, 0, VERDICT);
        process(fixture);
        call = uatrust_call_new(fixture->client, NULL, NULL);
        assert_int_equal(uatrust_validate_start(call, fixture->request, NULL), 0);
        accept_one(fixture, 1);
        send_text(fixture, 1, BUSY);
        assert_int_equal(uatrust_validate_finish(call, &verdict, NULL), UATRUST_E_BUSY);
        uatrust_call_free(call);
}

/* It comes when another question is asked, and there was no other way to tell whose it is. */
static void a_late_answer_is_nobodys(void **state)
{
        struct fixture *fixture = *state;
        struct uatrust_call *late = uatrust_call_new(fixture->client, NULL, NULL);
        struct uatrust_call *next = uatrust_call_new(fixture->client, NULL, NULL);
        struct uatrust_verdict *verdict;

        assert_int_equal(uatrust_validate_start(late, fixture->request, NULL), 0);
        accept_one(fixture, 0);
        assert_int_equal(uatrust_validate_finish(late, &verdict, NULL), UATRUST_E_TIMED_OUT);
        assert_int_equal(uatrust_validate_start(next, fixture->request, NULL), 0);
        (void)!send(fixture->fds[0], VERDICT, sizeof(VERDICT), MSG_NOSIGNAL);
        process(fixture);
        assert_false(uatrust_call_is_done(next));
        accept_one(fixture, 1);
        send_text(fixture, 1, BUSY);
        assert_int_equal(uatrust_validate_finish(next, &verdict, NULL), UATRUST_E_BUSY);
        uatrust_call_free(late);
        uatrust_call_free(next);
}

/* A call that is cancelled keeps its place: its answer is not the next one's. */
static void the_answer_to_a_cancelled_call_is_nobodys(void **state)
{
        struct fixture *fixture = *state;
        struct uatrust_call *gone = uatrust_call_new(fixture->client, NULL, NULL);
        struct uatrust_call *next = uatrust_call_new(fixture->client, NULL, NULL);
        struct uatrust_verdict *verdict;

        assert_int_equal(uatrust_validate_start(gone, fixture->request, NULL), 0);
        assert_int_equal(uatrust_validate_start(next, fixture->request, NULL), 0);
        accept_one(fixture, 0);
        uatrust_call_free(gone);
        send_text(fixture, 0, VERDICT);
        process(fixture);
        assert_false(uatrust_call_is_done(next));
        send_text(fixture, 0, BUSY);
        assert_int_equal(uatrust_validate_finish(next, &verdict, NULL), UATRUST_E_BUSY);
        uatrust_call_free(next);
}

/* Even if it had no limit, it is in nobody's way for long. */
static void a_cancelled_call_without_an_answer_is_given_up(void **state)
{
        struct fixture *fixture = *state;
        struct uatrust_call *gone = uatrust_call_new(fixture->client, NULL, NULL);
        struct uatrust_call *next = uatrust_call_new(fixture->client, NULL, NULL);
        struct uatrust_stores *stores;

        uatrust_client_set_timeout(fixture->client, 0);
        assert_int_equal(uatrust_validate_start(gone, fixture->request, NULL), 0);
        assert_int_equal(uatrust_list_stores_start(next, NULL), 0);
        accept_one(fixture, 0);
        uatrust_call_free(gone);
        accept_one(fixture, 1);
        receive_word(fixture, 1, "ListStores");
        send_text(fixture, 1, STORES);
        assert_int_equal(uatrust_list_stores_finish(next, &stores, NULL), 0);
        assert_true(uatrust_get_timeout(fixture->client) == UINT64_MAX);
        uatrust_stores_free(stores);
        uatrust_call_free(next);
}

/* Of the time that it has, it waits until somebody else has gone. */
static void a_full_queue_is_tried_again(void **state)
{
        struct fixture *fixture = *state;
        struct uatrust_call *call = uatrust_call_new(fixture->client, NULL, NULL);
        struct uatrust_verdict *verdict;
        int others[16], n = 0;

        for (;; n++) {
                must(n < 16, "the queue is never full");
                others[n] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
                if (connect(others[n], (struct sockaddr *)&fixture->address,
                            sizeof(fixture->address)))
                        break;
        }
        assert_int_equal(uatrust_validate_start(call, fixture->request, NULL), 0);
        assert_int_equal(uatrust_validate_finish(call, &verdict, NULL), UATRUST_E_TIMED_OUT);
        uatrust_call_free(call);

        uatrust_client_set_timeout(fixture->client, WAIT_MS);
        call = uatrust_call_new(fixture->client, NULL, NULL);
        assert_int_equal(uatrust_validate_start(call, fixture->request, NULL), 0);
        process(fixture);
        assert_false(uatrust_call_is_done(call));
        for (int i = 0; i < n; i++) {
                accept_one(fixture, 0);
                close(fixture->fds[0]);
                fixture->fds[0] = -1;
                close(others[i]);
        }
        close(others[n]);
        accept_one(fixture, 0);
        send_text(fixture, 0, VERDICT);
        assert_int_equal(uatrust_validate_finish(call, &verdict, NULL), 0);
        uatrust_verdict_free(verdict);
        uatrust_call_free(call);
}

/*
 * Monitors and watches.
 */

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
#define ROW(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
        const struct CMUnitTest tests[] = {
                ROW(whatever_comes_is_an_error_or_the_answer),
                ROW(an_answer_beyond_every_limit_is_an_error),
                ROW(an_answer_before_the_question_is_none),
                ROW(words_that_nobody_asked_for_end_a_connection),
                ROW(a_late_answer_is_nobodys),
                ROW(the_answer_to_a_cancelled_call_is_nobodys),
                ROW(a_cancelled_call_without_an_answer_is_given_up),
                ROW(a_full_queue_is_tried_again),
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
