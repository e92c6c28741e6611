/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Link - what one object says of another: who signed whom, which certificate a CRL covers, and what
 * a CA demands of the names and policies below it.
 *
 * Everything here is a question with a bounded cost and no state, but for a memo in the object that
 * is signed: a signature between two stored objects is computed once. What to do about an answer is
 * the engine's to say.
 */

#include "pki/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cert;
struct crl;
struct name;

enum link_result {
        LINK_VERIFIED,
        LINK_WRONG_SIGNATURE, /* computed, and wrong */
        LINK_WRONG_KEY,   /* such a key cannot have made such a signature; nothing was computed */
        LINK_UNSOUND_KEY, /* the signer's key is unsound or cannot be used; nothing was computed */
        LINK_UNSUPPORTED, /* a scheme or hash that we cannot compute; nothing was computed */
};

/* Do the hints about the issuer's key fit? */
enum link_key_id {
        LINK_KEY_ID_UNKNOWN, /* one of the two sides says nothing */
        LINK_KEY_ID_MATCH,
        LINK_KEY_ID_MISMATCH,
};

enum link_names {
        LINK_NAMES_OK,
        LINK_NAMES_VIOLATION, /* a name that a CA above does not permit, or excludes */
        /* a constraint, met by a name, of a form that we do not compare */
        LINK_NAMES_NOT_COMPARABLE,
        LINK_NAMES_TOO_MANY, /* names times constraints are more than LINK_NAMES_WORK_MAX */
};

enum link_policies {
        LINK_POLICIES_OK,
        LINK_POLICIES_VIOLATION, /* a CA requires an explicit policy, and the chain has none */
        /* an extension about policies that cannot be processed, or too many policies */
        LINK_POLICIES_INVALID,
};

#define LINK_NAMES_WORK_MAX 250000

/* All reasons of ReasonFlags but unused(0), RFC 5280 6.3.2. */
#define LINK_REASONS_ALL 0x1feu

/* --- signatures --- */

/**
 * link_cost_cert() - what link_verify_cert() is going to cost, so that a budget can be charged
 * before
 *
 * Return: units as key_info_cost(), 0 if nothing needs to be computed.
 */
unsigned int link_cost_cert(const struct cert *issuer, const struct cert *subject);

/**
 * link_verify_cert() - does the key of @issuer verify the signature of @subject?
 *
 * The key and nothing else: names, validity and usage are not looked at. @issuer may be @subject.
 * The key's soundness is looked at before anything is computed.
 *
 * Cost: link_cost_cert(). Any thread. Errors: -ENOMEM, which says nothing about the signature.
 * Return: 0 with @out, or -ENOMEM.
 */
int link_verify_cert(const struct cert *issuer, const struct cert *subject, enum link_result *out);

/** link_cost_crl() - see link_cost_cert() */
unsigned int link_cost_crl(const struct cert *signer, const struct crl *crl);

/**
 * link_verify_crl() - does the key of @signer verify the signature of @crl? As link_verify_cert()
 */
int link_verify_crl(const struct cert *signer, const struct crl *crl, enum link_result *out);

/** link_result_text() - a plain clause, "its signature is wrong", static; of LINK_VERIFIED "" */
const char *link_result_text(enum link_result result);

/* --- hints --- */

/**
 * link_is_named_issuer() - does the subject of @issuer equal the issuer of @subject? RFC 5280 7.1
 */
bool link_is_named_issuer(const struct cert *issuer, const struct cert *subject);

/**
 * link_key_id() - the authority key identifier of @subject against @issuer: key id, or issuer and
 * serial
 *
 * A hint that finds candidates faster; it proves nothing, either way.
 */
enum link_key_id link_key_id(const struct cert *issuer, const struct cert *subject);

/**
 * link_has_directory() - is @name a directoryName among @names, a content of GeneralNames? Return:
 * 0 or -ENOMEM
 */
int link_has_directory(struct bytes names, const struct name *name, bool *out);

/* --- a whole chain --- */

/**
 * link_check_names() - are all names of the chain within the name constraints of the CAs above
 * them?
 * @chain:  leaf first, the trust anchor last; n of them
 * @out_at: index of the certificate whose name is meant, untouched if the answer is LINK_NAMES_OK
 *
 * Self-issued certificates but the leaf are exempt. The CN is never compared as a host name. The
 * trust anchor's own constraints hold too.
 *
 * Spec: RFC 5280 4.2.1.10, 6.1.3 (b) (c). Cost: nothing without constraints, else 14 us a
 * certificate and LINK_NAMES_WORK_MAX comparisons at most. Errors: -ENOMEM. Return: 0 with @out, or
 * -ENOMEM.
 */
int link_check_names(const struct cert *const *chain, size_t n, size_t *out_at,
                     enum link_names *out);

/**
 * link_check_policies() - is every demand for an explicit policy met?
 * @chain: as for link_check_names()
 *
 * With {anyPolicy} as the initial set and explicit-policy, any-policy-inhibit and
 * policy-mapping-inhibit false. The trust anchor's own demands hold too.
 *
 * Spec: RFC 5280 6.1. Cost: nothing where no certificate has policyConstraints, else bounded at
 * 1,000 policy nodes. Errors: -ENOMEM. Return: 0 with @out, or -ENOMEM.
 */
int link_check_policies(const struct cert *const *chain, size_t n, enum link_policies *out);

/* --- CRLs --- */

/**
 * link_crl_scope() - for which reasons of revocation does @crl speak about @cert?
 *
 * Compares issuer and scope: the CRL of @cert's issuer, or an indirect one that a distribution
 * point of @cert names; onlyContainsUserCerts, ...CACerts and ...AttributeCerts; the names of the
 * distribution points, and their reasons. Neither dates, nor the signature, nor whether the CRL is
 * a delta are looked at.
 *
 * Spec: RFC 5280 6.3.3 (b), (d), (e). Cost: bounded at LINK_SCOPE_WORK_MAX comparisons; beyond
 * that, nothing is covered. Errors: -ENOMEM. Return: 0 with the reasons in @out, bit n of
 * ReasonFlags as 1 << n: LINK_REASONS_ALL, some, or 0: it says nothing about @cert; or -ENOMEM.
 */
int link_crl_scope(const struct crl *crl, const struct cert *cert, unsigned int *out);

#define LINK_SCOPE_WORK_MAX 10000
