/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Serials - the serial numbers that a CRL lists, as a table that is built once and then only asked.
 *
 * Rows are added in any order and then sealed: from then on they lie one behind the other, ordered
 * by a bucket of a hash that has a secret of this process in it, so that nobody can choose numbers
 * that meet in one bucket. A row costs two bytes beside its number, a bucket one byte a row or so:
 * half of what the list takes as a file. While it is sealed it needs twice that.
 */

#include "pki/bytes.h"
#include "proto/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct serials;

#define SERIALS_NUMBER_MAX 255        /* bytes of one serial number */
#define SERIALS_BYTES_MAX  UINT32_MAX /* of all rows */

struct serials_row {
        struct bytes serial;
        uint8_t reason;
        uint32_t issuer; /* the caller's number for the issuer; 0 if the table has no issuers */
};

/**
 * serials_new() - begin a table; @has_issuers: rows keep their issuer's number; Return: 0 or
 * -ENOMEM
 */
int serials_new(bool has_issuers, struct serials **out);

struct serials *serials_free(struct serials *serials);

/**
 * serials_add() - one more row; all of them within SERIALS_BYTES_MAX
 * @row: its number of up to SERIALS_NUMBER_MAX bytes; copied
 *
 * Return: 0 or -ENOMEM.
 */
int serials_add(struct serials *serials, const struct serials_row *row);

/**
 * serials_seal() - all rows are there; before it nothing may be asked, after it nothing added;
 * Return: 0 or -ENOMEM
 */
int serials_seal(struct serials *serials);

/**
 * serials_next() - the rows of a serial number
 * @at: 0 to begin with
 *
 * Any thread. Return: true with the next row in @out, false if there is no further one.
 */
bool serials_next(const struct serials *serials, struct bytes serial, size_t *at,
                  struct serials_row *out);

DEFINE_CLEANUP(struct serials *, serials_free)
