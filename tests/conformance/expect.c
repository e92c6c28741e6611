/* SPDX-License-Identifier: Apache-2.0 */
#include "conformance/expect.h"

#include "conformance/row.h"
#include "conformance/stage.h"
#include "engine/validate.h"
#include "engine/verdict.h"
#include "harness/must.h"
#include "harness/test.h"
#include "pki/cert.h"
#include "proto/compiler.h"

#define INDEX_LAST 1000

/* OPC 10000-4 Table 106: what a step says of the certificate in question, and of an issuer. */
struct table_row {
        uint32_t leaf, issuer;
        bool is_secret; /* a server answers its client BadSecurityChecksFailed */
        bool may_be_suppressed;
        const char *audit;
};

#define BAD(name) STATUS_CERTIFICATE_##name

static const struct table_row TABLE[STEP_N] = {
        [STEP_STRUCTURE] = { BAD(INVALID), BAD(INVALID), true, false, "Invalid" },
        [STEP_CHAIN] = { BAD(CHAIN_INCOMPLETE), BAD(CHAIN_INCOMPLETE), true, false, "Invalid" },
        [STEP_SIGNATURE] = { BAD(INVALID), BAD(INVALID), true, false, "Invalid" },
        [STEP_POLICY] = { BAD(POLICY_CHECK_FAILED), BAD(POLICY_CHECK_FAILED), true, true,
                          "Invalid" },
        [STEP_TRUST] = { BAD(UNTRUSTED), BAD(UNTRUSTED), true, false, "Untrusted" },
        [STEP_VALIDITY] = { BAD(TIME_INVALID), BAD(ISSUER_TIME_INVALID), false, true, "Expired" },
        [STEP_HOST_NAME] = { BAD(HOST_NAME_INVALID), 0, false, true, "DataMismatch" },
        [STEP_URI] = { BAD(URI_INVALID), 0, false, false, "DataMismatch" },
        [STEP_USAGE] = { BAD(USE_NOT_ALLOWED), BAD(ISSUER_USE_NOT_ALLOWED), false, true,
                         "Mismatch" },
        [STEP_FIND_REVOCATION_LIST] = { BAD(REVOCATION_UNKNOWN), BAD(ISSUER_REVOCATION_UNKNOWN),
                                        true, true, "Revoked" },
        [STEP_REVOCATION] = { BAD(REVOKED), BAD(ISSUER_REVOKED), true, false, "Revoked" },
};

static char *PRINTF(1, 2) say(const char *format, ...)
{
        va_list args;
        char *text;

        va_start(args, format);
        must(vasprintf(&text, format, args) >= 0, "memory");
        va_end(args);
        return text;
}

static const char *status_text(uint32_t status)
{
        const char *name = status_code_name(status);

        return name ? name : "an unknown status";
}

static uint32_t status_of(const struct row *row)
{
        for (size_t i = 0; i < ROW_FINDINGS_MAX; i++)
                if (row->findings[i].status && row->findings[i].severity == SEVERITY_ERROR)
                        return row->findings[i].status;
        return STATUS_GOOD;
}

static const struct finding *first_error(const struct verdict *verdict)
{
        for (size_t i = 0; i < verdict->findings.n; i++)
                if (verdict->findings.items[i].severity == SEVERITY_ERROR)
                        return &verdict->findings.items[i];
        return NULL;
}

/* --- a row --- */

static bool is_end(const struct row_finding *expected)
{
        return !expected->status && !expected->says;
}

static bool matches(const struct row_finding *expected, const struct finding *found)
{
        if (expected->severity != found->severity || expected->step != found->step ||
            expected->at != found->chain_index)
                return false;
        if (expected->says && !strstr(found->message, expected->says))
                return false;
        if (expected->severity == SEVERITY_NOTE)
                return true;
        return expected->status == found->status && expected->is_absent == !!found->qualifier;
}

static bool is_expected(const struct row *row, const struct finding *found)
{
        for (size_t i = 0; i < ROW_FINDINGS_MAX && !is_end(&row->findings[i]); i++)
                if (matches(&row->findings[i], found))
                        return true;
        return found->severity == SEVERITY_NOTE;
}

static bool is_found(const struct verdict *verdict, const struct row_finding *expected)
{
        for (size_t i = 0; i < verdict->findings.n; i++)
                if (matches(expected, &verdict->findings.items[i]))
                        return true;
        return false;
}

/* Order is no matter of the row: see expect_shape(). Two findings of one kind about one certificate are as good as one. */
static char *compare_findings(const struct row *row, const struct verdict *verdict)
{
        for (size_t i = 0; i < verdict->findings.n; i++)
                if (!is_expected(row, &verdict->findings.items[i]))
                        return say("finding %zu is not expected:", i);

        for (size_t i = 0; i < ROW_FINDINGS_MAX && !is_end(&row->findings[i]); i++) {
                const struct row_finding *expected = &row->findings[i];

                if (!is_found(verdict, expected))
                        return say(
                                "expected %s (%s, %d) is not found:", status_text(expected->status),
                                step_name(expected->step), expected->at);
        }
        return NULL;
}

static char *compare_chain(struct stage *stage, const struct row *row,
                           const struct verdict *verdict)
{
        size_t n = 0;

        while (n < ROW_LIST_MAX && row->chain[n])
                n++;
        if (n == 0)
                return NULL;
        if (n != verdict->chain.n)
                return say("expected a chain of %zu:", n);

        for (size_t i = 0; i < n; i++) {
                const struct mint_der *der = stage_cert(stage, row->chain[i]);
                const struct cert *cert = verdict->chain.items[i].cert;

                if (cert->n_der != der->n || memcmp(cert->der, der->data, der->n) != 0)
                        return say("expected another certificate at place %zu:", i);
        }
        return NULL;
}

