/* SPDX-License-Identifier: Apache-2.0 */
#include "client-lib/src/wording.h"

#include "client-lib/src/reply.h"
#include "harness/test.h"
#include "proto/buf.h"
#include "proto/call.h"
#include "proto/message.h"

#include <uatrust/uatrust.h>

#include <stdio.h>
#include <string.h>

/* Texts that look like what the comparison goes by. */
#define TRICK "\"generation\":0,\"validUntil\":0,\\"

static struct message_chain_element chain[] = {
        { (char *)"aa", (char *)"bb", (char *)"CN=" TRICK, (char *)"presented", NULL },
        { (char *)"cc", (char *)"dd", (char *)"CN=Plant", (char *)"issuers", (char *)TRICK },
};

static const struct message_verdict good = {
        .trusted = true,
        .status_name = (char *)"Good",
        .wire_status_name = (char *)"Good",
        .chain = chain,
        .n_chain = 2,
        .store = (char *)"default",
        .agent_id = (char *)"0123456789abcdef0123456789abcdef",
        .generation = 7,
        .valid_until = 4102444800,
};

/* The reply as the agent writes it; free() it. */
static char *write_reply(const struct message_verdict *verdict)
{
        struct message_validate_reply reply = { .verdict = *verdict };
        struct buf text = BUF_NULL;

        call_reply_encode(&message_validate_reply_schema, &reply, false, &text);
        assert_int_equal(buf_error(&text), 0);
        return (char *)text.data;
}

/* With other words in place of the two numbers. */
static char *reword(const char *reply, const char *generation, const char *valid_until)
{
        static const char NUMBERS[] = "\"generation\":7,\"validUntil\":4102444800,";
        const char *at = strstr(reply, NUMBERS);
        char *text;

        assert_non_null(at);
        assert_true(asprintf(&text, "%.*s\"generation\":%s,\"validUntil\":%s,%s", (int)(at - reply),
                             reply, generation, valid_until, at + strlen(NUMBERS)) > 0);
        return text;
}

static void only_its_two_numbers_may_be_others(void **state)
{
        static const struct {
                const char *generation, *valid_until;
                bool is_match;
        } rows[] = {
                { "7", "4102444800", true },
                { "8", "4102444800", true },
                { "8", "null", true },
                { "9007199254740991", "1", true },
                { "0", "0", true },
                { "999999999999999999", "1", true },
                { "9223372036854775807", "1", false }, /* left to the reader, as all below */
                { "-8", "1", false },
                { "08", "1", false },
                { "8", "01", false },
                { "8.0", "1", false },
                { "8e1", "1", false },
                { "8", "1 ", false },
                { " 8", "1", false },
                { "", "1", false },
                { "8", "", false },
                { "null", "1", false },
                { "8", "nul", false },
                { "8", "\"1\"", false },
                { "8", "1,\"trusted\":false", false },
                { "8", "1,\"validUntil\":2", false },
        };
        struct wording wording;
        char *reply = write_reply(&good);

        (void)state;
        wording_init(&wording, &good);
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                char *text = reword(reply, rows[i].generation, rows[i].valid_until);
                int64_t generation = -1, until_s = -1;

                if (wording_match(&wording, text, strlen(text), &generation, &until_s) !=
                    rows[i].is_match)
                        fail_msg("%s", text);
                assert_int_equal(generation, rows[i].is_match ? atoll(rows[i].generation) : -1);
                if (rows[i].is_match && strcmp(rows[i].valid_until, "null") != 0)
                        assert_int_equal(until_s, atoll(rows[i].valid_until));
                else
                        assert_int_equal(until_s, rows[i].is_match ? SCHEMA_INT_ABSENT : -1);
                free(text);
        }
        free(reply);
        wording_deinit(&wording);
        assert_false(wording_match(&wording, "", 0, &(int64_t){ 0 }, &(int64_t){ 0 }));
}

/* What is said under other numbers is the same in all other fields: so reading has it. */
static void expect_as_read(const char *text, size_t n, int64_t generation, int64_t until_s)
{
        struct message_verdict expected = good;
        struct message_validate_reply *value;
        struct reply reply;
        char *words, *read;

        reply_read(text, n, &message_validate_reply_schema, &reply);
        value = reply.value;
        if (!value || reply.continues || reply.is_garbled)
                fail_msg("%.*s", (int)n, text);

        expected.generation = generation;
        expected.valid_until = until_s;
        words = write_reply(&expected);
        read = write_reply(&value->verdict);
        assert_string_equal(words, read);
        free(words);
        free(read);
        reply_free_value(&message_validate_reply_schema, value);
}

/* Each byte of a reply is any other, is away, or comes twice; and all after it is away. */
static void what_is_known_without_reading_is_what_reading_gives(void **state)
{
        struct wording wording;
        char *reply = write_reply(&good);
        size_t n = strlen(reply), n_matches = 0;
        char *text = malloc(n + 2);

        (void)state;
        wording_init(&wording, &good);
        for (size_t i = 0; i < 259 * n; i++) {
                size_t at = i / 259, n_text = n, what = i % 259;
                int64_t generation, until_s;

                memcpy(text, reply, n + 1);
                if (what < 256) {
                        text[at] = (char)what;
                } else if (what == 256) {
                        memmove(text + at, text + at + 1, n - at);
                        n_text--;
                } else if (what == 257) {
                        memmove(text + at + 1, text + at, n - at + 1);
                        n_text++;
                } else {
                        n_text = at;
                }
                if (!wording_match(&wording, text, n_text, &generation, &until_s))
                        continue;
                expect_as_read(text, n_text, generation, until_s);
                n_matches += n_text != n || memcmp(text, reply, n) != 0;
        }
        /* Each digit of two numbers as any other, away, and twice; no zero comes first. */
        assert_int_equal(n_matches, 9 + 1 + 8 + 9 * 9 + 2 * 10);
        free(text);
        free(reply);
        wording_deinit(&wording);
}

/* Of any other verdict the words are others. */
static void another_verdict_is_worded_otherwise(void **state)
{
        struct message_verdict others[8];
        struct wording wording;

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(others); i++)
                others[i] = good;
        others[0].trusted = false;
        others[1].status_code = 1;
        others[2].status_name = (char *)"Bad";
        others[3].agent_id = (char *)"1123456789abcdef0123456789abcdef";
        others[4].store = (char *)"defaul";
        others[5].n_chain = 1;
        others[6].audit_event_id = (char *)"e";
        others[7].wire_status_code = 1;

        wording_init(&wording, &good);
        for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
                char *reply = write_reply(&others[i]);

                if (wording_match(&wording, reply, strlen(reply), &(int64_t){ 0 }, &(int64_t){ 0 }))
                        fail_msg("%zu", i);
                free(reply);
        }
        wording_deinit(&wording);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(only_its_two_numbers_may_be_others),
                cmocka_unit_test(what_is_known_without_reading_is_what_reading_gives),
                cmocka_unit_test(another_verdict_is_worded_otherwise),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
