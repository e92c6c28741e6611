/* SPDX-License-Identifier: Apache-2.0 */
#include "app/keeper.h"

#include "app/storm.h"
#include "harness/keeper_scene.h"
#include "trust/settings.h"

#include <errno.h>

#define NS_PER_MS INT64_C(1000000)

static void the_first_refresh_reads_everything(void **state)
{
        (void)state;
        start();
        assert_true(scene.is_added);
        assert_false(keeper_was_read(scene.keeper));
        assert_false(keeper_is_settled(scene.keeper));
        fake_loop_until(keeper_was_read(scene.keeper));
        assert_int_equal(scene.n_published, 1);
        assert_int_equal(scene.last_update_s, 77);
        assert_int_equal(scene.n_read, 1);
}

static void without_events_everything_is_swept_once_a_minute(void **state)
{
        (void)state;
        start_settled();
        fake_loop_pass(KEEPER_SWEEP_MS - 1);
        assert_int_equal(scene.n_all, 1);
        fake_loop_pass(2);
        assert_int_equal(scene.n_all, 2);
        assert_int_equal(scene.n_hints, 0);
}

static void an_event_is_read_at_once(void **state)
{
        int64_t begin_ns;

        (void)state;
        start_settled();
        tree_write(scene.tree, "a", "a", 1);
        assert_false(keeper_is_settled(scene.keeper)); /* the kernel knows */
        begin_ns = clock_monotonic_ns();
        fake_loop_until(scene.n_published == 2);
        assert_true(clock_monotonic_ns() - begin_ns < STORM_NEWS_NS);
        fake_loop_until(keeper_is_settled(scene.keeper));
        assert_int_equal(scene.n_all, 1);
        assert_true(scene.n_hints >= 1);
        assert_int_equal(scene.n_doubts, 0);
}

static void a_storm_is_few_refreshes_and_leaves_nothing_behind(void **state)
{
        (void)state;
        start_settled();
        for (int i = 0; i < 500; i++) {
                tree_write(scene.tree, "a", "a", 1);
                fake_loop_pass(1);
        }
        fake_loop_until(keeper_is_settled(scene.keeper));
        assert_true(scene.n_refreshes < 40);
        assert_true(scene.n_refreshes > 8);
        assert_int_equal(scene.n_doubts, 0);
}

static void a_refresh_that_fails_is_tried_again_and_becomes_a_doubt(void **state)
{
        unsigned int n;

        (void)state;
        start_settled();
        scene.fail_with = -EMFILE;
        n = scene.n_refreshes;
        tree_write(scene.tree, "a", "a", 1);
        fake_loop_until(scene.is_doubtful);
        assert_true(scene.n_refreshes >= n + 2);
        assert_true(scene.n_refreshes <= n + 8); /* with growing pauses */
        assert_string_equal(scene.doubt, "a change could not be read in time");
        assert_int_equal(scene.n_published, 1);

        scene.fail_with = 0;
        fake_loop_until(keeper_is_settled(scene.keeper));
        assert_false(scene.is_doubtful);
        assert_int_equal(scene.n_published, 2);
        assert_true(scene.n_all >= 2);
}

static void a_file_that_stays_uncertain_becomes_a_doubt(void **state)
{
        (void)state;
        start_settled();
        scene.is_in_doubt = true;
        tree_write(scene.tree, "a", "a", 1);
        fake_loop_until(scene.n_published >= 2);
        assert_false(keeper_is_settled(scene.keeper));
        assert_false(scene.is_doubtful); /* not yet */
        fake_loop_until(scene.is_doubtful);
        assert_string_equal(scene.doubt, "half a file");
        assert_true(scene.n_refreshes >= 4); /* looked at again without any event */

        scene.is_in_doubt = false;
        fake_loop_until(!scene.is_doubtful);
        fake_loop_until(keeper_is_settled(scene.keeper));
}

static void hang(void)
{
        fake_loop_pass(KEEPER_SCENE_MAX_DOUBT_MS - 1);
        assert_false(scene.is_doubtful);
        assert_false(keeper_is_settled(scene.keeper));
        fake_loop_pass(2);
        assert_true(scene.is_doubtful);
}

static void hang_alone(void)
{
        fake_loop_pass(10 * KEEPER_SCENE_MAX_DOUBT_MS);
}

