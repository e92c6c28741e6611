/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/path.h"

#include "engine/chain.h"
#include "engine/judgement.h"
#include "engine/report.h"
#include "pki/cert.h"
#include "pki/link.h"
#include "proto/status.h"

#define STEPS_A_NAME   2  /* what comparing a name with a constraint costs */
#define POLICIES_UNITS 10 /* of a policy tree, at most */

static struct report_item invalid(const struct chain *chain, size_t i)
{
        return (struct report_item){
                .step = STEP_STRUCTURE,
                .status = STATUS_CERTIFICATE_INVALID,
                .cert = chain->links[i].cert,
                .chain_index = i,
        };
}

/* Only CAs between the two count, and only those that are not self-issued. */
static void check_lengths(const struct chain *chain, struct report *report)
{
        int n_below = 0;

        for (size_t i = 1; i < chain->n; i++) {
                const struct cert *cert = chain->links[i].cert;
                struct report_item item = invalid(chain, i);
                int limit = cert->basic_constraints.path_len;

                if (limit >= 0 && n_below > limit)
                        report_add(report, &item,
                                   "allows a path length of %d, and %d CAs stand below it", limit,
                                   n_below);
                if (!cert->is_self_issued)
                        n_below++;
        }
}

/* Every name below against every constraint above. */
static unsigned int count_name_work(const struct chain *chain)
{
        size_t n_names = 0, work = 0;

        for (size_t i = 0; i < chain->n; i++) {
                work += n_names * chain->links[i].cert->n_subtrees;
                n_names += chain->links[i].cert->alt_names.n_names + 1;
        }
        return work < LINK_NAMES_WORK_MAX ? work : LINK_NAMES_WORK_MAX;
}

static const char *names_text(enum link_names names)
{
        switch (names) {
        case LINK_NAMES_OK:
                break;
        case LINK_NAMES_VIOLATION:
                return "bears a name that the name constraints of a CA above it forbid";
        case LINK_NAMES_NOT_COMPARABLE:
                return "bears a name of a form that a CA above it constrains and that cannot be "
                       "compared";
        case LINK_NAMES_TOO_MANY:
                return "bears more names under more constraints than the budget of 250000 "
                       "comparisons allows";
        }
        return "";
}

static int check_names(struct judgement *judgement, const struct chain *chain,
                       const struct cert *const *certs, struct report *report)
{
        struct report_item item;
        enum link_names names;
        size_t at = 0;
        int r;

        if (budget_step(&judgement->budget, STEPS_A_NAME * count_name_work(chain)))
                return PATH_E_BUDGET;

        r = link_check_names(certs, chain->n, &at, &names);
        if (r)
                return r;
        if (names == LINK_NAMES_OK)
                return 0;

        item = invalid(chain, at);
        report_add(report, &item, "%s", names_text(names));
        return 0;
}

static bool constrains_policies(const struct chain *chain)
{
        for (size_t i = 0; i < chain->n; i++)
                if (chain->links[i].cert->has_policy_constraints)
                        return true;
        return false;
}

static int check_policies(struct judgement *judgement, const struct chain *chain,
                          const struct cert *const *certs, struct report *report)
{
        struct report_item item = invalid(chain, 0);
        enum link_policies policies;
        int r;

        if (constrains_policies(chain) && budget_charge(&judgement->budget, POLICIES_UNITS))
                return PATH_E_BUDGET;

        r = link_check_policies(certs, chain->n, &policies);
        if (r)
                return r;

        switch (policies) {
        case LINK_POLICIES_OK:
                break;
        case LINK_POLICIES_VIOLATION:
                report_add(report, &item, "lacks a certificate policy that a CA above it requires");
                break;
        case LINK_POLICIES_INVALID:
                report_add(report, &item,
                           "stands in a chain whose certificate policies cannot be processed, or "
                           "are more than 1000");
                break;
        }
        return 0;
}

int path_check(struct judgement *judgement, const struct chain *chain, struct report *report)
{
        const struct cert *certs[CHAIN_DEPTH_MAX];
        int r;

        for (size_t i = 0; i < chain->n; i++)
                certs[i] = chain->links[i].cert;

        check_lengths(chain, report);
        r = check_names(judgement, chain, certs, report);
        return r ? r : check_policies(judgement, chain, certs, report);
}
