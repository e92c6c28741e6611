/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Parcel - certificates and CRLs to and from uatrust-own, through a pipe: what they are is told in
 * agent/own/parcel.h. Here all of one is held at once.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum parcel_kind {
        PARCEL_TRUSTED_CERTIFICATES,
        PARCEL_TRUSTED_CRLS,
        PARCEL_ISSUER_CERTIFICATES,
        PARCEL_ISSUER_CRLS,
        PARCEL_LISTS, /* how many lists there are */
        PARCEL_LEFT_OUT = PARCEL_LISTS,
        PARCEL_KINDS,
};

struct parcel_item {
        enum parcel_kind kind;
        char sha256[65];     /* of the object; "": not known */
        char *name;          /* of the file; NULL: it was in the store before */
        unsigned char *data; /* DER; of what is left out a sentence with its NUL */
        size_t n;
};

struct parcel {
        struct parcel_item *items;
        size_t n;
};

/** parcel_list_name() - as the agent calls it: "trustedCertificates", ... */
const char *parcel_list_name(enum parcel_kind kind);

/**
 * parcel_read() - all of it; @parcel: empty, parcel_deinit() it; Return: false: it is cut off, or
 * memory is short
 */
bool parcel_read(FILE *file, struct parcel *parcel);

/** parcel_add() - @name, @data: copied; @name NULL allowed; Return: false: memory is short */
bool parcel_add(struct parcel *parcel, enum parcel_kind kind, const char *name, const void *data,
                size_t n);

/** parcel_count() - of one kind */
size_t parcel_count(const struct parcel *parcel, enum parcel_kind kind);

/**
 * parcel_drop_repeats() - one of each that stands in a list twice, the first; order is by kind,
 * then as it was
 */
void parcel_drop_repeats(struct parcel *parcel);

/** parcel_write() - the lists, ended; failures stick in @file */
void parcel_write(FILE *file, const struct parcel *parcel);

void parcel_deinit(struct parcel *parcel);
