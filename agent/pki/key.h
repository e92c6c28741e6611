/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Key - public keys and signatures: what they are, and whether a key is sound, read without
 * decoding it.
 *
 * That suffices for policies, for budgets and for step 1. To verify with a key see pki/verifier;
 * only sound keys get there.
 *
 * Spec: RFC 5280 4.1.1.2, 4.1.2.7; RFC 3279, 4055, 5480, 8410.
 */

#include "pki/bytes.h"
#include "pki/fault.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KEY_RSA_MAX_BITS  8192
#define KEY_TYPE_TEXT_MAX 32

enum key_type {
        KEY_TYPE_OTHER,
        KEY_TYPE_RSA,
        KEY_TYPE_EC,
        KEY_TYPE_ED25519,
        KEY_TYPE_ED448,
};

/* Named curves that a policy knows. */
enum key_curve {
        KEY_CURVE_NONE, /* the key is not of type EC */
        KEY_CURVE_P256,
        KEY_CURVE_P384,
        KEY_CURVE_P521,
        KEY_CURVE_BRAINPOOL_P256R1,
        KEY_CURVE_BRAINPOOL_P384R1,
        KEY_CURVE_BRAINPOOL_P512R1,
        KEY_CURVE_OTHER, /* another named curve, or none by name; such keys are never used */
};

enum key_scheme {
        KEY_SCHEME_OTHER,
        KEY_SCHEME_RSA_PKCS1,
        KEY_SCHEME_RSA_PSS,
        KEY_SCHEME_ECDSA,
        KEY_SCHEME_ED25519,
        KEY_SCHEME_ED448,
};

enum key_hash {
        KEY_HASH_NONE, /* EdDSA */
        KEY_HASH_MD2,
        KEY_HASH_MD4,
        KEY_HASH_MD5,
        KEY_HASH_SHA1,
        KEY_HASH_SHA224,
        KEY_HASH_SHA256,
        KEY_HASH_SHA384,
        KEY_HASH_SHA512,
        KEY_HASH_OTHER,
};

/* What a SubjectPublicKeyInfo says. */
struct key_info {
        enum key_type type;
        enum key_curve curve;
        /* of the RSA modulus; of the curve's field; 256 for Ed25519, 456 for Ed448; 0 unknown */
        unsigned int bits;
        struct bytes spki;              /* the whole SubjectPublicKeyInfo; borrowed */
        struct bytes key;               /* content of its BIT STRING; borrowed */
        struct bytes modulus, exponent; /* RSA: big-endian, without leading zeros; borrowed */
};

/* A signature and how it was made. */
struct key_signature {
        enum key_scheme scheme;
        enum key_hash hash;
        enum key_hash mask_hash; /* RSA-PSS: the hash of MGF1 */
        unsigned int salt_bytes; /* RSA-PSS */
        struct bytes value;      /* content of the BIT STRING; borrowed */
};

enum key_outcome {
        KEY_OUTCOME_VERIFIED,
        KEY_OUTCOME_WRONG, /* computed, and wrong */
        /* such a key cannot have made such a signature; nothing was computed */
        KEY_OUTCOME_MISMATCH,
        /* scheme or hash that we cannot compute: MD2, MD4 and what we do not know */
        KEY_OUTCOME_UNSUPPORTED,
};

/**
 * key_info_read() - read a SubjectPublicKeyInfo and look at its soundness
 * @spki:   exactly one; kept
 * @faults: FAULT_KEY_* are added, all of them errors
 *
 * RSA: modulus positive, odd, of at most KEY_RSA_MAX_BITS, exponent odd, 3 to 2^32. EC: the curve
 * by name, the point in a form of SEC 1 2.3.3 and on the curve. A kind of key that we do not know
 * is KEY_TYPE_OTHER, and no fault.
 *
 * Errors: -ENOMEM. Cost: 1 us for RSA, up to 20 us for EC. Any thread. Return: 0 or -ENOMEM.
 */
int key_info_read(struct bytes spki, struct faults *faults, struct key_info *out);

/**
 * key_info_text() - "RSA-2048", "EC nistP256", "EC brainpoolP256r1", "Ed25519", "other"; Return:
 * @out
 */
const char *key_info_text(const struct key_info *info, char out[KEY_TYPE_TEXT_MAX]);

/**
 * key_info_cost() - what one verification with such a key costs, in units of about one RSA-2048
 * verification
 *
 * RSA-2048 1, P-256 3, Ed25519 5, P-521 25, RSA-8192 30, P-384 and brainpool 30 to 45: as measured.
 * An unusual RSA exponent costs more. Return: 1 or more.
 */
unsigned int key_info_cost(const struct key_info *info);

/**
 * key_signature_read() - read an AlgorithmIdentifier
 * @algorithm: exactly one, SEQUENCE and all
 * @value:     the signature itself; kept in @out
 * @faults:    FAULT_ALGORITHM_* are added
 */
void key_signature_read(struct bytes algorithm, struct bytes value, struct faults *faults,
                        struct key_signature *out);

/** key_hash_name() - "SHA-256", "MD5", ...; "none" for EdDSA, "unknown" */
const char *key_hash_name(enum key_hash hash);

/**
 * key_could_verify() - is this the kind of key that makes such signatures, and can we compute them?
 */
enum key_outcome key_could_verify(const struct key_info *info,
                                  const struct key_signature *signature);

/** key_signs_digest() - false for EdDSA, which signs the bytes themselves */
bool key_signs_digest(const struct key_signature *signature);
