/* SPDX-License-Identifier: Apache-2.0 */
#include "app/config_recorder.h"

#include "harness/test.h"
#include "proto/compiler.h"
#include "service/recorder.h"

static void keys_and_values(void **state)
{
        static const struct {
                const char *key, *value;
                int r;
                struct recorder_settings settings;
        } ROWS[] = {
                { "RecordRejected", "untrusted", 0, { REFUSAL_UNTRUSTED, REJECTED_MAX } },
                { "RecordRejected", "failures", 0, { REFUSAL_FAILURES, REJECTED_MAX } },
                { "RecordRejected", "no", 0, { REFUSAL_NEVER, REJECTED_MAX } },
                { "MaxRejected", "1", 0, { REFUSAL_UNTRUSTED, 1 } },
                { "MaxRejected", "010000", 0, { REFUSAL_UNTRUSTED, REJECTED_MAX_MAX } },

                { "RecordRejected", "yes", CONFIG_RECORDER_E_BAD_VALUE, { 0, REJECTED_MAX } },
                { "RecordRejected", "", CONFIG_RECORDER_E_BAD_VALUE, { 0, REJECTED_MAX } },
                { "MaxRejected", "0", CONFIG_RECORDER_E_BAD_VALUE, { 0, REJECTED_MAX } },
                { "MaxRejected", "10001", CONFIG_RECORDER_E_BAD_VALUE, { 0, REJECTED_MAX } },
                { "MaxRejected", "", CONFIG_RECORDER_E_BAD_VALUE, { 0, REJECTED_MAX } },
                { "MaxRejected", "-1", CONFIG_RECORDER_E_BAD_VALUE, { 0, REJECTED_MAX } },
                { "MaxRejected", "1k", CONFIG_RECORDER_E_BAD_VALUE, { 0, REJECTED_MAX } },
                { "MaxRejected",
                  "18446744073709551617",
                  CONFIG_RECORDER_E_BAD_VALUE,
                  { 0, REJECTED_MAX } },
                { "Recordrejected", "no", CONFIG_RECORDER_E_UNKNOWN_KEY, { 0, REJECTED_MAX } },
                { "Recorders", "@a", CONFIG_RECORDER_E_UNKNOWN_KEY, { 0, REJECTED_MAX } },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
                struct recorder_settings settings = RECORDER_SETTINGS_DEFAULT;
                const char *reason = NULL;

                assert_int_equal(
                        config_recorder_set(&settings, ROWS[i].key, ROWS[i].value, &reason),
                        ROWS[i].r);
                assert_int_equal(settings.when, ROWS[i].settings.when);
                assert_int_equal(settings.max, ROWS[i].settings.max);
                if (ROWS[i].r == CONFIG_RECORDER_E_BAD_VALUE)
                        assert_non_null(reason);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(keys_and_values),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
