/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Issue - an own certificate, signed with its own key, or the request for one to a CA.
 *
 * What stands in it: the subject; subjectAltName with the one URI, then DNS names and addresses;
 * basicConstraints critical without cA; keyUsage critical, for RSA digitalSignature,
 * nonRepudiation, keyEncipherment and dataEncipherment, else digitalSignature, keyCertSign added
 * where it signs itself; extendedKeyUsage serverAuth and clientAuth; SKI, and AKI where it signs
 * itself; a random serial of 127 bits.
 *
 * Spec: OPC 10000-6 6.2.2.
 */

#include "pki/bytes.h"

#include <openssl/types.h>

#include <stdbool.h>
#include <stdint.h>

struct buf;
struct identity;
struct key_kind;

enum {
        ISSUE_E_OPENSSL = 1, /* private_key_error() has its words */
};

struct issue {
        const struct identity *identity; /* its URI is known, and its subject or common name */
        EVP_PKEY *key;
        const struct key_kind *kind;
        int64_t not_before_s, not_after_s; /* of a certificate */
};

/** issue_certificate() - append a self-signed certificate in DER; Return: 0, ISSUE_E_OPENSSL, -ENOMEM */
int issue_certificate(const struct issue *issue, struct buf *out);

/** issue_request() - append a PKCS#10 request in DER; Return: as above */
int issue_request(const struct issue *issue, struct buf *out);

/** issue_is_request() - does this request, in PEM, ask for these names? */
bool issue_is_request(struct bytes pem, const struct identity *identity);

/**
 * issue_read_request() - the URI that a request asks for
 * @pem: of the request
 *
 * Return: text to free(); NULL: none, or not to be read.
 */
char *issue_read_request(struct bytes pem);
