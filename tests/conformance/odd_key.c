/* SPDX-License-Identifier: Apache-2.0 */
#include "conformance/odd_key.h"

#include "harness/mint_key.h"
#include "harness/must.h"

#include <openssl/core_names.h>
#include <openssl/x509.h>

#define RSA          "30 0b 06 09 2a 86 48 86 f7 0d 01 01 01"
#define RSA_AND_NULL "30 0d 06 09 2a 86 48 86 f7 0d 01 01 01 05 00"

/* An element of some tag around @content, which is taken; lengths of two octets. */
static struct mint_der wrap(uint8_t tag, struct mint_der content)
{
        uint8_t header[] = { tag, 0x82, (uint8_t)(content.n >> 8), (uint8_t)content.n };
        struct mint_der head = { must_calloc(1, sizeof(header)), sizeof(header) };

        memcpy(head.data, header, sizeof(header));
        return mint_join(head, content);
}

/* The SubjectPublicKeyInfo of an AlgorithmIdentifier in hex and two INTEGERs, which are taken. */
static struct mint_der make_rsa(const char *algorithm, struct mint_der modulus,
                                struct mint_der exponent)
{
        struct mint_der key = wrap(0x30, mint_join(modulus, exponent));
        struct mint_der bits = wrap(0x03, mint_join(mint_hex("00"), key));

        return wrap(0x30, mint_join(mint_hex(algorithm), bits));
}

/* The INTEGER of the modulus of a key whose exponent is 65537: it ends before the last five octets. */
static struct mint_der read_modulus(const char *name, size_t n_modulus)
{
        struct mint_der spki = mint_spki(name);
        size_t n = 4 + 1 + n_modulus;
        struct mint_der integer = { must_calloc(1, n), n };
        const uint8_t *at = spki.data + spki.n - 5 - n;

        must(spki.n > n + 5 && at[0] == 0x02 && at[1] == 0x82, "key %s is of another form", name);
        memcpy(integer.data, at, n);
        mint_der_deinit(&spki);
        return integer;
}

struct mint_der odd_key_exponent(const char *name, const char *exponent)
{
        struct mint_der content = mint_hex(exponent);
        struct mint_der head = { must_calloc(1, 2), 2 };

        head.data[0] = 0x02;
        head.data[1] = (uint8_t)content.n;
        return make_rsa(RSA_AND_NULL, read_modulus(name, 256), mint_join(head, content));
}

struct mint_der odd_key_long(void)
{
        struct mint_der modulus = { must_calloc(1, 1 + 1025), 1 + 1025 };

        memset(modulus.data + 1, 0xff, modulus.n - 1);
        return make_rsa(RSA_AND_NULL, wrap(0x02, modulus), mint_hex("02 03 01 00 01"));
}

struct mint_der odd_key_full_exponent(void)
{
        return make_rsa(RSA_AND_NULL, read_modulus("rsa3072-1", 384),
                        read_modulus("rsa3072-1", 384));
}

struct mint_der odd_key_without_null(const char *name)
{
        return make_rsa(RSA, read_modulus(name, 256), mint_hex("02 03 01 00 01"));
}

struct mint_der odd_key_explicit(const char *name)
{
        EVP_PKEY *key = mint_key(name);
        struct mint_der der = { 0 };
        int n;

        must(EVP_PKEY_set_utf8_string_param(key, OSSL_PKEY_PARAM_EC_ENCODING,
                                            OSSL_PKEY_EC_ENCODING_EXPLICIT) == 1,
             "explicit parameters");
        n = i2d_PUBKEY(key, &der.data);
        must(n > 0, "encode key %s", name);
        der.n = (size_t)n;
        EVP_PKEY_free(key);
        return der;
}
