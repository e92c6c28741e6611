/* SPDX-License-Identifier: Apache-2.0 */
#include "service/host_clock.h"

#include "harness/test.h"
#include "proto/compiler.h"

static int64_t now_s;

static int64_t tell_time(void)
{
        return now_s;
}

static void a_clock_before_what_is_known_is_not_believed(void **state)
{
        static const struct {
                int64_t now_s, learned_s;
                int64_t at_least_s, later_s;
                bool is_plausible;
        } ROWS[] = {
                { 100, INT64_MIN, 50, 100, true }, /* nothing learned */
                { 100, 40, 50, 100, true },        /* less than is known */
                { 100, 60, 60, 100, true },        { 100, 100, 100, 100, true },
                { 99, 100, 100, 100, false },      { 49, INT64_MIN, 50, 50, false },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
                struct host_clock clock = { tell_time, 50 };

                now_s = ROWS[i].now_s;
                host_clock_learn(&clock, ROWS[i].learned_s);
                assert_int_equal(clock.at_least_s, ROWS[i].at_least_s);
                assert_int_equal(host_clock_later_s(&clock), ROWS[i].later_s);
                assert_int_equal(host_clock_is_plausible(&clock), ROWS[i].is_plausible);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_clock_before_what_is_known_is_not_believed),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
