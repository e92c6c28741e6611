/* SPDX-License-Identifier: Apache-2.0 */
#include "service/audit.h"

#include "base/log.h"
#include "harness/test.h"
#include "proto/message_peers.h"
#include "proto/names.h"
#include "service/caller.h"
#include "service/notices.h"

#include <stdio.h>
#include <string.h>

static struct fixture {
        int64_t now_s;
        char log[65536];  /* "STATUS SEVERITY COUNT;" of each line */
        char told[65536]; /* the same of each notice */
        char last_id[AUDIT_EVENT_ID_SIZE];
        int64_t n_counted;
        struct notices *notices;
        struct notices_subscriber *subscriber;
        struct audit *audit;
} fixture;

static int64_t now_s(void)
{
        return fixture.now_s;
}

static const char *field_of(const struct log_field *fields, size_t n, const char *name)
{
        for (size_t i = 0; i < n; i++)
                if (strcmp(fields[i].name, name) == 0)
                        return fields[i].value;
        return "-";
}

static void append(char text[65536], const char *status, const char *severity, const char *count)
{
        size_t n = strlen(text);

        snprintf(text + n, 65536 - n, "%s %s %s;", status, severity, count);
}

static void write_line(enum log_level level, const char *line, void *userdata)
{
        (void)level;
        (void)line;
        (void)userdata;
        fail();
}

static void write_fields(enum log_level level, const char *line, const struct log_field *fields,
                         size_t n, void *userdata)
{
        (void)level;
        (void)userdata;
        assert_non_null(strstr(line, field_of(fields, n, "UATRUST_STATUS")));
        assert_string_equal(field_of(fields, n, "MESSAGE_ID"),
                            catalog_get_id(CATALOG_CERTIFICATE_REFUSED));
        append(fixture.log, field_of(fields, n, "UATRUST_STATUS"),
               field_of(fields, n, "UATRUST_SEVERITY"), field_of(fields, n, "UATRUST_COUNT"));
}

static const struct log sink = { .max_level = LOG_LEVEL_DEBUG,
                                 .write = write_line,
                                 .write_fields = write_fields };

static void on_notice(const struct notice *notice, void *userdata)
{
        char count[24];

        (void)userdata;
        assert_non_null(notice->audit);
        snprintf(count, sizeof(count), "%d", (int)notice->audit->count);
        append(fixture.told, notice->audit->status_name, notice->audit->severity, count);
        memcpy(fixture.last_id, notice->audit->event_id, AUDIT_EVENT_ID_SIZE);
        fixture.n_counted += notice->audit->count;
}

static int set_up(void **state)
{
        struct audit_config config = { .log = &sink, .now_s = now_s };

        (void)state;
        fixture = (struct fixture){ .now_s = 1000 };
        assert_int_equal(notices_new(&fixture.notices), 0);
        config.notices = fixture.notices;
        assert_int_equal(notices_subscribe(fixture.notices, on_notice, NULL, &fixture.subscriber),
                         0);
        return audit_new(&config, &fixture.audit);
}

static int tear_down(void **state)
{
        (void)state;
        audit_free(fixture.audit);
        notices_unsubscribe(fixture.subscriber);
        notices_free(fixture.notices);
        return 0;
}

static struct message_finding finding(const char *status, const char *severity,
                                      const char *thumbprint)
{
        return (struct message_finding){
                .step = (char *)"trust",
                .severity = (char *)severity,
                .status_name = (char *)status,
                .chain_index = 0,
                .thumbprint = (char *)thumbprint,
                .audit_event_type = (char *)"AuditCertificateUntrustedEventType",
                .message = (char *)"it is not",
        };
}

/* A verdict of these findings for that user. */
static void give(struct message_finding *findings, size_t n, uid_t uid,
                 char out_id[AUDIT_EVENT_ID_SIZE])
{
        struct message_verdict verdict = {
                .trusted = true,
                .status_name = (char *)"Good",
                .findings = findings,
                .n_findings = n,
                .store = (char *)"default",
                .generation = 1,
        };
        struct caller caller = { .uid = uid, .pid = 7 };

        for (size_t i = n; i-- > 0;)
                if (strcmp(findings[i].severity, NAMES_SEVERITY_ERROR) == 0) {
                        verdict.trusted = false;
                        verdict.status_name = findings[i].status_name;
                }
        audit_verdict(fixture.audit, &verdict, &caller, NULL, out_id);
}

static void give_untrusted(const char *thumbprint, uid_t uid, char out_id[AUDIT_EVENT_ID_SIZE])
{
        struct message_finding untrusted =
                finding("BadCertificateUntrusted", NAMES_SEVERITY_ERROR, thumbprint);

        give(&untrusted, 1, uid, out_id);
}

