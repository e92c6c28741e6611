/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Policy - the SecurityPolicies of OPC 10000-7 as rows of data: which keys and which signature
 * hashes each of them takes. Judging a chain by a row is the engine's (engine/strength); a row is
 * here because a store's settings name one.
 *
 * The floor below which no policy goes is not here but in engine/strength: it holds for every row.
 *
 * Spec: OPC 10000-7, CertificateSignatureAlgorithm, MinAsymmetricKeyLength, MaxAsymmetricKeyLength.
 * Reading: the hashes of the ECC rows are told by the length of the curve, at least.
 */

#include "pki/key.h"

#include <stdbool.h>

/* Sets of named curves: bit 1 << enum key_curve; of hashes: bit 1 << enum key_hash. */
struct policy {
        const char *name;          /* the part of the URI after '#' */
        enum key_type key_type;    /* of the whole chain; KEY_TYPE_OTHER: any above the floor */
        unsigned int rsa_min_bits; /* of the whole chain; KEY_TYPE_RSA and KEY_TYPE_OTHER */
        unsigned int rsa_max_bits; /* of the application's key; a CA may have up to 8192 */
        unsigned int curves;       /* of the application's key; KEY_TYPE_EC and KEY_TYPE_OTHER */
        unsigned int ca_curves;    /* the same for the CAs above it */
        /* of each signature in the chain; not asked of EdDSA; 0: not asked */
        unsigned int hashes;
        bool wants_pkcs1;   /* RSA signatures by PKCS#1 v1.5 only, no PSS */
        bool is_deprecated; /* fails unless the store allows deprecated policies */
        bool is_floor_only; /* None: nothing is asked but the floor */
};

/**
 * policy_find() - the row of a SecurityPolicy
 * @uri: the whole URI, "http://opcfoundation.org/UA/SecurityPolicy#" + name; the name alone
 *       is no URI
 *
 * Return: the row, with static lifetime, or NULL: no policy that this agent knows.
 */
const struct policy *policy_find(const char *uri);

/** policy_find_name() - the same by the part after '#', as a configuration may have it */
const struct policy *policy_find_name(const char *name);

/**
 * policy_default() - the row for requests and stores that name none: RSA from 2048 or a curve,
 * SHA-256 or longer. It has no URI and is not found by name
 */
const struct policy *policy_default(void);
