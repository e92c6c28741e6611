/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Strength - step 4: do keys and signature hashes of the whole chain comply with the
 * SecurityPolicy, and are they above the floor below which no policy and no suppression goes?
 *
 * The hash of a root's own signature is not looked at, its key is; but a certificate in question
 * that is self-signed has its own looked at like any other.
 *
 * Spec: OPC 10000-4 Table 106, Security Policy Check; OPC 10000-7.
 */

#include <stdbool.h>

struct chain;
struct judgement;
struct key_info;
struct key_signature;
struct report;
struct settings;

/**
 * strength_check() - add a finding for each key and each signature that does not comply; notes for
 * CA keys above the policy's maximum
 */
void strength_check(const struct judgement *judgement, const struct chain *chain,
                    struct report *report);

/**
 * strength_is_key_too_weak() - below the floor: RSA under 1024 bits, a curve that OPC UA does not
 * know, another kind of key
 */
bool strength_is_key_too_weak(const struct key_info *key);

/**
 * strength_is_signature_too_weak() - below the floor: MD2, MD4, MD5, an unknown hash; SHA-1 unless
 * the store allows the deprecated policies
 */
bool strength_is_signature_too_weak(const struct settings *settings,
                                    const struct key_signature *signature);
