/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Decode - from bytes to certificates and CRLs, told by content, never by name.
 *
 * Two sources: a file of a store, which may hold several objects, PEM or DER, or nothing that is
 * our business; and the certificates of a request, which are DER. A thing that cannot be read is an
 * item with a reason, not an error.
 *
 * A private key is told by its label or its first bytes and is not looked into.
 */

#include "base/vec.h"
#include "pki/bytes.h"
#include "proto/compiler.h"
#include "proto/names.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cert;
struct crl;

#define DECODE_ITEMS_MAX 10000 /* objects in one file; what follows is one broken item */

/* One request: the limits of the wire. */
#define DECODE_CHAIN_MAX         NAMES_CERTIFICATES_MAX
#define DECODE_CERT_BYTES_MAX    NAMES_CERTIFICATE_MAX_BYTES
#define DECODE_REQUEST_BYTES_MAX NAMES_CERTIFICATES_MAX_BYTES

/* Condition codes of decode_message_chain(). */
enum {
        DECODE_E_TOO_MANY = 1,      /* more than DECODE_CHAIN_MAX certificates or elements */
        DECODE_E_CERT_TOO_LARGE,    /* one of more than DECODE_CERT_BYTES_MAX bytes */
        DECODE_E_REQUEST_TOO_LARGE, /* more than DECODE_REQUEST_BYTES_MAX bytes together */
};

enum decode_kind {
        DECODE_CERT,
        DECODE_CRL,
        DECODE_PRIVATE_KEY, /* seen, not read */
        DECODE_FOREIGN,     /* none of our business: other PEM objects, text, pictures */
        /* meant for us, and damaged: does not read, is cut off, has bytes behind it, is empty */
        DECODE_BROKEN,
};

struct decode_item {
        enum decode_kind kind;
        const struct cert *cert; /* DECODE_CERT: owned */
        const struct crl *crl;   /* DECODE_CRL: owned */
        const char *reason;      /* else: a plain sentence, static */

        /*
         * Where it stands in the content, borrowed from that; PEM with its boundaries. n 0: what
         * follows from no one place.
         */
        struct bytes span;
};

struct decode_list {
        /* in the order of the file; at least one after decode_file() */
        VEC(struct decode_item) items;
};

#define DECODE_LIST_NULL                                                                           \
        {                                                                                          \
                VEC_NULL                                                                           \
        }

/**
 * decode_file() - read everything that a file holds
 * @content: the whole file; borrowed for the call only
 *
 * PEM if a line begins with "-----BEGIN ", DER if the first byte is that of a SEQUENCE; several
 * objects may follow each other in either. Blanks and NULs behind the last DER object are no fault.
 * An empty file is broken: it is being written.
 *
 * Errors: -ENOMEM. Cost: that of cert_new() and crl_new(). Any thread.
 * Return: 0 with @out, for decode_list_deinit(), or -ENOMEM.
 */
int decode_file(struct bytes content, struct decode_list *out);

/** decode_list_deinit() - frees the items; a DECODE_LIST_NULL may be passed */
void decode_list_deinit(struct decode_list *list);

/**
 * decode_starts_private_key() - do these first bytes of a file begin a private key?
 * @head: 64 bytes or more, or the whole file; PEM or DER, PKCS#8, PKCS#1, SEC 1, PKCS#12
 *
 * So that a file of which this is true need not be read further.
 */
bool decode_starts_private_key(struct bytes head);

/* Condition codes of decode_find_crl(). */
enum {
        DECODE_E_NO_SUCH_CRL = 1,
};

/**
 * decode_find_crl() - the bytes of a CRL that a file holds, which decode_file() does not keep
 * @content: the whole file, PEM or DER; borrowed for the call only
 * @sha256:  of the CRL's DER
 * @out:     its DER; free() it
 *
 * Errors: -ENOMEM, DECODE_E_NO_SUCH_CRL. Cost: one hash of what the file holds. Any thread.
 * Return: 0 with @out and @out_n, or as said.
 */
int decode_find_crl(struct bytes content, const uint8_t sha256[32], uint8_t **out, size_t *out_n);

/* What was dropped from a message, or stands in it beside certificates. */
struct decode_note {
        size_t element;     /* which element of the request */
        const char *reason; /* a plain sentence, static */
};

struct decode_chain {
        /* as presented, the one in question first, no one twice; owned */
        VEC(const struct cert *) certs;
        VEC(struct decode_note) notes;
        /* why the certificate in question cannot be read; static; then certs is empty */
        const char *reason;
        size_t n_presented; /* certificates that were looked at, dropped ones too */
};

#define DECODE_CHAIN_NULL                                                                          \
        {                                                                                          \
                VEC_NULL, VEC_NULL, NULL, 0                                                        \
        }

/**
 * decode_message_chain() - read the certificates of a request
 * @elements: n_elements of them, DER; each may hold several certificates one after another, as OPC
 *            UA sends them
 *
 * The first certificate is the one in question: if it cannot be read, out->reason says why, which
 * is a verdict, not an error. Others that cannot be read, or come twice, are dropped with a note,
 * as are bytes that start no certificate.
 *
 * Errors: -ENOMEM, DECODE_E_*, none of which leaves anything in @out. Any thread.
 * Return: 0 with @out, for decode_chain_deinit(), or as said.
 */
int decode_message_chain(const struct bytes *elements, size_t n_elements, struct decode_chain *out);

/** decode_chain_deinit() - drops the references; a DECODE_CHAIN_NULL may be passed */
void decode_chain_deinit(struct decode_chain *chain);
