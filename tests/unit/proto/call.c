/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/call.h"

#include "harness/test.h"
#include "proto/buf.h"
#include "proto/compiler.h"
#include "proto/json.h"
#include "proto/message.h"

#include <string.h>

static const struct {
        const char *text;
        int r;
        const char *field, *reason;
        unsigned int flags; /* more 1, oneway 2, upgrade 4 */
} calls[] = {
        { "{\"method\":\"a.B\"}", 0, NULL, NULL, 0 },
        { "{\"method\":\"a.B\",\"parameters\":{},\"more\":true}", 0, NULL, NULL, 1 },
        { "{\"method\":\"a.B\",\"parameters\":null,\"oneway\":true,\"more\":false}", 0, NULL, NULL,
          2 },
        { "{\"upgrade\":true,\"method\":\"a.B\",\"more\":null}", 0, NULL, NULL, 4 },
        { "{}", JSON_E_FIELD, "method", "is missing", 0 },
        { "{\"method\":null}", JSON_E_FIELD, "method", "is missing", 0 },
        { "{\"method\":1}", JSON_E_FIELD, "method", "is no string", 0 },
        { "{\"method\":\"a.B\",\"parameters\":[]}", JSON_E_FIELD, "parameters", "is no object", 0 },
        { "{\"method\":\"a.B\",\"more\":1}", JSON_E_FIELD, "more", "is no boolean", 0 },
        { "{\"method\":\"a.B\",\"oneway\":\"\"}", JSON_E_FIELD, "oneway", "is no boolean", 0 },
        { "{\"method\":\"a.B\",\"Method\":\"\"}", JSON_E_FIELD, "",
          "holds a member that no call has", 0 },
        { "[]", JSON_E_FIELD, "", "is no object", 0 },
        { "null", JSON_E_FIELD, "", "is no object", 0 },
        { "{", JSON_E_TEXT, "", "ends too early", 0 },
};

static void calls_are_read_or_refused_with_a_reason(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
                CLEANUP(call_deinit) struct call call = CALL_NULL;
                struct json_error error = { "-", "-" };
                int r = call_parse(calls[i].text, strlen(calls[i].text), &call, &error);

                if (r != calls[i].r)
                        fail_msg("%s: %d", calls[i].text, r);
                if (r) {
                        assert_string_equal(error.field, calls[i].field);
                        assert_string_equal(error.reason, calls[i].reason);
                        continue;
                }
                assert_string_equal(call.method, "a.B");
                assert_int_equal(call.more | call.oneway << 1 | call.upgrade << 2, calls[i].flags);
        }
}

/* The text in @out, without the NUL that ends a message. */
static const char *text_of(struct buf *out)
{
        assert_int_equal(buf_error(out), 0);
        assert_int_equal(strlen((char *)out->data) + 1, out->n);
        return (char *)out->data;
}

static void a_call_that_is_written_can_be_read(void **state)
{
        CLEANUP(buf_deinit) struct buf out = BUF_NULL;
        CLEANUP(call_deinit) struct call call = CALL_NULL;
        struct message_list_crls written, read;
        struct json_error error;

        (void)state;
        schema_init(&message_list_crls_schema, &written);
        written.store = (char *)"plant";
        written.limit = 5;
        call_encode("org.uatrust.agent1.ListCrls", CALL_MORE, &message_list_crls_schema, &written,
                    &out);
        assert_string_equal(text_of(&out),
                            "{\"method\":\"org.uatrust.agent1.ListCrls\",\"parameters\":{\"store\":"
                            "\"plant\",\"limit\":5},\"more\":true}");

        assert_int_equal(call_parse((char *)out.data, out.n - 1, &call, &error), 0);
        assert_true(call.more);
        assert_int_equal(call_decode(&call, &message_list_crls_schema, &read, &error), 0);
        assert_string_equal(read.store, "plant");
        assert_true(read.limit == 5);
        schema_deinit(&message_list_crls_schema, &read);
}

static void calls_without_parameters_are_decoded_too(void **state)
{
        CLEANUP(buf_deinit) struct buf out = BUF_NULL;
        CLEANUP(call_deinit) struct call call = CALL_NULL;
        struct message_validate validate;
        struct message_nothing nothing = { 0 };
        struct json_error error;

        (void)state;
        call_encode("a.B", CALL_ONEWAY, &message_nothing_schema, &nothing, &out);
        assert_string_equal(text_of(&out), "{\"method\":\"a.B\",\"oneway\":true}");
        assert_int_equal(call_parse((char *)out.data, out.n - 1, &call, &error), 0);
        assert_int_equal(call_decode(&call, &message_nothing_schema, &nothing, &error), 0);
        assert_int_equal(call_decode(&call, &message_validate_schema, &validate, &error),
                         JSON_E_FIELD);
        assert_string_equal(error.field, "certificates");
}

static void replies_hold_nothing_that_does_not_apply(void **state)
{
        CLEANUP(buf_deinit) struct buf out = BUF_NULL;
        struct message_get_interface_description_reply value = { .description = (char *)"x" };

        (void)state;
        call_reply_encode(&message_get_interface_description_reply_schema, &value, true, &out);
        assert_string_equal(text_of(&out),
                            "{\"parameters\":{\"description\":\"x\"},\"continues\":true}");
        buf_reset(&out);
        call_reply_encode(NULL, NULL, false, &out);
        assert_string_equal(text_of(&out), "{\"parameters\":{}}");
}

