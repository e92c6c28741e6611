/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Validate - is this certificate to be trusted, and if not, at which step did it fall?
 *
 * A pure function of a snapshot, the certificates presented, a profile and a moment. It reads no
 * clock, file, socket or global, so that every row of tests/conformance can be judged without an
 * agent. Not here: fetching what is missing (the store), access rights (the service), names of
 * errors on a wire (proto/status).
 */

#include <stddef.h>
#include <stdint.h>

struct decode_chain;
struct profile;
struct snapshot;
struct verdict;

/* Costs in units of one RSA-2048 verification, as measured. */
#define VALIDATE_BUDGET_UNITS  1000
#define VALIDATE_BUDGET_CHECKS 100

/* When, and at which cost at most. */
struct terms {
        int64_t now_s; /* seconds since 1970-01-01T00:00:00Z, leap seconds not counted */

        /*
         * What the time is at least, whatever the clock says: the newest thisUpdate that was ever
         * accepted, or the build's date. Ends of validity are compared with the later of the two,
         * beginnings with now_s, so that a clock that stands too early makes nothing Good. Equal to
         * now_s where the clock is plausible.
         */
        int64_t at_least_s;

        /*
         * At most VALIDATE_BUDGET_UNITS. With less, running out is VALIDATE_E_BUDGET and no verdict,
         * so that a caller who may not wait can hand the question to a job; with all of it, running
         * out is a verdict (Invalid or ChainIncomplete) with a finding that names the budget.
         */
        unsigned int budget_units;
};

enum {
        /* budget_units did not suffice and was below VALIDATE_BUDGET_UNITS: ask in a job */
        VALIDATE_E_BUDGET = 1,
};

/**
 * engine_validate() - judge one certificate
 * @snap:      the trust picture; borrowed
 * @presented: what the request brought, decoded, the certificate in question first; borrowed. A
 *             request whose first element could not be decoded is judged too: Invalid
 * @profile:   what is asked; borrowed
 * @terms:     when, and at which cost at most
 * @out:       verdict_deinit() it; written on success only
 *
 * Steps 1 to 3 stop at once; from 4 on all findings are collected, and the first that is neither
 * suppressed nor a note decides; Revoked goes before step 10's. Of several possible chains the best
 * is reported.
 *
 * Spec: OPC 10000-4 6.1.3, Table 106 (the order is normative); RFC 5280 6.
 * Errors: -ENOMEM. An untrusted, malformed or expired certificate is a verdict, not an error.
 * Cost: at most VALIDATE_BUDGET_CHECKS signature checks of VALIDATE_BUDGET_UNITS together. Any
 * thread.
 *
 * Return: 0, VALIDATE_E_BUDGET, or a negative errno.
 */
int engine_validate(const struct snapshot *snap, const struct decode_chain *presented,
                    const struct profile *profile, const struct terms *terms, struct verdict *out);
