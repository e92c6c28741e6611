/* SPDX-License-Identifier: Apache-2.0 */
#include "loop/timer.h"

#include "base/clock.h"
#include "harness/test.h"
#include "loop/loop.h"
#include "loop/prepare.h"
#include "loop/signal.h"
#include "loop/wall.h"

#include <signal.h>
#include <stdio.h>
#include <time.h>

struct seen {
        struct loop *loop;
        unsigned int n_calls;
        int number;
        bool is_step;
};

static int set_up(void **state)
{
        static struct seen seen;

        seen = (struct seen){ 0 };
        *state = &seen;
        return loop_new(&seen.loop);
}

static int tear_down(void **state)
{
        struct seen *seen = *state;

        seen->loop = loop_free(seen->loop);
        return 0;
}

static void on_timeout(struct loop_timer *timer, void *userdata)
{
        struct seen *seen = userdata;

        if (++seen->n_calls < 3)
                loop_timer_start(timer, 1);
}

static void a_timer_repeats_when_started_again(void **state)
{
        struct seen *seen = *state;
        CLEANUP(loop_timer_freep) struct loop_timer *timer = NULL;
        int64_t begin_ns = clock_monotonic_ns();

        assert_int_equal(loop_timer_new(seen->loop, on_timeout, seen, &timer), 0);
        assert_false(loop_timer_is_started(timer));
        loop_timer_start(timer, 30);
        assert_true(loop_timer_is_started(timer));
        loop_run(seen->loop);
        assert_int_equal(seen->n_calls, 3);
        assert_true(clock_monotonic_ns() - begin_ns >= 25 * INT64_C(1000000));
}

static void a_stopped_timer_never_calls(void **state)
{
        struct seen *seen = *state;
        CLEANUP(loop_timer_freep) struct loop_timer *timer = NULL;

        assert_int_equal(loop_timer_new(seen->loop, on_timeout, seen, &timer), 0);
        loop_timer_start(timer, 1);
        loop_timer_stop(timer);
        loop_run(seen->loop);
        assert_int_equal(seen->n_calls, 0);
}

static void on_signal(struct loop_signal *handle, int number, void *userdata)
{
        struct seen *seen = userdata;

        (void)handle;
        seen->number = number;
        loop_stop(seen->loop);
}

static void a_signal_arrives_in_the_loop(void **state)
{
        struct seen *seen = *state;
        CLEANUP(loop_signal_freep) struct loop_signal *handle = NULL;

        assert_int_equal(loop_signal_new(seen->loop, SIGHUP, on_signal, seen, &handle), 0);
        raise(SIGHUP);
        loop_run(seen->loop);
        assert_int_equal(seen->number, SIGHUP);
}

static void an_impossible_signal_is_refused(void **state)
{
        struct seen *seen = *state;
        struct loop_signal *handle = NULL;

        assert_true(loop_signal_new(seen->loop, SIGKILL, on_signal, seen, &handle) < 0);
        assert_null(handle);
}

static void on_prepare(struct loop_prepare *handle, void *userdata)
{
        struct seen *seen = userdata;

        (void)handle;
        seen->n_calls++;
        loop_stop(seen->loop);
}

static void prepare_comes_before_every_poll(void **state)
{
        struct seen *seen = *state;
        struct loop_prepare *handle = NULL;

        assert_int_equal(loop_prepare_new(seen->loop, on_prepare, seen, &handle), 0);
        loop_run(seen->loop);
        loop_run(seen->loop);
        loop_prepare_free(handle);
        loop_run(seen->loop);
        assert_int_equal(seen->n_calls, 2);
}

static void on_wall(struct loop_wall *wall, bool is_step, void *userdata)
{
        struct seen *seen = userdata;

        (void)wall;
        seen->n_calls++;
        seen->is_step = is_step;
        loop_stop(seen->loop);
}

static void a_moment_of_the_clock_is_told(void **state)
{
        struct seen *seen = *state;
        CLEANUP(loop_wall_freep) struct loop_wall *wall = NULL;
        int64_t at_s = clock_realtime_s() + 1;

        assert_int_equal(loop_wall_new(seen->loop, on_wall, seen, &wall), 0);
        assert_int_equal(loop_wall_set(wall, at_s), 0);
        loop_run(seen->loop);
        assert_true(clock_realtime_s() >= at_s);
        assert_int_equal(seen->n_calls, 1);
        assert_false(seen->is_step);
}

static void a_moment_in_the_past_is_told_at_once(void **state)
{
        static const int64_t moments_s[] = { INT64_MIN, -1, 0, 1, 1000000000 };
        struct seen *seen = *state;
        CLEANUP(loop_wall_freep) struct loop_wall *wall = NULL;

        assert_int_equal(loop_wall_new(seen->loop, on_wall, seen, &wall), 0);
        for (size_t i = 0; i < ARRAY_SIZE(moments_s); i++) {
                assert_int_equal(loop_wall_set(wall, moments_s[i]), 0);
                loop_run(seen->loop);
                assert_int_equal(seen->n_calls, i + 1);
        }
}

/* Sets the clock to what it reads: the kernel counts that as a step. */
static void step_clock(void)
{
        struct timespec now;

        clock_gettime(CLOCK_REALTIME, &now);
        assert_int_equal(clock_settime(CLOCK_REALTIME, &now), 0);
}

static void a_step_of_the_clock_is_told(void **state)
{
        struct seen *seen = *state;
        struct loop_wall *wall = NULL;

        /* Every agent on the host is told: only where that is wanted. */
        if (!getenv("UATRUST_SET_CLOCK")) {
                print_message("SKIPPED: UATRUST_SET_CLOCK is not 1\n");
                skip();
        }

        assert_int_equal(loop_wall_new(seen->loop, on_wall, seen, &wall), 0);
        step_clock();
        loop_run(seen->loop);
        assert_true(seen->is_step);
        assert_int_equal(seen->n_calls, 1);

        step_clock();
        assert_int_equal(loop_wall_set(wall, WALL_NEVER), 0); /* does not swallow the step */
        loop_run(seen->loop);
        assert_true(seen->is_step);
        assert_int_equal(seen->n_calls, 2);
        loop_wall_free(wall);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(a_timer_repeats_when_started_again),   TEST(a_stopped_timer_never_calls),
                TEST(a_signal_arrives_in_the_loop),         TEST(an_impossible_signal_is_refused),
                TEST(prepare_comes_before_every_poll),      TEST(a_moment_of_the_clock_is_told),
                TEST(a_moment_in_the_past_is_told_at_once), TEST(a_step_of_the_clock_is_told),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
