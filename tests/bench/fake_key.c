/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/fake_key.h"

#include "harness/must.h"

#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>

#define MODULUS_MAX 1024 /* bytes */

static void draw(const char *name, uint8_t *out, size_t n)
{
        EVP_MD_CTX *shake = EVP_MD_CTX_new();

        must(shake && EVP_DigestInit_ex(shake, EVP_shake256(), NULL) == 1 &&
                     EVP_DigestUpdate(shake, name, strlen(name)) == 1 &&
                     EVP_DigestFinalXOF(shake, out, n) == 1,
             "draw a key");
        EVP_MD_CTX_free(shake);
}

static EVP_PKEY *make_key(const BIGNUM *modulus, const BIGNUM *exponent)
{
        OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
        EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
        OSSL_PARAM *params;
        EVP_PKEY *key = NULL;

        must(builder && ctx &&
                     OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, modulus) == 1 &&
                     OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, exponent) == 1,
             "make a key");
        params = OSSL_PARAM_BLD_to_param(builder);
        must(params && EVP_PKEY_fromdata_init(ctx) == 1 &&
                     EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) == 1,
             "make a key");
        OSSL_PARAM_free(params);
        OSSL_PARAM_BLD_free(builder);
        EVP_PKEY_CTX_free(ctx);
        return key;
}

struct mint_der fake_key_rsa(const char *name, size_t n_modulus, size_t n_exponent)
{
        uint8_t bytes[MODULUS_MAX];
        uint8_t *exponent_at = bytes + n_modulus - n_exponent;
        BIGNUM *modulus, *exponent;
        EVP_PKEY *key;
        struct mint_der der = { 0 };
        int n;

        must(n_modulus <= sizeof(bytes) && n_exponent <= n_modulus, "the size of a key");
        draw(name, bytes, n_modulus);
        bytes[0] |= 0x80;
        *exponent_at |= 0x40;
        bytes[n_modulus - 1] |= 1;
        modulus = BN_bin2bn(bytes, (int)n_modulus, NULL);
        exponent = BN_bin2bn(exponent_at, (int)n_exponent, NULL);
        must(modulus && exponent, "make a key");
        key = make_key(modulus, exponent);
        n = i2d_PUBKEY(key, &der.data);
        must(n > 0, "encode a key");
        der.n = (size_t)n;
        EVP_PKEY_free(key);
        BN_free(modulus);
        BN_free(exponent);
        return der;
}
