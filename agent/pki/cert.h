/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Cert - one certificate: its bytes, and everything that a rule asks of it, read once.
 *
 * Frozen after cert_new(), counted, shared between snapshots and threads; all fields are for
 * reading. Bytes and names point into der. What only some certificates need is made lazily behind
 * the struct: the decoded key, and a memo of the key that last verified it. Neither is visible in
 * any answer but by its speed.
 *
 * A certificate that cannot be read at all is no struct cert but a reason. One that can be read and
 * is unsound is a struct cert with faults: it can be listed and named, and step 1 refuses it.
 *
 * Spec: RFC 5280 4.1, 4.2; OPC 10000-6 6.2.2. Not here: who issued whom (pki/link), what it is good
 * for (engine).
 */

#include "base/ref.h"
#include "pki/alt_names.h"
#include "pki/bytes.h"
#include "pki/crl_points.h"
#include "pki/fault.h"
#include "pki/key.h"
#include "pki/name.h"
#include "pki/usages.h"
#include "proto/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cert_lazy;
struct verifier;

#define CERT_SERIAL_MAX 64        /* octets; longer ones are unreadable */
#define CERT_NO_END_S   INT64_MAX /* notAfter 99991231235959Z, RFC 5280 4.1.2.5 */

/* Condition codes of cert_new() and cert_get_verifier(). */
enum {
        CERT_E_UNREADABLE = 1, /* not DER of a Certificate */
        CERT_E_KEY_UNUSABLE,   /* no key to verify with: unsound, or of an unknown kind */
};

struct cert_basic_constraints {
        bool is_present, is_critical, is_ca;
        int path_len; /* -1: not limited. Capped at INT_MAX */
};

/* keyUsage (bits of enum cert_usage) or extendedKeyUsage (bits of enum cert_purpose). */
struct cert_usages {
        bool is_present, is_critical;
        unsigned int bits;
};

struct cert {
        struct ref ref;

        const uint8_t *der; /* the whole certificate, nothing before or after it; our copy */
        size_t n_der;
        uint8_t sha256[32];
        uint8_t sha1[20]; /* OPC UA's thumbprint */

        int version; /* 1, 2 or 3 */
        struct name subject, issuer;
        bool is_self_issued; /* subject equals issuer; says nothing about the signature */
        /* content of the INTEGER, big-endian two's complement; 1..CERT_SERIAL_MAX */
        struct bytes serial;
        /* seconds since 1970, both inclusive; CERT_NO_END_S: no end */
        int64_t not_before_s, not_after_s;

        struct key_info key;
        struct key_signature signature; /* the outer one */
        struct bytes tbs;               /* what is signed */

        struct cert_basic_constraints basic_constraints;
        struct cert_usages key_usage;
        struct cert_usages extended_key_usage;
        struct bytes subject_key_id;   /* n 0: absent */
        struct bytes authority_key_id; /* n 0: absent */
        struct bytes authority_issuer; /* GeneralNames, content of [1] in the AKI; n 0: absent */
        struct bytes authority_serial; /* n 0: absent */
        struct alt_names alt_names;
        struct crl_points crl_points; /* cRLDistributionPoints */

        /* Only pki/link looks into these. */
        struct bytes name_constraints; /* value of the extension; n 0: absent */
        size_t n_subtrees;             /* in nameConstraints */
        bool has_policies, has_policy_mappings, has_policy_constraints, has_inhibit_any_policy;

        struct faults faults;
        struct cert_lazy *lazy; /* cert.c's own */
};

/**
 * cert_new() - read one certificate
 * @der:        exactly one certificate, nothing behind it; copied
 * @out_reason: may be NULL; with CERT_E_UNREADABLE a plain sentence, static; else untouched
 *
 * Errors: -ENOMEM, CERT_E_UNREADABLE. An unsound certificate is no error: see faults. Cost: about 5
 * us and two hashes. Any thread. Return: 0 with @out of one reference, or as said.
 */
int cert_new(struct bytes der, const char **out_reason, const struct cert **out);

const struct cert *cert_ref(const struct cert *cert);
const struct cert *cert_unref(const struct cert *cert);

/** cert_equal() - the same bytes, length and all? */
bool cert_equal(const struct cert *a, const struct cert *b);

/**
 * cert_get_verifier() - its key, decoded at the first call, once
 *
 * Errors: -ENOMEM, CERT_E_KEY_UNUSABLE. Any thread. Return: 0 with @out borrowed from the
 * certificate, or as said.
 */
int cert_get_verifier(const struct cert *cert, const struct verifier **out);

/**
 * cert_get_key_id() - verifier_draw_id() of its key, drawn at the first call, once; the key is not
 * decoded for it
 *
 * Any thread. Return: 0 with @out, or -ENOMEM.
 */
int cert_get_key_id(const struct cert *cert, uint64_t *out);

/**
 * cert_get_verified_by() - cert_get_key_id() of the key that last verified its signature, 0 if none
 * did; for pki/link
 */
uint64_t cert_get_verified_by(const struct cert *cert);

/** cert_set_verified_by() - remember it; for pki/link */
void cert_set_verified_by(const struct cert *cert, uint64_t key_id);

/** cert_is_real_ca() - cA TRUE, and keyUsage absent or with keyCertSign and cRLSign */
bool cert_is_real_ca(const struct cert *cert);

DEFINE_CLEANUP(const struct cert *, cert_unref)
