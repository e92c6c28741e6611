/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/mint_key.h"

#include "harness/mint.h"
#include "harness/must.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

static const struct curve {
        const char *prefix;
        int nid;
} curves[] = {
        { "p224-", NID_secp224r1 },        { "p256-", NID_X9_62_prime256v1 },
        { "p384-", NID_secp384r1 },        { "p521-", NID_secp521r1 },
        { "bp256-", NID_brainpoolP256r1 }, { "bp384-", NID_brainpoolP384r1 },
        { "bp512-", NID_brainpoolP512r1 }, { "secp256k1-", NID_secp256k1 },
};

static bool begins(const char *text, const char *prefix)
{
        return strncmp(text, prefix, strlen(prefix)) == 0;
}

static EVP_PKEY *read_rsa(const char *name)
{
        EVP_PKEY *key;
        char path[512];
        FILE *file;
        int n;

        n = snprintf(path, sizeof(path), "%s/%s.pem", TESTS_KEYS_DIR, name);
        must(n > 0 && (size_t)n < sizeof(path), "path of key %s", name);
        file = fopen(path, "re");
        must(file, "open %s", path);
        key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
        must(key, "read %s", path);
        fclose(file);
        return key;
}

/* As many bytes as asked for, the same for the same name. */
static void derive(const char *name, uint8_t *out, size_t n)
{
        EVP_MD_CTX *ctx = EVP_MD_CTX_new();

        must(ctx && EVP_DigestInit_ex(ctx, EVP_shake256(), NULL) == 1 &&
                     EVP_DigestUpdate(ctx, name, strlen(name)) == 1 &&
                     EVP_DigestFinalXOF(ctx, out, n) == 1,
             "derive key %s", name);
        EVP_MD_CTX_free(ctx);
}

static EVP_PKEY *derive_edwards(const char *name, int id, size_t n)
{
        uint8_t raw[64];
        EVP_PKEY *key;

        derive(name, raw, n);
        key = EVP_PKEY_new_raw_private_key(id, NULL, raw, n);
        must(key, "derive key %s", name);
        return key;
}

/* An EVP_PKEY of the private scalar @d and the public point, in octets. */
static EVP_PKEY *make_ec(int nid, const BIGNUM *d, const uint8_t *point, size_t n_point)
{
        OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
        EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
        OSSL_PARAM *params;
        EVP_PKEY *key = NULL;

        must(builder && ctx, "make an EC key");
        must(OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, OBJ_nid2sn(nid),
                                             0) == 1 &&
                     OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_PRIV_KEY, d) == 1 &&
                     OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point,
                                                      n_point) == 1,
             "make an EC key");
        params = OSSL_PARAM_BLD_to_param(builder);
        must(params && EVP_PKEY_fromdata_init(ctx) == 1 &&
                     EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, params) == 1,
             "make an EC key");
        OSSL_PARAM_free(params);
        OSSL_PARAM_BLD_free(builder);
        EVP_PKEY_CTX_free(ctx);
        return key;
}

static EVP_PKEY *derive_ec(const char *name, int nid)
{
        EC_GROUP *group = EC_GROUP_new_by_curve_name(nid);
        EC_POINT *point = group ? EC_POINT_new(group) : NULL;
        BIGNUM *d = BN_new();
        BN_CTX *ctx = BN_CTX_new();
        uint8_t raw[80], octets[160];
        EVP_PKEY *key;
        size_t n;

        must(group && point && d && ctx, "curve of key %s", name);
        derive(name, raw, sizeof(raw));
        must(BN_bin2bn(raw, sizeof(raw), d) && BN_nnmod(d, d, EC_GROUP_get0_order(group), ctx) == 1,
             "scalar of key %s", name);
        must(EC_POINT_mul(group, point, d, NULL, NULL, NULL) == 1, "point of key %s", name);
        n = EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, octets, sizeof(octets),
                               NULL);
        must(n > 0, "point of key %s", name);
        key = make_ec(nid, d, octets, n);
        BN_CTX_free(ctx);
        BN_free(d);
        EC_POINT_free(point);
        EC_GROUP_free(group);
        return key;
}

EVP_PKEY *mint_key(const char *name)
{
        if (begins(name, "rsa"))
                return read_rsa(name);

        if (begins(name, "ed25519-"))
                return derive_edwards(name, EVP_PKEY_ED25519, 32);

        if (begins(name, "ed448-"))
                return derive_edwards(name, EVP_PKEY_ED448, 57);

        for (size_t i = 0; i < sizeof(curves) / sizeof(curves[0]); i++)
                if (begins(name, curves[i].prefix))
                        return derive_ec(name, curves[i].nid);

        must(false, "key %s is of no known kind", name);
        return NULL;
}

const EVP_MD *mint_key_hash(const EVP_PKEY *key)
{
        if (EVP_PKEY_is_a(key, "ED25519") || EVP_PKEY_is_a(key, "ED448"))
                return NULL;

        return EVP_PKEY_is_a(key, "EC") && EVP_PKEY_get_bits(key) >= 384 ? EVP_sha384()
                                                                         : EVP_sha256();
}

struct mint_der mint_spki(const char *key)
{
        EVP_PKEY *pkey = mint_key(key);
        struct mint_der der = { 0 };
        int n = i2d_PUBKEY(pkey, &der.data);

        must(n > 0, "encode key %s", key);
        der.n = (size_t)n;
        EVP_PKEY_free(pkey);
        return der;
}

struct mint_der mint_private_key(const char *key)
{
        EVP_PKEY *pkey = mint_key(key);
        BIO *bio = BIO_new(BIO_s_mem());
        struct mint_der pem = { 0 };
        char *text;
        long n;

        must(bio && PEM_write_bio_PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL) == 1,
             "write key %s", key);
        n = BIO_get_mem_data(bio, &text);
        pem.data = must_calloc(1, (size_t)n);
        pem.n = (size_t)n;
        memcpy(pem.data, text, pem.n);
        BIO_free(bio);
        EVP_PKEY_free(pkey);
        return pem;
}
