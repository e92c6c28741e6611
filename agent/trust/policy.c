/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/policy.h"

#include "proto/compiler.h"

#include <string.h>

#define URI_PREFIX "http://opcfoundation.org/UA/SecurityPolicy#"

#define CURVE(name) (1u << KEY_CURVE_##name)
#define HASH(name)  (1u << KEY_HASH_##name)

#define CURVES_ALL                                                                                 \
        (CURVE(P256) | CURVE(P384) | CURVE(P521) | CURVE(BRAINPOOL_P256R1) |                       \
         CURVE(BRAINPOOL_P384R1) | CURVE(BRAINPOOL_P512R1))
#define HASHES_SHA2   (HASH(SHA256) | HASH(SHA384) | HASH(SHA512))
#define HASHES_STRONG (HASH(SHA384) | HASH(SHA512))

#define ROW_DEPRECATED(row_name)                                                                   \
        {                                                                                          \
                .name = (row_name), .key_type = KEY_TYPE_RSA, .rsa_min_bits = 1024,                \
                .rsa_max_bits = 2048, .hashes = HASH(SHA1) | HASH(SHA256), .wants_pkcs1 = true,    \
                .is_deprecated = true                                                              \
        }
#define ROW_RSA(row_name)                                                                          \
        {                                                                                          \
                .name = (row_name), .key_type = KEY_TYPE_RSA, .rsa_min_bits = 2048,                \
                .rsa_max_bits = 4096, .hashes = HASHES_SHA2, .wants_pkcs1 = true                   \
        }
#define ROW_EC(row_name, row_curves, row_ca_curves, row_hashes)                                    \
        {                                                                                          \
                .name = (row_name), .key_type = KEY_TYPE_EC, .curves = (row_curves),               \
                .ca_curves = (row_ca_curves), .hashes = (row_hashes)                               \
        }
#define ROW_ED(row_name, row_type)                                                                 \
        {                                                                                          \
                .name = (row_name), .key_type = (row_type)                                         \
        }

/* Three policies of one kind of key differ in their symmetric half only. */
#define ROW_P256(name)                                                                             \
        ROW_EC(name, CURVE(P256) | CURVE(P384), CURVE(P256) | CURVE(P384), HASHES_SHA2)
#define ROW_P384(name) ROW_EC(name, CURVE(P384), CURVE(P384) | CURVE(P521), HASHES_STRONG)
#define ROW_BP256(name)                                                                            \
        ROW_EC(name, CURVE(BRAINPOOL_P256R1) | CURVE(BRAINPOOL_P384R1),                            \
               CURVE(BRAINPOOL_P256R1) | CURVE(BRAINPOOL_P384R1), HASHES_SHA2)
#define ROW_BP384(name)                                                                            \
        ROW_EC(name, CURVE(BRAINPOOL_P384R1), CURVE(BRAINPOOL_P384R1) | CURVE(BRAINPOOL_P512R1),   \
               HASHES_STRONG)

static const struct policy ROWS[] = {
        ROW_DEPRECATED("Basic128Rsa15"),
        ROW_DEPRECATED("Basic256"),
        ROW_RSA("Basic256Sha256"),
        ROW_RSA("Aes128_Sha256_RsaOaep"),
        ROW_RSA("Aes256_Sha256_RsaPss"),
        ROW_RSA("RSA_DH_AesGcm"),
        ROW_RSA("RSA_DH_ChaChaPoly"),
        ROW_P256("ECC_nistP256"),
        ROW_P256("ECC_nistP256_AesGcm"),
        ROW_P256("ECC_nistP256_ChaChaPoly"),
        ROW_P384("ECC_nistP384"),
        ROW_P384("ECC_nistP384_AesGcm"),
        ROW_P384("ECC_nistP384_ChaChaPoly"),
        ROW_BP256("ECC_brainpoolP256r1"),
        ROW_BP256("ECC_brainpoolP256r1_AesGcm"),
        ROW_BP256("ECC_brainpoolP256r1_ChaChaPoly"),
        ROW_BP384("ECC_brainpoolP384r1"),
        ROW_BP384("ECC_brainpoolP384r1_AesGcm"),
        ROW_BP384("ECC_brainpoolP384r1_ChaChaPoly"),
        ROW_ED("ECC_curve25519", KEY_TYPE_ED25519),
        ROW_ED("ECC_curve25519_AesGcm", KEY_TYPE_ED25519),
        ROW_ED("ECC_curve25519_ChaChaPoly", KEY_TYPE_ED25519),
        ROW_ED("ECC_curve448", KEY_TYPE_ED448),
        ROW_ED("ECC_curve448_AesGcm", KEY_TYPE_ED448),
        ROW_ED("ECC_curve448_ChaChaPoly", KEY_TYPE_ED448),
        { .name = "None", .key_type = KEY_TYPE_OTHER, .is_floor_only = true },
};

static const struct policy DEFAULT_ROW = {
        .name = "default",
        .key_type = KEY_TYPE_OTHER,
        .rsa_min_bits = 2048,
        .rsa_max_bits = KEY_RSA_MAX_BITS,
        .curves = CURVES_ALL,
        .ca_curves = CURVES_ALL,
        .hashes = HASHES_SHA2,
};

const struct policy *policy_find(const char *uri)
{
        size_t n_prefix = strlen(URI_PREFIX);

        if (strncmp(uri, URI_PREFIX, n_prefix) != 0)
                return NULL;
        return policy_find_name(uri + n_prefix);
}

const struct policy *policy_find_name(const char *name)
{
        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
                if (strcmp(name, ROWS[i].name) == 0)
                        return &ROWS[i];
        }
        return NULL;
}

const struct policy *policy_default(void)
{
        return &DEFAULT_ROW;
}
