/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Revocation - steps 10 and 11 of Table 106: is there a CRL for each certificate of the chain that
 * is not self-signed, and does any list one of them?
 *
 * CRLs of the issuer's own name and key come first; then those of another key of the same CA, and
 * indirect ones that the certificate names (engine/signer says which count). A self-signed
 * certificate needs none; but if one of its own key lists it, it is revoked.
 *
 * Spec: OPC 10000-4 Table 106, Find Revocation List and Revocation Check; RFC 5280 6.3.
 */

struct chain;
struct judgement;
struct report;

enum {
        REVOCATION_E_BUDGET = 1,
};

/**
 * revocation_check() - add the findings of both steps
 *
 * Return: 0, REVOCATION_E_BUDGET, or -ENOMEM; what goes wrong with the report sticks in it.
 */
int revocation_check(struct judgement *judgement, const struct chain *chain, struct report *report);