static void a_refresh_that_hangs_becomes_a_doubt(void **state)
{
        (void)state;
        start_settled();
        scene.meanwhile = hang;
        tree_write(scene.tree, "a", "a", 1);
        fake_loop_until(scene.n_doubts == 1);
        fake_loop_until(keeper_is_settled(scene.keeper));
        assert_false(scene.is_doubtful);
}

static void hang_while_a_neighbour_is_written(void)
{
        tree_write(scene.tree, "elsewhere", "a", 1);
        hang();
}

static void hang_while_a_file_is_written(void)
{
        tree_write(scene.tree, "store/a", "a", 1);
        hang();
}

/* It is the next that is seen to, whatever else there is. */
static void come_to_a_sweep(void)
{
        fake_loop_pass(KEEPER_SWEEP_MS - 1000);
        fake_loop_miss(2000);
}

/* Looks begin without news, too: what comes by then, or meanwhile, waits for their end. */
static void news_during_a_sweep_that_hangs_become_a_doubt(void **state)
{
        (void)state;
        start_below();
        come_to_a_sweep();
        scene.meanwhile = hang;
        tree_write(scene.tree, "store/b", "b", 1);
        fake_loop_until(scene.n_doubts == 1);
        assert_int_equal(scene.n_all, 2);
        fake_loop_until(keeper_is_settled(scene.keeper));
        assert_false(scene.is_doubtful);

        come_to_a_sweep();
        scene.meanwhile = hang_while_a_file_is_written;
        fake_loop_until(scene.n_doubts == 2);
        assert_int_equal(scene.n_all, 3);
        fake_loop_until(keeper_is_settled(scene.keeper));
        assert_false(scene.is_doubtful);
}

/* But for what others do above the store, which may happen to be at that very moment. */
static void a_sweep_that_hangs_without_news_is_no_doubt(void **state)
{
        unsigned int n_hung = 0;

        (void)state;
        start_below();
        do {
                assert_true(n_hung < 10);
                come_to_a_sweep();
                scene.meanwhile = hang_alone;
                fake_loop_until(!scene.meanwhile);
                n_hung++;
        } while (scene.n_doubts == n_hung);
}

/* When the refresh ends, it is known what of all that came meanwhile is still to be read. */
static void what_is_no_news_is_no_doubt(void **state)
{
        (void)state;
        start_below();
        scene.meanwhile = hang_while_a_neighbour_is_written;
        keeper_look_at_all(scene.keeper);
        fake_loop_until(scene.n_published == 2);
        assert_false(scene.is_doubtful);

        scene.meanwhile = hang_while_a_file_is_written;
        keeper_look_at_all(scene.keeper);
        fake_loop_until(scene.n_published == 3);
        assert_true(scene.is_doubtful);
        fake_loop_until(keeper_is_settled(scene.keeper));
        assert_int_equal(scene.n_published, 4); /* what came meanwhile was not lost */
        assert_false(scene.is_doubtful);
}

static void what_the_service_could_not_take_is_told_again(void **state)
{
        (void)state;
        start_settled();
        scene.n_refuse = 2;
        tree_write(scene.tree, "a", "a", 1);
        fake_loop_until(scene.n_refuse == 0);
        fake_loop_until(keeper_is_settled(scene.keeper));
        assert_true(scene.n_published >= 2);
}

/* What makes it blind may pass. */
static void what_becomes_blind_is_swept_soon_and_then_more_seldom(void **state)
{
        static const unsigned int PAUSES_MS[] = { 500, 1000, 2000, 4000, 5000, 5000 };

        (void)state;
        start_settled();
        scene.has_aliases = true;
        tree_write(scene.tree, "a", "a", 1);
        fake_loop_until(keeper_is_settled(scene.keeper));
        for (unsigned int i = 0; i < ARRAY_SIZE(PAUSES_MS); i++) {
                assert_int_equal(scene.n_all, i + 1);
                fake_loop_pass(PAUSES_MS[i] - 1);
                assert_int_equal(scene.n_all, i + 1);
                fake_loop_pass(2);
        }
        assert_int_equal(scene.n_all, ARRAY_SIZE(PAUSES_MS) + 1);
}

/* Others write into the folder above the store's. */
static void what_is_no_news_delays_none(void **state)
{
        int64_t begin_ns;

        (void)state;
        start_below();
        for (int i = 0; i < 200; i++) {
                tree_write(scene.tree, "elsewhere", "a", 1);
                tree_remove(scene.tree, "elsewhere");
                fake_loop_pass(1);
        }
        assert_int_equal(scene.n_hints, 0);
        assert_true(scene.n_refreshes > 8);
        assert_true(scene.n_refreshes < 60);

        begin_ns = clock_monotonic_ns();
        tree_write(scene.tree, "store/a", "a", 1);
        fake_loop_until(scene.n_published == 2);
        assert_true(clock_monotonic_ns() - begin_ns <= STORM_IDLE_NS + NS_PER_MS);
}

