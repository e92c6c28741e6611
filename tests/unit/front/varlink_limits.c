/* SPDX-License-Identifier: Apache-2.0 */

/* Clients of front/varlink that read too slowly, ask too much, or are too many. */

#include "front/cgroup.h"
#include "front/varlink.h"
#include "harness/must.h"
#include "harness/test.h"
#include "harness/varlink_scene.h"

#include <poll.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static void a_slow_monitor_is_paused_and_resumed(void **state)
{
        unsigned int n_told = 0;
        int fd = dial();
        char *text;

        (void)state;
        say(fd, MONITOR);
        expect_start(fd, "{\"parameters\":{\"event\":{\"kind\":\"state\"");
        while (!scene.service.is_paused && n_told++ < 100000)
                tell("changed", true);
        assert_int_equal(scene.service.n_paused, 1);

        for (unsigned int i = 0; i < n_told; i++)
                expect_start(fd, "{\"parameters\":{\"event\":{\"kind\":\"changed\"");
        text = hear(fd);
        assert_non_null(strstr(text, "\"resync\""));
        free(text);
        assert_int_equal(scene.service.n_resumed, 1);
        close(fd);
}

static void a_client_that_reads_nothing_is_asked_no_further(void **state)
{
        const char *call =
                "{\"method\":\"org.varlink.service.GetInterfaceDescription\",\"parameters\":"
                "{\"interface\":\"org.uatrust.agent1\"}}";
        unsigned int n_sent = 0;
        int fd = dial();

        (void)state;
        while (n_sent < 100000 &&
               send(fd, call, strlen(call) + 1, MSG_DONTWAIT | MSG_NOSIGNAL) > 0) {
                if (++n_sent % 50 == 0)
                        turn();
        }
        assert_true(n_sent < 100000); /* the kernel holds the rest back */
        for (unsigned int i = 0; i < n_sent; i++)
                expect_start(fd, "{\"parameters\":{\"description\":");
        expect_silence(fd);
        close(fd);
}

static void a_client_that_reads_nothing_for_too_long_is_closed(void **state)
{
        int fd = dial();

        (void)state;
        say(fd, MONITOR);
        expect_start(fd, "{\"parameters\":{\"event\":{\"kind\":\"state\"");
        for (unsigned int i = 0; !scene.service.is_paused && i < 100000; i++)
                tell("changed", true);
        for (int i = 0; i < 200 && scene.n_connections > 0; i++)
                turn();
        assert_int_equal(scene.n_connections, 0);
        assert_int_equal(scene.service.n_cancelled, 1);
        close(fd);
}

/* So much of @calls as the agent takes now. Return: bytes */
static size_t push(int fd, const char *call)
{
        size_t n_call = strlen(call) + 1, n = 0;

        for (int n_full = 0; n_full < 3; turn(), n_full++)
                while (send(fd, call, n_call, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)n_call) {
                        n += n_call;
                        assert_true(n < 10000000);
                }

        return n;
}

static void what_is_pipelined_waits_in_the_kernel(void **state)
{
        const char *call = VALIDATE("later");
        size_t n_more = 0;
        int fd = dial();

        (void)state;
        push(fd, call);
        for (int i = 0; i < 50; i++) {
                answer("Good");
                expect_start(fd, VERDICT);
                n_more += push(fd, call);
        }
        assert_true(n_more < 128 * 1024);
        assert_int_equal(scene.service.n_calls, 51);
        close(fd);
}

static void all_that_was_asked_is_answered_before_the_end(void **state)
{
        unsigned int n = 200;
        int fd = dial();

        (void)state;
        for (unsigned int i = 0; i < n; i++)
                say(fd, "{\"method\":\"" AGENT "ListStores\"}");
        shutdown(fd, SHUT_WR);
        for (unsigned int i = 0; i < n; i++)
                expect_start(fd, ERROR("NoSuchStore"));
        expect_end(fd);
}

static void a_message_at_the_limit_is_read_and_one_past_it_is_refused(void **state)
{
        char *message = must_calloc(1, NAMES_CALL_MAX_BYTES + 2);
        int fd = dial();

        (void)state;
        memset(message, ' ', NAMES_CALL_MAX_BYTES + 1);
        memcpy(message, "{\"method\":\"a.b\"}", 16);
        message[NAMES_CALL_MAX_BYTES] = '\0';
        for (size_t n = 0; n < NAMES_CALL_MAX_BYTES + 1; n += 4096) {
                say_bytes(fd, message + n,
                          n + 4096 > NAMES_CALL_MAX_BYTES ? NAMES_CALL_MAX_BYTES + 1 - n : 4096);
                turn();
        }
        expect_start(fd, SERVICE("InterfaceNotFound"));

        message[NAMES_CALL_MAX_BYTES] = ' ';
        for (size_t n = 0; n < NAMES_CALL_MAX_BYTES + 1; n += 4096) {
                say_bytes(fd, message + n,
                          n + 4096 > NAMES_CALL_MAX_BYTES ? NAMES_CALL_MAX_BYTES + 1 - n : 4096);
                turn();
        }
        expect_reply(fd, ERROR("TooLarge") "{\"limit\":\"message\"}}");
        expect_end(fd);
        free(message);
}

/* The control group in which a test runs is the first to have enough, if it has a name. */
static void a_caller_has_so_many_connections_and_no_more(void **state)
{
        static int fds[NAMES_USER_CONNECTIONS_MAX];
        struct rlimit limit = { 2 * NAMES_USER_CONNECTIONS_MAX + 64, 0 };
        char cgroup[CALLER_CGROUP_MAX_BYTES + 1];
        int fd, n;

        (void)state;
        getrlimit(RLIMIT_NOFILE, &(struct rlimit){ 0 });
        limit.rlim_max = limit.rlim_cur;
        if (setrlimit(RLIMIT_NOFILE, &limit) < 0) {
                print_message("may not have so many descriptors here\n");
                skip();
        }

        cgroup_read(getpid(), getuid(), cgroup);
        n = cgroup[0] ? NAMES_CGROUP_CONNECTIONS_MAX : NAMES_USER_CONNECTIONS_MAX;
        for (int i = 0; i < n; i++) {
                fds[i] = dial();
                if (i % 64 == 0)
                        turn();
        }
        while (scene.n_connections < (size_t)n)
                turn();
        say(fds[n - 1], VALIDATE("now"));
        expect_start(fds[n - 1], VERDICT);

        fd = dial();
        if (cgroup[0])
                expect_reply(
                        fd,
                        ERROR("QuotaExceeded") "{\"limit\":\"1024 connections a control group\"}}");
        else
                expect_reply(fd, ERROR("QuotaExceeded") "{\"limit\":\"2048 connections a user\"}}");
        expect_end(fd);

        close(fds[0]);
        turn();
        fds[0] = dial();
        say(fds[0], VALIDATE("now"));
        expect_start(fds[0], VERDICT);
        for (int i = 0; i < n; i++)
                close(fds[i]);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(a_slow_monitor_is_paused_and_resumed),
                TEST(a_client_that_reads_nothing_is_asked_no_further),
                cmocka_unit_test_setup_teardown(a_client_that_reads_nothing_for_too_long_is_closed,
                                                set_up_impatient, tear_down),
                TEST(what_is_pipelined_waits_in_the_kernel),
                TEST(all_that_was_asked_is_answered_before_the_end),
                TEST(a_message_at_the_limit_is_read_and_one_past_it_is_refused),
                TEST(a_caller_has_so_many_connections_and_no_more),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
