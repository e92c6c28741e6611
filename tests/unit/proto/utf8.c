/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/utf8.h"

#include "harness/test.h"
#include "proto/compiler.h"

#include <string.h>

static const struct {
        const char *text;
        bool is_valid;
} rows[] = {
        { "", true },
        { "plain text of more than eight bytes", true },
        { "\xc2\x80", true },
        { "\xdf\xbf", true },
        { "\xe0\xa0\x80", true },
        { "\xed\x9f\xbf", true },
        { "\xee\x80\x80", true },
        { "\xf0\x90\x80\x80", true },
        { "\xf4\x8f\xbf\xbf", true },
        { "12345678\xe2\x82\xac"
          "12345678",
          true },

        { "\x80", false },
        { "\xbf", false },
        { "\xc0\x80", false },         /* over-long NUL */
        { "\xc1\xbf", false },         /* over-long */
        { "\xe0\x9f\xbf", false },     /* over-long */
        { "\xf0\x8f\xbf\xbf", false }, /* over-long */
        { "\xed\xa0\x80", false },     /* surrogate */
        { "\xed\xbf\xbf", false },
        { "\xf4\x90\x80\x80", false }, /* beyond U+10FFFF */
        { "\xf5\x80\x80\x80", false },
        { "\xff", false },
        { "\xc2", false }, /* cut off */
        { "\xe2\x82", false },
        { "\xf0\x90\x80", false },
        { "\xe2\x82x", false },
        { "1234567\xe2", false },
};

static void only_rfc_3629_is_valid(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
                if (utf8_is_valid(rows[i].text, strlen(rows[i].text)) != rows[i].is_valid)
                        fail_msg("row %zu", i);
}

static void the_length_of_one_character(void **state)
{
        (void)state;
        assert_int_equal(utf8_length("", 0), 0);
        assert_int_equal(utf8_length("", 1), 1);
        assert_int_equal(utf8_length("\xc3\xa4x", 3), 2);
        assert_int_equal(utf8_length("\xe2\x82\xac", 3), 3);
        assert_int_equal(utf8_length("\xe2\x82\xac", 2), 0);
        assert_int_equal(utf8_length("\xf0\x9f\x94\x92", 4), 4);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(only_rfc_3629_is_valid),
                cmocka_unit_test(the_length_of_one_character),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
