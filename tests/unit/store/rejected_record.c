/* SPDX-License-Identifier: Apache-2.0 */
#include "store/rejected_record.h"

#include "harness/objects.h"
#include "harness/test.h"
#include "proto/buf.h"

#include <string.h>

#define HASH "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define REST                                                                                       \
        "\"statusName\":\"BadCertificateUntrusted\",\"reason\":\"no\",\"purpose\":\"client\","     \
        "\"caller\":{},\"firstSeen\":1,\"lastSeen\":2,\"count\":3"

static void a_record_reads_as_it_was_written(void **state)
{
        static uint8_t der[] = { 0x30, 0x03, 0x02, 0x01, 0x07 };
        struct schema_bytes issuers[] = { { der, sizeof(der) } };
        struct message_context context = { (char *)"plant", (char *)"10.0.0.1:4840", NULL };
        struct rejected_note note = {
                .sha256 = (char *)HASH,
                .status_name = (char *)"BadCertificateUntrusted",
                .reason = (char *)"a \"reason\"\n with all sorts of letters: \xc3\xa4 \x01",
                .purpose = (char *)"client",
                .context = &context,
                .caller = { 1000, (char *)"ua.service" },
                .first_uid = SCHEMA_INT_ABSENT,
                .first_seen = 1,
                .last_seen = 2,
                .count = 3,
                .issuers = issuers,
                .n_issuers = 1,
        };
        struct buf text = BUF_NULL;
        struct rejected_note again;
        struct rejected_record *record;
        uint8_t sha256[32];

        (void)state;
        rejected_note_write(&note, &text);
        assert_int_equal(buf_error(&text), 0);
        assert_int_equal(rejected_note_read((struct bytes){ text.data, text.n }, &again), 0);
        assert_string_equal(again.reason, note.reason);
        assert_string_equal(again.context->application, "plant");
        assert_string_equal(again.context->peer_address, "10.0.0.1:4840");
        assert_null(again.context->endpoint_url);
        assert_int_equal(again.caller.uid, 1000);
        assert_string_equal(again.caller.unit, "ua.service");
        assert_int_equal(again.first_uid, SCHEMA_INT_ABSENT);
        assert_int_equal(again.n_issuers, 1);
        assert_memory_equal(again.issuers[0].data, der, sizeof(der));

        assert_int_equal(rejected_record_new(&again, &record), 0);
        assert_int_equal(record->sha256[1], 0x11);
        assert_int_equal(record->note.count, 3);
        assert_int_equal(record->note.n_issuers, 0);
        assert_int_equal(record->n_issuers, 1);
        assert_int_equal(ossl_sha256((struct bytes){ der, sizeof(der) }, sha256), 0);
        assert_memory_equal(record->issuers[0].sha256, sha256, 32);
        rejected_record_unref(record);
        buf_deinit(&text);
}

static void what_is_no_record_is_refused(void **state)
{
        static const struct {
                const char *text;
                int r;
        } ROWS[] = {
                { "{\"sha256\":\"" HASH "\"," REST ",\"issuers\":[]}", 0 },
                { "{\"sha256\":\"" HASH "\"," REST ",\"issuers\":[],\"later\":[1]}", 0 },
                { "", REJECTED_RECORD_E_INVALID },
                { "{", REJECTED_RECORD_E_INVALID },
                { "[]", REJECTED_RECORD_E_INVALID },
                { "{\"sha256\":\"" HASH "\"}", REJECTED_RECORD_E_INVALID },
                { "{\"sha256\":7," REST ",\"issuers\":[]}", REJECTED_RECORD_E_INVALID },
                { "{\"sha256\":\"" HASH "\"," REST ",\"issuers\":[\"%\"]}",
                  REJECTED_RECORD_E_INVALID },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
                struct bytes text = { (const uint8_t *)ROWS[i].text, strlen(ROWS[i].text) };
                struct rejected_note note;
                int r = rejected_note_read(text, &note);

                assert_int_equal(r, ROWS[i].r);
                if (!r)
                        rejected_note_deinit(&note);
        }
}

static void a_thumbprint_that_is_none_makes_no_record(void **state)
{
        static const char *const ROWS[] = { "", "00", HASH "00", "../../../etc/shadow" };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
                struct rejected_note note;
                struct rejected_record *record;

                schema_init(&rejected_note_schema, &note);
                note.sha256 = strdup(ROWS[i]);
                assert_int_equal(rejected_record_new(&note, &record), REJECTED_RECORD_E_INVALID);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_record_reads_as_it_was_written),
                cmocka_unit_test(what_is_no_record_is_refused),
                cmocka_unit_test(a_thumbprint_that_is_none_makes_no_record),
        };

        return cmocka_run_group_tests(tests, set_up_ossl, tear_down_ossl);
}
