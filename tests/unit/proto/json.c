/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/json.h"

#include "harness/test.h"
#include "proto/buf.h"
#include "proto/compiler.h"
#include "proto/message.h"
#include "proto/names.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

/*
 * Texts.
 */

/* At most nine values. */
static const char *parse(const char *text, size_t n)
{
        static struct json_error error;
        struct json_object *value = NULL;
        int r = json_parse(text, n, 9, &value, &error);

        json_free(value);
        assert_true(r == 0 || r == JSON_E_TEXT);
        return r ? error.reason : NULL;
}

static const struct {
        const char *text;
        const char *reason; /* NULL: taken */
} texts[] = {
        { "{}", NULL },
        { " { \"a\" : [ 1 , -0.5e+3 , true , false , null , \"\\u00e4\\n\" ] } \n", NULL },
        { "[[[[[[[[]]]]]]]]", NULL },
        { "[[[[[[[[[]]]]]]]]]", "has too many levels" },
        { "[1,2,\"3,3\",4,5,6,7,8,9]", NULL },
        { "[1,2,3,[4],5,6,{\"a\":7},8,9,10]", "holds too many values" },
        { "", "ends too early" },
        { "{\"a\":", "ends too early" },
        { "{\"a", "ends inside a string" },
        { "{\"a\\", "ends inside a string" },
        { "{\"a\\\"", "ends inside a string" },
        { "{}{}", "is no JSON" },
        { "{} x", "is no JSON" },
        { "1 2", "is no JSON" },
        { "12 \n", NULL },
        { "[]]", "is no JSON" },
        { "{\"\xc3\xa4\":[\"\xe2\x82\xac\",\"\xf4\x8f\xbf\xbf\"]}", NULL },
        { "{\"a\":1,\"a\":1}", "has an object that holds the same name twice" },
        { "{\"b\":{\"a\":1,\"\\u0061\":2}}", "has an object that holds the same name twice" },
        { "[{\"a\":1},{\"a\":1}]", NULL },
        { "{\"a\":\"b:c\"}", NULL },
        { "{\"a\":\"\\u0000\"}", "holds \\u0000" },
        { "{\"a\":\"\\\\u0000\"}", NULL },
        { "{\"a\":\"\\u00001\"}", "holds \\u0000" },
        { "{\"a\":NaN}", "is no JSON" },
        { "{\"a\":-Infinity}", "holds a malformed number" },
        { "{\"a\":01}", "holds a malformed number" },
        { "{\"a\":1.}", "holds a malformed number" },
        { "{\"a\":-}", "holds a malformed number" },
        { "{\"a\":1e}", "holds a malformed number" },
        { "{'a':1}", "is no JSON" },
        { "{\"a\":1,}", "is no JSON" },
        { "[1, \n]", "is no JSON" },
        { "[1,,2]", "is no JSON" },
        { "[,]", "is no JSON" },
        { "{,}", "is no JSON" },
        { "[\",\"]", NULL },
        { "{\"a\":1/* */}", "is no JSON" },
        { "{\"a\":\"\n\"}", "holds a raw control character in a string" },
        { "{\"a\":\"\xff\"}", "is not UTF-8" },
        { "{\"a\":\"\xed\xa0\x80\"}", "is not UTF-8" },
        { "\xef\xbb\xbf{}", "is no JSON" },
};

static void texts_are_taken_or_refused_with_a_reason(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
                const char *reason = parse(texts[i].text, strlen(texts[i].text));

                if (!reason != !texts[i].reason || (reason && strcmp(reason, texts[i].reason)))
                        fail_msg("%s: %s", texts[i].text, reason ? reason : "taken");
        }
}

static void a_nul_byte_is_refused_wherever_it_is(void **state)
{
        (void)state;
        assert_non_null(parse("{}\0", 3));
        assert_non_null(parse("{\0}", 3));
        assert_non_null(parse("[\"a\0b\"]", 7));
}

/* Texts of the suite that RFC 8259 lets a reader refuse, and we do. */
static const char *const refused_on_purpose[] = {
        "y_object_duplicated_key.json",
        "y_object_duplicated_key_and_value.json",
        "y_object_escaped_null_in_key.json",
        "y_string_null_escape.json",
};

static bool is_refused_on_purpose(const char *name)
{
        for (size_t i = 0; i < ARRAY_SIZE(refused_on_purpose); i++)
                if (!strcmp(refused_on_purpose[i], name))
                        return true;
        return false;
}

static void check_suite_file(const char *dir, const char *name)
{
        static char text[1 << 18];
        char path[1200];
        const char *reason;
        FILE *file;
        size_t n;

        snprintf(path, sizeof(path), "%s/%s", dir, name);
        file = fopen(path, "re");
        assert_non_null(file);
        n = fread(text, 1, sizeof(text), file);
        fclose(file);

        reason = parse(text, n);
        if ((name[0] == 'y' && !reason == is_refused_on_purpose(name)) ||
            (name[0] == 'n' && !reason))
                fail_msg("%s: %s", name, reason ? reason : "taken");
}

static int is_suite_file(const struct dirent *entry)
{
        return strstr(entry->d_name, ".json") != NULL;
}

