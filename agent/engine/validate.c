/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/validate.h"

#include "engine/chain.h"
#include "engine/check.h"
#include "engine/judgement.h"
#include "engine/lookup.h"
#include "engine/report.h"
#include "engine/revocation.h"
#include "engine/verdict.h"
#include "pki/cert.h"
#include "proto/status.h"
#include "trust/entry.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define RANK_GOOD UINT_MAX

/* A chain and what is to be said of it. */
struct outcome {
        struct chain chain; /* n 0: none */
        struct report report;
        unsigned int rank; /* the higher, the better */
};

static void outcome_deinit(struct outcome *outcome)
{
        report_deinit(&outcome->report);
}

/* --- the question --- */

/* The store's object remembers which key verified it, so it takes the place of its like. */
static const struct cert *known_cert(struct judgement *judgement, const struct cert *cert)
{
        const struct snapshot_cert *stored = lookup_cert(judgement, cert);

        return stored && cert_equal(stored->cert, cert) ? stored->cert : cert;
}

static void begin_judgement(struct judgement *judgement, const struct snapshot *snap,
                            const struct decode_chain *presented, const struct profile *profile,
                            const struct terms *terms)
{
        judgement_init(judgement, snap, profile, terms->now_s, terms->at_least_s);
        for (size_t i = 0; i < presented->certs.n && i < DECODE_CHAIN_MAX; i++)
                judgement->presented[judgement->n_presented++] =
                        known_cert(judgement, presented->certs.items[i]);
        budget_init(&judgement->budget, terms->budget_units, VALIDATE_BUDGET_CHECKS);
}

/* --- steps 1 to 3: what is said where there is no complete chain --- */

static void report_missing_issuer(const struct chain_gap *gap, const struct cert *last,
                                  struct report_item *item, struct report *report)
{
        CLEANUP(freep) char *issuer = report_name(report, &last->issuer);

        if (!issuer)
                return;

        item->status = STATUS_CERTIFICATE_CHAIN_INCOMPLETE;
        switch (gap->kind) {
        case CHAIN_GAP_NO_ISSUER:
                report_add(report, item, "is issued by %s, which is neither known nor presented",
                           issuer);
                break;
        case CHAIN_GAP_OTHER_KEYS:
                report_add(report, item,
                           "is issued by %s, of which only certificates with other keys are there",
                           issuer);
                break;
        case CHAIN_GAP_TOO_LONG:
                report_add(report, item, "stands in a chain of more than %d certificates",
                           CHAIN_DEPTH_MAX);
                break;
        case CHAIN_GAP_LOOP:
                report_add(report, item, "is issued by %s, which stands below it: a loop", issuer);
                break;
        case CHAIN_GAP_PRESENTED_ROOT:
                report_add(report, item, "is issued by %s, a root known from the message only",
                           issuer);
                break;
        case CHAIN_GAP_WRONG_SIGNATURE:
                item->step = STEP_SIGNATURE;
                item->status = STATUS_CERTIFICATE_INVALID;
                report_add(report, item, "is not signed by %s as it says: %s", issuer,
                           link_result_text(gap->result));
                break;
        }
}

static void report_gap(const struct chain_gap *gap, struct outcome *outcome)
{
        const struct cert *last = gap->chain.links[gap->chain.n - 1].cert;
        struct report_item item = {
                .step = STEP_CHAIN,
                .cert = last,
                .chain_index = gap->chain.n - 1,
        };

        outcome->chain = gap->chain;
        check_faults(&gap->chain, &outcome->report);
        report_missing_issuer(gap, last, &item, &outcome->report);
}

static void report_unreadable(const char *reason, struct outcome *outcome)
{
        struct report_item item = {
                .step = STEP_STRUCTURE,
                .status = STATUS_CERTIFICATE_INVALID,
        };

        report_add(&outcome->report, &item, "the certificate cannot be read: %s", reason);
}

/* Never Good, whatever was found before it ran out. */
static void report_budget(struct judgement *judgement, struct outcome *outcome)
{
        bool is_units = strcmp(judgement->budget.spent, "units") == 0;
        struct report_item item = {
                .step = STEP_CHAIN,
                .status = STATUS_CERTIFICATE_CHAIN_INCOMPLETE,
                .cert = judgement->presented[0],
                .is_bare = true,
        };

        report_deinit(&outcome->report);
        report_init(&outcome->report, judgement->suppress);
        if (outcome->chain.n == 0)
                outcome->chain = (struct chain){
                        .links = { chain_link_of(judgement, judgement->presented[0]) },
                        .n = 1,
                };
        report_add(&outcome->report, &item,
                   "the budget of %d %s ran out before the certificate was judged",
                   is_units ? VALIDATE_BUDGET_UNITS : VALIDATE_BUDGET_CHECKS,
                   judgement->budget.spent);
}

