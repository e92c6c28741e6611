/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/report.h"

#include "harness/test.h"
#include "pki/cert.h"
#include "proto/status.h"
#include "trust/suppress.h"

static const struct cert NAMELESS = { .sha1 = { 1, 2, 3 } };

static void add(struct report *report, enum step step, int chain_index)
{
        struct report_item item = {
                .step = step,
                .cert = &NAMELESS,
                .chain_index = chain_index,
                .may_suppress = step == STEP_VALIDITY ? SUPPRESS_TIME : 0,
                .status = STATUS_CERTIFICATE_INVALID,
        };

        report_add(report, &item, "is number %d", chain_index);
}

static void findings_are_in_the_order_of_the_table(void **state)
{
        static const struct {
                enum step step;
                int chain_index;
        } ORDER[] = {
                { STEP_STRUCTURE, 0 },
                { STEP_STRUCTURE, -1 },
                { STEP_VALIDITY, 0 },
                { STEP_VALIDITY, 1 },
                { STEP_USAGE, 2 },
                { STEP_REVOCATION, 1 },
                { STEP_REVOCATION, 2 },
                { STEP_FIND_REVOCATION_LIST, 0 },
                { STEP_FIND_REVOCATION_LIST, 1 },
        };
        static const size_t ADDED[] = { 8, 3, 6, 1, 7, 0, 5, 2, 4 };
        struct report report;

        (void)state;
        report_init(&report, 0);
        for (size_t i = 0; i < ARRAY_SIZE(ADDED); i++)
                add(&report, ORDER[ADDED[i]].step, ORDER[ADDED[i]].chain_index);
        report_sort(&report);

        assert_int_equal(report.error, 0);
        assert_int_equal(report.findings.n, ARRAY_SIZE(ORDER));
        for (size_t i = 0; i < ARRAY_SIZE(ORDER); i++) {
                assert_int_equal(report.findings.items[i].step, ORDER[i].step);
                assert_int_equal(report.findings.items[i].chain_index, ORDER[i].chain_index);
        }
        report_deinit(&report);
}

static void what_is_suppressed_does_not_decide(void **state)
{
        struct report report;

        (void)state;
        report_init(&report, SUPPRESS_TIME);
        add(&report, STEP_VALIDITY, 0);
        assert_false(report_has_error(&report));
        assert_int_equal(report.findings.items[0].severity, SEVERITY_SUPPRESSED);

        add(&report, STEP_URI, 0);
        assert_ptr_equal(report_first_error(&report), &report.findings.items[1]);
        report_deinit(&report);
}

static void a_sentence_is_one_line(void **state)
{
        struct report_item bare = { .step = STEP_URI };
        struct report report;

        (void)state;
        report_init(&report, 0);
        report_add(&report, &bare, "the URI %s", "urn:a\nb\x7f\xc3\xa9");
        assert_string_equal(report.findings.items[0].message, "the URI urn:a?b?\xc3\xa9");
        report_deinit(&report);
}

static void a_sentence_begins_with_the_name(void **state)
{
        struct report_item bare = { .step = STEP_CHAIN, .severity = SEVERITY_NOTE };
        struct report report;

        (void)state;
        report_init(&report, 0);
        add(&report, STEP_URI, 0);
        report_add(&report, &bare, "a sentence of %d words", 5);

        assert_string_equal(report.findings.items[0].message, "a nameless one is number 0");
        assert_memory_equal(report.findings.items[0].thumbprint, NAMELESS.sha1, 20);
        assert_string_equal(report.findings.items[1].message, "a sentence of 5 words");
        assert_int_equal(report.findings.items[1].chain_index, -1);
        assert_false(report.findings.items[1].has_thumbprint);
        report_deinit(&report);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(findings_are_in_the_order_of_the_table),
                cmocka_unit_test(what_is_suppressed_does_not_decide),
                cmocka_unit_test(a_sentence_begins_with_the_name),
                cmocka_unit_test(a_sentence_is_one_line),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
