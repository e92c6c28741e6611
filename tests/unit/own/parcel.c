/* SPDX-License-Identifier: Apache-2.0 */
#include "own/parcel.h"

#include "harness/test.h"
#include "proto/compiler.h"

#include <stdlib.h>
#include <string.h>

#define SHA256 "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

/* What reading all of @text ends with; @out_n: how many items came before. */
static int read_all(const char *text, size_t n, size_t *out_n)
{
        FILE *file = fmemopen((void *)text, n, "r");
        struct parcel_item item;
        int r;

        assert_non_null(file);
        for (*out_n = 0; !(r = parcel_read(file, &item)); (*out_n)++)
                parcel_item_deinit(&item);
        fclose(file);
        return r;
}

static void what_is_written_is_read(void **state)
{
        uint8_t sha256[32];
        struct parcel_item item;
        char *text = NULL;
        size_t n_text;
        FILE *file = open_memstream(&text, &n_text);

        (void)state;
        for (size_t i = 0; i < sizeof(sha256); i++)
                sha256[i] = (uint8_t)i;
        parcel_write(file, "trustedCertificates", "trusted/certs/CN [1].der", sha256,
                     (struct bytes){ (const uint8_t *)"end 0 - \n\0x", 11 });
        parcel_write(file, "leftOut", "", NULL, (struct bytes){ (const uint8_t *)"", 0 });
        parcel_end(file);
        fclose(file);
        assert_memory_equal(text, "trustedCertificates 11 " SHA256 " trusted/certs/CN [1].der\n",
                            strlen(SHA256) + 49);

        file = fmemopen(text, n_text, "r");
        assert_int_equal(parcel_read(file, &item), 0);
        assert_string_equal(item.kind, "trustedCertificates");
        assert_string_equal(item.name, "trusted/certs/CN [1].der");
        assert_int_equal(item.n, 11);
        assert_memory_equal(item.data, "end 0 - \n\0x", 11);
        parcel_item_deinit(&item);
        assert_int_equal(parcel_read(file, &item), 0);
        assert_string_equal(item.kind, "leftOut");
        assert_int_equal(item.n, 0);
        parcel_item_deinit(&item);
        assert_int_equal(parcel_read(file, &item), PARCEL_E_END);
        fclose(file);
        free(text);
}

static void what_is_cut_off_anywhere_is_damaged(void **state)
{
        static const char whole[] = "issuerCrls 3 - a b\nabcleftOut 2 - x\nnoend 0 - \n";
        size_t n_items;

        (void)state;
        assert_int_equal(read_all(whole, strlen(whole), &n_items), PARCEL_E_END);
        assert_int_equal(n_items, 2);
        for (size_t n = 1; n < strlen(whole); n++)
                assert_int_equal(read_all(whole, n, &n_items), PARCEL_E_DAMAGED);
}

static void what_is_no_parcel_is_damaged(void **state)
{
        static const char *const ROWS[] = {
                "\n",
                "words\n",
                "trustedCrls\n",
                "trustedCrls x - name\n",
                "trustedCrls 3 -\nabc",
                "trustedCrls 3\nabc",
                "trustedCrls -3 - name\nabc",
                "trustedCrls 99999999999999999999 - name\nabc",
                "trustedCrls 134217729 - name\nabc", /* one more than a file may have */
                "trusted-crls 3 - name\nabc",
                "aKindWithANameOfMoreThan32Letters 3 - name\nabc",
        };
        size_t n_items;

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
                assert_int_equal(read_all(ROWS[i], strlen(ROWS[i]), &n_items), PARCEL_E_DAMAGED);
                assert_int_equal(n_items, 0);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_is_written_is_read),
                cmocka_unit_test(what_is_cut_off_anywhere_is_damaged),
                cmocka_unit_test(what_is_no_parcel_is_damaged),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
