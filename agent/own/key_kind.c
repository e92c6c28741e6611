/* SPDX-License-Identifier: Apache-2.0 */
#include "own/key_kind.h"

#include "pki/key.h"
#include "proto/compiler.h"

#include <openssl/evp.h>

#include <string.h>

#define RSA(bits)                                                                                  \
        {                                                                                          \
                "RSA-" #bits, "RSA", NULL, bits, "SHA256", "Basic256Sha256"                        \
        }

/* clang-format off */
static const struct key_kind KINDS[] = {
        RSA(2048),
        RSA(3072),
        RSA(4096),
        { "nistP256", "EC", "P-256", 0, "SHA256", "ECC_nistP256" },
        { "nistP384", "EC", "P-384", 0, "SHA384", "ECC_nistP384" },
        { "nistP521", "EC", "P-521", 0, "SHA512", NULL },
        { "brainpoolP256r1", "EC", "brainpoolP256r1", 0, "SHA256", "ECC_brainpoolP256r1" },
        { "brainpoolP384r1", "EC", "brainpoolP384r1", 0, "SHA384", "ECC_brainpoolP384r1" },
        { "brainpoolP512r1", "EC", "brainpoolP512r1", 0, "SHA512", NULL },
        { "Ed25519", "ED25519", NULL, 0, NULL, "ECC_curve25519" },
        { "Ed448", "ED448", NULL, 0, NULL, "ECC_curve448" },
};

static const struct {
        enum key_curve curve;
        const char *group;
} CURVES[] = {
        { KEY_CURVE_P256, "P-256" },
        { KEY_CURVE_P384, "P-384" },
        { KEY_CURVE_P521, "P-521" },
        { KEY_CURVE_BRAINPOOL_P256R1, "brainpoolP256r1" },
        { KEY_CURVE_BRAINPOOL_P384R1, "brainpoolP384r1" },
        { KEY_CURVE_BRAINPOOL_P512R1, "brainpoolP512r1" },
};
/* clang-format on */

const struct key_kind *key_kind_default(void)
{
        return &KINDS[0];
}

const struct key_kind *key_kind_find(const char *name)
{
        for (size_t i = 0; i < ARRAY_SIZE(KINDS); i++)
                if (!strcasecmp(KINDS[i].name, name))
                        return &KINDS[i];
        return NULL;
}

static const struct key_kind *find(const char *algorithm, const char *group, unsigned int rsa_bits)
{
        for (size_t i = 0; i < ARRAY_SIZE(KINDS); i++) {
                const struct key_kind *kind = &KINDS[i];

                if (!strcmp(kind->algorithm, algorithm) && kind->rsa_bits == rsa_bits &&
                    !kind->group == !group && (!group || !strcmp(kind->group, group)))
                        return kind;
        }
        return NULL;
}

static const char *find_group(enum key_curve curve)
{
        for (size_t i = 0; i < ARRAY_SIZE(CURVES); i++)
                if (CURVES[i].curve == curve)
                        return CURVES[i].group;
        return "";
}

const struct key_kind *key_kind_of(const struct key_info *info)
{
        switch (info->type) {
        case KEY_TYPE_RSA:
                return find("RSA", NULL, info->bits);
        case KEY_TYPE_EC:
                return find("EC", find_group(info->curve), 0);
        case KEY_TYPE_ED25519:
                return find("ED25519", NULL, 0);
        case KEY_TYPE_ED448:
                return find("ED448", NULL, 0);
        case KEY_TYPE_OTHER:
                break;
        }
        return NULL;
}

/* OpenSSL's names of the same curve: by any of them EVP_PKEY_get_group_name() may answer. */
static const char *plain_group(const char *group)
{
        static const char *const others[][2] = {
                { "prime256v1", "P-256" },
                { "secp384r1", "P-384" },
                { "secp521r1", "P-521" },
        };

        for (size_t i = 0; i < ARRAY_SIZE(others); i++)
                if (!strcmp(group, others[i][0]))
                        return others[i][1];
        return group;
}

const struct key_kind *key_kind_of_key(const EVP_PKEY *key)
{
        char group[64];
        size_t n;

        if (EVP_PKEY_is_a(key, "RSA"))
                return find("RSA", NULL, (unsigned int)EVP_PKEY_get_bits(key));
        if (EVP_PKEY_is_a(key, "EC") &&
            EVP_PKEY_get_group_name((EVP_PKEY *)key, group, sizeof(group), &n) == 1)
                return find("EC", plain_group(group), 0);
        if (EVP_PKEY_is_a(key, "ED25519"))
                return find("ED25519", NULL, 0);
        return EVP_PKEY_is_a(key, "ED448") ? find("ED448", NULL, 0) : NULL;
}
