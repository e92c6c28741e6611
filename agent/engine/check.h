/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Check - steps 1 and 4 to 9 of Table 106 on one complete chain whose signatures are verified
 * (steps 2 and 3 are engine/chain's, 10 and 11 engine/revocation's).
 *
 * Of the chain of a CRL's signer the same is asked, but for what only the certificate in question
 * can answer: host name, URI and its usage.
 */

struct cert;
struct chain;
struct judgement;
struct report;

enum {
        CHECK_E_BUDGET = 1,
};

/** check_faults() - step 1 of each certificate of a chain, complete or not: its faults and notes */
void check_faults(const struct chain *chain, struct report *report);

/**
 * check_chain() - steps 1 and 4 to 9; an error of step 1 stops at once
 *
 * Return: 0, CHECK_E_BUDGET, or -ENOMEM; what goes wrong with the report sticks in it.
 */
int check_chain(struct judgement *judgement, const struct chain *chain, struct report *report);
