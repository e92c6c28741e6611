/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Verifier - a public key, decoded and ready to check signatures. Frozen; any thread may use it.
 *
 * Only sound keys get here: whoever makes one has looked at the faults of key_info_read().
 */

#include "pki/bytes.h"
#include "pki/key.h"
#include "proto/compiler.h"

#include <stddef.h>
#include <stdint.h>

struct verifier;

#define VERIFIER_DIGEST_MAX 64

/* Condition codes of verifier_new(). */
enum {
        VERIFIER_E_UNUSABLE = 1, /* a kind of key, or a curve, that we do not know */
};

/**
 * verifier_new() - decode a key
 * @info: borrowed, not kept; read without any FAULT_KEY_*
 *
 * OpenSSL refuses no sound key, so that every failure of it here is want of memory.
 *
 * Errors: -ENOMEM, VERIFIER_E_UNUSABLE. Cost: 5 us for RSA, 30 us for EC. Return: 0 or as said.
 */
int verifier_new(const struct key_info *info, struct verifier **out);

struct verifier *verifier_free(struct verifier *verifier);

/**
 * verifier_draw_id() - a number for the key of a SubjectPublicKeyInfo, never 0
 *
 * Equal for equal SubjectPublicKeyInfo, and no two others have the same within this process: it is
 * drawn from a hash with a secret of this process, so that nobody can prepare two keys of one
 * number. It means nothing elsewhere. Cost: 0.5 us, and no decoding. Return: 0 or -ENOMEM.
 */
int verifier_draw_id(struct bytes spki, uint64_t *out);

/**
 * verifier_check() - does the key verify @signature?
 * @content: what verifier_digest() gives for the signed bytes; for EdDSA the signed bytes
 *           themselves
 *
 * Cost: key_info_cost() of the key. Errors: -ENOMEM, which says nothing about the signature.
 * Return: 0 with @out, or -ENOMEM.
 */
int verifier_check(const struct verifier *verifier, const struct key_signature *signature,
                   struct bytes content, enum key_outcome *out);

/**
 * verifier_digest() - digest of @content by @hash
 * @out_n: bytes written; 0 where we cannot compute this hash
 *
 * Return: 0 or -ENOMEM.
 */
int verifier_digest(enum key_hash hash, struct bytes content, uint8_t out[VERIFIER_DIGEST_MAX],
                    size_t *out_n);

DEFINE_CLEANUP(struct verifier *, verifier_free)
