/* SPDX-License-Identifier: Apache-2.0 */
#include "front/varlink.h"

#include "front/cgroup.h"
#include "front/socket.h"
#include "harness/must.h"
#include "harness/test.h"
#include "harness/tree.h"
#include "loop/loop.h"
#include "loop/timer.h"
#include "proto/names.h"
#include "service/quota.h"
#include "service/service.h"
#include "service/service_call.h"

#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define AGENT "org.uatrust.agent1."

/*
 * The service is this test's own: what the store of a question is named decides how it answers.
 * "now": at once; "later": when the test says so; a Monitor gets a state at once and events when
 * the test says so.
 */
struct service {
        struct service_pending pending;
        struct quota *quota;
        struct service_call call; /* the last one; its in struct is gone */
        uid_t uid;
        enum caller_door door;
        unsigned int n_calls, n_kept, n_cancelled, n_paused, n_resumed;
        bool is_pending, is_paused;
        struct service_stamp stamp; /* of what is answered next */
};

static struct scene {
        struct tree *tree;
        char *path;
        struct loop *loop;
        struct loop_timer *guard;
        struct varlink *varlink;
        struct service service;
        size_t n_connections;
} scene;

static void on_cancel(struct service_pending *pending)
{
        assert_ptr_equal(pending, &scene.service.pending);
        scene.service.n_cancelled++;
        scene.service.is_pending = false;
}

static void on_pause(struct service_pending *pending)
{
        (void)pending;
        scene.service.n_paused++;
        scene.service.is_paused = true;
}

static void tell(const char *kind, bool continues)
{
        struct message_monitor_reply out = {
                .event = { .kind = (char *)kind,
                           .store = (char *)"default",
                           .agent_id = (char *)"a" },
        };
        struct service_reply reply = { .out = &out, .continues = continues };

        scene.service.is_pending = continues;
        scene.service.call.reply(&reply, scene.service.call.userdata);
}

static void on_resume(struct service_pending *pending)
{
        (void)pending;
        scene.service.n_resumed++;
        scene.service.is_paused = false;
        tell(NAMES_EVENT_RESYNC, true);
}

static void answer(const char *status_name)
{
        struct message_validate_reply out = { .verdict = { .status_name = (char *)status_name,
                                                           .valid_until = SCHEMA_INT_ABSENT } };

        struct service_reply reply = { .out = &out, .stamp = scene.service.stamp };

        scene.service.is_pending = false;
        scene.service.call.reply(&reply, scene.service.call.userdata);
}

bool service_stamp_holds(const struct service *service, const struct service_stamp *stamp)
{
        return stamp->is_keepable && stamp->generation == service->stamp.generation;
}

void service_note_kept(const struct service *service, const struct service_stamp *stamp,
                       const struct caller *caller)
{
        assert_ptr_equal(service, &scene.service);
        assert_int_equal(stamp->generation, service->stamp.generation);
        assert_int_equal(caller->uid, service->uid);
        scene.service.n_kept++;
}

struct service_pending *service_call(struct service *service, const struct service_call *call)
{
        const struct message_validate *in = call->in;

        service->call = *call;
        service->uid = call->caller->uid;
        service->door = call->caller->door;
        service->n_calls++;
        service->is_pending = true;
        if (call->method == MESSAGE_MONITOR)
                tell(NAMES_EVENT_STATE, true);
        else if (call->method != MESSAGE_VALIDATE)
                service_call_refuse(call, STATUS_E_NO_SUCH_STORE, "gone", NULL);
        else if (in->store && !strcmp(in->store, "later"))
                return &service->pending;
        else
                answer("Good");

        return service->is_pending && call->method == MESSAGE_MONITOR ? &service->pending : NULL;
}

struct quota *service_quota(struct service *service)
{
        return service->quota;
}

static void on_connections(size_t n, void *userdata)
{
        (void)userdata;
        scene.n_connections = n;
}

/* Again and again: due before the loop polls, a single one would let it wait for ever. */
static void on_guard(struct loop_timer *timer, void *userdata)
{
        (void)userdata;
        loop_timer_start(timer, 1);
}

static int set_up_with(uint64_t unsent_max_ms)
{
        struct varlink_config config = { .service = &scene.service, .version = "1.2.3" };
        int fd;

        scene = (struct scene){ .tree = tree_new() };
        scene.service.pending = (struct service_pending){ on_cancel, on_pause, on_resume };
        scene.path = tree_path(scene.tree, "socket");
        assert_int_equal(quota_new(&scene.service.quota), 0);
        assert_int_equal(loop_new(&scene.loop), 0);
        assert_int_equal(loop_timer_new(scene.loop, on_guard, NULL, &scene.guard), 0);
        config.loop = scene.loop;
        config.on_connections = on_connections;
        config.unsent_max_ms = unsent_max_ms;
        assert_int_equal(varlink_new(&config, &scene.varlink), 0);
        assert_int_equal(socket_listen(scene.path, 0666, (gid_t)-1, &fd), 0);
        assert_int_equal(varlink_listen(scene.varlink, fd, CALLER_DOOR_CLIENT), 0);
        return 0;
}

