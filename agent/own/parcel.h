/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Parcel - certificates and CRLs between this program and the command uatrust, through a pipe: this
 * one reads and writes folders, that one asks the agent. A stream of items, each a line "KIND BYTES
 * SHA256 NAME" and so many bytes after it, ended by an item of kind "end", without which it is cut
 * off.
 *
 * Kinds: the names of the four lists of a trust list, of which the bytes are the DER of one object;
 * "leftOut", of which they are a sentence that says why the file NAME gives nothing; "blocked", of
 * which there are none, and NAME is the SHA-256 of a certificate that is not to be written: these
 * come first.
 */

#include "pki/bytes.h"
#include "proto/compiler.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define PARCEL_KIND_MAX 32 /* characters */

enum {
        PARCEL_E_END = 1, /* it is whole */
        PARCEL_E_DAMAGED, /* cut off, or no parcel */
};

struct parcel_item {
        char kind[PARCEL_KIND_MAX + 1];
        char *name;
        uint8_t *data;
        size_t n;
};

/**
 * parcel_write() - one more item; failures stick in @file
 * @name:   of the file; text without control characters
 * @sha256: of the object; NULL: it is none
 */
void parcel_write(FILE *file, const char *kind, const char *name, const uint8_t *sha256,
                  struct bytes data);

/** parcel_end() - all was written */
void parcel_end(FILE *file);

/**
 * parcel_read() - the next item
 * @out: parcel_item_deinit() it; written on success only
 *
 * Return: 0, PARCEL_E_*, or -ENOMEM.
 */
int parcel_read(FILE *file, struct parcel_item *out);

void parcel_item_deinit(struct parcel_item *item);
