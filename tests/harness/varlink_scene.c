/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/varlink_scene.h"

#include "front/socket.h"
#include "harness/must.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct scene scene;

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

void tell(const char *kind, bool continues)
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

void answer(const char *status_name)
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

int set_up(void **state)
{
        (void)state;
        return set_up_with(0);
}

int set_up_impatient(void **state)
{
        (void)state;
        return set_up_with(500);
}

int tear_down(void **state)
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

void turn(void)
{
        loop_timer_start(scene.guard, 20);
        loop_run_once(scene.loop);
}

int dial(void)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        must(fd >= 0, "socket");
        memcpy(address.sun_path, scene.path, strlen(scene.path) + 1);
        must(connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0, "connect");
        return fd;
}

void say_bytes(int fd, const void *data, size_t n)
{
        assert_int_equal(send(fd, data, n, MSG_NOSIGNAL), n);
}

void say(int fd, const char *message)
{
        say_bytes(fd, message, strlen(message) + 1);
}

char *hear(int fd)
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

void expect_reply(int fd, const char *expected)
{
        char *text = hear(fd);

        assert_non_null(text);
        assert_string_equal(text, expected);
        free(text);
}

void expect_start(int fd, const char *expected)
{
        char *text = hear(fd);

        assert_non_null(text);
        if (strncmp(text, expected, strlen(expected)) != 0)
                fail_msg("wanted %s, got %s", expected, text);
        free(text);
}

void expect_silence(int fd)
{
        expect_reply(fd, "");
}

void expect_end(int fd)
{
        assert_null(hear(fd));
        close(fd);
}