static int set_up(void **state)
{
        (void)state;
        return set_up_with(0);
}

static int set_up_impatient(void **state)
{
        (void)state;
        return set_up_with(500);
}

static int tear_down(void **state)
{
        (void)state;
        varlink_free(scene.varlink);
        assert_int_equal(quota_count(scene.service.quota, getuid(), QUOTA_CONNECTIONS), 0);
        quota_free(scene.service.quota);
        loop_timer_free(scene.guard);
        loop_free(scene.loop);
        free(scene.path);
        tree_free(scene.tree);
        return 0;
}

/* One round of the loop, and no waiting for more than 20 ms. */
static void turn(void)
{
        loop_timer_start(scene.guard, 20);
        loop_run_once(scene.loop);
}

static int dial(void)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        must(fd >= 0, "socket");
        memcpy(address.sun_path, scene.path, strlen(scene.path) + 1);
        must(connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0, "connect");
        return fd;
}

static void say_bytes(int fd, const void *data, size_t n)
{
        assert_int_equal(send(fd, data, n, MSG_NOSIGNAL), n);
}

static void say(int fd, const char *message)
{
        say_bytes(fd, message, strlen(message) + 1);
}

/*
 * The next message, NULL at the end of the stream; "" if there is none within some rounds of the
 * loop.
 */
static char *hear(int fd)
{
        size_t n = 0, n_room = 1 << 20;
        char *text = must_calloc(1, n_room);
        unsigned int n_idle = 0;
        ssize_t n_read;

        while (n_idle < 4) {
                char *end;

                n_read = recv(fd, text + n, n_room - n, MSG_DONTWAIT | MSG_PEEK);
                if (n_read == 0 || (n_read < 0 && errno == ECONNRESET)) {
                        free(text);
                        return NULL;
                }
                if (n_read < 0) {
                        turn();
                        n_idle++;
                        continue;
                }

                end = memchr(text + n, '\0', (size_t)n_read);
                if (end)
                        n_read = end + 1 - (text + n);
                assert_int_equal(recv(fd, text + n, (size_t)n_read, 0), n_read);
                if (end)
                        return text;
                n += (size_t)n_read;
                assert_true(n < n_room);
        }

        text[0] = '\0';
        return text;
}

static void expect_reply(int fd, const char *expected)
{
        char *text = hear(fd);

        assert_non_null(text);
        assert_string_equal(text, expected);
        free(text);
}

static void expect_start(int fd, const char *expected)
{
        char *text = hear(fd);

        assert_non_null(text);
        if (strncmp(text, expected, strlen(expected)) != 0)
                fail_msg("wanted %s, got %s", expected, text);
        free(text);
}

static void expect_silence(int fd)
{
        expect_reply(fd, "");
}

static void expect_end(int fd)
{
        assert_null(hear(fd));
        close(fd);
}

#define VALIDATE(store)                                                                            \
        "{\"method\":\"" AGENT                                                                     \
        "Validate\",\"parameters\":{\"certificates\":[],\"purpose\":\"client\",\"store\":\"" store \
        "\"}}"
#define MONITOR       "{\"method\":\"" AGENT "Monitor\",\"more\":true}"
#define VERDICT       "{\"parameters\":{\"verdict\":{\"trusted\":false,\"statusCode\":0,"
#define ERROR(name)   "{\"error\":\"" AGENT name "\",\"parameters\":"
#define SERVICE(name) "{\"error\":\"org.varlink.service." name "\",\"parameters\":"

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
                TEST(every_message_has_its_answer),
                TEST(a_message_may_come_in_pieces),
                TEST(replies_keep_the_order_of_calls),
                TEST(a_oneway_call_gets_no_reply_at_all),
                TEST(the_same_question_is_asked_again_only_if_its_answer_may_have_changed),
                TEST(a_monitor_gets_the_state_and_every_change),
                TEST(a_monitor_ends_with_its_client),
                TEST(a_client_that_ended_its_side_still_gets_its_replies),
                TEST(a_pending_call_is_cancelled_with_the_door),
                TEST(a_slow_monitor_is_paused_and_resumed),
                TEST(a_client_that_reads_nothing_is_asked_no_further),
                cmocka_unit_test_setup_teardown(a_client_that_reads_nothing_for_too_long_is_closed,
                                                set_up_impatient, tear_down),
                TEST(what_is_pipelined_waits_in_the_kernel),
                TEST(all_that_was_asked_is_answered_before_the_end),
                TEST(a_message_at_the_limit_is_read_and_one_past_it_is_refused),
                TEST(the_kernel_says_who_calls),
                TEST(a_caller_has_so_many_connections_and_no_more),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
