/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Path - what RFC 5280 demands of a chain as a whole: path lengths, name constraints, and explicit
 * policies where a CA requires one.
 *
 * Reading: a violation is BadCertificateInvalid, of the step structure: no step of Table 106 is
 * about it, and nothing may suppress it. A trust anchor's own constraints hold as well.
 *
 * Spec: RFC 5280 6.1.
 */

struct chain;
struct judgement;
struct report;

enum {
        PATH_E_BUDGET = 1,
};

/**
 * path_check() - add a finding for each demand that is not met
 *
 * Cost: nothing but counting where no CA constrains names or policies; else paid from the budget.
 * Return: 0, PATH_E_BUDGET, or -ENOMEM.
 */
int path_check(struct judgement *judgement, const struct chain *chain, struct report *report);