static void json_test_suite(void **state)
{
        const char *corpora = getenv("UATRUST_CORPORA");
        struct dirent **entries;
        char dir[900];
        int n_entries;

        (void)state;
        snprintf(dir, sizeof(dir), "%s/json/test_parsing",
                 corpora ? corpora : TESTS_SOURCE_DIR "/../shared/corpora");
        n_entries = scandir(dir, &entries, is_suite_file, alphasort);
        if (n_entries <= 0) {
                print_message("SKIPPED: no JSONTestSuite in %s\n", dir);
                skip();
        }

        for (int i = 0; i < n_entries; i++) {
                check_suite_file(dir, entries[i]->d_name);
                free(entries[i]);
        }
        free(entries);
        print_message("%d texts of JSONTestSuite\n", n_entries);
}

/*
 * Structs.
 */

static int decode(const char *text, const struct schema *schema, void *out,
                  struct json_error *error)
{
        struct json_object *value = NULL;
        int r;

        r = json_parse(text, strlen(text), SIZE_MAX, &value, error);
        if (!r)
                r = json_decode(value, schema, out, error);
        json_free(value);
        return r;
}

#define REQUEST(members) "{\"certificates\":[\"Zm9v\"],\"purpose\":\"client\"" members "}"

static const struct {
        const char *text;
        int r;
        const char *field, *reason;
} requests[] = {
        { REQUEST(""), 0, NULL, NULL },
        { REQUEST(",\"store\":null,\"at\":null,\"context\":null,\"suppress\":null"), 0, NULL,
          NULL },
        { REQUEST(",\"at\":-9223372036854775807"), 0, NULL, NULL },
        { REQUEST(",\"at\":9223372036854775807"), 0, NULL, NULL },
        { REQUEST(",\"at\":-9223372036854775808"), JSON_E_VALUE, "at", "is out of range" },
        { REQUEST(",\"at\":9223372036854775808"), JSON_E_VALUE, "at", "is out of range" },
        { REQUEST(",\"at\":99999999999999999999999999"), JSON_E_VALUE, "at", "is out of range" },
        { REQUEST(",\"at\":-99999999999999999999999999"), JSON_E_VALUE, "at", "is out of range" },
        { REQUEST(",\"at\":1.0"), JSON_E_FIELD, "at", "is no integer" },
        { REQUEST(",\"at\":\"1\""), JSON_E_FIELD, "at", "is no integer" },
        { REQUEST(",\"at\":true"), JSON_E_FIELD, "at", "is no integer" },
        { REQUEST(",\"store\":1"), JSON_E_FIELD, "store", "is no string" },
        { REQUEST(",\"suppress\":\"x\""), JSON_E_FIELD, "suppress", "is no array" },
        { REQUEST(",\"suppress\":[\"x\",1]"), JSON_E_FIELD, "suppress[1]", "is no string" },
        { REQUEST(",\"suppress\":[null]"), JSON_E_FIELD, "suppress[0]", "is no string" },
        { REQUEST(",\"context\":[]"), JSON_E_FIELD, "context", "is no object" },
        { REQUEST(",\"context\":{\"application\":1}"), JSON_E_FIELD, "context.application",
          "is no string" },
        { REQUEST(",\"context\":{\"Application\":\"\"}"), JSON_E_FIELD, "context.Application",
          "is unknown" },
        { REQUEST(",\"hostname\":\"x\""), JSON_E_FIELD, "hostname", "is unknown" },
        { REQUEST(",\"\\n\\u00e4x\":1"), JSON_E_FIELD, "???x", "is unknown" },
        { "{\"certificates\":[\"Zm9v\",\"Zg\"],\"purpose\":\"client\"}", JSON_E_VALUE,
          "certificates[1]", "is no base64" },
        { "{\"certificates\":[],\"purpose\":\"client\"}", 0, NULL, NULL },
        { "{\"certificates\":null,\"purpose\":\"client\"}", JSON_E_FIELD, "certificates",
          "is missing" },
        { "{\"certificates\":[\"Zm9v\"]}", JSON_E_FIELD, "purpose", "is missing" },
        { "[]", JSON_E_FIELD, "", "is no object" },
        { "null", JSON_E_FIELD, "certificates", "is missing" },
};

static void faults_name_the_field_and_the_reason(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(requests); i++) {
                struct json_error error = { "-", "-" };
                struct message_validate value;
                int r = decode(requests[i].text, &message_validate_schema, &value, &error);

                if (r != requests[i].r)
                        fail_msg("%s: %d, %s %s", requests[i].text, r, error.field, error.reason);
                if (!r) {
                        schema_deinit(&message_validate_schema, &value);
                        continue;
                }
                assert_string_equal(error.field, requests[i].field);
                assert_string_equal(error.reason, requests[i].reason);
        }
}

static void a_long_unknown_name_is_cut(void **state)
{
        struct message_validate value;
        struct json_error error;
        char text[4000] = "{\"certificates\":[],\"purpose\":\"\",\"context\":{\"";

        (void)state;
        memset(text + strlen(text), 'x', 3000);
        strcat(text, "\":1}}");
        assert_int_equal(decode(text, &message_validate_schema, &value, &error), JSON_E_FIELD);
        assert_int_equal(strlen(error.field), strlen("context.") + 60);
}

