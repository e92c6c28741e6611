/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/message.h"

#include "harness/test.h"
#include "proto/compiler.h"

#include <string.h>

static const struct {
        const char *name;
        const struct schema_interface *interface;
        int id; /* -1: no such method */
} rows[] = {
        { "org.uatrust.agent1.Validate", &message_agent_interface, MESSAGE_VALIDATE },
        { "org.uatrust.agent1.Monitor", &message_agent_interface, MESSAGE_MONITOR },
        { "org.varlink.service.GetInfo", &message_service_interface, MESSAGE_GET_INFO },
        { "org.uatrust.agent1.validate", &message_agent_interface, -1 },
        { "org.uatrust.agent1.", &message_agent_interface, -1 },
        { "org.uatrust.agent1", NULL, -1 },
        { "org.uatrust.agent11.Validate", NULL, -1 },
        { "Validate", NULL, -1 },
        { ".Validate", NULL, -1 },
        { "", NULL, -1 },
};

static void methods_are_found_by_their_full_name(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                const struct schema_interface *interface = &message_agent_interface;
                const struct schema_method *method =
                        schema_find_call(message_client_interfaces, rows[i].name, &interface);

                assert_ptr_equal(interface, rows[i].interface);
                assert_int_equal(method ? method->id : -1, rows[i].id);
        }
}

/* Limits of the language that the codecs lean on. */
static void check_schema(const struct schema *schema, bool may_have_structs)
{
        for (size_t i = 0; i < schema->n_fields; i++) {
                const struct schema_field *field = &schema->fields[i];
                bool is_lone_optional = field->flags == SCHEMA_OPTIONAL;

                assert_true(field->name[0] >= 'a' && field->name[0] <= 'z');
                assert_ptr_equal(schema_find_field(schema, field->name), field);
                assert_true(field->offset + schema_item_bytes(field) <= schema->size_bytes ||
                            field->flags & SCHEMA_ARRAY || field->type == SCHEMA_STRUCT);
                assert_int_equal(field->type == SCHEMA_STRUCT, field->nested != NULL);
                assert_false(is_lone_optional && field->type == SCHEMA_BYTES);
                if (!field->nested)
                        continue;

                assert_true(may_have_structs);
                assert_non_null(field->nested->name);
        }
}

static bool has_type(const struct schema_interface *interface, const struct schema *type)
{
        for (size_t i = 0; i < interface->n_types; i++)
                if (interface->types[i] == type)
                        return true;
        return false;
}

static void check_types_are_listed(const struct schema_interface *interface,
                                   const struct schema *schema)
{
        check_schema(schema, true);
        for (size_t i = 0; i < schema->n_fields; i++)
                if (schema->fields[i].nested)
                        assert_true(has_type(interface, schema->fields[i].nested));
}

static void check_interface(const struct schema_interface *interface)
{
        for (size_t i = 0; i < interface->n_types; i++)
                check_types_are_listed(interface, interface->types[i]);
        for (size_t i = 0; i < interface->n_methods; i++) {
                check_types_are_listed(interface, interface->methods[i].in);
                check_types_are_listed(interface, interface->methods[i].out);
        }
        for (size_t i = 0; i < interface->n_errors; i++) {
                check_schema(interface->errors[i].fields, false);
                assert_int_equal(interface->errors[i].fields->size_bytes,
                                 sizeof(struct message_error));
        }
}

static void every_table_keeps_the_rules_of_the_language(void **state)
{
        (void)state;
        check_interface(&message_agent_interface);
        check_interface(&message_admin_interface);
        check_interface(&message_service_interface);
        assert_ptr_equal(schema_find_interface(message_client_interfaces, "org.uatrust.agent1"),
                         &message_agent_interface);
        assert_null(schema_find_interface(message_client_interfaces, "org.uatrust.agent2"));
}

static void setting_an_error_frees_the_one_before(void **state)
{
        struct message_error error = MESSAGE_ERROR_NULL;

        (void)state;
        message_error_set(&error, STATUS_E_NO_SUCH_STORE, "plant", NULL);
        message_error_set(&error, STATUS_E_BAD_REQUEST, "at", "why");
        assert_int_equal(error.error, STATUS_E_BAD_REQUEST);
        assert_string_equal(error.subject, "at");
        message_error_deinit(&error);
        assert_int_equal(error.error, STATUS_OK);
        assert_null(error.subject);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(methods_are_found_by_their_full_name),
                cmocka_unit_test(every_table_keeps_the_rules_of_the_language),
                cmocka_unit_test(setting_an_error_frees_the_one_before),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
