/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/hex.h"

#include "harness/test.h"
#include "proto/compiler.h"

#include <string.h>

static void bytes_become_lower_case_digits_and_come_back(void **state)
{
        const uint8_t bytes[] = { 0x00, 0x7f, 0xa0, 0xff };
        uint8_t decoded[sizeof(bytes)];
        char text[2 * sizeof(bytes) + 1];

        (void)state;
        hex_encode(bytes, sizeof(bytes), text);
        assert_string_equal(text, "007fa0ff");
        assert_int_equal(hex_decode(text, strlen(text), decoded), 0);
        assert_memory_equal(decoded, bytes, sizeof(bytes));
        assert_int_equal(hex_decode("007FA0fF", 8, decoded), 0);
        assert_memory_equal(decoded, bytes, sizeof(bytes));
}

static void what_is_no_hex_is_refused(void **state)
{
        static const char *const texts[] = {
                "0", "0g", "g0", "00 0", " 000", "0x00", "a:b:", "000"
        };
        uint8_t decoded[4];

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
                assert_int_equal(hex_decode(texts[i], strlen(texts[i]), decoded), -1);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(bytes_become_lower_case_digits_and_come_back),
                cmocka_unit_test(what_is_no_hex_is_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
