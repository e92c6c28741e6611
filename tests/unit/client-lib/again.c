/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The same question to an agent again and again, over a socket: a child process that answers by a script, and looks at
 * what it is asked.
 */

#include "harness/must.h"
#include "harness/test.h"
#include "harness/tree.h"
#include "proto/compiler.h"

#include <uatrust/uatrust.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define SAID(trusted, status, generation, rest)                                                    \
        "{\"parameters\":{\"verdict\":{\"trusted\":" trusted                                       \
        ",\"statusCode\":0,\"statusName\":\"" status                                               \
        "\",\"wireStatusCode\":0,\"wireStatusName\":\"Good\",\"findings\":[],"                     \
        "\"notChecked\":[],\"chain\":[],\"store\":\"default\",\"agentId\":\"cc\","                 \
        "\"generation\":" generation ",\"validUntil\":null,\"auditEventId\":null}}" rest "}"
#define GOOD(generation) SAID("true", "Good", generation, "")

enum {
        LIMIT_MS = 250,     /* of a step without an answer, */
        PATIENT_MS = 20000, /* and of one with it: no machine is that busy */
        CALL_MAX = 8192,
};

/* One answer of the agent's, and what its caller is told. */
struct step {
        const char *sent; /* its NUL too; NULL: nothing */
        size_t n_first;   /* bytes that come at once; the others */
        unsigned int pause_ms;
        int r;
        const char *status;
        int64_t generation;
};

static const struct step steps[] = {
        { GOOD("7"), .status = "Good", .generation = 7 },
        { GOOD("7"), .status = "Good", .generation = 7 },
        { GOOD("8"), .status = "Good", .generation = 8 },
        { SAID("false", "BadCertificateUntrusted", "9", ""), .status = "BadCertificateUntrusted",
          .generation = 9 },
        { GOOD("10"), .status = "Good", .generation = 10 },
        { SAID("true", "Good", "10", ",\"continues\":true"), .r = UATRUST_E_PROTOCOL },
        { GOOD("11"), .status = "Good", .generation = 11 },
        { SAID("true", "Good", "12", "}"), .r = UATRUST_E_PROTOCOL },
        { SAID("true", "Good", "12", ",\"other\":1"), .status = "Good", .generation = 12 },
        { SAID("true", "Good", "13,\"generation\":14", ""), .r = UATRUST_E_PROTOCOL },
        { SAID("true", "Good", "\"13\"", ""), .r = UATRUST_E_PROTOCOL },
        { "{\"error\":\"org.uatrust.agent1.Busy\"}", .r = UATRUST_E_BUSY },
        { GOOD("14"), .pause_ms = 20, .status = "Good", .generation = 14 },
        { GOOD("15"), .pause_ms = 120, .status = "Good", .generation = 15 },
        { GOOD("16"), 20, .pause_ms = 120, .status = "Good", .generation = 16 },
        { NULL, .r = UATRUST_E_TIMED_OUT },
        { GOOD("17"), .status = "Good", .generation = 17 },
};

struct fixture {
        struct tree *tree;
        struct uatrust_client *client;
        struct uatrust_request *request;
        pid_t agent;
};

/* Return: how long; 0: its end */
static size_t read_call(int fd, char call[CALL_MAX])
{
        size_t n = 0;

        while (!n || call[n - 1] != '\0') {
                ssize_t n_read = recv(fd, call + n, CALL_MAX - n, 0);

                if (n_read <= 0)
                        return 0;
                n += (size_t)n_read;
        }
        return n;
}

static void send_part(int fd, const char *data, size_t n)
{
        must(!n || send(fd, data, n, MSG_NOSIGNAL) == (ssize_t)n, "send");
}

static void answer(int fd, const struct step *step)
{
        size_t n = step->sent ? strlen(step->sent) + 1 : 0;

        send_part(fd, step->sent, step->n_first);
        usleep(step->pause_ms * 1000);
        send_part(fd, step->sent + step->n_first, n - step->n_first);
}