static void known_members_are_taken_from_newer_replies(void **state)
{
        struct message_list_stores_reply value;
        struct json_object *object = NULL;
        struct json_error error;
        static const char text[] = "{\"agentId\":\"a\",\"news\":1,\"stores\":[{\"name\":"
                                   "\"default\",\"ready\":true,\"generation\":3,"
                                   "\"trusted\":1,\"issuers\":2,\"crls\":3,\"own\":4,\"rejected\":"
                                   "5,\"broken\":6,\"sources\":[],\"x\":{}}]}";

        (void)state;
        assert_int_equal(json_parse(text, strlen(text), SIZE_MAX, &object, &error), 0);
        assert_int_equal(json_decode(object, &message_list_stores_reply_schema, &value, &error),
                         JSON_E_FIELD);
        assert_string_equal(error.field, "stores[0].x");
        assert_int_equal(
                json_decode_known(object, &message_list_stores_reply_schema, &value, &error), 0);
        assert_true(value.stores[0].ready);
        assert_true(value.stores[0].rejected == 5);
        assert_null(value.stores[0].reason);
        schema_deinit(&message_list_stores_reply_schema, &value);
        json_free(object);
}

/* Reads and writes again. */
static void assert_round_trip(const char *text, const struct schema *schema, void *value,
                              const char *expected)
{
        CLEANUP(buf_deinit) struct buf out = BUF_NULL;
        struct json_error error;

        assert_int_equal(decode(text, schema, value, &error), 0);
        json_encode(schema, value, &out);
        schema_deinit(schema, value);
        buf_add_byte(&out, '\0');
        assert_int_equal(buf_error(&out), 0);
        assert_string_equal((char *)out.data, expected);
}

static void what_is_read_is_written_again(void **state)
{
        struct message_validate request;
        struct message_monitor monitor;

        (void)state;
        assert_round_trip(
                "{\"purpose\":\"\\u20ac\\\"\\\\\\/"
                "\\b\\u001f\\ud83d\\udd12\",\"certificates\":[\"Zm9v\",\"\"],"
                "\"suppress\":[\"a\",\"b\"],\"at\":-5,\"context\":{\"peerAddress\":\"\\u007f\"}}",
                &message_validate_schema, &request,
                "{\"certificates\":[\"Zm9v\",\"\"],\"purpose\":\"\xe2\x82\xac\\\"\\\\/"
                "\\u0008\\u001f"
                "\xf0\x9f\x94\x92\",\"store\":null,\"securityPolicyUri\":null,\"applicationUri\":"
                "null,"
                "\"hostName\":null,\"suppress\":[\"a\",\"b\"],\"at\":-5,\"context\":{"
                "\"application\":null,"
                "\"peerAddress\":\"\x7f\",\"endpointUrl\":null},\"thumbprint\":null}");
        assert_round_trip("{}", &message_monitor_schema, &monitor, "{\"stores\":null}");
        assert_round_trip("{\"stores\":[]}", &message_monitor_schema, &monitor, "{\"stores\":[]}");
}

static void what_is_absent_can_be_left_out(void **state)
{
        CLEANUP(buf_deinit) struct buf out = BUF_NULL;
        struct message_context context = { .application = (char *)"a" };
        struct message_validate request;

        (void)state;
        schema_init(&message_validate_schema, &request);
        json_encode_present(&message_validate_schema, &request, &out);
        request.context = &context;
        request.at = 0;
        json_encode_present(&message_validate_schema, &request, &out);
        json_encode_present(&message_context_schema, &(struct message_context){ NULL }, &out);
        buf_add_byte(&out, '\0');
        assert_string_equal((char *)out.data,
                            "{\"certificates\":[],\"purpose\":\"\"}"
                            "{\"certificates\":[],\"purpose\":\"\",\"at\":0,\"context\":{"
                            "\"application\":\"a\"}}{}");
}

static void bytes_that_are_not_utf8_are_replaced(void **state)
{
        CLEANUP(buf_deinit) struct buf out = BUF_NULL;

        (void)state;
        json_encode_string("a\xff\xc3z", &out);
        json_encode_string(NULL, &out);
        buf_add_byte(&out, '\0');
        assert_string_equal((char *)out.data, "\"a\xef\xbf\xbd\xef\xbf\xbdz\"\"\"");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(texts_are_taken_or_refused_with_a_reason),
                cmocka_unit_test(a_nul_byte_is_refused_wherever_it_is),
                cmocka_unit_test(json_test_suite),
                cmocka_unit_test(faults_name_the_field_and_the_reason),
                cmocka_unit_test(a_long_unknown_name_is_cut),
                cmocka_unit_test(known_members_are_taken_from_newer_replies),
                cmocka_unit_test(what_is_read_is_written_again),
                cmocka_unit_test(what_is_absent_can_be_left_out),
                cmocka_unit_test(bytes_that_are_not_utf8_are_replaced),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
