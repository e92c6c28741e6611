/* SPDX-License-Identifier: Apache-2.0 */
#include "app/due.h"

#include "app/clock_file.h"
#include "base/clock.h"
#include "harness/must.h"
#include "harness/test.h"
#include "loop/loop.h"
#include "loop/timer.h"
#include "loop/wall.h"
#include "service/service.h"

#include <errno.h>

/* The clock's events and the service are this test's own; the loop is real. */
static struct {
        struct loop *loop;
        struct loop_timer *guard;
        struct due *due;
        loop_wall_fn on_wall;
        void *userdata;
        int64_t set_s; /* what the clock was last asked to wait for */
        unsigned int n_set, n_run, n_steps, n_refuse;
        int64_t due_s, kept_s;
} scene;

int loop_wall_new(struct loop *loop, loop_wall_fn fn, void *userdata, struct loop_wall **out)
{
        (void)loop;
        scene.on_wall = fn;
        scene.userdata = userdata;
        *out = NULL;
        return 0;
}

struct loop_wall *loop_wall_free(struct loop_wall *wall)
{
        (void)wall;
        return NULL;
}

int loop_wall_set(struct loop_wall *wall, int64_t at_s)
{
        (void)wall;
        scene.set_s = at_s;
        scene.n_set++;
        return 0;
}

int64_t service_due_s(const struct service *service)
{
        (void)service;
        return scene.due_s;
}

void service_run_due(struct service *service)
{
        (void)service;
        scene.n_run++;
}

int64_t service_at_least_s(const struct service *service)
{
        (void)service;
        return 77;
}

int service_clock_stepped(struct service *service)
{
        (void)service;
        scene.n_steps++;
        return scene.n_refuse > 0 && scene.n_refuse-- > 0 ? -ENOMEM : 0;
}

void clock_file_keep(struct clock_file *file, int64_t at_least_s)
{
        (void)file;
        scene.kept_s = at_least_s;
}

/* Again and again: due before the loop polls, a single one would let it wait for ever. */
static void on_guard(struct loop_timer *timer, void *userdata)
{
        (void)userdata;
        loop_timer_start(timer, 1);
}

static void run_for(int64_t ms)
{
        int64_t end_ns = clock_monotonic_ns() + ms * 1000000;

        do {
                loop_timer_start(scene.guard, 1);
                loop_run_once(scene.loop);
        } while (clock_monotonic_ns() < end_ns);
}

static int set_up(void **state)
{
        (void)state;
        memset(&scene, 0, sizeof(scene));
        scene.due_s = WALL_NEVER;
        must(loop_new(&scene.loop) == 0, "loop_new");
        must(loop_timer_new(scene.loop, on_guard, NULL, &scene.guard) == 0, "loop_timer_new");
        must(due_new(&(struct due_config){ .loop = scene.loop }, &scene.due) == 0, "due_new");
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        due_free(scene.due);
        loop_timer_free(scene.guard);
        loop_free(scene.loop);
        return 0;
}

static void the_clock_waits_for_what_the_service_names(void **state)
{
        (void)state;
        run_for(5);
        assert_int_equal(scene.n_set, 0);

        scene.due_s = 1000;
        run_for(5);
        assert_int_equal(scene.set_s, 1000);
        assert_int_equal(scene.n_set, 1);

        scene.due_s = 500;
        run_for(5);
        assert_int_equal(scene.set_s, 500);
        assert_int_equal(scene.n_set, 2);
}

static void what_is_due_is_run_and_waited_for_anew(void **state)
{
        (void)state;
        scene.due_s = 1000;
        run_for(5);
        scene.on_wall(NULL, false, scene.userdata);
        assert_int_equal(scene.n_run, 1);
        assert_int_equal(scene.n_steps, 0);
        assert_int_equal(scene.kept_s, 77);

        run_for(5);
        assert_int_equal(scene.n_set, 2); /* the same second, for it may not have come yet */
}

static void a_step_of_the_clock_is_told_until_it_is_taken(void **state)
{
        (void)state;
        scene.due_s = 1000;
        run_for(5);
        scene.n_refuse = 2;
        scene.on_wall(NULL, true, scene.userdata);
        assert_int_equal(scene.n_steps, 1);
        assert_int_equal(scene.n_run, 1);
        for (int i = 0; i < 100 && scene.n_steps < 3; i++)
                run_for(20);
        assert_int_equal(scene.n_steps, 3);
        run_for(250);
        assert_int_equal(scene.n_steps, 3);
        assert_int_equal(scene.n_set, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(the_clock_waits_for_what_the_service_names),
                TEST(what_is_due_is_run_and_waited_for_anew),
                TEST(a_step_of_the_clock_is_told_until_it_is_taken),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
