/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/status.h"

#include "harness/test.h"
#include "proto/compiler.h"
#include "proto/message.h"

#include <string.h>

static void a_code_has_a_name_and_the_name_the_code(void **state)
{
        uint32_t code = 1;

        (void)state;
        assert_string_equal(status_code_name(0x801D0000), "BadCertificateRevoked");
        assert_string_equal(status_code_name(STATUS_GOOD), "Good");
        assert_null(status_code_name(0x80010000));

        assert_int_equal(status_code_find("BadCertificateChainIncomplete", &code), 0);
        assert_int_equal(code, 0x810D0000);
        assert_int_equal(status_code_find("badCertificateRevoked", &code), -1);
        assert_int_equal(code, 0x810D0000);
}

static void audit_event_types_have_the_names_of_the_norm(void **state)
{
        (void)state;
        assert_string_equal(status_audit_name(STATUS_AUDIT_EXPIRED),
                            "AuditCertificateExpiredEventType");
        assert_string_equal(status_audit_name((enum status_audit)2089),
                            "AuditCertificateMismatchEventType");
}

static const struct {
        enum status_error error;
        const char *varlink, *dbus;
        int exit_code;
} rows[] = {
        { STATUS_E_NO_SUCH_STORE, "org.uatrust.agent1.NoSuchStore",
          "org.uatrust.Agent1.Error.NoSuchStore", 2 },
        { STATUS_E_STORE_IN_DOUBT, "org.uatrust.agent1.StoreInDoubt",
          "org.uatrust.Agent1.Error.StoreInDoubt", 75 },
        { STATUS_E_PERMISSION_DENIED, "org.varlink.service.PermissionDenied",
          "org.freedesktop.DBus.Error.AccessDenied", 77 },
        { STATUS_E_INVALID_PARAMETER, "org.varlink.service.InvalidParameter",
          "org.freedesktop.DBus.Error.InvalidArgs", 2 },
        { STATUS_E_UNREACHABLE, NULL, NULL, 69 },
};

static void an_error_has_one_row_for_all_doors(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                const struct status_error_row *row = status_error_get(rows[i].error);

                assert_int_equal(row->exit_code, rows[i].exit_code);
                assert_true(!row->varlink == !rows[i].varlink);
                assert_true(!row->dbus == !rows[i].dbus);
                if (!row->varlink)
                        continue;

                assert_string_equal(row->varlink, rows[i].varlink);
                assert_string_equal(row->dbus, rows[i].dbus);
                assert_int_equal(status_error_find(row->varlink), rows[i].error);
        }
        assert_int_equal(status_error_find("org.example.Other"), STATUS_E_PROTOCOL);
}

static void check_interface(const struct schema_interface *interface)
{
        size_t n = strlen(interface->name);

        for (size_t i = 0; i < interface->n_errors; i++) {
                const char *name =
                        status_error_get((enum status_error)interface->errors[i].error)->varlink;

                assert_non_null(name);
                assert_memory_equal(name, interface->name, n);
                assert_int_equal(name[n], '.');
        }
}

static void every_declared_error_is_named_after_its_interface(void **state)
{
        (void)state;
        check_interface(&message_agent_interface);
        check_interface(&message_service_interface);
}

static void no_error_ends_the_command_as_a_verdict_does(void **state)
{
        (void)state;
        for (int error = STATUS_E_NO_SUCH_STORE; error <= STATUS_E_BAD_REQUEST; error++)
                assert_true(status_error_get((enum status_error)error)->exit_code > 1);
        for (int error = STATUS_E_INTERFACE_NOT_FOUND; error <= STATUS_E_EXPECTED_MORE; error++)
                assert_true(status_error_get((enum status_error)error)->exit_code > 1);
        for (int error = STATUS_E_UNREACHABLE; error <= STATUS_E_SYSTEM; error++)
                assert_true(status_error_get((enum status_error)error)->exit_code > 1);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_code_has_a_name_and_the_name_the_code),
                cmocka_unit_test(audit_event_types_have_the_names_of_the_norm),
                cmocka_unit_test(an_error_has_one_row_for_all_doors),
                cmocka_unit_test(every_declared_error_is_named_after_its_interface),
                cmocka_unit_test(no_error_ends_the_command_as_a_verdict_does),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
