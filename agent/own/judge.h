/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Judge - would peers that trust this application take its certificate? Asked of the very engine
 * by which the agent answers, in a store that trusts the certificate and knows its issuers, for each
 * purpose, under the SecurityPolicy that its key is for.
 *
 * Whether a CA has revoked it nobody asks here: that store has no CRLs, and needs none.
 */

#include "pki/bytes.h"

#include <stddef.h>

struct findings;
struct review_terms;

struct judge_case {
        struct bytes cert;           /* DER */
        const struct bytes *issuers; /* n_issuers of them, DER, any order, roots too */
        size_t n_issuers;
        const char *application_uri; /* that it has to bear */
};

/**
 * judge_certificate() - add to @findings each error of each purpose
 *
 * Return: 0 or -ENOMEM; a judgement is no error.
 */
int judge_certificate(const struct judge_case *the_case, const struct review_terms *terms,
                      struct findings *findings);
