/* SPDX-License-Identifier: Apache-2.0 */
#include "store/block_record.h"

#include "harness/objects.h"
#include "harness/test.h"
#include "proto/buf.h"
#include "trust/block.h"

#include <stdlib.h>
#include <string.h>

#define HEX  "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define CN_A "MAwxCjAIBgNVBAMTAUE="

static int read_text(const char *text, struct block **out)
{
        const char *reason;

        return block_record_read((struct bytes){ (const uint8_t *)text, strlen(text) }, out,
                                 &reason);
}

static void test_what_a_record_may_say(void **state)
{
        static const struct {
                const char *text;
                int r;
        } ROWS[] = {
                { "{\"sha256\":\"" HEX "\"}", 0 },
                { " \n{\"sha256\":\"" HEX "\",\"issuer\":null,\"by\":null}\n", 0 },
                { "{\"sha256\":\"" HEX "\",\"reason\":\"lost\",\"since\":1,\"by\":0}", 0 },
                { "{\"sha256\":\"" HEX "\",\"ticket\":{\"number\":[1,2]}}", 0 },
                { "{\"issuer\":\"" CN_A "\",\"serialNumber\":\"0a\"}", 0 },
                { "{}", BLOCK_RECORD_E_INVALID },
                { "{\"sha256\":\"" HEX "\"", BLOCK_RECORD_E_INVALID },
                { "{\"sha256\":\"" HEX "\"} {}", BLOCK_RECORD_E_INVALID },
                { "{\"sha256\":\"" HEX "00\"}", BLOCK_RECORD_E_INVALID },
                { "{\"sha256\":\"\"}", BLOCK_RECORD_E_INVALID },
                { "{\"sha256\":5}", BLOCK_RECORD_E_INVALID },
                { "{\"sha265\":\"" HEX "\"}", BLOCK_RECORD_E_INVALID },
                { "{\"sha256\":\"" HEX "\",\"since\":\"now\"}", BLOCK_RECORD_E_INVALID },
                { "{\"sha256\":\"" HEX "\",\"issuer\":\"" CN_A "\",\"serialNumber\":\"0a\"}",
                  BLOCK_RECORD_E_INVALID },
                { "{\"issuer\":\"" CN_A "\"}", BLOCK_RECORD_E_INVALID },
                { "{\"serialNumber\":\"0a\"}", BLOCK_RECORD_E_INVALID },
                { "{\"issuer\":\"" CN_A "\",\"serialNumber\":\"a\"}", BLOCK_RECORD_E_INVALID },
                { "{\"issuer\":\"" CN_A "\",\"serialNumber\":\"\"}", BLOCK_RECORD_E_INVALID },
                { "{\"issuer\":\"CN=A\",\"serialNumber\":\"0a\"}", BLOCK_RECORD_E_INVALID },
                { "{\"issuer\":\"AAAA\",\"serialNumber\":\"0a\"}", BLOCK_RECORD_E_INVALID },
                { "{\"issuer\":\"\",\"serialNumber\":\"0a\"}", BLOCK_RECORD_E_INVALID },
        };

        (void)state;
        for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
                struct block *block = NULL;

                if (read_text(ROWS[i].text, &block) != ROWS[i].r)
                        fail_msg("%s", ROWS[i].text);
                block_unref(block);
        }
}

static void test_what_is_written_is_read(void **state)
{
        static const char *const TEXTS[] = {
                "{\"sha256\":\"" HEX "\",\"reason\":\"a \\\"b\\\"\",\"since\":12,\"by\":1000}",
                "{\"issuer\":\"" CN_A "\",\"serialNumber\":\"00ff\"}",
        };

        (void)state;
        for (size_t i = 0; i < sizeof(TEXTS) / sizeof(TEXTS[0]); i++) {
                CLEANUP(buf_deinit) struct buf text = BUF_NULL;
                struct block *block, *again;
                const char *reason;

                assert_int_equal(read_text(TEXTS[i], &block), 0);
                block_record_write(block, &text);
                assert_int_equal(buf_error(&text), 0);
                assert_int_equal(
                        block_record_read((struct bytes){ text.data, text.n }, &again, &reason), 0);
                assert_int_equal(block_compare(block, again), 0);
                assert_string_equal(block->reason, again->reason);
                assert_int_equal(block->since_s, again->since_s);
                assert_int_equal(block->uid, again->uid);
                block_unref(block);
                block_unref(again);
        }
}

static void test_a_record_is_limited(void **state)
{
        size_t n = BLOCK_RECORD_MAX_BYTES + 1;
        uint8_t *text = malloc(n);
        struct block *block;
        const char *reason;

        (void)state;
        memset(text, ' ', n);
        memcpy(text, "{\"sha256\":\"" HEX "\"}", strlen("{\"sha256\":\"" HEX "\"}"));
        assert_int_equal(block_record_read((struct bytes){ text, n }, &block, &reason),
                         BLOCK_RECORD_E_INVALID);
        assert_int_equal(block_record_read((struct bytes){ text, n - 1 }, &block, &reason), 0);
        block_unref(block);
        free(text);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_what_a_record_may_say),
                cmocka_unit_test(test_what_is_written_is_read),
                cmocka_unit_test(test_a_record_is_limited),
        };

        return cmocka_run_group_tests_name("store/block_record", tests, set_up_ossl, tear_down_ossl);
}
