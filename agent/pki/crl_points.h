/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Crl points - cRLDistributionPoints: where the CRLs that speak about a certificate are found.
 *
 * Nothing is ever fetched from there. The names tell which partitioned and indirect CRLs cover the
 * certificate (pki/link).
 *
 * Spec: RFC 5280 4.2.1.13.
 */

#include "pki/bytes.h"

#include <stddef.h>

struct name;

#define CRL_POINTS_ISSUERS_MAX 16

struct crl_points {
        struct bytes value;         /* of the extension, for extension_open_points(); n 0: absent */
        const struct name *issuers; /* who is named by cRLIssuer, whose indirect CRLs may list it */
        size_t n_issuers;           /* up to CRL_POINTS_ISSUERS_MAX; further ones are left out */
};

/**
 * crl_points_read() - @value: of the extension, found well-formed by extension_check(); kept
 *
 * Return: 0 with @out, for crl_points_deinit(), or -ENOMEM.
 */
int crl_points_read(struct bytes value, struct crl_points *out);

/** crl_points_deinit() - zeroed points may be passed */
void crl_points_deinit(struct crl_points *points);
