/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Suppress - the findings of Table 106 that an administrator or a request may let pass, as a set of
 * bits. A finding that is not in this list cannot be suppressed by anybody.
 *
 * Spec: OPC 10000-4 6.1.3, Table 106 ("This error may be suppressed"); OPC 10000-12 7.8.2.10.
 * Reading: "/absent" names the milder half of a usage finding: a usage extension that is missing,
 * or a keyUsage without nonRepudiation. BadCertificateUseNotAllowed contains
 * BadCertificateUseNotAllowed/absent.
 */

enum suppress {
        SUPPRESS_POLICY = 1 << 0,             /* BadCertificatePolicyCheckFailed, above the floor */
        SUPPRESS_TIME = 1 << 1,               /* BadCertificateTimeInvalid */
        SUPPRESS_ISSUER_TIME = 1 << 2,        /* BadCertificateIssuerTimeInvalid */
        SUPPRESS_HOST_NAME = 1 << 3,          /* BadCertificateHostNameInvalid */
        SUPPRESS_USE = 1 << 4,                /* BadCertificateUseNotAllowed */
        SUPPRESS_USE_ABSENT = 1 << 5,         /* BadCertificateUseNotAllowed/absent */
        SUPPRESS_ISSUER_USE = 1 << 6,         /* BadCertificateIssuerUseNotAllowed */
        SUPPRESS_ISSUER_USE_ABSENT = 1 << 7,  /* BadCertificateIssuerUseNotAllowed/absent */
        SUPPRESS_REVOCATION_UNKNOWN = 1 << 8, /* BadCertificateRevocationUnknown */
        SUPPRESS_ISSUER_REVOCATION_UNKNOWN = 1 << 9, /* BadCertificateIssuerRevocationUnknown */
};

enum {
        SUPPRESS_E_UNKNOWN = 1,   /* no status of that name */
        SUPPRESS_E_FORBIDDEN = 2, /* a status that the table lets nobody suppress */
};

/**
 * suppress_parse() - the bits that a name stands for
 * @name: a StatusCode's name, with or without "/absent"
 * @out:  the bits, those contained in the name included
 *
 * Return: 0, SUPPRESS_E_UNKNOWN or SUPPRESS_E_FORBIDDEN.
 */
int suppress_parse(const char *name, unsigned int *out);

/** suppress_name() - the name of one bit, for people and for the wire */
const char *suppress_name(enum suppress bit);
