/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Crl - one certificate revocation list, as an index of the serial numbers it lists.
 *
 * Read by a walker of our own: its bytes are not kept, only the digest that its signature is
 * checked by, and an index of about half the file's size, so that a million entries cost
 * little and are never hashed again. Frozen after crl_new(), counted, shared between snapshots and
 * threads.
 *
 * A CRL reads whole or not at all: what is damaged anywhere is CRL_E_UNREADABLE. What it means that
 * a CRL is old, partial, a delta or of an unknown critical extension is for the engine to say; here
 * it is only told.
 *
 * Spec: RFC 5280 5.1, 5.2, 5.3. Not here: whether its signature verifies, and whom it covers
 * (pki/link).
 */

#include "base/ref.h"
#include "pki/bytes.h"
#include "pki/fault.h"
#include "pki/key.h"
#include "pki/name.h"
#include "proto/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct crl_lazy;

#define CRL_NO_NEXT_UPDATE_S INT64_MIN

/* Condition codes of crl_new(). */
enum {
        CRL_E_UNREADABLE = 1, /* not DER of a CertificateList */
};

/* RFC 5280 5.3.1, the values of the CRL entry extension reasonCode. */
enum crl_reason {
        CRL_REASON_UNSPECIFIED = 0, /* also if the entry gives no reason */
        CRL_REASON_KEY_COMPROMISE = 1,
        CRL_REASON_CA_COMPROMISE = 2,
        CRL_REASON_AFFILIATION_CHANGED = 3,
        CRL_REASON_SUPERSEDED = 4,
        CRL_REASON_CESSATION_OF_OPERATION = 5,
        CRL_REASON_CERTIFICATE_HOLD = 6,
        CRL_REASON_REMOVE_FROM_CRL = 8,
        CRL_REASON_PRIVILEGE_WITHDRAWN = 9,
        CRL_REASON_AA_COMPROMISE = 10,
};

/*
 * issuingDistributionPoint, RFC 5280 5.2.5. All false and empty: the CRL covers all that its issuer
 * issued.
 */
struct crl_scope {
        bool is_present;
        bool has_only_user, has_only_ca, has_only_attribute;
        bool is_indirect;
        unsigned int reasons; /* onlySomeReasons, bit n of ReasonFlags as 1 << n; 0: all reasons */
        struct bytes point;   /* DistributionPointName, content of [0]; n 0: absent */
        struct bytes der; /* the extension's value: two CRLs of one scope have equal bytes here */
};

struct crl {
        struct ref ref;

        uint8_t sha256[32]; /* of the whole DER */
        size_t n_der;       /* how long it was; the bytes are not kept */

        int version; /* 1 or 2 */
        struct name issuer;
        int64_t this_update_s; /* seconds since 1970 */
        int64_t next_update_s; /* CRL_NO_NEXT_UPDATE_S: none */
        /* cRLNumber: content of the INTEGER, positive, no leading zeros; n 0: absent */
        struct bytes number;
        bool is_delta;                 /* has a deltaCRLIndicator */
        struct bytes delta_base;       /* its BaseCRLNumber, as number */
        struct bytes authority_key_id; /* n 0: absent */
        struct crl_scope scope;
        /* of the list or of any entry: its entries revoke, it satisfies nothing */
        bool has_unknown_critical;

        struct key_signature signature;
        struct faults faults; /* notes only */

        size_t n_entries;
        struct crl_lazy *lazy; /* crl.c's own */
};

/**
 * crl_new() - read one CRL
 * @der:        exactly one CRL, nothing behind it; borrowed for the call only
 * @out_reason: may be NULL; with CRL_E_UNREADABLE a plain sentence, static; else untouched
 *
 * Errors: -ENOMEM, CRL_E_UNREADABLE. Cost: for 1,000,000 entries about 100 ms, half of it for two
 * hashes, and 0.5 times n_der of memory. Any thread. Return: 0 with @out of one reference, or as
 * said.
 */
int crl_new(struct bytes der, const char **out_reason, const struct crl **out);

const struct crl *crl_ref(const struct crl *crl);
const struct crl *crl_unref(const struct crl *crl);

/**
 * crl_find() - does it list this certificate?
 * @issuer: the certificate's issuer: of an indirect CRL, entries of this issuer alone count; of a
 *          direct one it must be the CRL's own
 * @serial: as cert->serial
 *
 * An entry found says nothing before the CRL's signature was verified. If it lists a certificate
 * more than once, the entry that is not removeFromCRL, and of these the one that is not
 * certificateHold, is told.
 *
 * Cost: O(1). Return: true with the reason in @out_reason, or false.
 */
bool crl_find(const struct crl *crl, const struct name *issuer, struct bytes serial,
              enum crl_reason *out_reason);

/** crl_compare_number() - order of two CRL numbers, absent first; Return: <0, 0, >0 */
int crl_compare_number(struct bytes a, struct bytes b);

/**
 * crl_compare_scope() - total order of issuer, scope, and full before delta; 0: one replaces the
 * other
 */
int crl_compare_scope(const struct crl *a, const struct crl *b);

/**
 * crl_get_signed() - what verifier_check() wants as content: the digest of its TBSCertList, of
 * EdDSA the bytes
 */
struct bytes crl_get_signed(const struct crl *crl);

/**
 * crl_get_verified_by() - cert_get_key_id() of the key that last verified its signature, 0 if none
 * did; for pki/link
 */
uint64_t crl_get_verified_by(const struct crl *crl);

/** crl_set_verified_by() - remember it; for pki/link */
void crl_set_verified_by(const struct crl *crl, uint64_t key_id);

DEFINE_CLEANUP(const struct crl *, crl_unref)