/* --- the best chain --- */

/* All steps on one complete chain. Return: 0, VALIDATE_E_BUDGET, or -ENOMEM. */
static int judge_chain(struct judgement *judgement, const struct chain *chain,
                       struct outcome *outcome)
{
        const struct finding *first;
        int r;

        outcome->chain = *chain;
        report_init(&outcome->report, judgement->suppress);
        r = check_chain(judgement, chain, &outcome->report);
        if (r)
                return r < 0 ? r : VALIDATE_E_BUDGET;

        first = report_first_error(&outcome->report);
        if (!first || first->step > STEP_SIGNATURE) {
                r = revocation_check(judgement, chain, &outcome->report);
                if (r)
                        return r < 0 ? r : VALIDATE_E_BUDGET;
        }

        report_sort(&outcome->report);
        first = report_first_error(&outcome->report);
        outcome->rank = first ? report_rank(first->step) : RANK_GOOD;
        return outcome->report.error;
}

/* Return: 0, VALIDATE_E_BUDGET, or -ENOMEM; @best may be better than before in any case. */
static int judge_chains(struct judgement *judgement, struct chain_search *search,
                        struct outcome *best)
{
        int r;

        while (!(r = chain_search_next(search))) {
                struct outcome outcome = { .chain = { .n = 0 } };

                r = judge_chain(judgement, &search->chain, &outcome);
                if (!r && (best->chain.n == 0 || outcome.rank > best->rank)) {
                        struct outcome worse = *best;

                        *best = outcome;
                        outcome = worse;
                }
                outcome_deinit(&outcome);
                if (r || best->rank == RANK_GOOD)
                        return r;
        }
        if (r == CHAIN_E_END)
                return 0;
        return r < 0 ? r : VALIDATE_E_BUDGET;
}

/*
 * Certificates of the message are looked at only where those of the store complete no chain, so
 * that nobody improves a verdict about the store's own by what he sends along.
 */
static int judge_best(struct judgement *judgement, struct outcome *best)
{
        struct chain_search search;
        int r;

        chain_search_init(&search, judgement, judgement->presented[0], false, false);
        r = judge_chains(judgement, &search, best);
        if (r || best->chain.n > 0)
                return r;

        if (judgement->n_presented > 1) {
                chain_search_init(&search, judgement, judgement->presented[0], false, true);
                r = judge_chains(judgement, &search, best);
        }
        if (!r && best->chain.n == 0)
                report_gap(&search.gap, best);
        return r;
}

/* Return: 0, VALIDATE_E_BUDGET, or -ENOMEM. */
static int judge(struct judgement *judgement, const struct decode_chain *presented,
                 struct outcome *best)
{
        if (judgement->n_presented == 0) {
                report_unreadable(presented->reason, best);
                return 0;
        }
        if (faults_have_error(&judgement->presented[0]->faults)) {
                best->chain.links[0] = chain_link_of(judgement, judgement->presented[0]);
                best->chain.n = 1;
                check_faults(&best->chain, &best->report);
                return 0;
        }
        return judge_best(judgement, best);
}

/* --- the verdict --- */

static bool is_in_chain(const struct chain *chain, const struct cert *cert)
{
        for (size_t i = 0; i < chain->n; i++)
                if (chain->links[i].cert == cert)
                        return true;
        return false;
}

/* Notes about what else the message held. */
static void report_message(const struct judgement *judgement, const struct decode_chain *presented,
                           struct outcome *outcome)
{
        struct report_item item = {
                .step = STEP_STRUCTURE,
                .severity = SEVERITY_NOTE,
                .chain_index = -1,
        };

        for (size_t i = 0; i < presented->notes.n; i++)
                report_add(&outcome->report, &item, "element %zu of the message: %s",
                           presented->notes.items[i].element, presented->notes.items[i].reason);

        item.step = STEP_CHAIN;
        for (size_t i = 1; i < judgement->n_presented; i++) {
                item.cert = judgement->presented[i];
                if (!is_in_chain(&outcome->chain, item.cert))
                        report_add(&outcome->report, &item,
                                   "was presented and has no part in the chain");
        }
}

