/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/idl.h"

#include "harness/golden.h"
#include "harness/test.h"
#include "proto/buf.h"
#include "proto/compiler.h"
#include "proto/message.h"

static void assert_described(const struct schema_interface *interface, const char *golden)
{
        CLEANUP(buf_deinit) struct buf text = BUF_NULL;
        CLEANUP(freep) char *printed = NULL;

        idl_print(interface, &text);
        assert_int_equal(buf_take_text(&text, &printed), 0);
        assert_golden(printed, golden);
}

static void the_descriptions_are_those_checked_in(void **state)
{
        (void)state;
        assert_described(&message_agent_interface,
                         TESTS_SOURCE_DIR "/proto/org.uatrust.agent1.varlink");
        assert_described(&message_admin_interface,
                         TESTS_SOURCE_DIR "/proto/org.uatrust.admin1.varlink");
        assert_described(&message_service_interface,
                         TESTS_SOURCE_DIR "/proto/org.varlink.service.varlink");
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(
                the_descriptions_are_those_checked_in) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
