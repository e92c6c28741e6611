/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Odd key - public keys that nobody should have made, for the .spki of a spec. They differ in length from the keys
 * they are made of, so that they cannot be had by an edit of the certificate.
 */

#include "harness/mint.h"

/** odd_key_exponent() - the RSA key named @name, of 2048 bits, with another public exponent, in hex as DER has it */
struct mint_der odd_key_exponent(const char *name, const char *exponent);

/** odd_key_long() - an RSA key of 8,200 bits, of which nobody knows the factors */
struct mint_der odd_key_long(void);

/** odd_key_full_exponent() - an RSA key of 3072 bits whose exponent is as long as its modulus: 7 ms to verify with */
struct mint_der odd_key_full_exponent(void);

/** odd_key_without_null() - the RSA key named @name, of 2048 bits, its algorithm without parameters */
struct mint_der odd_key_without_null(const char *name);

/** odd_key_explicit() - the EC key named @name, its curve written out by its parameters */
struct mint_der odd_key_explicit(const char *name);
