/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/buf.h"

#include "harness/test.h"

#include <errno.h>
#include <string.h>

static void additions_follow_each_other(void **state)
{
        CLEANUP(buf_deinit) struct buf buf = BUF_NULL;
        CLEANUP(freep) char *text = NULL;

        (void)state;
        buf_add_text(&buf, "one ");
        buf_add_int(&buf, INT64_MIN);
        buf_add_byte(&buf, ' ');
        buf_printf(&buf, "%s %03d", "two", 7);
        buf_add(&buf, NULL, 0);

        assert_int_equal(buf_take_text(&buf, &text), 0);
        assert_string_equal(text, "one -9223372036854775808 two 007");
        assert_null(buf.data);
        assert_int_equal(buf.n, 0);
}

static void it_grows_beyond_its_first_room(void **state)
{
        CLEANUP(buf_deinit) struct buf buf = BUF_NULL;

        (void)state;
        for (int i = 0; i < 10000; i++)
                buf_printf(&buf, "%d,", i % 10);

        assert_int_equal(buf_error(&buf), 0);
        assert_int_equal(buf.n, 20000);
        assert_memory_equal(buf.data + 19980, "0,1,2,3,4,5,6,7,8,9,", 20);
}

static void what_has_room_moves_nothing(void **state)
{
        CLEANUP(buf_deinit) struct buf buf = BUF_NULL;
        const uint8_t *data;

        (void)state;
        buf_add_text(&buf, "a");
        buf_reserve(&buf, 10000);
        assert_int_equal(buf.n, 1);
        data = buf.data;
        for (int i = 0; i < 10000; i++)
                buf_add_byte(&buf, 'b');
        assert_ptr_equal(buf.data, data);
        assert_int_equal(buf.n_room, 10001);

        buf_reserve(&buf, SIZE_MAX / 2);
        assert_int_equal(buf_error(&buf), -ENOMEM);
}

static void a_failure_sticks_until_reset(void **state)
{
        CLEANUP(buf_deinit) struct buf buf = BUF_NULL;
        char *text = NULL;

        (void)state;
        buf_add_text(&buf, "kept");
        assert_null(buf_extend(&buf, SIZE_MAX / 2));
        buf_add_text(&buf, "not added");
        assert_int_equal(buf_error(&buf), -ENOMEM);
        assert_int_equal(buf_take_text(&buf, &text), -ENOMEM);
        assert_null(text);

        buf_reset(&buf);
        buf_add_text(&buf, "new");
        assert_int_equal(buf_take_text(&buf, &text), 0);
        assert_string_equal(text, "new");
        free(text);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(additions_follow_each_other),
                cmocka_unit_test(it_grows_beyond_its_first_room),
                cmocka_unit_test(what_has_room_moves_nothing),
                cmocka_unit_test(a_failure_sticks_until_reset),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
