/* SPDX-License-Identifier: Apache-2.0 */
#include "front/varlink.h"

#include "harness/test.h"
#include "harness/varlink_scene.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void every_message_has_its_answer(void **state)
{
        static const struct {
                const char *call, *reply; /* how the reply begins */
        } rows[] = {
                { VALIDATE("now"), VERDICT "\"statusName\":\"Good\"" },
                { "{\"method\":\"" AGENT "ListStores\"}",
                  ERROR("NoSuchStore") "{\"store\":\"gone\"}}" },
                { "{\"method\":\"" AGENT "ListStores\",\"parameters\":{},\"more\":true}",
                  ERROR("NoSuchStore") },

                /* what cannot be read */
                { "", ERROR("BadRequest") "{\"field\":\"\",\"reason\":\"" },
                { "{", ERROR("BadRequest") },
                { "GET / HTTP/1.1\r\n\r\n", ERROR("BadRequest") },
                { "[]", ERROR("BadRequest") },
                { "{}", SERVICE("InvalidParameter") "{\"parameter\":\"method\"}}" },
                { "{\"method\":7}", SERVICE("InvalidParameter") "{\"parameter\":\"method\"}}" },
                { "{\"method\":\"a.b\",\"key\":1}",
                  ERROR("BadRequest") "{\"field\":\"\",\"reason\":\"" },
                { "{\"method\":\"a.b\",\"more\":1}",
                  SERVICE("InvalidParameter") "{\"parameter\":\"more\"}}" },

                /* names */
                { "{\"method\":\"org.example.Method\"}",
                  SERVICE("InterfaceNotFound") "{\"interface\":\"org.example\"}}" },
                { "{\"method\":\"Method\"}",
                  SERVICE("InterfaceNotFound") "{\"interface\":\"Method\"}}" },
                { "{\"method\":\"\"}", SERVICE("InterfaceNotFound") "{\"interface\":\"\"}}" },
                { "{\"method\":\"" AGENT "Judge\"}",
                  SERVICE("MethodNotFound") "{\"method\":\"" AGENT "Judge\"}}" },
                { "{\"method\":\"" AGENT "ListStores\",\"upgrade\":true}",
                  SERVICE("MethodNotImplemented") "{\"method\":\"" AGENT "ListStores\"}}" },
                { "{\"method\":\"" AGENT "Monitor\"}",
                  "{\"error\":\"org.varlink.service.ExpectedMore\"}" },

                /* parameters */
                { "{\"method\":\"" AGENT "Validate\"}",
                  SERVICE("InvalidParameter") "{\"parameter\":\"certificates\"}}" },
                { "{\"method\":\"" AGENT "Validate\",\"parameters\":{\"certificates\":[\"?\"],"
                  "\"purpose\":\"client\"}}",
                  ERROR("BadRequest") "{\"field\":\"certificates[0]\",\"reason\":\"" },
                { "{\"method\":\"" AGENT "ListStores\",\"parameters\":{\"all\":true}}",
                  SERVICE("InvalidParameter") "{\"parameter\":\"all\"}}" },

                /* the service's own interface */
                { "{\"method\":\"org.varlink.service.GetInfo\"}",
                  "{\"parameters\":{\"vendor\":\"uatrust\",\"product\":\"uatrustd\",\"version\":"
                  "\"1.2.3\",\"url\":\"\",\"interfaces\":["
                  "\"org.varlink.service\",\"org.uatrust.agent1\"]}}" },
                { "{\"method\":\"org.varlink.service.GetInterfaceDescription\",\"parameters\":"
                  "{\"interface\":\"org.uatrust.agent1\"}}",
                  "{\"parameters\":{\"description\":\"# One OPC UA trust store" },
                { "{\"method\":\"org.varlink.service.GetInterfaceDescription\",\"parameters\":"
                  "{\"interface\":\"org.varlink.service\"}}",
                  "{\"parameters\":{\"description\":\"# The Varlink Service" },
                { "{\"method\":\"org.varlink.service.GetInterfaceDescription\",\"parameters\":"
                  "{\"interface\":\"org.example\"}}",
                  SERVICE("InvalidParameter") "{\"parameter\":\"interface\"}}" },
                { "{\"method\":\"org.varlink.service.GetInterfaceDescription\"}",
                  SERVICE("InvalidParameter") "{\"parameter\":\"interface\"}}" },
        };
        int fd = dial();

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                say(fd, rows[i].call);
                expect_start(fd, rows[i].reply);
        }
        close(fd);
}

static void a_message_may_come_in_pieces(void **state)
{
        const char *message = VALIDATE("now");
        int fd = dial();

        (void)state;
        for (size_t i = 0; i <= strlen(message); i++) {
                say_bytes(fd, message + i, 1);
                turn();
        }
        expect_start(fd, VERDICT "\"statusName\":\"Good\"");
        close(fd);
}

static void replies_keep_the_order_of_calls(void **state)
{
        int fd = dial();

        (void)state;
        say(fd, VALIDATE("later"));
        for (int i = 0; i < 200; i++)
                say(fd, "{\"method\":\"" AGENT "ListStores\"}");
        expect_silence(fd);
        assert_int_equal(scene.service.n_calls, 1);

        answer("BadCertificateRevoked");
        expect_start(fd, VERDICT "\"statusName\":\"BadCertificateRevoked\"");
        for (int i = 0; i < 200; i++)
                expect_start(fd, ERROR("NoSuchStore"));
        expect_silence(fd);
        close(fd);
}

