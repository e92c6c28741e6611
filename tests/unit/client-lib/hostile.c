/* SPDX-License-Identifier: Apache-2.0 */

/*
 * An agent that is none: whatever it sends, an answer is an error or was given to just that question. The test is the
 * agent itself, as the library never waits in it.
 */

#include "harness/must.h"
#include "harness/scripted.h"
#include "harness/test.h"
#include "proto/compiler.h"

#include <uatrust/admin.h>
#include <uatrust/news.h>

#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define VERDICT                                                                                    \
        "{\"parameters\":{\"verdict\":{\"trusted\":true,\"statusCode\":0,\"statusName\":\"Good\"," \
        "\"wireStatusCode\":0,\"wireStatusName\":\"Good\",\"findings\":[],\"notChecked\":[],"      \
        "\"chain\":[],\"store\":\"default\",\"agentId\":\"cc\",\"generation\":7}}}\n"
#define STORES "{\"parameters\":{\"agentId\":\"cc\",\"stores\":[]}}\n"
#define BUSY   "{\"error\":\"org.uatrust.agent1.Busy\"}\n"
#define MORE   "{\"parameters\":{\"agentId\":\"cc\",\"stores\":[]},\"continues\":true}\n"

enum {
        HUGE_BYTES = 17 * 1024 * 1024,
        LARGE_BYTES = 200 * 1024, /* of a certificate; two fill a socket */
};

/* Two are asked at once, to validate and for the stores. */
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
                bool is_over = rows[i].stores == UATRUST_E_TIMED_OUT;
                int r;

                uatrust_client_set_socket(fixture->client, fixture->address.sun_path, NULL);
                uatrust_client_set_timeout(fixture->client, is_over ? LIMIT_MS : WAIT_MS);
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

/* An agent that ends has taken a connection from the next one; a change, of which nobody knows, is not made again. */
static void what_nobody_read_is_asked_again(void **state)
{
        struct fixture *fixture = *state;
        struct uatrust_call *call, *change = uatrust_call_new(fixture->client, NULL, NULL);
        struct uatrust_verdict *verdict;

        uatrust_client_set_timeout(fixture->client, WAIT_MS);
        call = uatrust_call_new(fixture->client, NULL, NULL);
        assert_int_equal(uatrust_validate_start(call, fixture->request, NULL), 0);
        for (int i = 0; i < 3; i++) {
                accept_one(fixture, 0);
                close(fixture->fds[0]);
                fixture->fds[0] = -1;
        }
        accept_one(fixture, 0);
        send_text(fixture, 0, VERDICT);
        assert_int_equal(uatrust_validate_finish(call, &verdict, NULL), 0);
        uatrust_verdict_free(verdict);
        uatrust_call_free(call);

        assert_int_equal(
                uatrust_client_set_admin_socket(fixture->client, fixture->address.sun_path, NULL),
                0);
        assert_int_equal(uatrust_reload_start(change, NULL), 0);
        accept_one(fixture, 1);
        close(fixture->fds[1]);
        fixture->fds[1] = -1;
        assert_int_equal(uatrust_call_finish(change, NULL), UATRUST_E_UNREACHABLE);
        uatrust_call_free(change);
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

int main(void)
{
#define ROW(test) cmocka_unit_test_setup_teardown(test, scripted_set_up, scripted_tear_down)
        const struct CMUnitTest tests[] = {
                ROW(whatever_comes_is_an_error_or_the_answer),
                ROW(an_answer_beyond_every_limit_is_an_error),
                ROW(an_answer_before_the_question_is_none),
                ROW(words_that_nobody_asked_for_end_a_connection),
                ROW(what_nobody_read_is_asked_again),
                ROW(a_late_answer_is_nobodys),
                ROW(the_answer_to_a_cancelled_call_is_nobodys),
                ROW(a_cancelled_call_without_an_answer_is_given_up),
                ROW(a_full_queue_is_tried_again),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
