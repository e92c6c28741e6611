/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/der.h"

#include "harness/mint.h"
#include "harness/test.h"
#include "proto/compiler.h"

#include <limits.h>

static struct bytes bytes_of(const struct mint_der *der)
{
        return (struct bytes){ der->data, der->n };
}

static void an_element_is_definite_minimal_and_within_its_bytes(void **state)
{
        static const struct {
                const char *hex;
                bool is_good;
                size_t n_content;
        } rows[] = {
                { "04 00", true, 0 },
                { "04 01 aa", true, 1 },
                { "04 02 aa", false, 0 },
                { "04", false, 0 },
                { "", false, 0 },
                { "04 80 aa 00 00", false, 0 },
                { "04 81 01 aa", false, 0 },
                { "04 82 00 01 aa", false, 0 },
                { "04 81", false, 0 },
                { "04 84 ff ff ff ff", false, 0 },
                { "04 85 01 00 00 00 00", false, 0 },
                { "04 88 ff ff ff ff ff ff ff ff", false, 0 },
                { "1f 81 01 00", false, 0 },
                { "04 01 aa 05", true, 1 },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                struct mint_der der = mint_hex(rows[i].hex);
                struct bytes cursor = bytes_of(&der), content;
                uint8_t tag;

                if (der_next(&cursor, &tag, &content) != rows[i].is_good)
                        fail_msg("%s", rows[i].hex);
                if (rows[i].is_good)
                        assert_int_equal(content.n, rows[i].n_content);
                mint_der_deinit(&der);
        }
}

static void a_long_length_is_read_and_one_byte_short_is_not(void **state)
{
        uint8_t data[4 + 256] = { DER_OCTET_STRING, 0x82, 0x01, 0x00 };
        struct bytes whole = { data, sizeof(data) }, cut = { data, sizeof(data) - 1 }, content;

        (void)state;
        assert_true(der_read_only(whole, DER_OCTET_STRING, &content));
        assert_int_equal(content.n, 256);
        assert_false(der_read(&cut, DER_OCTET_STRING, &content));
}

static void what_is_optional_may_be_missing_and_stays_where_it_is(void **state)
{
        struct mint_der der = mint_hex("05 00");
        struct bytes cursor = bytes_of(&der), content;

        (void)state;
        assert_true(der_read_optional(&cursor, DER_INTEGER, &content));
        assert_null(content.data);
        assert_int_equal(cursor.n, 2);
        assert_true(der_read_optional(&cursor, DER_NULL, &content));
        assert_non_null(content.data);
        assert_int_equal(cursor.n, 0);
        assert_true(der_read_optional(&cursor, DER_NULL, &content));
        assert_null(content.data);
        mint_der_deinit(&der);
}

static void numbers_are_minimal(void **state)
{
        static const struct {
                const char *hex;
                bool is_integer, is_small;
                int value;
        } rows[] = {
                { "", false, false, 0 },
                { "00", true, true, 0 },
                { "7f", true, true, 127 },
                { "80", true, false, 0 },
                { "00 80", true, true, 128 },
                { "00 7f", false, false, 0 },
                { "ff 80", false, false, 0 },
                { "ff 7f", true, false, 0 },
                { "01 00 00", true, true, 65536 },
                { "7f ff ff ff", true, true, INT_MAX },
                { "00 80 00 00 00", true, true, INT_MAX },
                { "01 00 00 00 00 00 00 00 00", true, true, INT_MAX },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                struct mint_der der = mint_hex(rows[i].hex);
                int value = 0;

                if (der_is_integer(bytes_of(&der)) != rows[i].is_integer ||
                    der_integer_small(bytes_of(&der), &value) != rows[i].is_small)
                        fail_msg("%s", rows[i].hex);
                assert_int_equal(value, rows[i].value);
                mint_der_deinit(&der);
        }
}

static void named_bits_are_a_set(void **state)
{
        static const struct {
                const char *hex;
                bool is_good, is_minimal;
                unsigned int bits;
        } rows[] = {
                { "", false, false, 0 },           { "00", true, true, 0 },
                { "07 80", true, true, 1 },        { "05 a0", true, true, 5 },
                { "00 80", true, false, 1 },       { "08 80", false, false, 0 },
                { "01", false, false, 0 },         { "07 81", false, false, 0 },
                { "07 00 80", true, true, 0x100 }, { "06 00 40", false, false, 0 },
                { "00 00 00", true, false, 0 },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                struct mint_der der = mint_hex(rows[i].hex);
                bool is_minimal = false;
                unsigned int bits = 0;

                if (der_named_bits(bytes_of(&der), 9, &bits, &is_minimal) != rows[i].is_good)
                        fail_msg("%s", rows[i].hex);
                assert_int_equal(bits, rows[i].bits);
                if (rows[i].is_good)
                        assert_int_equal(is_minimal, rows[i].is_minimal);
                mint_der_deinit(&der);
        }
}

