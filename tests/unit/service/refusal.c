/* SPDX-License-Identifier: Apache-2.0 */
#include "service/refusal.h"

#include "harness/test.h"
#include "proto/message.h"
#include "proto/status.h"
#include "service/answers.h"
#include "service/caller.h"

#include <string.h>

#define HASH "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

struct found {
        const char *severity;
        uint32_t status;
};

static void which_verdicts_are_recorded(void **state)
{
        static const struct {
                uint32_t status;
                struct found found[3];
                bool untrusted, failures;
        } ROWS[] = {
                { STATUS_GOOD, { { NULL, 0 } }, false, false },
                { STATUS_GOOD,
                  { { "suppressed", STATUS_CERTIFICATE_TIME_INVALID } },
                  false,
                  false },

                { STATUS_CERTIFICATE_UNTRUSTED,
                  { { "error", STATUS_CERTIFICATE_UNTRUSTED } },
                  true,
                  true },
                { STATUS_CERTIFICATE_UNTRUSTED,
                  { { "error", STATUS_CERTIFICATE_UNTRUSTED },
                    { "suppressed", STATUS_CERTIFICATE_TIME_INVALID },
                    { "note", STATUS_CERTIFICATE_INVALID } },
                  true,
                  true },
                { STATUS_CERTIFICATE_UNTRUSTED,
                  { { "error", STATUS_CERTIFICATE_UNTRUSTED },
                    { "error", STATUS_CERTIFICATE_UNTRUSTED } },
                  true,
                  true },
                { STATUS_CERTIFICATE_UNTRUSTED,
                  { { "error", STATUS_CERTIFICATE_UNTRUSTED },
                    { "error", STATUS_CERTIFICATE_REVOKED } },
                  false,
                  true },
                { STATUS_CERTIFICATE_POLICY_CHECK_FAILED,
                  { { "error", STATUS_CERTIFICATE_POLICY_CHECK_FAILED },
                    { "error", STATUS_CERTIFICATE_UNTRUSTED } },
                  false,
                  true },

                { STATUS_CERTIFICATE_CHAIN_INCOMPLETE,
                  { { "error", STATUS_CERTIFICATE_CHAIN_INCOMPLETE } },
                  true,
                  true },
                { STATUS_CERTIFICATE_INVALID,
                  { { "error", STATUS_CERTIFICATE_INVALID } },
                  false,
                  true },
                { STATUS_CERTIFICATE_TIME_INVALID,
                  { { "error", STATUS_CERTIFICATE_TIME_INVALID } },
                  false,
                  true },
                { STATUS_CERTIFICATE_REVOKED,
                  { { "error", STATUS_CERTIFICATE_REVOKED } },
                  false,
                  true },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
                struct message_finding findings[3] = { { .severity = NULL } };
                struct message_verdict verdict = { .trusted = ROWS[i].status == STATUS_GOOD,
                                                   .status_code = ROWS[i].status,
                                                   .findings = findings };

                for (size_t j = 0; j < 3 && ROWS[i].found[j].severity; j++, verdict.n_findings++) {
                        findings[j].severity = (char *)ROWS[i].found[j].severity;
                        findings[j].status_code = ROWS[i].found[j].status;
                }
                assert_int_equal(refusal_is_due(&verdict, REFUSAL_UNTRUSTED), ROWS[i].untrusted);
                assert_int_equal(refusal_is_due(&verdict, REFUSAL_FAILURES), ROWS[i].failures);
                assert_false(refusal_is_due(&verdict, REFUSAL_NEVER));
        }
}

static void the_words_of_the_configuration(void **state)
{
        enum refusal_when when;

        (void)state;
        assert_true(refusal_read_when("untrusted", &when));
        assert_int_equal(when, REFUSAL_UNTRUSTED);
        assert_true(refusal_read_when("failures", &when));
        assert_int_equal(when, REFUSAL_FAILURES);
        assert_true(refusal_read_when("no", &when));
        assert_int_equal(when, REFUSAL_NEVER);
        assert_false(refusal_read_when("", &when));
        assert_false(refusal_read_when("No", &when));
        assert_false(refusal_read_when("all", &when));
}

