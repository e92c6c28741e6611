/* SPDX-License-Identifier: Apache-2.0 */
#include "app/lease.h"

#include "base/clock.h"
#include "harness/test.h"
#include "harness/tree.h"
#include "loop/loop.h"
#include "loop/timer.h"
#include "proto/page.h"

#define AGENT "0123456789abcdef0123456789abcdef"

static struct scene {
        struct tree *tree;
        char *path;
        struct loop *loop;
        struct loop_timer *guard;
        struct lease *lease;
        struct page_reader *reader;
        bool is_settled;
        int64_t max_doubt_ms;
        unsigned int n_asked;
} scene;

static bool is_settled(void *userdata)
{
        (void)userdata;
        scene.n_asked++;
        return scene.is_settled;
}

static int64_t max_doubt_ms(void *userdata)
{
        (void)userdata;
        return scene.max_doubt_ms;
}

/* Again and again: due before the loop polls, a single one would let it wait for ever. */
static void on_guard(struct loop_timer *timer, void *userdata)
{
        (void)userdata;
        loop_timer_start(timer, 1);
}

static int set_up(void **state)
{
        struct lease_config config = { .agent_id = AGENT,
                                       .max_doubt_ms = max_doubt_ms,
                                       .is_settled = is_settled };

        (void)state;
        scene = (struct scene){ .tree = tree_new(), .is_settled = true, .max_doubt_ms = 2000 };
        scene.path = tree_path(scene.tree, "page");
        assert_int_equal(loop_new(&scene.loop), 0);
        assert_int_equal(loop_timer_new(scene.loop, on_guard, NULL, &scene.guard), 0);
        config.loop = scene.loop;
        config.path = scene.path;
        assert_int_equal(lease_new(&config, &scene.lease), 0);
        lease_set_generation(scene.lease, "default", 5);
        assert_int_equal(page_reader_open(scene.path, &scene.reader), 0);
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        page_reader_close(scene.reader);
        lease_free(scene.lease);
        loop_timer_free(scene.guard);
        loop_free(scene.loop);
        free(scene.path);
        tree_free(scene.tree);
        return 0;
}

static void run_for(int64_t ms)
{
        int64_t end_ns = clock_monotonic_ns() + ms * INT64_C(1000000);

        while (clock_monotonic_ns() < end_ns) {
                loop_timer_start(scene.guard, 10);
                loop_run_once(scene.loop);
        }
}

/* So long the lease still runs, in milliseconds. */
static int64_t left_ms(void)
{
        struct page_look look;
        uint32_t slot;

        assert_true(page_reader_find(scene.reader, AGENT, "default", &slot));
        page_look(scene.reader, slot, &look);
        assert_int_equal(look.generation, 5);
        return (look.lease_end_ns - clock_monotonic_ns()) / 1000000;
}

static void only_a_connected_client_has_a_lease(void **state)
{
        (void)state;
        assert_true(left_ms() < 0);
        lease_set_connections(scene.lease, 1);
        assert_in_range(left_ms(), 1900, PAGE_LEASE_MS);
        lease_set_connections(scene.lease, 0);
        assert_true(left_ms() < 0);
        scene.n_asked = 0;
        run_for(PAGE_RENEW_MS + 100);
        assert_int_equal(scene.n_asked, 0); /* no wake-ups */
}

static void a_lease_is_renewed_while_all_is_settled(void **state)
{
        (void)state;
        lease_set_connections(scene.lease, 2);
        run_for(2 * PAGE_RENEW_MS + 100);
        assert_in_range(left_ms(), PAGE_LEASE_MS - PAGE_RENEW_MS - 100, PAGE_LEASE_MS);

        scene.is_settled = false;
        run_for(PAGE_RENEW_MS + 600);
        assert_true(left_ms() < PAGE_LEASE_MS - PAGE_RENEW_MS);

        scene.is_settled = true;
        run_for(PAGE_RENEW_MS + 100);
        assert_true(left_ms() > PAGE_LEASE_MS - PAGE_RENEW_MS - 100);
}

static void a_lease_never_outlives_the_doubt_that_is_allowed(void **state)
{
        (void)state;
        scene.max_doubt_ms = 300;
        lease_set_connections(scene.lease, 1);
        assert_in_range(left_ms(), 200, 300);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(only_a_connected_client_has_a_lease),
                TEST(a_lease_is_renewed_while_all_is_settled),
                TEST(a_lease_never_outlives_the_doubt_that_is_allowed),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