/* Whoever asks connects again after what was no answer. */
static void be_agent(int listener)
{
        char first[CALL_MAX], call[CALL_MAX];
        size_t n_first = 0;

        for (size_t i = 0; i < ARRAY_SIZE(steps);) {
                int fd = accept(listener, NULL, NULL);

                while (i < ARRAY_SIZE(steps)) {
                        size_t n = read_call(fd, call);

                        if (!n)
                                break;
                        if (!i)
                                memcpy(first, call, n_first = n);
                        must(n == n_first && !memcmp(call, first, n), "call %zu is as ever: %s", i,
                             call);
                        answer(fd, &steps[i++]);
                }
                if (i < ARRAY_SIZE(steps))
                        close(fd);
        }
        pause();
}

static int set_up(void **state)
{
        static struct fixture fixture;
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int listener = socket(AF_UNIX, SOCK_STREAM, 0);
        char *path;

        fixture = (struct fixture){ .tree = tree_new(), .client = uatrust_client_new() };
        path = tree_path(fixture.tree, "socket");
        snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
        must(!bind(listener, (struct sockaddr *)&address, sizeof(address)) && !listen(listener, 4),
             "%s", path);
        fixture.agent = fork();
        if (!fixture.agent)
                be_agent(listener);
        close(listener);

        fixture.request = uatrust_request_new(UATRUST_PURPOSE_CLIENT);
        uatrust_request_add_certificate(fixture.request, "foo", 3);
        uatrust_client_set_socket(fixture.client, path, NULL);
        free(path);
        *state = &fixture;
        return 0;
}

static int tear_down(void **state)
{
        struct fixture *fixture = *state;
        int status = 0;

        uatrust_client_free(fixture->client);
        uatrust_request_free(fixture->request);
        kill(fixture->agent, SIGKILL);
        assert_int_equal(waitpid(fixture->agent, &status, 0), fixture->agent);
        tree_free(fixture->tree);
        return !WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL;
}

static void expect(struct fixture *fixture, size_t i)
{
        const struct step *step = &steps[i];
        struct uatrust_verdict *verdict = NULL;
        int64_t start_ms = test_now_ms(), took_ms;
        int r;

        uatrust_client_set_timeout(fixture->client, step->sent ? PATIENT_MS : LIMIT_MS);
        r = uatrust_validate(fixture->client, fixture->request, &verdict, NULL);
        took_ms = test_now_ms() - start_ms;
        if (r != step->r || !r != !!verdict || took_ms >= PATIENT_MS ||
            took_ms < (r == UATRUST_E_TIMED_OUT ? LIMIT_MS : step->pause_ms))
                fail_msg("step %zu: %d after %lld ms", i, r, (long long)took_ms);
        if (!verdict)
                return;

        assert_int_equal(uatrust_verdict_get_generation(verdict), step->generation);
        assert_string_equal(uatrust_verdict_get_status_name(verdict), step->status);
        assert_int_equal(uatrust_verdict_is_trusted(verdict), !strcmp(step->status, "Good"));
        assert_false(uatrust_verdict_holds(verdict)); /* there is no page */
        uatrust_verdict_free(verdict);
}

static void each_answer_is_what_it_says(void **state)
{
        for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
                expect(*state, i);
}

static void on_alarm(int number)
{
        (void)number;
}

/* The wait for an answer is broken off again and again. */
static void signals_cost_no_answer(void **state)
{
        const struct sigaction action = { .sa_handler = on_alarm };
        const struct itimerval often = { { 0, 3000 }, { 0, 3000 } }, never = { { 0, 0 }, { 0, 0 } };

        must(!sigaction(SIGALRM, &action, NULL) && !setitimer(ITIMER_REAL, &often, NULL),
             "signals");
        for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
                expect(*state, i);
        setitimer(ITIMER_REAL, &never, NULL);
}

int main(void)
{
#define ROW(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
        const struct CMUnitTest tests[] = {
                ROW(each_answer_is_what_it_says),
                ROW(signals_cost_no_answer),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