static char *compare_not_checked(const struct row *row, const struct verdict *verdict)
{
        unsigned int bits = verdict->not_checked;
        char text[64];

        if (!row->not_checked)
                return NULL;

        snprintf(text, sizeof(text), "%s%s%s", bits & NOT_CHECKED_HOST_NAME ? "hostName " : "",
                 bits & NOT_CHECKED_URI ? "uri " : "", bits & NOT_CHECKED_POLICY ? "policy " : "");
        if (strlen(text) > 0)
                text[strlen(text) - 1] = '\0';
        if (strcmp(text, row->not_checked) == 0)
                return NULL;
        return say("expected \"%s\" not to be checked, it is \"%s\":", row->not_checked, text);
}

char *expect_compare(struct stage *stage, const struct row *row, const struct verdict *verdict)
{
        char *wrong;

        if (verdict->status != status_of(row))
                return say("expected %s, is %s:", status_text(status_of(row)),
                           status_text(verdict->status));
        if (row->wire && row->wire != verdict->wire_status)
                return say("expected %s on the wire:", status_text(row->wire));
        if (row->until_s && row->until_s != verdict->valid_until_s)
                return say("expected to hold until %lld:", (long long)row->until_s);

        wrong = compare_findings(row, verdict);
        if (!wrong)
                wrong = compare_chain(stage, row, verdict);
        if (!wrong)
                wrong = compare_not_checked(row, verdict);
        return wrong;
}

/* --- every verdict --- */

/* Revoked goes before what says that step 10 failed. */
static int rank_of(const struct finding *finding)
{
        if (finding->step == STEP_REVOCATION)
                return STEP_FIND_REVOCATION_LIST;
        if (finding->step == STEP_FIND_REVOCATION_LIST)
                return STEP_REVOCATION;
        return finding->step;
}

static int place_of(const struct finding *finding)
{
        int at = finding->chain_index < 0 ? INDEX_LAST : finding->chain_index;

        return rank_of(finding) * (INDEX_LAST + 1) + at;
}

static uint32_t wire_of(const struct row *row, const struct verdict *verdict)
{
        const struct finding *finding = first_error(verdict);

        if (!finding)
                return STATUS_GOOD;
        if (row->purpose == PURPOSE_USER)
                return finding->step <= STEP_POLICY ? STATUS_IDENTITY_TOKEN_INVALID
                                                    : STATUS_IDENTITY_TOKEN_REJECTED;
        return TABLE[finding->step].is_secret ? STATUS_SECURITY_CHECKS_FAILED : finding->status;
}

static char *check_finding(const struct finding *finding)
{
        const struct table_row *step = &TABLE[finding->step];
        char audit[64];

        if (!finding->message || !*finding->message)
                return say("a finding has no sentence:");
        if (finding->severity == SEVERITY_SUPPRESSED && !step->may_be_suppressed)
                return say("what nobody may suppress was suppressed:");

        snprintf(audit, sizeof(audit), "AuditCertificate%sEventType", step->audit);
        if (strcmp(finding_audit_event_type(finding), audit) != 0)
                return say("expected an %s:", audit);
        if (finding->severity == SEVERITY_NOTE)
                return NULL;
        if (finding->status != (finding->chain_index > 0 ? step->issuer : step->leaf))
                return say("%s is no status of this step and place:", status_text(finding->status));
        return NULL;
}

char *expect_shape(const struct row *row, const struct terms *terms, const struct verdict *verdict)
{
        const struct finding *error = first_error(verdict);
        uint32_t wire = row->wire ? row->wire : wire_of(row, verdict);

        if (verdict->status != (error ? error->status : STATUS_GOOD))
                return say("the first error does not decide:");
        if (verdict->wire_status != wire)
                return say("expected %s on the wire:", status_text(wire));
        if (verdict->valid_until_s <= terms->now_s)
                return say("it ends before it begins:");

        for (size_t i = 0; i < verdict->findings.n; i++) {
                const struct finding *finding = &verdict->findings.items[i];
                char *wrong = check_finding(finding);

                if (wrong)
                        return wrong;
                if (i > 0 && place_of(finding) < place_of(finding - 1))
                        return say("finding %zu is out of order:", i);
        }
        return NULL;
}

static bool is_same_finding(const struct finding *a, const struct finding *b)
{
        return a->step == b->step && a->severity == b->severity && a->status == b->status &&
               a->chain_index == b->chain_index && !a->qualifier == !b->qualifier;
}

bool expect_same(const struct verdict *a, const struct verdict *b)
{
        if (a->status != b->status || a->wire_status != b->wire_status ||
            a->findings.n != b->findings.n || a->chain.n != b->chain.n)
                return false;

        for (size_t i = 0; i < a->findings.n; i++)
                if (!is_same_finding(&a->findings.items[i], &b->findings.items[i]))
                        return false;
        for (size_t i = 0; i < a->chain.n; i++)
                if (!cert_equal(a->chain.items[i].cert, b->chain.items[i].cert))
                        return false;
        return true;
}

/* --- for people --- */

void expect_print(const struct verdict *verdict)
{
        print_error("  %s, on the wire %s, until %lld, chain of %zu, %u units\n",
                    status_text(verdict->status), status_text(verdict->wire_status),
                    (long long)verdict->valid_until_s, verdict->chain.n, verdict->cost_units);

        for (size_t i = 0; i < verdict->findings.n; i++) {
                const struct finding *finding = &verdict->findings.items[i];

                print_error("  %-10s %-18s %2d %s%s: %s\n", severity_name(finding->severity),
                            step_name(finding->step), finding->chain_index,
                            finding->status ? status_text(finding->status) : "-",
                            finding->qualifier ? "/absent" : "", finding->message);
        }
}