static void a_boolean_is_zero_or_all_ones(void **state)
{
        static const struct {
                const char *hex;
                bool is_good, value;
        } rows[] = {
                { "01 01 00", true, false },     { "01 01 ff", true, true },
                { "01 01 01", false, false },    { "01 00", false, false },
                { "01 02 ff ff", false, false },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                struct mint_der der = mint_hex(rows[i].hex);
                struct bytes cursor = bytes_of(&der);
                bool value = false;

                if (der_read_boolean(&cursor, &value) != rows[i].is_good)
                        fail_msg("%s", rows[i].hex);
                if (rows[i].is_good)
                        assert_int_equal(value, rows[i].value);
                mint_der_deinit(&der);
        }
}

static void a_time_is_in_zulu_with_seconds(void **state)
{
        static const struct {
                uint8_t tag;
                const char *text;
                bool is_good;
                int64_t s;
        } rows[] = {
                { DER_UTC_TIME, "700101000000Z", true, 0 },
                { DER_UTC_TIME, "500101000000Z", true, -631152000 },
                { DER_UTC_TIME, "491231235959Z", true, 2524607999 },
                { DER_UTC_TIME, "000229000000Z", true, 951782400 },
                { DER_UTC_TIME, "010229000000Z", false, 0 },
                { DER_UTC_TIME, "700101000000", false, 0 },
                { DER_UTC_TIME, "7001010000Z", false, 0 },
                { DER_UTC_TIME, "700101000000+0000", false, 0 },
                { DER_UTC_TIME, "700101000000z", false, 0 },
                { DER_UTC_TIME, "7001010000 0Z", false, 0 },
                { DER_UTC_TIME, "19700101000000Z", false, 0 },
                { DER_GENERALIZED_TIME, "19700101000000Z", true, 0 },
                { DER_GENERALIZED_TIME, "20500101000000Z", true, 2524608000 },
                { DER_GENERALIZED_TIME, "99991231235959Z", true, 253402300799 },
                { DER_GENERALIZED_TIME, "00000101000000Z", true, -62167219200 },
                { DER_GENERALIZED_TIME, "19000229000000Z", false, 0 },
                { DER_GENERALIZED_TIME, "20240229235959Z", true, 1709251199 },
                { DER_GENERALIZED_TIME, "20240230000000Z", false, 0 },
                { DER_GENERALIZED_TIME, "20241301000000Z", false, 0 },
                { DER_GENERALIZED_TIME, "20240001000000Z", false, 0 },
                { DER_GENERALIZED_TIME, "20240100000000Z", false, 0 },
                { DER_GENERALIZED_TIME, "20240101240000Z", false, 0 },
                { DER_GENERALIZED_TIME, "20240101006000Z", false, 0 },
                { DER_GENERALIZED_TIME, "20240101000060Z", false, 0 },
                { DER_GENERALIZED_TIME, "20240101000000.5Z", false, 0 },
                { DER_OCTET_STRING, "20240101000000Z", false, 0 },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                uint8_t data[64] = { rows[i].tag, (uint8_t)strlen(rows[i].text) };
                struct bytes cursor = { data, 2 + strlen(rows[i].text) };
                bool is_generalized = false;
                int64_t s = 0;

                memcpy(data + 2, rows[i].text, strlen(rows[i].text));
                if (der_read_time(&cursor, &s, &is_generalized) != rows[i].is_good)
                        fail_msg("%s", rows[i].text);
                if (!rows[i].is_good)
                        continue;

                if (s != rows[i].s)
                        fail_msg("%s: %lld", rows[i].text, (long long)s);
                assert_int_equal(is_generalized, rows[i].tag == DER_GENERALIZED_TIME);
                assert_int_equal(cursor.n, 0);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(an_element_is_definite_minimal_and_within_its_bytes),
                cmocka_unit_test(a_long_length_is_read_and_one_byte_short_is_not),
                cmocka_unit_test(what_is_optional_may_be_missing_and_stays_where_it_is),
                cmocka_unit_test(numbers_are_minimal),
                cmocka_unit_test(named_bits_are_a_set),
                cmocka_unit_test(a_boolean_is_zero_or_all_ones),
                cmocka_unit_test(a_time_is_in_zulu_with_seconds),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
