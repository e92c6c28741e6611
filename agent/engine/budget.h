/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Budget - what one judgement may still cost, and the only way by which the engine computes a
 * signature: it is paid for first. The unit is one RSA-2048 verification; walking through
 * candidates is paid for in the same coin, so that no graph of certificates is for free.
 *
 * That a signature is wrong is remembered for the length of the judgement, so that it is paid for
 * once; that it is right is remembered by the object itself (pki/link).
 */

#include "pki/bytes.h"
#include "pki/link.h"

#include <stddef.h>

#define BUDGET_FAILURES_MAX  100
#define BUDGET_STEPS_IN_UNIT 2048 /* small pieces of work, of about 10 ns each */

enum {
        BUDGET_E_SPENT = 1, /* nothing was computed; struct budget names what ran out */
};

struct budget_failure {
        const void *subject; /* certificate or CRL */
        struct bytes spki;   /* of the key that does not verify it */
};

struct budget {
        unsigned int units_left, checks_left;
        unsigned int units_spent;
        unsigned int steps; /* not yet paid for */
        const char *spent;  /* the limit that was hit, "units" or "signature checks"; else NULL */
        struct budget_failure failures[BUDGET_FAILURES_MAX];
        size_t n_failures;
};

/** budget_init() - @units, @checks: at most so much, and so many signatures */
void budget_init(struct budget *budget, unsigned int units, unsigned int checks);

/** budget_charge() - pay for work that is no signature; Return: 0 or BUDGET_E_SPENT */
int budget_charge(struct budget *budget, unsigned int units);

/**
 * budget_step() - pay for @n small pieces of work, BUDGET_STEPS_IN_UNIT of them a unit; Return: as
 * above
 */
int budget_step(struct budget *budget, unsigned int n);

/**
 * budget_verify_cert() - link_verify_cert(), paid for
 *
 * Return: 0 with @out, BUDGET_E_SPENT, or -ENOMEM.
 */
int budget_verify_cert(struct budget *budget, const struct cert *issuer, const struct cert *subject,
                       enum link_result *out);

/** budget_verify_crl() - link_verify_crl(), paid for; Return: as above */
int budget_verify_crl(struct budget *budget, const struct cert *signer, const struct crl *crl,
                      enum link_result *out);
