/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Calls of the library to an agent that hangs, dies or is replaced: each is answered once, rightly
 * or by an error, and none takes longer than it may.
 */

#include "harness/calls_scene.h"

#include <signal.h>

enum {
        MORE = 1000,
        LIMIT_MS = 200,
        SLACK_MS = 4000, /* of a busy machine; without the limit it were 5000 or more */
};

static void a_hung_agent_costs_each_call_its_limit(void **state)
{
        struct fixture *fixture = *state;
        struct uatrust_verdict *verdict;
        struct asked asked[MANY];
        int64_t start_ms;

        uatrust_client_set_timeout(fixture->client, 5000);
        ask(fixture, asked, 2);
        assert_true(run_until(fixture, 2));

        plant_signal(fixture->plant, SIGSTOP);
        uatrust_client_set_timeout(fixture->client, LIMIT_MS);
        start_ms = test_now_ms();
        ask(fixture, asked, MANY);
        assert_true(run_until(fixture, MANY));
        assert_int_equal(fixture->n_errors, MANY);
        assert_int_equal(fixture->last, UATRUST_E_TIMED_OUT);
        assert_in_range(test_now_ms() - start_ms, LIMIT_MS - 1, LIMIT_MS + SLACK_MS);

        start_ms = test_now_ms();
        assert_int_equal(uatrust_validate(fixture->client, fixture->good, &verdict, NULL),
                         UATRUST_E_TIMED_OUT);
        assert_in_range(test_now_ms() - start_ms, LIMIT_MS - 1, LIMIT_MS + SLACK_MS);

        plant_signal(fixture->plant, SIGCONT);
        uatrust_client_set_timeout(fixture->client, 5000);
        ask(fixture, asked, MANY);
        assert_true(run_until(fixture, MANY));
        assert_int_equal(fixture->n_errors, 0);
}

/* Those whose time is not over are asked again, on another connection. */
static void a_short_limit_takes_no_other_call_with_it(void **state)
{
        struct fixture *fixture = *state;
        struct asked asked[2 * MANY];

        plant_signal(fixture->plant, SIGSTOP);
        uatrust_client_set_timeout(fixture->client, 50);
        ask(fixture, asked, MANY);
        uatrust_client_set_timeout(fixture->client, 5000);
        for (size_t i = MANY; i < 2 * MANY; i++)
                ask_one(fixture, asked, i, on_verdict);
        assert_true(run_until(fixture, MANY));
        assert_int_equal(fixture->n_errors, MANY);
        plant_signal(fixture->plant, SIGCONT);
        assert_true(run_until(fixture, 2 * MANY));
        assert_int_equal(fixture->n_errors, MANY);
}

static void an_agent_that_dies_leaves_errors(void **state)
{
        static struct asked asked[MORE];
        struct fixture *fixture = *state;
        int64_t start_ms;

        uatrust_client_set_timeout(fixture->client, 5000);
        ask(fixture, asked, MORE);
        assert_true(run_until(fixture, 1));
        start_ms = test_now_ms();
        plant_kill(fixture->plant);
        assert_true(run_until(fixture, MORE));
        assert_true(test_now_ms() - start_ms < 5000);
        assert_int_equal(fixture->n_good + fixture->n_bad + fixture->n_errors, MORE);
        if (fixture->n_errors)
                assert_int_equal(fixture->last, UATRUST_E_UNREACHABLE);

        plant_start(fixture->plant);
        ask(fixture, asked, MANY);
        assert_true(run_until(fixture, MANY));
        assert_int_equal(fixture->n_errors, 0);
}

static void an_agent_that_is_replaced_is_not_noticed(void **state)
{
        static struct asked asked[MORE];
        struct fixture *fixture = *state;

        uatrust_client_set_timeout(fixture->client, WAIT_MS);
        ask(fixture, asked, 1);
        assert_true(run_until(fixture, 1));
        plant_signal(fixture->plant, SIGSTOP);
        ask(fixture, asked, MORE);
        plant_start(fixture->plant);
        assert_true(run_until(fixture, MORE));
        assert_int_equal(fixture->n_errors, 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                CALLS_TEST(a_hung_agent_costs_each_call_its_limit),
                CALLS_TEST(a_short_limit_takes_no_other_call_with_it),
                CALLS_TEST(an_agent_that_dies_leaves_errors),
                CALLS_TEST(an_agent_that_is_replaced_is_not_noticed),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