static void every_verdict_that_is_not_good_and_every_suppression_is_an_event(void **state)
{
        static const struct row {
                const char *findings[3]; /* severity, then status */
                const char *events;
        } rows[] = {
                { { NULL }, "" },
                { { "note A" }, "" },
                { { "error A" }, "A error 1;" },
                { { "suppressed A" }, "A suppressed 1;" },
                { { "suppressed A", "suppressed B" }, "A suppressed 1;B suppressed 1;" },
                { { "suppressed A", "error B" }, "A suppressed 1;B error 1;" },
                { { "error A", "error B", "suppressed C" }, "A error 1;C suppressed 1;" },
                { { "error A", "error A" }, "A error 1;" },
        };

        (void)state;
        for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
                struct message_finding findings[3];
                char words[3][32], id[AUDIT_EVENT_ID_SIZE];
                size_t n = 0;

                for (; n < 3 && rows[i].findings[n]; n++) {
                        snprintf(words[n], sizeof(words[n]), "%s", rows[i].findings[n]);
                        *strchr(words[n], ' ') = '\0';
                        findings[n] = finding(strchr(rows[i].findings[n], ' ') + 1, words[n], "t");
                }
                fixture.log[0] = fixture.told[0] = '\0';
                give(findings, n, (uid_t)i, id); /* other users: nothing is folded */
                assert_string_equal(fixture.log, rows[i].events);
                assert_string_equal(fixture.told, rows[i].events);
                assert_int_equal(*id != '\0', *rows[i].events != '\0');
        }
}

static void repeats_are_told_together_when_their_time_is_over(void **state)
{
        char first[AUDIT_EVENT_ID_SIZE], id[AUDIT_EVENT_ID_SIZE], again[AUDIT_EVENT_ID_SIZE];

        (void)state;
        give_untrusted("a", 1, first);
        assert_string_equal(fixture.last_id, first);
        assert_int_equal(audit_due_s(fixture.audit), INT64_MAX); /* nothing waits */

        fixture.now_s += 10;
        give_untrusted("a", 1, id);
        for (int i = 0; i < 99; i++) {
                give_untrusted("a", 1, again);
                assert_string_equal(again, id);
        }
        assert_string_not_equal(id, first);
        give_untrusted("a", 2, again); /* another user's is another event */
        give_untrusted("b", 1, again); /* and that of another certificate */
        assert_string_equal(fixture.log, "BadCertificateUntrusted error 1;"
                                         "BadCertificateUntrusted error 1;"
                                         "BadCertificateUntrusted error 1;");
        assert_int_equal(audit_due_s(fixture.audit), 1000 + AUDIT_FOLD_S);

        fixture.log[0] = '\0';
        fixture.now_s = 1000 + AUDIT_FOLD_S - 1;
        audit_run_due(fixture.audit);
        assert_string_equal(fixture.log, "");
        fixture.now_s++;
        audit_run_due(fixture.audit);
        assert_string_equal(fixture.log, "BadCertificateUntrusted error 100;");
        assert_string_equal(fixture.last_id, id);
        assert_int_equal(audit_count(fixture.audit), 103);
        assert_int_equal(fixture.n_counted, 103);
        assert_int_equal(audit_due_s(fixture.audit), INT64_MAX);

        /* after a time without any it is news again */
        fixture.log[0] = '\0';
        fixture.now_s += AUDIT_FOLD_S;
        give_untrusted("a", 1, id);
        assert_string_equal(fixture.log, "BadCertificateUntrusted error 1;");
}

static void a_clock_that_is_set_back_loses_none(void **state)
{
        char id[AUDIT_EVENT_ID_SIZE];

        (void)state;
        give_untrusted("a", 1, id);
        give_untrusted("a", 1, id);
        fixture.now_s = -1000000;
        audit_run_due(fixture.audit);
        assert_int_equal(fixture.n_counted, 2);
}

static void one_user_with_many_certificates_fills_no_log(void **state)
{
        char id[AUDIT_EVENT_ID_SIZE], thumbprint[16];
        const int n = 100000;
        size_t n_lines = 0;

        (void)state;
        for (int i = 0; i < n; i++) {
                snprintf(thumbprint, sizeof(thumbprint), "%d", i);
                give_untrusted(thumbprint, 1, id);
        }
        for (const char *at = fixture.log; *at; at++)
                n_lines += *at == ';';
        assert_int_equal(n_lines, AUDIT_USER_FOLDS_MAX + 1);

        give_untrusted("x", 2, id); /* another user is not concerned */
        assert_string_equal(fixture.last_id, id);

        fixture.now_s += AUDIT_FOLD_S;
        audit_run_due(fixture.audit);
        assert_int_equal(fixture.n_counted, n + 1);
}

static void what_is_folded_at_the_end_is_told(void **state)
{
        char id[AUDIT_EVENT_ID_SIZE];

        (void)state;
        give_untrusted("a", 1, id);
        give_untrusted("a", 1, id);
        fixture.audit = audit_free(fixture.audit);
        assert_int_equal(fixture.n_counted, 2);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(every_verdict_that_is_not_good_and_every_suppression_is_an_event),
                TEST(repeats_are_told_together_when_their_time_is_over),
                TEST(a_clock_that_is_set_back_loses_none),
                TEST(one_user_with_many_certificates_fills_no_log),
                TEST(what_is_folded_at_the_end_is_told),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
