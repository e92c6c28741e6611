/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * SipHash-1-3 - a hash for tables whose keys strangers choose: without the secret nobody can make
 * many that fall together.
 */

#include <stddef.h>
#include <stdint.h>

/** siphash() - of @n bytes, under a secret of 16 random bytes */
uint64_t siphash(const uint64_t secret[2], const void *data, size_t n);
