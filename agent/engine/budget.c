/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/budget.h"

#include "pki/cert.h"

void budget_init(struct budget *budget, unsigned int units, unsigned int checks)
{
        budget->units_left = units;
        budget->checks_left = checks;
        budget->units_spent = 0;
        budget->steps = 0;
        budget->spent = NULL;
        budget->n_failures = 0;
}

int budget_charge(struct budget *budget, unsigned int units)
{
        if (units > budget->units_left) {
                budget->spent = "units";
                return BUDGET_E_SPENT;
        }

        budget->units_left -= units;
        budget->units_spent += units;
        return 0;
}

int budget_step(struct budget *budget, unsigned int n)
{
        unsigned int steps = budget->steps + n;

        budget->steps = steps % BUDGET_STEPS_IN_UNIT;
        return budget_charge(budget, steps / BUDGET_STEPS_IN_UNIT);
}

static int charge_check(struct budget *budget, unsigned int units)
{
        if (units == 0)
                return 0;
        if (budget->checks_left == 0) {
                budget->spent = "signature checks";
                return BUDGET_E_SPENT;
        }
        if (budget_charge(budget, units))
                return BUDGET_E_SPENT;

        budget->checks_left--;
        return 0;
}

static bool is_known_failure(const struct budget *budget, const struct cert *signer,
                             const void *subject)
{
        for (size_t i = 0; i < budget->n_failures; i++) {
                const struct budget_failure *failure = &budget->failures[i];

                if (failure->subject == subject && bytes_equal(failure->spki, signer->key.spki))
                        return true;
        }
        return false;
}

static void remember_failure(struct budget *budget, const struct cert *signer, const void *subject)
{
        if (budget->n_failures < BUDGET_FAILURES_MAX)
                budget->failures[budget->n_failures++] =
                        (struct budget_failure){ subject, signer->key.spki };
}

int budget_verify_cert(struct budget *budget, const struct cert *issuer, const struct cert *subject,
                       enum link_result *out)
{
        int r;

        if (is_known_failure(budget, issuer, subject)) {
                *out = LINK_WRONG_SIGNATURE;
                return 0;
        }

        r = charge_check(budget, link_cost_cert(issuer, subject));
        if (r)
                return r;

        r = link_verify_cert(issuer, subject, out);
        if (!r && *out == LINK_WRONG_SIGNATURE)
                remember_failure(budget, issuer, subject);
        return r;
}

int budget_verify_crl(struct budget *budget, const struct cert *signer, const struct crl *crl,
                      enum link_result *out)
{
        int r;

        if (is_known_failure(budget, signer, crl)) {
                *out = LINK_WRONG_SIGNATURE;
                return 0;
        }

        r = charge_check(budget, link_cost_crl(signer, crl));
        if (r)
                return r;

        r = link_verify_crl(signer, crl, out);
        if (!r && *out == LINK_WRONG_SIGNATURE)
                remember_failure(budget, signer, crl);
        return r;
}
