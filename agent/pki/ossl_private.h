/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Ossl private - what the modules of pki fetch once and share. Included by .c files of pki only.
 */

#include <openssl/ec.h>
#include <openssl/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ossl_digest {
        OSSL_DIGEST_MD5,
        OSSL_DIGEST_SHA1,
        OSSL_DIGEST_SHA224,
        OSSL_DIGEST_SHA256,
        OSSL_DIGEST_SHA384,
        OSSL_DIGEST_SHA512,
        OSSL_DIGEST_N,
};

enum ossl_curve {
        OSSL_CURVE_P256,
        OSSL_CURVE_P384,
        OSSL_CURVE_P521,
        OSSL_CURVE_BRAINPOOL_P256R1,
        OSSL_CURVE_BRAINPOOL_P384R1,
        OSSL_CURVE_BRAINPOOL_P512R1,
        OSSL_CURVE_N,
};

enum ossl_key {
        OSSL_KEY_RSA,
        OSSL_KEY_EC,
        OSSL_KEY_ED25519,
        OSSL_KEY_ED448,
        OSSL_KEY_N,
};

struct ossl {
        OSSL_LIB_CTX *library; /* with the default provider */
        OSSL_LIB_CTX *bare;    /* with the null provider: X509 objects whose keys stay undecoded */
        EVP_MD *digests[OSSL_DIGEST_N];
        EC_GROUP *curves[OSSL_CURVE_N];
        /*
         * Never asked for: a fetch that fails for want of memory fails for good (OpenSSL 3.0 takes
         * the provider for searched), so it has to succeed before there are threads.
         */
        EVP_KEYMGMT *keys[OSSL_KEY_N];
        EVP_SIGNATURE *signatures[OSSL_KEY_N];
        uint8_t secret[32]; /* drawn at start: keys hashes whose values nobody may foresee */
};

/** ossl_get() - the one context; ossl_init() must have been called */
const struct ossl *ossl_get(void);

/**
 * ossl_is_out_of_memory() - was want of memory the reason of a failure? Empties the error queue
 *
 * To be asked after a call of OpenSSL failed, so that it is not taken for a verdict.
 */
bool ossl_is_out_of_memory(void);