static const struct {
        struct message_error error;
        const char *text;
        const char *person;
} errors[] = {
        { { STATUS_E_NO_SUCH_STORE, (char *)"plant", NULL },
          "{\"error\":\"org.uatrust.agent1.NoSuchStore\",\"parameters\":{\"store\":\"plant\"}}",
          "no such store: plant" },
        { { STATUS_E_STORE_NOT_READY, (char *)"plant", (char *)"first read" },
          "{\"error\":\"org.uatrust.agent1.StoreNotReady\",\"parameters\":{\"store\":\"plant\","
          "\"reason\":\"first "
          "read\"}}",
          "store is not ready: plant (first read)" },
        { { STATUS_E_BUSY, NULL, NULL },
          "{\"error\":\"org.uatrust.agent1.Busy\"}",
          "agent is busy" },
        { { STATUS_E_BAD_REQUEST, (char *)"at", (char *)"is out of range" },
          "{\"error\":\"org.uatrust.agent1.BadRequest\",\"parameters\":{\"field\":\"at\","
          "\"reason\":\"is out of "
          "range\"}}",
          "bad request: at (is out of range)" },
        { { STATUS_E_INVALID_PARAMETER, (char *)"at", NULL },
          "{\"error\":\"org.varlink.service.InvalidParameter\",\"parameters\":{\"parameter\":"
          "\"at\"}}",
          "invalid parameter: at" },
        { { STATUS_E_PERMISSION_DENIED, NULL, NULL },
          "{\"error\":\"org.varlink.service.PermissionDenied\"}",
          "permission denied" },
};

static void assert_same_text(const char *a, const char *b)
{
        assert_true(!a == !b);
        if (a)
                assert_string_equal(a, b);
}

static void errors_go_there_and_back(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
                CLEANUP(buf_deinit) struct buf out = BUF_NULL;
                CLEANUP(buf_deinit) struct buf person = BUF_NULL;
                CLEANUP(call_reply_deinit) struct call_reply reply = CALL_REPLY_NULL;
                CLEANUP(message_error_deinit) struct message_error read = MESSAGE_ERROR_NULL;
                struct json_error error;

                call_reply_encode_error(&errors[i].error, &out);
                assert_string_equal(text_of(&out), errors[i].text);

                assert_int_equal(call_reply_parse((char *)out.data, out.n - 1, &reply, &error), 0);
                assert_non_null(reply.error);
                assert_int_equal(call_reply_decode_error(&reply, &read), 0);
                assert_int_equal(read.error, errors[i].error.error);
                assert_same_text(read.subject, errors[i].error.subject);
                assert_same_text(read.reason, errors[i].error.reason);

                message_error_text(&read, &person);
                buf_add_byte(&person, '\0');
                assert_string_equal(text_of(&person), errors[i].person);
        }
}

static void an_error_that_nobody_knows_is_told_by_its_name(void **state)
{
        static const char text[] =
                "{\"error\":\"org.uatrust.agent1.Later\",\"parameters\":{\"x\":1}}";
        CLEANUP(call_reply_deinit) struct call_reply reply = CALL_REPLY_NULL;
        CLEANUP(message_error_deinit) struct message_error read = MESSAGE_ERROR_NULL;
        struct json_error error;

        (void)state;
        assert_int_equal(call_reply_parse(text, strlen(text), &reply, &error), 0);
        assert_int_equal(call_reply_decode_error(&reply, &read), 0);
        assert_int_equal(read.error, STATUS_E_PROTOCOL);
        assert_string_equal(read.subject, "org.uatrust.agent1.Later");
}

static void replies_of_newer_agents_are_read(void **state)
{
        static const char text[] =
                "{\"parameters\":{\"description\":\"x\",\"more\":1},\"continues\":true,\"new\":1}";
        CLEANUP(call_reply_deinit) struct call_reply reply = CALL_REPLY_NULL;
        struct message_get_interface_description_reply value;
        struct json_error error;

        (void)state;
        assert_int_equal(call_reply_parse(text, strlen(text), &reply, &error), 0);
        assert_true(reply.continues);
        assert_null(reply.error);
        assert_int_equal(call_reply_decode(&reply, &message_get_interface_description_reply_schema,
                                           &value, &error),
                         0);
        assert_string_equal(value.description, "x");
        schema_deinit(&message_get_interface_description_reply_schema, &value);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(calls_are_read_or_refused_with_a_reason),
                cmocka_unit_test(a_call_that_is_written_can_be_read),
                cmocka_unit_test(calls_without_parameters_are_decoded_too),
                cmocka_unit_test(replies_hold_nothing_that_does_not_apply),
                cmocka_unit_test(errors_go_there_and_back),
                cmocka_unit_test(an_error_that_nobody_knows_is_told_by_its_name),
                cmocka_unit_test(replies_of_newer_agents_are_read),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
