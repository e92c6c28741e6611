/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/report.h"

#include "pki/cert.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void report_init(struct report *report, unsigned int suppress)
{
        *report = (struct report){ .suppress = suppress };
}

void report_deinit(struct report *report)
{
        for (size_t i = 0; i < report->findings.n; i++)
                free(report->findings.items[i].message);
        VEC_FREE(&report->findings);
}

char *report_name(struct report *report, const struct name *name)
{
        char *text;
        int r = name_is_empty(name) ? (text = strdup("a nameless one")) ? 0 : -ENOMEM
                                    : name_text(name, &text);

        if (r) {
                report->error = r;
                return NULL;
        }
        return text;
}

static char *make_message(struct report *report, const struct report_item *item, const char *rest)
{
        CLEANUP(freep) char *name = NULL;
        char *message;

        if (!item->cert || item->is_bare) {
                message = strdup(rest);
                if (!message)
                        report->error = -ENOMEM;
                return message;
        }

        name = report_name(report, &item->cert->subject);
        if (!name)
                return NULL;
        if (asprintf(&message, "%s %s", name, rest) < 0) {
                report->error = -ENOMEM;
                return NULL;
        }
        return message;
}

static enum severity severity_of(const struct report *report, const struct report_item *item)
{
        if (item->severity == SEVERITY_ERROR && item->may_suppress & report->suppress)
                return SEVERITY_SUPPRESSED;
        return item->severity;
}

void report_add(struct report *report, const struct report_item *item, const char *format, ...)
{
        struct finding finding = {
                .step = item->step,
                .severity = severity_of(report, item),
                .status = item->status,
                .qualifier = item->qualifier,
                .chain_index = item->cert ? item->chain_index : -1,
                .has_thumbprint = item->cert,
        };
        CLEANUP(freep) char *rest = NULL;
        va_list arguments;
        int n;

        va_start(arguments, format);
        n = vasprintf(&rest, format, arguments);
        va_end(arguments);
        if (n < 0) {
                rest = NULL;
                report->error = -ENOMEM;
                return;
        }
        for (char *c = rest; *c; c++) /* a URI of the request may be anything */
                if ((unsigned char)*c < ' ' || *c == 0x7f)
                        *c = '?';

        if (item->cert)
                memcpy(finding.thumbprint, item->cert->sha1, sizeof(finding.thumbprint));
        finding.message = make_message(report, item, rest);
        if (!finding.message)
                return;
        if (VEC_PUSH(&report->findings, finding)) {
                free(finding.message);
                report->error = -ENOMEM;
        }
}

unsigned int report_rank(enum step step)
{
        if (step == STEP_REVOCATION)
                return STEP_FIND_REVOCATION_LIST;
        if (step == STEP_FIND_REVOCATION_LIST)
                return STEP_REVOCATION;
        return step;
}

/* What is about no certificate of the chain comes last within its step. */
static bool is_before(const struct finding *a, const struct finding *b)
{
        int a_index = a->chain_index < 0 ? INT_MAX : a->chain_index;
        int b_index = b->chain_index < 0 ? INT_MAX : b->chain_index;

        if (a->step != b->step)
                return report_rank(a->step) < report_rank(b->step);
        return a_index < b_index;
}

/* By insertion: there are few, they are nearly in order, and equals keep theirs. */
void report_sort(struct report *report)
{
        struct finding *items = report->findings.items;

        for (size_t i = 1; i < report->findings.n; i++) {
                struct finding moved = items[i];
                size_t at = i;

                for (; at > 0 && is_before(&moved, &items[at - 1]); at--)
                        items[at] = items[at - 1];
                items[at] = moved;
        }
}

const struct finding *report_first_error(const struct report *report)
{
        for (size_t i = 0; i < report->findings.n; i++)
                if (report->findings.items[i].severity == SEVERITY_ERROR)
                        return &report->findings.items[i];
        return NULL;
}

bool report_has_error(const struct report *report)
{
        return report_first_error(report);
}
