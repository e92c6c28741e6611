/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Block record - a block as the text of a file in the role blocked, one JSON object:
 *
 *      {"sha256":"<hex>"}                              of the certificate with this SHA-256, or
 *      {"issuer":"<base64>","serialNumber":"<hex>"}    of what this issuer (the DER of its Name)
 *                                                      gave this serial number
 *
 * and with either, or left out: "reason", text; "since", seconds since 1970; "by", a user's number.
 * What else stands in it is passed over.
 */

#include "pki/bytes.h"

#include <stdbool.h>

struct block;
struct buf;

#define BLOCK_RECORD_MAX_BYTES (64 * 1024)

enum {
        BLOCK_RECORD_E_INVALID = 1,
};

/** block_record_is_one() - does a file that begins with these bytes mean to be a record? */
bool block_record_is_one(struct bytes content);

/**
 * block_record_read() - from the whole content of a file
 * @out_reason: a clause, static; with BLOCK_RECORD_E_INVALID only
 *
 * Return: 0, BLOCK_RECORD_E_INVALID, or -ENOMEM.
 */
int block_record_read(struct bytes content, struct block **out, const char **out_reason);

/** block_record_write() - append the text of a record; see buf_error() */
void block_record_write(const struct block *block, struct buf *out);
