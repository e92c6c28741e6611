/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * File name - what an SDK calls the file of a certificate or CRL in its folder.
 *
 * SDKs put the common name into it, which is a stranger's word: of it letters, digits and a few
 * signs are kept, and what makes the name the file's own is always a hash.
 */

#include "pki/bytes.h"

#include <stdbool.h>

/* What there is to say of one object. */
struct file_name_of {
        struct bytes name; /* in DER: the subject of a certificate, the issuer of a CRL */
        const uint8_t *sha256;
        const uint8_t *sha1;
        bool is_crl;
};

/**
 * file_name_make() - "CN [SHA1].der" (net), "CN[SHA1]" (open62541), "CN[SHA1].pem" (node-opcua),
 * "SHA1.der" (milo), else "SHA256.der"; of CRLs ".crl" for ".der"
 * @layout: its name
 * @out:    free() it
 *
 * Return: 0 or -ENOMEM.
 */
int file_name_make(const char *layout, const struct file_name_of *of, char **out);

/** file_name_is_pem() - is what lies under such a name PEM? */
bool file_name_is_pem(const char *layout);
