/* SPDX-License-Identifier: Apache-2.0 */
#include "own/when.h"

#include "harness/test.h"
#include "proto/compiler.h"

static void moments_are_written_in_zulu(void **state)
{
        static const struct {
                int64_t time_s;
                const char *text;
        } ROWS[] = {
                { 0, "1970-01-01T00:00:00Z" },
                { -1, "1969-12-31T23:59:59Z" },
                { 1795248000, "2026-11-21T08:00:00Z" },
                { INT64_MAX, "9223372036854775807" }, /* no year has that many digits */
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
                char text[WHEN_TEXT_MAX];

                assert_string_equal(when_text(ROWS[i].time_s, text), ROWS[i].text);
        }
}

static void spans_are_rounded_down_in_the_largest_unit(void **state)
{
        static const struct {
                int64_t seconds;
                const char *text;
        } ROWS[] = {
                { 0, "0 seconds" },    { 1, "1 second" },      { 59, "59 seconds" },
                { 60, "1 minute" },    { 3599, "59 minutes" }, { 3600, "1 hour" },
                { 86399, "23 hours" }, { 86400, "1 day" },     { 40 * 86400 + 1, "40 days" },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
                char text[WHEN_TEXT_MAX];

                assert_string_equal(when_span(ROWS[i].seconds, text), ROWS[i].text);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(moments_are_written_in_zulu),
                cmocka_unit_test(spans_are_rounded_down_in_the_largest_unit),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
