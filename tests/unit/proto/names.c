/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/names.h"

#include "harness/test.h"
#include "proto/compiler.h"

#define TEN "abcdefghij"

static const struct {
        const char *name;
        bool is_store;
} rows[] = {
        { "default", true },
        { "a", true },
        { "0_9", true },
        { TEN TEN TEN TEN TEN TEN "abc", true },
        { TEN TEN TEN TEN TEN TEN "abcd", false },
        { NULL, false },
        { "", false },
        { "Default", false },
        { "a-b", false },
        { "..", false },
        { "a/b", false },
        { "a b", false },
        { "a\n", false },
        { "\xc3\xa4", false },
};

static void names_of_stores_are_short_and_plain(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
                if (names_is_store(rows[i].name) != rows[i].is_store)
                        fail_msg("row %zu", i);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(names_of_stores_are_short_and_plain) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