static void set_other_settings(void)
{
        struct settings *others = NULL;

        assert_int_equal(settings_new(&others), 0);
        keeper_set_settings(scene.keeper, others);
        settings_unref(others);
        assert_false(keeper_is_settled(scene.keeper));
}

static void settings_that_come_meanwhile_are_read_afterwards(void **state)
{
        (void)state;
        start_settled();
        scene.meanwhile = set_other_settings;
        tree_write(scene.tree, "a", "a", 1);
        fake_loop_until(scene.n_published == 2);
        assert_int_equal(scene.n_all, 1);
        assert_false(keeper_is_settled(scene.keeper));
        fake_loop_until(keeper_is_settled(scene.keeper));
        assert_int_equal(scene.n_all, 2);
}

static void set_settings_too_late(void)
{
        keeper_set_settings(scene.keeper, scene.settings);
        assert_false(keeper_is_current(scene.keeper));
}

static void what_is_asked_for_is_current_once_it_was_told(void **state)
{
        (void)state;
        start_settled();
        assert_true(keeper_is_current(scene.keeper));

        scene.meanwhile = set_settings_too_late;
        tree_write(scene.tree, "a", "a", 1);
        fake_loop_until(scene.n_published == 2);
        assert_false(keeper_is_current(scene.keeper));
        fake_loop_until(keeper_is_current(scene.keeper));
        assert_int_equal(scene.n_published, 3);

        scene.fail_with = -EMFILE;
        keeper_look_at_all(scene.keeper);
        assert_false(keeper_is_current(scene.keeper));
        fake_loop_until(keeper_is_current(scene.keeper));
        assert_true(scene.is_doubtful); /* so that nothing is Good */
}

static void a_store_that_cannot_be_read_is_not_ready(void **state)
{
        (void)state;
        scene.is_not_ready = true;
        start();
        fake_loop_until(keeper_was_read(scene.keeper));
        assert_true(scene.n_not_ready > 0);
        assert_int_equal(scene.n_published, 0);

        scene.is_not_ready = false;
        tree_write(scene.tree, "a", "a", 1);
        fake_loop_until(scene.n_published == 1);
        assert_int_equal(scene.n_read, 1);
}

static void end_the_keeper(void)
{
        scene.keeper = keeper_free(scene.keeper);
        assert_int_equal(scene.n_gone, 1);
        assert_false(scene.is_added);
}

static void a_keeper_may_end_while_it_reads(void **state)
{
        (void)state;
        scene.meanwhile = end_the_keeper;
        start();
        fake_loop_until(scene.n_gone == 1);
        fake_loop_pass(KEEPER_SWEEP_MS);
        assert_int_equal(scene.n_refreshes, 1);
        assert_int_equal(scene.n_published, 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                KEEPER_TEST(the_first_refresh_reads_everything),
                KEEPER_TEST(without_events_everything_is_swept_once_a_minute),
                KEEPER_TEST(an_event_is_read_at_once),
                KEEPER_TEST(a_storm_is_few_refreshes_and_leaves_nothing_behind),
                KEEPER_TEST(a_refresh_that_fails_is_tried_again_and_becomes_a_doubt),
                KEEPER_TEST(a_file_that_stays_uncertain_becomes_a_doubt),
                KEEPER_TEST(a_refresh_that_hangs_becomes_a_doubt),
                KEEPER_TEST(news_during_a_sweep_that_hangs_become_a_doubt),
                KEEPER_TEST(a_sweep_that_hangs_without_news_is_no_doubt),
                KEEPER_TEST(what_is_no_news_is_no_doubt),
                KEEPER_TEST(what_the_service_could_not_take_is_told_again),
                KEEPER_TEST(what_becomes_blind_is_swept_soon_and_then_more_seldom),
                KEEPER_TEST(what_is_no_news_delays_none),
                KEEPER_TEST(settings_that_come_meanwhile_are_read_afterwards),
                KEEPER_TEST(what_is_asked_for_is_current_once_it_was_told),
                KEEPER_TEST(a_store_that_cannot_be_read_is_not_ready),
                KEEPER_TEST(a_keeper_may_end_while_it_reads),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
