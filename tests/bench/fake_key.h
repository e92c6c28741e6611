/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Fake keys - public keys of any size that nobody has the private part of.
 */

#include "harness/mint.h"

#include <stddef.h>

/** fake_key_rsa() - the SubjectPublicKeyInfo of an RSA key of that many bytes; the same for the same @name */
struct mint_der fake_key_rsa(const char *name, size_t n_modulus, size_t n_exponent);
