/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Objects - certificates and CRLs of a small world for fuzzers to begin with: a plant with its CAs, what an attacker
 * makes who knows their names, loops, constraints, and revocation in all its forms. All of it is elliptic, which is
 * quick to sign.
 *
 * An input takes one as it is, or bends it: changes bytes of what is signed, and has it signed again by whom it names,
 * so that the fuzzer gets beyond the signature. Its first byte is the number of the object as it stands in objects.c,
 * where new ones come last, so that inputs keep their meaning.
 */

#include "pki/bytes.h"

#include <stdbool.h>

struct mint_der;

/** objects_new() - mint them all */
void objects_new(void);

/** objects_take() - the object that the input names, bent as it says; free() its data */
struct mint_der objects_take(struct bytes *input, bool *out_is_crl);