static int add_link(struct judgement *judgement, const struct chain_link *link,
                    struct verdict *verdict)
{
        struct verdict_link item = { .cert = link->cert, .list = chain_link_list(link) };
        CLEANUP(freep) char *origin = NULL;

        if (link->stored) {
                origin = strdup(link->stored->entries[0]->origin);
                if (!origin)
                        return -ENOMEM;
        }
        if (lookup_is_blocked(judgement, link->cert))
                verdict->is_blocked = true;

        item.origin = origin;
        if (VEC_PUSH(&verdict->chain, item))
                return -ENOMEM;

        cert_ref(link->cert);
        TAKE(origin);
        return 0;
}

static unsigned int not_checked_of(const struct profile *profile)
{
        bool is_server = profile->purpose == PURPOSE_SERVER;
        bool is_application = is_server || profile->purpose == PURPOSE_CLIENT;
        unsigned int bits = 0;

        if (is_server && !profile->host_name)
                bits |= NOT_CHECKED_HOST_NAME;
        if (is_application && !profile->application_uri)
                bits |= NOT_CHECKED_URI;
        if (!profile->policy)
                bits |= NOT_CHECKED_POLICY;
        return bits;
}

/* The column "a server answers its client" of Table 106. */
static uint32_t wire_status_of(enum purpose purpose, const struct chain *chain,
                               const struct finding *first)
{
        if (!first)
                return STATUS_GOOD;
        if (purpose == PURPOSE_USER)
                return first->step <= STEP_POLICY ? STATUS_IDENTITY_TOKEN_INVALID
                                                  : STATUS_IDENTITY_TOKEN_REJECTED;

        switch (first->step) {
        case STEP_VALIDITY:
        case STEP_HOST_NAME:
        case STEP_URI:
                return first->status;
        case STEP_USAGE:
                if (first->chain_index == 0 && cert_is_real_ca(chain->links[0].cert))
                        return STATUS_SECURITY_CHECKS_FAILED;
                return first->status;
        case STEP_STRUCTURE:
        case STEP_CHAIN:
        case STEP_SIGNATURE:
        case STEP_POLICY:
        case STEP_TRUST:
        case STEP_FIND_REVOCATION_LIST:
        case STEP_REVOCATION:
        case STEP_N:
                break;
        }
        return STATUS_SECURITY_CHECKS_FAILED;
}

static int make_verdict(struct judgement *judgement, struct outcome *outcome, bool is_unfinished,
                        struct verdict *out)
{
        CLEANUP(verdict_deinit) struct verdict verdict = { 0 };
        const struct finding *first;

        report_sort(&outcome->report);
        if (outcome->report.error)
                return outcome->report.error;

        for (size_t i = 0; i < outcome->chain.n; i++)
                if (add_link(judgement, &outcome->chain.links[i], &verdict))
                        return -ENOMEM;

        first = report_first_error(&outcome->report);
        verdict.status = first ? first->status : STATUS_GOOD;
        verdict.wire_status = wire_status_of(judgement->profile->purpose, &outcome->chain, first);
        verdict.not_checked = not_checked_of(judgement->profile);
        verdict.valid_until_s = judgement->moment.valid_until_s;
        verdict.is_unfinished = is_unfinished;
        verdict.cost_units = judgement->budget.units_spent;
        verdict.footprint = judgement->footprint;

        verdict.findings.n = outcome->report.findings.n;
        verdict.findings.n_room = outcome->report.findings.n_room;
        verdict.findings.items = TAKE(outcome->report.findings.items);
        outcome->report.findings.n = outcome->report.findings.n_room = 0;

        *out = verdict;
        verdict = (struct verdict){ 0 };
        return 0;
}

int engine_validate(const struct snapshot *snap, const struct decode_chain *presented,
                    const struct profile *profile, const struct terms *terms, struct verdict *out)
{
        CLEANUP(outcome_deinit) struct outcome best = { .chain = { .n = 0 } };
        struct judgement judgement;
        int r;

        begin_judgement(&judgement, snap, presented, profile, terms);
        report_init(&best.report, judgement.suppress);

        r = judge(&judgement, presented, &best);
        if (r < 0)
                return r;
        if (r > 0 && terms->budget_units < VALIDATE_BUDGET_UNITS)
                return VALIDATE_E_BUDGET;
        if (r > 0)
                report_budget(&judgement, &best);

        report_message(&judgement, presented, &best);
        return make_verdict(&judgement, &best, r > 0, out);
}