/* -- items ------------------------------------------------------------------------------------- */

static uint8_t der[] = { 0x30, 0x00 };
static struct schema_bytes certificates[] = { { der, sizeof(der) }, { der, sizeof(der) } };
static struct message_chain_element leaf = { .sha256 = (char *)HASH };
static struct message_finding findings[] = {
        { .severity = (char *)"note", .message = (char *)"by the way" },
        { .severity = (char *)"error", .message = (char *)"it is unknown" },
        { .severity = (char *)"error", .message = (char *)"it is old" },
};

static void an_item_has_all_that_an_administrator_needs(void **state)
{
        static char long_text[REFUSAL_TEXT_MAX_BYTES + 100];
        struct message_context context = { .application = (char *)"plant",
                                           .peer_address = long_text };
        struct message_validate in = { .certificates = certificates,
                                       .n_certificates = 2,
                                       .purpose = (char *)"client",
                                       .context = &context };
        struct message_verdict verdict = { .status_name = (char *)"BadCertificateUntrusted",
                                           .findings = findings,
                                           .n_findings = 3,
                                           .chain = &leaf,
                                           .n_chain = 1 };
        struct caller caller = { .uid = 1000, .cgroup = "/system.slice/ua.service" };
        struct answers_item answer = { .caller = &caller, .in = &in, .verdict = &verdict };
        struct rejected_item item;

        (void)state;
        for (size_t i = 0; i + 1 < sizeof(long_text); i++)
                long_text[i] = i % 2 ? '\xa4' : '\xc3';
        assert_int_equal(refusal_count_bytes(&answer), 4);
        assert_int_equal(refusal_make(&answer, 77, true, &item), 0);
        assert_string_equal(item.note.sha256, HASH);
        assert_string_equal(item.note.status_name, "BadCertificateUntrusted");
        assert_string_equal(item.note.reason, "it is unknown");
        assert_string_equal(item.note.purpose, "client");
        assert_string_equal(item.note.context->application, "plant");
        assert_null(item.note.context->endpoint_url);
        assert_in_range(strlen(item.note.context->peer_address), REFUSAL_TEXT_MAX_BYTES - 4,
                        REFUSAL_TEXT_MAX_BYTES);
        assert_int_equal(strlen(item.note.context->peer_address) % 2, 0);
        assert_string_equal(item.note.caller.unit, "ua.service");
        assert_int_equal(item.note.caller.uid, 1000);
        assert_int_equal(item.note.first_uid, 1000);
        assert_int_equal(item.note.first_seen, 77);
        assert_int_equal(item.note.last_seen, 77);
        assert_int_equal(item.note.count, 1);
        assert_int_equal(item.n_certificates, 2);
        assert_memory_equal(item.certificates[1].data, der, sizeof(der));

        caller.uid = 1001;
        caller.cgroup = NULL;
        in.purpose = (char *)"server";
        in.context = NULL;
        refusal_fold(&answer, 78, &item);
        assert_string_equal(item.note.purpose, "server");
        assert_null(item.note.context);
        assert_null(item.note.caller.unit);
        assert_int_equal(item.note.caller.uid, 1001);
        assert_int_equal(item.note.first_uid, 1000);
        assert_int_equal(item.note.first_seen, 77);
        assert_int_equal(item.note.last_seen, 78);
        assert_int_equal(item.note.count, 2);
        rejected_item_deinit(&item);
}

static void a_certificate_that_cannot_be_read_has_no_name(void **state)
{
        struct message_verdict verdict = { .n_chain = 0 };
        uint8_t sha256[32];

        (void)state;
        assert_false(refusal_find_sha256(&verdict, sha256));
        verdict.chain = &leaf;
        verdict.n_chain = 1;
        assert_true(refusal_find_sha256(&verdict, sha256));
        assert_int_equal(sha256[15], 0xff);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(which_verdicts_are_recorded),
                cmocka_unit_test(the_words_of_the_configuration),
                cmocka_unit_test(an_item_has_all_that_an_administrator_needs),
                cmocka_unit_test(a_certificate_that_cannot_be_read_has_no_name),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
