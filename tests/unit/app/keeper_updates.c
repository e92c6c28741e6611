/* SPDX-License-Identifier: Apache-2.0 */
#include "app/keeper.h"
#include "harness/keeper_scene.h"
#include "proto/names.h"

#include <errno.h>

static void an_update_is_told_after_it_was_published(void **state)
{
        (void)state;
        start_settled();
        assert_int_equal(ask_for_update(), 0);
        assert_int_equal(scene.n_ended, 0);
        fake_loop_until(scene.n_ended == 1);
        assert_int_equal(scene.ended_with, 0);
        assert_int_equal(scene.n_published_before, 2);
        fake_loop_until(keeper_is_settled(scene.keeper));
        assert_int_equal(scene.n_updates, 1);
}

static void updates_wait_for_each_other_and_only_so_many(void **state)
{
        (void)state;
        start();
        for (size_t i = 0; i < NAMES_UPDATES_WAITING_MAX; i++)
                assert_int_equal(ask_for_update(), 0);
        assert_int_equal(ask_for_update(), -EBUSY);
        fake_loop_until(scene.n_ended == NAMES_UPDATES_WAITING_MAX);
        assert_int_equal(scene.n_updates, NAMES_UPDATES_WAITING_MAX);
        assert_int_equal(ask_for_update(), 0);
        fake_loop_until(scene.n_ended == NAMES_UPDATES_WAITING_MAX + 1);
}

static void an_update_that_the_machine_fails_is_recovered_from(void **state)
{
        (void)state;
        start_settled();
        assert_int_equal(scene.n_recoveries, 1);
        scene.update_fails_with = -EMFILE;
        assert_int_equal(ask_for_update(), 0);
        fake_loop_until(scene.n_ended == 1);
        assert_int_equal(scene.ended_with, -EMFILE);
        fake_loop_until(keeper_is_settled(scene.keeper));
        assert_int_equal(scene.n_recoveries, 2);
}

static void an_update_whose_news_are_not_taken_is_told_later(void **state)
{
        (void)state;
        start_settled();
        scene.n_refuse = 2;
        assert_int_equal(ask_for_update(), 0);
        fake_loop_until(scene.n_ended == 1);
        assert_int_equal(scene.n_published_before, 2);
        assert_int_equal(scene.n_updates, 1);
}

/* Told at once it would be news of what no question is judged by yet. */
static void an_update_that_was_not_read_back_is_told_once_it_is(void **state)
{
        unsigned int n;

        (void)state;
        start_settled();
        n = scene.n_refreshes;
        scene.is_update_unread = true;
        scene.fail_with = -ENOMEM;
        assert_int_equal(ask_for_update(), 0);
        fake_loop_until(scene.n_updates == 1 && scene.n_refreshes > n);
        assert_int_equal(scene.n_ended, 0);

        scene.fail_with = 0;
        fake_loop_until(scene.n_ended == 1);
        assert_int_equal(scene.ended_with, 0);
        assert_int_equal(scene.n_published_before, 2);
        fake_loop_until(keeper_is_settled(scene.keeper));
        assert_int_equal(scene.n_updates, 1);
}

static void end_the_keeper(void)
{
        scene.keeper = keeper_free(scene.keeper);
        assert_int_equal(scene.n_ended, 3);
        assert_int_equal(scene.n_cancelled, 3);
}

static void a_keeper_that_ends_ends_its_updates(void **state)
{
        (void)state;
        start_settled();
        scene.meanwhile = end_the_keeper;
        for (size_t i = 0; i < 3; i++)
                assert_int_equal(ask_for_update(), 0);
        fake_loop_until(scene.n_updates == 1);
        assert_null(scene.keeper);
        fake_loop_pass(KEEPER_SWEEP_MS);
        assert_int_equal(scene.n_updates, 1);
        assert_int_equal(scene.n_ended, 3);
}

static void what_an_update_left_is_seen_to_before_the_first_refresh(void **state)
{
        (void)state;
        scene.is_stuck = true;
        start();
        fake_loop_until(scene.n_not_ready >= 2); /* tried again and again */
        assert_int_equal(scene.n_refreshes, 0);
        assert_true(scene.n_recoveries >= 2);

        scene.is_stuck = false;
        fake_loop_until(scene.n_published == 1);
        fake_loop_until(keeper_is_settled(scene.keeper));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                KEEPER_TEST(an_update_is_told_after_it_was_published),
                KEEPER_TEST(updates_wait_for_each_other_and_only_so_many),
                KEEPER_TEST(an_update_that_the_machine_fails_is_recovered_from),
                KEEPER_TEST(an_update_whose_news_are_not_taken_is_told_later),
                KEEPER_TEST(an_update_that_was_not_read_back_is_told_once_it_is),
                KEEPER_TEST(a_keeper_that_ends_ends_its_updates),
                KEEPER_TEST(what_an_update_left_is_seen_to_before_the_first_refresh),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