static void a_oneway_call_gets_no_reply_at_all(void **state)
{
        static const char *const calls[] = {
                "{\"method\":\"" AGENT "ListStores\",\"oneway\":true}",
                "{\"method\":\"" AGENT "Validate\",\"oneway\":true}",
                "{\"method\":\"org.example.Method\",\"oneway\":true}",
                "{\"method\":\"org.varlink.service.GetInfo\",\"oneway\":true}",
                "{\"method\":\"" AGENT "Monitor\",\"oneway\":true,\"more\":true}",
        };
        int fd = dial();

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
                say(fd, calls[i]);
        expect_silence(fd);
        say(fd, VALIDATE("now"));
        expect_start(fd, VERDICT);
        close(fd);
}

static void the_same_question_is_asked_again_only_if_its_answer_may_have_changed(void **state)
{
        int fd = dial(), other = dial();

        (void)state;
        scene.service.stamp = (struct service_stamp){ .is_keepable = true, .generation = 1 };
        for (int i = 0; i < 3; i++) {
                say(fd, VALIDATE("now"));
                expect_start(fd, VERDICT "\"statusName\":\"Good\"");
        }
        say(other, VALIDATE("now"));
        expect_start(other, VERDICT "\"statusName\":\"Good\"");
        assert_int_equal(scene.service.n_calls, 1);
        assert_int_equal(scene.service.n_kept, 3);

        scene.service.stamp.generation = 2;
        say(fd, VALIDATE("now"));
        expect_start(fd, VERDICT "\"statusName\":\"Good\"");
        assert_int_equal(scene.service.n_calls, 2);

        scene.service.stamp.is_keepable = false;
        for (int i = 3; i < 5; i++) {
                say(fd, VALIDATE("now "));
                expect_start(fd, VERDICT "\"statusName\":\"Good\"");
                assert_int_equal(scene.service.n_calls, i);
        }
        close(fd);
        close(other);
}

static void a_monitor_gets_the_state_and_every_change(void **state)
{
        int fd = dial();

        (void)state;
        say(fd, MONITOR);
        expect_start(fd, "{\"parameters\":{\"event\":{\"kind\":\"state\",\"store\":\"default\"");
        assert_true(scene.service.call.wants_more);
        say(fd, VALIDATE("now")); /* waits: the connection is busy */
        expect_silence(fd);
        tell("changed", true);
        expect_reply(fd,
                     "{\"parameters\":{\"event\":{\"kind\":\"changed\",\"store\":\"default\","
                     "\"agentId\":\"a\",\"generation\":0,\"added\":[],\"removed\":[],\"broken\":[],"
                     "\"healed\":[],\"affectedIssuers\":[]}},\"continues\":true}");
        tell("changed", false);
        expect_reply(fd,
                     "{\"parameters\":{\"event\":{\"kind\":\"changed\",\"store\":\"default\","
                     "\"agentId\":\"a\",\"generation\":0,\"added\":[],\"removed\":[],\"broken\":[],"
                     "\"healed\":[],\"affectedIssuers\":[]}}}");
        expect_start(fd, VERDICT);
        close(fd);
}

static void a_monitor_ends_with_its_client(void **state)
{
        int fd = dial();

        (void)state;
        say(fd, MONITOR);
        expect_start(fd, "{\"parameters\":{\"event\":");
        say(fd, VALIDATE("now")); /* unread bytes do not hide the end */
        turn();
        assert_int_equal(scene.n_connections, 1);
        close(fd);
        for (int i = 0; i < 4; i++)
                turn();
        assert_int_equal(scene.service.n_cancelled, 1);
        assert_int_equal(scene.n_connections, 0);
}

static void a_client_that_ended_its_side_still_gets_its_replies(void **state)
{
        int fd = dial();

        (void)state;
        say(fd, VALIDATE("later"));
        say(fd, VALIDATE("now"));
        shutdown(fd, SHUT_WR);
        expect_silence(fd);
        answer("Good");
        expect_start(fd, VERDICT);
        expect_start(fd, VERDICT);
        expect_end(fd);
        assert_int_equal(scene.n_connections, 0);
}

static void a_pending_call_is_cancelled_with_the_door(void **state)
{
        int fd = dial();

        (void)state;
        say(fd, VALIDATE("later"));
        expect_silence(fd);
        scene.varlink = varlink_free(scene.varlink);
        assert_int_equal(scene.service.n_cancelled, 1);
        close(fd);
}

static void the_kernel_says_who_calls(void **state)
{
        int fd = dial();

        (void)state;
        say(fd, VALIDATE("now"));
        expect_start(fd, VERDICT);
        assert_int_equal(scene.service.uid, getuid());
        assert_int_equal(scene.service.door, CALLER_DOOR_CLIENT);
        close(fd);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(every_message_has_its_answer),
                TEST(a_message_may_come_in_pieces),
                TEST(replies_keep_the_order_of_calls),
                TEST(a_oneway_call_gets_no_reply_at_all),
                TEST(the_same_question_is_asked_again_only_if_its_answer_may_have_changed),
                TEST(a_monitor_gets_the_state_and_every_change),
                TEST(a_monitor_ends_with_its_client),
                TEST(a_client_that_ended_its_side_still_gets_its_replies),
                TEST(a_pending_call_is_cancelled_with_the_door),
                TEST(the_kernel_says_who_calls),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
