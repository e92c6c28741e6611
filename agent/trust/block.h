/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Block - what an administrator decided about one certificate: that it is Untrusted, whatever else
 * trusts it. By its SHA-256, or by issuer and serial number, so that a certificate can be blocked
 * that nobody here has ever seen.
 *
 * Frozen and counted; the file that says it is an entry of the store (trust/entry), the list of all
 * is part of the snapshot.
 */

#include "base/ref.h"
#include "pki/bytes.h"
#include "pki/name.h"
#include "proto/compiler.h"

#include <stdbool.h>
#include <stdint.h>

#define BLOCK_ABSENT     INT64_MIN /* no such number is known */
#define BLOCK_SERIAL_MAX 64        /* octets */
#define BLOCK_REASON_MAX 4096      /* bytes; longer ones are cut */

enum {
        BLOCK_E_INVALID = 1, /* no Name, or no such serial number */
};

struct block {
        struct ref ref;

        /* Of what is blocked: equal for two blocks of the same, different for any two others. */
        uint8_t id[32];

        bool has_sha256;    /* else by issuer and serial number */
        uint8_t sha256[32]; /* of the certificate; then id is the same */
        struct name issuer;
        struct bytes serial; /* without leading zeros: 00ff and ff are one serial number */

        const char *reason; /* for people; "": none was given */
        int64_t since_s;    /* since 1970, or BLOCK_ABSENT */
        int64_t uid;        /* who did it, or BLOCK_ABSENT */

        uint8_t *owned; /* what issuer and serial point into */
};

/* What a block says beside whom it is about. */
struct block_note {
        const char *reason; /* copied; NULL: none */
        int64_t since_s;    /* or BLOCK_ABSENT */
        int64_t uid;        /* or BLOCK_ABSENT */
};

/** block_new_sha256() - of the certificate with this SHA-256; Return: 0 or -ENOMEM */
int block_new_sha256(const uint8_t sha256[32], const struct block_note *note, struct block **out);

/**
 * block_new_serial() - of what this issuer gave this serial number
 * @issuer: DER of a Name; copied
 * @serial: content of the INTEGER, leading zeros allowed, 1 to BLOCK_SERIAL_MAX octets; copied
 *
 * Return: 0, BLOCK_E_INVALID, or -ENOMEM.
 */
int block_new_serial(struct bytes issuer, struct bytes serial, const struct block_note *note,
                     struct block **out);

struct block *block_ref(const struct block *block);
struct block *block_unref(struct block *block);

/** block_compare() - by what is blocked, those by SHA-256 first; Return: <0, 0, >0 */
int block_compare(const struct block *a, const struct block *b);

/** block_trim_serial() - without leading zeros; of zero, one octet stays */
struct bytes block_trim_serial(struct bytes serial);

DEFINE_CLEANUP(struct block *, block_unref)
