/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/block.h"

#include "harness/objects.h"
#include "harness/test.h"

#include <string.h>

/* CN=A, CN=a and CN=B as PrintableString. */
static const struct bytes UPPER_A =
        BYTES("\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x13\x01\x41");
static const struct bytes LOWER_A =
        BYTES("\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x13\x01\x61");
static const struct bytes UPPER_B =
        BYTES("\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x13\x01\x42");

static const struct block_note NO_NOTE = { NULL, BLOCK_ABSENT, BLOCK_ABSENT };

static struct block *by_serial(struct bytes issuer, struct bytes serial)
{
        struct block *block;

        assert_int_equal(block_new_serial(issuer, serial, &NO_NOTE, &block), 0);
        return block;
}

static void two_blocks_of_the_same_are_equal(void **state)
{
        static const struct {
                const char *what;
                struct bytes issuer, serial;
                bool is_same;
        } ROWS[] = {
                { "the same", UPPER_A, BYTES("\x12\x34"), true },
                { "a name is compared as names are", LOWER_A, BYTES("\x12\x34"), true },
                { "leading zeros", UPPER_A, BYTES("\x00\x00\x12\x34"), true },
                { "another serial number", UPPER_A, BYTES("\x12\x35"), false },
                { "a longer one", UPPER_A, BYTES("\x12\x34\x00"), false },
                { "another issuer", UPPER_B, BYTES("\x12\x34"), false },
        };
        struct block *one = by_serial(UPPER_A, (struct bytes)BYTES("\x12\x34"));

        (void)state;
        for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
                struct block *other = by_serial(ROWS[i].issuer, ROWS[i].serial);

                if ((block_compare(one, other) == 0) != ROWS[i].is_same ||
                    (memcmp(one->id, other->id, sizeof(one->id)) == 0) != ROWS[i].is_same)
                        fail_msg("%s", ROWS[i].what);
                block_unref(other);
        }
        block_unref(one);
}

static void what_is_no_name_or_serial_number_is_refused(void **state)
{
        static const uint8_t LONG[BLOCK_SERIAL_MAX + 1] = { 1 };
        struct block *block;

        (void)state;
        assert_int_equal(
                block_new_serial(UPPER_A, (struct bytes){ LONG, sizeof(LONG) }, &NO_NOTE, &block),
                BLOCK_E_INVALID);
        assert_int_equal(block_new_serial(UPPER_A, (struct bytes){ LONG, 0 }, &NO_NOTE, &block),
                         BLOCK_E_INVALID);
        assert_int_equal(block_new_serial((struct bytes)BYTES("name"), (struct bytes){ LONG, 1 },
                                          &NO_NOTE, &block),
                         BLOCK_E_INVALID);
        block = by_serial(UPPER_A, (struct bytes){ LONG, BLOCK_SERIAL_MAX });
        block_unref(block);
}

static void blocks_by_sha256_come_first(void **state)
{
        static const uint8_t SHA256[32] = { 0xff, 1 };
        struct block_note note = { "lost", 5, 7 };
        struct block *a, *b = by_serial(UPPER_A, (struct bytes)BYTES("\x00"));

        (void)state;
        assert_int_equal(block_new_sha256(SHA256, &note, &a), 0);
        assert_true(block_compare(a, b) < 0);
        assert_true(block_compare(b, a) > 0);
        assert_memory_equal(a->id, SHA256, sizeof(SHA256));
        assert_string_equal(a->reason, "lost");
        assert_int_equal(a->since_s, 5);
        assert_int_equal(a->uid, 7);
        assert_string_equal(b->reason, "");
        block_unref(a);
        block_unref(b);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(two_blocks_of_the_same_are_equal),
                cmocka_unit_test(what_is_no_name_or_serial_number_is_refused),
                cmocka_unit_test(blocks_by_sha256_come_first),
        };

        return cmocka_run_group_tests_name("trust/block", tests, set_up_ossl, tear_down_ossl);
}
