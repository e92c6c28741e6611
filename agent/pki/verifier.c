/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/verifier.h"

#include "pki/ossl_private.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rsa.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct verifier {
        EVP_PKEY *pkey;
        struct key_info info; /* kind and size only: its bytes are not ours */
};

/* --- decoding --- */

/* EVP_PKEY_fromdata() takes a twentieth of the time of OpenSSL's decoders. */
static EVP_PKEY *make_pkey(const char *kind, OSSL_PARAM *parameters)
{
        EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(ossl_get()->library, kind, NULL);
        EVP_PKEY *pkey = NULL;

        if (context && EVP_PKEY_fromdata_init(context) == 1 &&
            EVP_PKEY_fromdata(context, &pkey, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
                pkey = NULL;

        EVP_PKEY_CTX_free(context);
        return pkey;
}

/* Writes a big-endian number in the machine's order, as OSSL_PARAM has it. */
static bool put_native(struct bytes number, uint8_t *out)
{
        BIGNUM *parsed = BN_bin2bn(number.data, (int)number.n, NULL);
        bool is_ok = parsed && BN_bn2nativepad(parsed, out, (int)number.n) == (int)number.n;

        BN_free(parsed);
        return is_ok;
}

static EVP_PKEY *decode_rsa(const struct key_info *info)
{
        uint8_t modulus[KEY_RSA_MAX_BITS / 8], exponent[4];

        if (info->modulus.n > sizeof(modulus) || info->exponent.n > sizeof(exponent) ||
            !put_native(info->modulus, modulus) || !put_native(info->exponent, exponent))
                return NULL;

        return make_pkey(
                "RSA",
                (OSSL_PARAM[]){
                        OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_N, modulus, info->modulus.n),
                        OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_E, exponent, info->exponent.n),
                        OSSL_PARAM_construct_end(),
                });
}

static EVP_PKEY *decode_ec(const struct key_info *info)
{
        static const char *const names[] = {
                [KEY_CURVE_NONE] = NULL,
                [KEY_CURVE_P256] = "prime256v1",
                [KEY_CURVE_P384] = "secp384r1",
                [KEY_CURVE_P521] = "secp521r1",
                [KEY_CURVE_BRAINPOOL_P256R1] = "brainpoolP256r1",
                [KEY_CURVE_BRAINPOOL_P384R1] = "brainpoolP384r1",
                [KEY_CURVE_BRAINPOOL_P512R1] = "brainpoolP512r1",
                [KEY_CURVE_OTHER] = NULL,
        };

        if (!names[info->curve])
                return NULL;

        return make_pkey(
                "EC", (OSSL_PARAM[]){
                              OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME,
                                                               (char *)names[info->curve], 0),
                              OSSL_PARAM_construct_octet_string(
                                      OSSL_PKEY_PARAM_PUB_KEY, (void *)info->key.data, info->key.n),
                              OSSL_PARAM_construct_end(),
                      });
}

static EVP_PKEY *decode(const struct key_info *info)
{
        switch (info->type) {
        case KEY_TYPE_RSA:
                return decode_rsa(info);
        case KEY_TYPE_EC:
                return decode_ec(info);
        case KEY_TYPE_ED25519:
                return EVP_PKEY_new_raw_public_key_ex(ossl_get()->library, "ED25519", NULL,
                                                      info->key.data, info->key.n);
        case KEY_TYPE_ED448:
                return EVP_PKEY_new_raw_public_key_ex(ossl_get()->library, "ED448", NULL,
                                                      info->key.data, info->key.n);
        case KEY_TYPE_OTHER:
                return NULL;
        }

        return NULL;
}

/*
 * First bytes of a hash over a secret and the key. Not HMAC: the secret's length is fixed, and
 * nobody sees the hash.
 */
int verifier_draw_id(struct bytes spki, uint64_t *out)
{
        const struct ossl *ossl = ossl_get();
        uint8_t hash[EVP_MAX_MD_SIZE];
        EVP_MD_CTX *context;
        bool is_ok;

        context = EVP_MD_CTX_new();
        is_ok = context &&
                EVP_DigestInit_ex2(context, ossl->digests[OSSL_DIGEST_SHA256], NULL) == 1 &&
                EVP_DigestUpdate(context, ossl->secret, sizeof(ossl->secret)) == 1 &&
                EVP_DigestUpdate(context, spki.data, spki.n) == 1 &&
                EVP_DigestFinal_ex(context, hash, NULL) == 1;
        EVP_MD_CTX_free(context);
        if (!is_ok) {
                ERR_clear_error();
                return -ENOMEM;
        }

        memcpy(out, hash, sizeof(*out));
        if (!*out)
                *out = 1;
        return 0;
}

