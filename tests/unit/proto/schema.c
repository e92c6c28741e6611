/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/schema.h"

#include "harness/must.h"
#include "harness/test.h"
#include "proto/compiler.h"
#include "proto/message.h"

static void empty_has_no_optional(void **state)
{
        struct message_validate value;

        (void)state;
        schema_init(&message_validate_schema, &value);
        for (size_t i = 0; i < message_validate_schema.n_fields; i++) {
                const struct schema_field *field = &message_validate_schema.fields[i];

                assert_int_equal(schema_is_absent(field, &value),
                                 (field->flags & SCHEMA_OPTIONAL) != 0);
        }
        assert_true(value.at == SCHEMA_INT_ABSENT);
        schema_deinit(&message_validate_schema, &value);
}

/* One of each shape, all of it allocated, so that ASan sees what a copy or deinit forgets. */
static void fill(struct message_validate *value)
{
        void *items;

        schema_init(&message_validate_schema, value);
        must(!schema_make_items(schema_find_field(&message_validate_schema, "certificates"), value,
                                2, &items),
             "items");
        value->certificates[0].data = (uint8_t *)must_strdup("DER");
        value->certificates[0].n = 3;
        value->purpose = must_strdup("client");
        value->host_name = must_strdup("plc");
        must(!schema_make_items(schema_find_field(&message_validate_schema, "suppress"), value, 1,
                                &items),
             "items");
        value->suppress[0] = must_strdup("BadCertificateTimeInvalid");
        value->at = 17;
        must(!schema_make_items(schema_find_field(&message_validate_schema, "context"), value, 1,
                                &items),
             "items");
        value->context->application = must_strdup("test");
}

static void a_copy_is_deep(void **state)
{
        struct message_validate value, copy;

        (void)state;
        fill(&value);
        assert_int_equal(schema_copy(&message_validate_schema, &value, &copy), 0);
        schema_deinit(&message_validate_schema, &value);
        assert_null(value.certificates);
        assert_int_equal(value.n_certificates, 0);

        assert_int_equal(copy.n_certificates, 2);
        assert_int_equal(copy.certificates[0].n, 3);
        assert_memory_equal(copy.certificates[0].data, "DER", 3);
        assert_int_equal(copy.certificates[1].n, 0);
        assert_string_equal(copy.purpose, "client");
        assert_null(copy.store);
        assert_string_equal(copy.host_name, "plc");
        assert_int_equal(copy.n_suppress, 1);
        assert_string_equal(copy.suppress[0], "BadCertificateTimeInvalid");
        assert_true(copy.at == 17);
        assert_string_equal(copy.context->application, "test");
        assert_null(copy.context->peer_address);
        schema_deinit(&message_validate_schema, &copy);
}

static void an_optional_array_may_be_there_and_empty(void **state)
{
        const struct schema_field *field = schema_find_field(&message_validate_schema, "suppress");
        struct message_validate value, copy;
        void *items;

        (void)state;
        schema_init(&message_validate_schema, &value);
        assert_true(schema_is_absent(field, &value));
        assert_int_equal(schema_make_items(field, &value, 0, &items), 0);
        assert_false(schema_is_absent(field, &value));

        assert_int_equal(schema_copy(&message_validate_schema, &value, &copy), 0);
        assert_false(schema_is_absent(field, &copy));
        assert_int_equal(copy.n_suppress, 0);
        schema_deinit(&message_validate_schema, &value);
        schema_deinit(&message_validate_schema, &copy);
}

static void structs_inside_arrays_begin_empty(void **state)
{
        const struct schema_field *field =
                schema_find_field(&message_list_crls_reply_schema, "crls");
        struct message_list_crls_reply value;
        void *items;

        (void)state;
        schema_init(&message_list_crls_reply_schema, &value);
        assert_int_equal(schema_make_items(field, &value, 3, &items), 0);
        assert_ptr_equal(items, value.crls);
        assert_true(value.crls[2].next_update == SCHEMA_INT_ABSENT);
        schema_deinit(&message_list_crls_reply_schema, &value);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(empty_has_no_optional),
                cmocka_unit_test(a_copy_is_deep),
                cmocka_unit_test(an_optional_array_may_be_there_and_empty),
                cmocka_unit_test(structs_inside_arrays_begin_empty),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
