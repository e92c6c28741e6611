/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Minting keys - a key's name, "rsa2048-1" or "p256-leaf", to the key itself; see harness/mint.h.
 */

#include <openssl/evp.h>

/** mint_key() - the key named @name; EVP_PKEY_free() it */
EVP_PKEY *mint_key(const char *name);

/** mint_key_hash() - the digest that this key signs with by default; NULL for Ed25519 and Ed448 */
const EVP_MD *mint_key_hash(const EVP_PKEY *key);