int verifier_new(const struct key_info *info, struct verifier **out)
{
        CLEANUP(verifier_freep) struct verifier *verifier = NULL;

        if (info->type == KEY_TYPE_OTHER || info->curve == KEY_CURVE_OTHER)
                return VERIFIER_E_UNUSABLE;

        verifier = calloc(1, sizeof(*verifier));
        if (!verifier)
                return -ENOMEM;

        verifier->info = (struct key_info){ .type = info->type, .curve = info->curve };
        ERR_clear_error();
        verifier->pkey = decode(info);
        ERR_clear_error();
        if (!verifier->pkey)
                return -ENOMEM;

        *out = TAKE(verifier);
        return 0;
}

struct verifier *verifier_free(struct verifier *verifier)
{
        if (!verifier)
                return NULL;

        EVP_PKEY_free(verifier->pkey);
        free(verifier);
        return NULL;
}

/* --- checking --- */

/* The digest fetched for a hash, or NULL. */
static const EVP_MD *get_digest(enum key_hash hash)
{
        static const int digests[] = {
                [KEY_HASH_NONE] = -1,
                [KEY_HASH_MD2] = -1,
                [KEY_HASH_MD4] = -1,
                [KEY_HASH_MD5] = OSSL_DIGEST_MD5,
                [KEY_HASH_SHA1] = OSSL_DIGEST_SHA1,
                [KEY_HASH_SHA224] = OSSL_DIGEST_SHA224,
                [KEY_HASH_SHA256] = OSSL_DIGEST_SHA256,
                [KEY_HASH_SHA384] = OSSL_DIGEST_SHA384,
                [KEY_HASH_SHA512] = OSSL_DIGEST_SHA512,
                [KEY_HASH_OTHER] = -1,
        };

        return digests[hash] < 0 ? NULL : ossl_get()->digests[digests[hash]];
}

static bool set_parameters(EVP_PKEY_CTX *context, const struct key_signature *signature)
{
        if (EVP_PKEY_verify_init(context) != 1)
                return false;

        if (signature->scheme == KEY_SCHEME_RSA_PKCS1 &&
            EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) != 1)
                return false;
        if (signature->scheme == KEY_SCHEME_RSA_PSS &&
            (EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) != 1 ||
             EVP_PKEY_CTX_set_rsa_mgf1_md(context, get_digest(signature->mask_hash)) != 1 ||
             EVP_PKEY_CTX_set_rsa_pss_saltlen(context, (int)signature->salt_bytes) != 1))
                return false;

        return EVP_PKEY_CTX_set_signature_md(context, get_digest(signature->hash)) == 1;
}

/*
 * What the call that verifies gave. Before it is reached nothing can fail for what the signature
 * is, since key_could_verify() said that we can compute it: so that is want of memory, whatever
 * OpenSSL calls it. Return: 0 with @out, or -ENOMEM.
 */
static int conclude(bool is_reached, int result, enum key_outcome *out)
{
        bool is_out_of_memory = ossl_is_out_of_memory();

        if (result != 1 && (is_out_of_memory || !is_reached))
                return -ENOMEM;

        *out = result == 1 ? KEY_OUTCOME_VERIFIED : KEY_OUTCOME_WRONG;
        return 0;
}

static int check_digest(EVP_PKEY *pkey, const struct key_signature *signature, struct bytes digest,
                        enum key_outcome *out)
{
        EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(ossl_get()->library, pkey, NULL);
        bool is_reached = context && set_parameters(context, signature);
        int result = 0;

        if (is_reached)
                result = EVP_PKEY_verify(context, signature->value.data, signature->value.n,
                                         digest.data, digest.n);
        EVP_PKEY_CTX_free(context);
        return conclude(is_reached, result, out);
}

static int check_message(EVP_PKEY *pkey, const struct key_signature *signature,
                         struct bytes message, enum key_outcome *out)
{
        EVP_MD_CTX *context = EVP_MD_CTX_new();
        bool is_reached =
                context && EVP_DigestVerifyInit_ex(context, NULL, NULL, ossl_get()->library, NULL,
                                                   pkey, NULL) == 1;
        int result = 0;

        if (is_reached)
                result = EVP_DigestVerify(context, signature->value.data, signature->value.n,
                                          message.data, message.n);
        EVP_MD_CTX_free(context);
        return conclude(is_reached, result, out);
}

int verifier_check(const struct verifier *verifier, const struct key_signature *signature,
                   struct bytes content, enum key_outcome *out)
{
        enum key_outcome could = key_could_verify(&verifier->info, signature);

        if (could != KEY_OUTCOME_VERIFIED) {
                *out = could;
                return 0;
        }

        ERR_clear_error();
        if (key_signs_digest(signature))
                return check_digest(verifier->pkey, signature, content, out);
        return check_message(verifier->pkey, signature, content, out);
}

int verifier_digest(enum key_hash hash, struct bytes content, uint8_t out[VERIFIER_DIGEST_MAX],
                    size_t *out_n)
{
        const EVP_MD *digest = get_digest(hash);
        unsigned int n = 0;

        if (digest && EVP_Digest(content.data, content.n, out, &n, digest, NULL) != 1) {
                ERR_clear_error();
                return -ENOMEM;
        }

        *out_n = n;
        return 0;
}
