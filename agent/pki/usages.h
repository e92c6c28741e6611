/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Usages - keyUsage and extendedKeyUsage: what a certificate says that its key is for.
 *
 * Whether that suffices for a role is the engine's to say.
 *
 * Spec: RFC 5280 4.2.1.3, 4.2.1.12.
 */

#include "pki/bytes.h"
#include "pki/fault.h"

#include <stdbool.h>

/* Bits of keyUsage, RFC 5280 4.2.1.3: bit n of the BIT STRING is 1 << n here. */
enum cert_usage {
        CERT_USAGE_DIGITAL_SIGNATURE = 1 << 0,
        CERT_USAGE_NON_REPUDIATION = 1 << 1,
        CERT_USAGE_KEY_ENCIPHERMENT = 1 << 2,
        CERT_USAGE_DATA_ENCIPHERMENT = 1 << 3,
        CERT_USAGE_KEY_AGREEMENT = 1 << 4,
        CERT_USAGE_KEY_CERT_SIGN = 1 << 5,
        CERT_USAGE_CRL_SIGN = 1 << 6,
        CERT_USAGE_ENCIPHER_ONLY = 1 << 7,
        CERT_USAGE_DECIPHER_ONLY = 1 << 8,
};

/* Purposes in extendedKeyUsage. */
enum cert_purpose {
        CERT_PURPOSE_SERVER = 1 << 0,
        CERT_PURPOSE_CLIENT = 1 << 1,
        CERT_PURPOSE_ANY = 1 << 2,
        CERT_PURPOSE_EMAIL = 1 << 3,
        CERT_PURPOSE_SMARTCARD_LOGON = 1 << 4,
        CERT_PURPOSE_OTHER = 1 << 5,
};

/**
 * usages_read_key() - read the value of keyUsage
 * @faults: FAULT_KEY_USAGE_FORM is added
 *
 * Return: false if it cannot be read, or names no usage.
 */
bool usages_read_key(struct bytes value, struct faults *faults, unsigned int *out);

/** usages_read_extended() - read the value of extendedKeyUsage; Return: false as above */
bool usages_read_extended(struct bytes value, unsigned int *out);
