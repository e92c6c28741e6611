/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/base64.h"

#include "harness/test.h"
#include "proto/buf.h"
#include "proto/compiler.h"

#include <string.h>

static const struct {
        const char *bytes, *text;
} pairs[] = {
        { "", "" },
        { "f", "Zg==" },
        { "fo", "Zm8=" },
        { "foo", "Zm9v" },
        { "foob", "Zm9vYg==" },
        { "fooba", "Zm9vYmE=" },
        { "foobar", "Zm9vYmFy" },
        { "\xfb\xff\xfe", "+//+" },
};

static void the_vectors_of_the_rfc_go_both_ways(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
                CLEANUP(buf_deinit) struct buf text = BUF_NULL;
                size_t n = strlen(pairs[i].bytes), n_decoded = 99;
                uint8_t decoded[16];

                base64_encode((const uint8_t *)pairs[i].bytes, n, &text);
                assert_int_equal(text.n, strlen(pairs[i].text));
                if (text.n)
                        assert_memory_equal(text.data, pairs[i].text, text.n);

                assert_true(base64_decoded_bytes(strlen(pairs[i].text)) <= sizeof(decoded));
                assert_int_equal(
                        base64_decode(pairs[i].text, strlen(pairs[i].text), decoded, &n_decoded),
                        0);
                assert_int_equal(n_decoded, n);
                assert_memory_equal(decoded, pairs[i].bytes, n);
        }
}

static const char *const refused[] = {
        "Z",       "Zg",     "Zg=",       "Zg===",    "====",     "Z===", "Zh==",
        "Zm9=",    "Zm9v\n", "Zm9v\nZg=", "Zm 9v===", "Zg==Zm9v", "Zm9-", "Zm9_",
        "Zm9\x80", "=m9v",   "Z=9v",      "Zm=v",     " Zm9v   ",
};

static void what_is_not_exactly_base64_is_refused(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
                uint8_t decoded[16];
                size_t n;

                if (!base64_decode(refused[i], strlen(refused[i]), decoded, &n))
                        fail_msg("taken: %s", refused[i]);
        }
}

static void a_nul_inside_is_refused(void **state)
{
        uint8_t decoded[8];
        size_t n;

        (void)state;
        assert_int_equal(base64_decode("Zm9v\0m9v", 8, decoded, &n), -1);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_vectors_of_the_rfc_go_both_ways),
                cmocka_unit_test(what_is_not_exactly_base64_is_refused),
                cmocka_unit_test(a_nul_inside_is_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
