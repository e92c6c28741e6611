/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/moment.h"

#include "harness/test.h"
#include "proto/compiler.h"

#define NOW_S INT64_C(1767225600)

struct row {
        const char *name;
        int64_t at_least_s, first_s, last_s;
        bool has_begun, has_ended;
        int64_t valid_until_s;
};

static const struct row ROWS[] = {
        { "in the midst", NOW_S, NOW_S - 10, NOW_S + 10, true, false, NOW_S + 11 },
        { "at the first second", NOW_S, NOW_S, NOW_S + 10, true, false, NOW_S + 11 },
        { "a second before it", NOW_S, NOW_S + 1, NOW_S + 10, false, false, NOW_S + 1 },
        { "at the last second", NOW_S, NOW_S - 10, NOW_S, true, false, NOW_S + 1 },
        { "a second after it", NOW_S, NOW_S - 10, NOW_S - 1, true, true, INT64_MAX },
        { "no end", NOW_S, NOW_S - 10, INT64_MAX, true, false, INT64_MAX },
        { "the last end there can be", NOW_S, NOW_S - 10, INT64_MAX - 1, true, false, INT64_MAX },
        { "a clock that stands too early", NOW_S + 100, NOW_S, NOW_S + 50, true, true, INT64_MAX },
        { "it makes nothing begin", NOW_S + 100, NOW_S + 1, INT64_MAX, false, false, NOW_S + 1 },
        { "at least is no more than a bound", NOW_S - 100, NOW_S, NOW_S - 50, true, true,
          INT64_MAX },
};

static void both_ends_are_inclusive(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
                const struct row *row = &ROWS[i];
                struct moment moment;
                bool has_begun, has_ended;

                moment_init(&moment, NOW_S, row->at_least_s, 0);
                has_begun = moment_has_begun(&moment, row->first_s);
                has_ended = moment_has_ended(&moment, row->last_s);
                if (has_begun != row->has_begun || has_ended != row->has_ended)
                        fail_msg("%s: begun %d, ended %d", row->name, has_begun, has_ended);
                if (moment.valid_until_s != row->valid_until_s)
                        fail_msg("%s: until %lld", row->name, (long long)moment.valid_until_s);
        }
}

static void the_nearest_bound_stays(void **state)
{
        struct moment moment;

        (void)state;
        moment_init(&moment, NOW_S, NOW_S, 0);
        moment_has_ended(&moment, NOW_S + 100);
        moment_has_ended(&moment, NOW_S + 20);
        moment_has_begun(&moment, NOW_S + 50);
        assert_int_equal(moment.valid_until_s, NOW_S + 21);
}

static void the_skew_widens_both_ends(void **state)
{
        struct moment moment;

        (void)state;
        moment_init(&moment, NOW_S, NOW_S, 60);
        assert_true(moment_has_begun(&moment, NOW_S + 60));
        assert_false(moment_has_begun(&moment, NOW_S + 61));
        assert_int_equal(moment.valid_until_s, NOW_S + 1);
        assert_false(moment_has_ended(&moment, NOW_S - 60));
        assert_true(moment_has_ended(&moment, NOW_S - 61));
        assert_false(moment_has_ended(&moment, INT64_MAX));
        assert_int_equal(moment.valid_until_s, NOW_S + 1);
}

static void adding_does_not_overflow(void **state)
{
        (void)state;
        assert_int_equal(moment_add(NOW_S, -60), NOW_S - 60);
        assert_true(moment_add(INT64_MAX, -60) == INT64_MAX);
        assert_true(moment_add(INT64_MAX - 1, 60) == INT64_MAX);
        assert_true(moment_add(INT64_MIN, -60) == INT64_MIN);
}

static void a_time_is_written_in_utc(void **state)
{
        char text[MOMENT_TEXT_MAX];

        (void)state;
        assert_string_equal(moment_text(NOW_S, text), "2026-01-01T00:00:00Z");
        assert_string_equal(moment_text(-1, text), "1969-12-31T23:59:59Z");
        assert_string_equal(moment_text(INT64_MAX, text), "9223372036854775807 s");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(both_ends_are_inclusive),
                cmocka_unit_test(the_nearest_bound_stays),
                cmocka_unit_test(the_skew_widens_both_ends),
                cmocka_unit_test(adding_does_not_overflow),
                cmocka_unit_test(a_time_is_written_in_utc),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
