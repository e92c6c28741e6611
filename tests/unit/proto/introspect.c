/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/introspect.h"

#include "harness/golden.h"
#include "harness/test.h"
#include "proto/buf.h"
#include "proto/compiler.h"
#include "proto/message.h"

static void the_introspection_is_that_checked_in(void **state)
{
        CLEANUP(buf_deinit) struct buf text = BUF_NULL;
        CLEANUP(freep) char *printed = NULL;

        (void)state;
        introspect_print(&text);
        assert_int_equal(buf_take_text(&text, &printed), 0);
        assert_golden(printed, TESTS_SOURCE_DIR "/proto/org.uatrust.Agent1.xml");
}

static void required_arguments_come_first_then_one_dictionary(void **state)
{
        CLEANUP(buf_deinit) struct buf text = BUF_NULL;

        (void)state;
        introspect_signature(&message_validate_schema, &text);
        buf_add_byte(&text, '\0');
        assert_string_equal((char *)text.data, "aaysa{sv}");

        buf_reset(&text);
        introspect_signature(&message_monitor_reply_schema, &text);
        buf_add_byte(&text, '\0');
        assert_string_equal((char *)text.data, "(sssxasasasasasa{sv})a{sv}");

        buf_reset(&text);
        introspect_signature(&message_nothing_schema, &text);
        buf_add_byte(&text, '\0');
        assert_string_equal((char *)text.data, "a{sv}");

        buf_reset(&text);
        introspect_argument_names(&message_validate_schema, &text);
        assert_int_equal(text.n, sizeof("certificates\0purpose\0options"));
        assert_memory_equal(text.data, "certificates\0purpose\0options", text.n);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_introspection_is_that_checked_in),
                cmocka_unit_test(required_arguments_come_first_then_one_dictionary),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
