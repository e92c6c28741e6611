/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Usage - step 9: may this certificate be used as what it is presented as, and those above it as
 * CAs?
 *
 * What keyUsage or extendedKeyUsage say against it may be suppressed unless that very extension is
 * critical; what basicConstraints say, or an issuer's missing keyCertSign, never. A usage that is
 * merely not mentioned ("/absent": no such extension, or a keyUsage without nonRepudiation) may
 * always be suppressed.
 *
 * Reading: application or CA, never both. A self-signed certificate that looks like an
 * application's issues nothing but itself, in whichever list it lies.
 *
 * Spec: OPC 10000-4 Table 106, Certificate Usage; OPC 10000-6 6.2.2.
 */

#include <stdbool.h>

struct cert;
struct chain;
struct judgement;
struct report;

/** usage_check() - add findings about the whole chain, by the purpose of the profile */
void usage_check(const struct judgement *judgement, const struct chain *chain,
                 struct report *report);

/** usage_may_sign_crls() - keyUsage absent, or with cRLSign */
bool usage_may_sign_crls(const struct cert *cert);

/**
 * usage_may_issue() - a CA by all that can never be suppressed: cA TRUE, keyUsage absent or with
 * keyCertSign, and not a self-issued one that looks like an application's
 */
bool usage_may_issue(const struct cert *cert);
