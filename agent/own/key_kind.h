/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Key kind - which keys an own certificate may have, as rows: how each is made and signs, and the
 * SecurityPolicy that it is for.
 *
 * Spec: OPC 10000-7; OPC 10000-6 6.2.2. P-521 and brainpoolP512r1 fit no policy as an application's
 * key, only as a CA's.
 */

#include <openssl/types.h>

#include <stdbool.h>
#include <stddef.h>

struct key_info;

struct key_kind {
        const char *name;
        const char *algorithm; /* of OpenSSL */
        const char *group;     /* of EC */
        unsigned int rsa_bits;
        const char *digest; /* of its signatures; NULL: EdDSA */
        const char *policy; /* short name of a SecurityPolicy that takes it; NULL: none does */
};

/** key_kind_default() - RSA-2048, which every product knows */
const struct key_kind *key_kind_default(void);

/** key_kind_find() - by its name, without case; Return: NULL: no such kind */
const struct key_kind *key_kind_find(const char *name);

/** key_kind_of() - the kind of a certificate's key; Return: NULL: none of these */
const struct key_kind *key_kind_of(const struct key_info *info);

/** key_kind_of_key() - the same of a private key */
const struct key_kind *key_kind_of_key(const EVP_PKEY *key);

static inline bool key_kind_is_rsa(const struct key_kind *kind)
{
        return kind->rsa_bits > 0;
}
