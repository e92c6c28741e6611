/* SPDX-License-Identifier: Apache-2.0 */
#include "app/lease.h"

#include "harness/fake_loop.h"
#include "harness/tree.h"
#include "proto/page.h"

#include <stdlib.h>

#define AGENT    "0123456789abcdef0123456789abcdef"
#define WHOLE_MS (PAGE_LEASE_MS - PAGE_COARSE_MS) /* as readers see it */

static struct scene {
        struct tree *tree;
        char *path;
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

static int set_up(void **state)
{
        struct lease_config config = { .agent_id = AGENT,
                                       .max_doubt_ms = max_doubt_ms,
                                       .is_settled = is_settled };

        (void)state;
        scene = (struct scene){ .tree = tree_new(), .is_settled = true, .max_doubt_ms = 2000 };
        scene.path = tree_path(scene.tree, "page");
        fake_loop_begin();
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
        fake_loop_end();
        free(scene.path);
        tree_free(scene.tree);
        return 0;
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
        assert_int_equal(left_ms(), WHOLE_MS);
        lease_set_connections(scene.lease, 0);
        assert_true(left_ms() < 0);
        scene.n_asked = 0;
        fake_loop_pass(10 * PAGE_RENEW_MS);
        assert_int_equal(scene.n_asked, 0); /* no wake-ups */
}

static void a_lease_is_renewed_while_all_is_settled(void **state)
{
        (void)state;
        lease_set_connections(scene.lease, 2);
        fake_loop_pass(PAGE_RENEW_MS - 1);
        assert_int_equal(left_ms(), WHOLE_MS - PAGE_RENEW_MS + 1);
        fake_loop_pass(1);
        assert_int_equal(left_ms(), WHOLE_MS);

        scene.is_settled = false;
        fake_loop_pass(3 * PAGE_RENEW_MS);
        assert_int_equal(left_ms(), WHOLE_MS - 3 * PAGE_RENEW_MS);

        scene.is_settled = true;
        fake_loop_pass(PAGE_RENEW_MS);
        assert_int_equal(left_ms(), WHOLE_MS);
}

static void a_lease_never_outlives_the_doubt_that_is_allowed(void **state)
{
        (void)state;
        scene.max_doubt_ms = 300;
        lease_set_connections(scene.lease, 1);
        assert_int_equal(left_ms(), 300 - PAGE_COARSE_MS);
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
