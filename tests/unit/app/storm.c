/* SPDX-License-Identifier: Apache-2.0 */
#include "app/storm.h"

#include "harness/test.h"
#include "proto/compiler.h"

#define MS INT64_C(1000000)

/* Looks at their times; then one is wanted at the last time, and is to be after @delay_ms. */
static const struct row {
        const char *name;
        struct look {
                int64_t at_ms;
                unsigned int n, every_ms;
                bool had_news;
        } looks[4];
        int64_t now_ms, delay_ms;
} rows[] = {
        { "the first", { { 0 } }, 1000, 0 },
        { "a few", { { 1000, 8, 1, true } }, 1008, 0 },
        { "a storm", { { 1000, 9, 1, true } }, 1009, 49 },
        { "a slow storm", { { 1000, 9, 49, true } }, 1393, 49 },
        { "no storm at all", { { 1000, 20, 50, true } }, 1951, 0 },
        { "a storm goes on", { { 1000, 9, 1, true }, { 1058, 5, 99, true } }, 1455, 49 },
        { "a storm has ended", { { 1000, 9, 1, true }, { 1108, 1, 0, true } }, 1109, 0 },
        { "after a storm", { { 1000, 9, 1, true } }, 1100, 0 },
        { "nothing new", { { 1000, 100, 1, false } }, 1100, 4 },
        { "nothing new, then news", { { 1000, 100, 6, false }, { 1600, 1, 0, true } }, 1601, 0 },
        { "news among nothing new",
          { { 1000, 4, 1, true }, { 1004, 100, 1, false }, { 1104, 1, 0, true } },
          1105,
          3 },
        { "a storm among nothing new",
          { { 1000, 9, 1, true }, { 1009, 40, 1, false }, { 1058, 1, 0, true } },
          1059,
          49 },
};

static void test_looks_in_a_row(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                const struct row *row = &rows[i];
                struct storm storm = { { 0 }, { 0 } };

                for (size_t k = 0; k < ARRAY_SIZE(row->looks); k++)
                        for (unsigned int m = 0; m < row->looks[k].n; m++)
                                storm_note(&storm,
                                           (row->looks[k].at_ms + m * row->looks[k].every_ms) * MS,
                                           row->looks[k].had_news);

                if (storm_choose(&storm, row->now_ms * MS) != (row->now_ms + row->delay_ms) * MS)
                        fail_msg("%s: after %lld ns", row->name,
                                 (long long)(storm_choose(&storm, row->now_ms * MS) -
                                             row->now_ms * MS));
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_looks_in_a_row),
        };

        return cmocka_run_group_tests_name("app/storm", tests, NULL, NULL);
}
