/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Identity - the names that an own certificate is to bear, and what may be one.
 *
 * Spec: OPC 10000-6 6.2.2: subject, exactly one URI, then host names and addresses.
 */

#include "base/vec.h"
#include "pki/bytes.h"
#include "proto/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cert;

#define IDENTITY_URI_MAX   1024
#define IDENTITY_TEXT_MAX  64 /* characters of CN and O, RFC 5280 A.1 */
#define IDENTITY_HOSTS_MAX 64

struct identity_ip {
        uint8_t bytes[16];
        size_t n; /* 4 or 16 */
};

struct identity {
        char *application_uri; /* NULL: not known yet; owned, as all are */
        char *common_name;
        char *organization; /* NULL: none */

        /* A whole Name in DER, in place of these two: that of the certificate that is renewed. */
        uint8_t *subject;
        size_t n_subject;

        VEC(char *) dns_names;
        VEC(struct identity_ip) ips;
};

#define IDENTITY_NULL                                                                              \
        {                                                                                          \
                .application_uri = NULL                                                            \
        }

void identity_deinit(struct identity *identity);

/** identity_is_uri() - scheme, ':' and something, of the characters that RFC 3986 allows? */
bool identity_is_uri(const char *text);

/** identity_is_text() - may it be CN or O: UTF-8, 1 to IDENTITY_TEXT_MAX characters, no controls? */
bool identity_is_text(const char *text);

/**
 * identity_is_dns_name() - letters, digits, '-' and '_' in labels of 1 to 63, 253 in all, the last
 * label no number, as that of a mistyped address would be?
 */
bool identity_is_dns_name(const char *text);

enum {
        IDENTITY_E_NO_HOST = 1, /* neither a DNS name nor an address */
        IDENTITY_E_TOO_MANY,
        IDENTITY_E_NO_URI,    /* the certificate has none, or several */
        IDENTITY_E_ODD_NAMES, /* it has names that would not be given again */
};

/**
 * identity_add_host() - one more host name, or address without brackets; one that is there already
 * is not added again
 *
 * A trailing dot is dropped. Return: 0, IDENTITY_E_NO_HOST, IDENTITY_E_TOO_MANY or -ENOMEM.
 */
int identity_add_host(struct identity *identity, const char *text);

/** identity_add_address() - the same, if it is an address; Return: as above */
int identity_add_address(struct identity *identity, const char *text);

/** identity_forget_hosts() */
void identity_forget_hosts(struct identity *identity);

/** identity_host() - the @i-th host, names first, as text in @out; Return: false: there is none */
bool identity_host(const struct identity *identity, size_t i, char out[256]);

/**
 * identity_read() - the names of a certificate: subject, URI, hosts
 * @identity: IDENTITY_NULL
 *
 * Return: 0; IDENTITY_E_NO_URI with all but the URI; IDENTITY_E_ODD_NAMES; or -ENOMEM.
 */
int identity_read(const struct cert *cert, struct identity *identity);

/**
 * identity_make_uri() - urn:HOST:NAME, what may not stand in a URI as %XX
 *
 * Return: 0 with @out, to free(), or -ENOMEM.
 */
int identity_make_uri(const char *host, const char *name, char **out);

/**
 * identity_make_file_name() - from a name the root of file names: letters, digits, '-', '_' and '.',
 * not at the beginning; all else is '_'; at most 64 bytes
 */
void identity_make_file_name(const char *name, char out[65]);

/** identity_is_file_name() - is it one as identity_make_file_name() makes, brackets and blanks too? */
bool identity_is_file_name(const char *text);
