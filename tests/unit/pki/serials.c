/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/serials.h"

#include "harness/objects.h"
#include "harness/test.h"

static struct bytes number_of(uint32_t i, uint8_t out[SERIALS_NUMBER_MAX])
{
        size_t n = 1 + i % SERIALS_NUMBER_MAX;

        memset(out, 0, SERIALS_NUMBER_MAX);
        out[0] = (uint8_t)i;
        if (n > 4)
                memcpy(out + 1, &i, sizeof(i) - 1);
        return (struct bytes){ out, n };
}

static void fill(struct serials *serials, uint32_t n)
{
        uint8_t number[SERIALS_NUMBER_MAX];

        for (uint32_t i = 0; i < n; i++) {
                struct serials_row row = { number_of(i, number), (uint8_t)(i % 11), i };

                assert_int_equal(serials_add(serials, &row), 0);
        }

        assert_int_equal(serials_seal(serials), 0);
}

static bool has_row(const struct serials *serials, uint32_t i, bool has_issuers)
{
        uint8_t number[SERIALS_NUMBER_MAX];
        struct serials_row row;
        size_t at = 0;

        while (serials_next(serials, number_of(i, number), &at, &row))
                if (row.reason == i % 11 && row.issuer == (has_issuers ? i : 0))
                        return true;

        return false;
}

static void every_row_is_found_again(void **state)
{
        static const uint32_t counts[] = { 0, 1, 2, 300, 20000 };

        (void)state;
        for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
                for (int has_issuers = 0; has_issuers < 2; has_issuers++) {
                        struct serials *serials = NULL;

                        assert_int_equal(serials_new(has_issuers, &serials), 0);
                        fill(serials, counts[i]);
                        for (uint32_t k = 0; k < counts[i]; k++)
                                assert_true(has_row(serials, k, has_issuers));
                        serials_free(serials);
                }
}

static void what_was_not_added_is_not_found(void **state)
{
        struct serials *serials = NULL;
        uint8_t number[] = { 1, 2, 3, 4 };
        struct serials_row row = { { number, 4 }, 1, 0 };
        size_t at = 0;

        (void)state;
        assert_int_equal(serials_new(false, &serials), 0);
        assert_int_equal(serials_add(serials, &row), 0);
        assert_int_equal(serials_add(serials, &row), 0);
        assert_int_equal(serials_seal(serials), 0);

        assert_false(serials_next(serials, (struct bytes){ number, 3 }, &at, &row));
        assert_false(serials_next(serials, (struct bytes){ number + 1, 3 }, &at, &row));
        assert_true(serials_next(serials, (struct bytes){ number, 4 }, &at, &row));
        assert_true(serials_next(serials, (struct bytes){ number, 4 }, &at, &row));
        assert_false(serials_next(serials, (struct bytes){ number, 4 }, &at, &row));
        serials_free(serials);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_row_is_found_again),
                cmocka_unit_test(what_was_not_added_is_not_found),
        };

        return cmocka_run_group_tests(tests, set_up_ossl, tear_down_ossl);
}
