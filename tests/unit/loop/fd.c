/* SPDX-License-Identifier: Apache-2.0 */
#include "loop/fd.h"

#include "harness/test.h"
#include "loop/loop.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

struct pair {
        struct loop *loop;
        struct loop_fd *handle;
        int fds[2];
        unsigned int seen;
        unsigned int n_calls;
        bool frees_itself;
};

static void on_event(struct loop_fd *handle, unsigned int events, void *userdata)
{
        struct pair *pair = userdata;

        pair->seen = events;
        pair->n_calls++;
        loop_stop(pair->loop);
        if (pair->frees_itself)
                pair->handle = loop_fd_free(handle);
}

static int set_up(void **state)
{
        static struct pair pair;

        pair = (struct pair){ 0 };
        assert_int_equal(loop_new(&pair.loop), 0);
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.fds), 0);
        assert_int_equal(loop_fd_new(pair.loop, pair.fds[0], on_event, &pair, &pair.handle), 0);
        *state = &pair;
        return 0;
}

static int tear_down(void **state)
{
        struct pair *pair = *state;

        loop_fd_free(pair->handle);
        loop_free(pair->loop);
        close(pair->fds[0]);
        if (pair->fds[1] >= 0)
                close(pair->fds[1]);
        return 0;
}

static void the_descriptor_is_made_non_blocking(void **state)
{
        struct pair *pair = *state;

        assert_true(fcntl(pair->fds[0], F_GETFL) & O_NONBLOCK);
}

static void bytes_left_behind_are_reported_again(void **state)
{
        struct pair *pair = *state;

        assert_int_equal(loop_fd_select(pair->handle, LOOP_FD_READABLE), 0);
        assert_int_equal(write(pair->fds[1], "x", 1), 1);
        loop_run(pair->loop);
        loop_run(pair->loop);
        assert_int_equal(pair->seen, LOOP_FD_READABLE);
        assert_int_equal(pair->n_calls, 2);
}

static void only_selected_events_are_reported(void **state)
{
        struct pair *pair = *state;

        assert_int_equal(write(pair->fds[1], "x", 1), 1);
        assert_int_equal(loop_fd_select(pair->handle, LOOP_FD_WRITABLE), 0);
        loop_run(pair->loop);
        assert_int_equal(pair->seen, LOOP_FD_WRITABLE);

        assert_int_equal(loop_fd_select(pair->handle, 0), 0);
        loop_run(pair->loop); /* nothing is left that could happen: returns */
        assert_int_equal(pair->n_calls, 1);
}

static void a_peer_that_went_is_told(void **state)
{
        struct pair *pair = *state;

        assert_int_equal(loop_fd_select(pair->handle, LOOP_FD_HANGUP), 0);
        close(pair->fds[1]);
        pair->fds[1] = -1;
        loop_run(pair->loop);
        assert_int_equal(pair->seen, LOOP_FD_HANGUP);
}

static void a_handle_may_free_itself_in_its_callback(void **state)
{
        struct pair *pair = *state;

        pair->frees_itself = true;
        assert_int_equal(loop_fd_select(pair->handle, LOOP_FD_READABLE | LOOP_FD_WRITABLE), 0);
        assert_int_equal(write(pair->fds[1], "x", 1), 1);
        loop_run(pair->loop);
        loop_run(pair->loop);
        assert_int_equal(pair->n_calls, 1);
}

static void a_file_that_cannot_be_polled_is_refused(void **state)
{
        struct pair *pair = *state;
        struct loop_fd *handle = NULL;
        int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

        assert_true(fd >= 0);
        assert_true(loop_fd_new(pair->loop, fd, on_event, pair, &handle) < 0);
        assert_null(handle);
        close(fd);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(the_descriptor_is_made_non_blocking),
                TEST(bytes_left_behind_are_reported_again),
                TEST(only_selected_events_are_reported),
                TEST(a_peer_that_went_is_told),
                TEST(a_handle_may_free_itself_in_its_callback),
                TEST(a_file_that_cannot_be_polled_is_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
