/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/suppress.h"

#include "proto/compiler.h"
#include "proto/status.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct suppress_row {
        const char *name;
        enum suppress bit;
        unsigned int contained; /* further bits that the name stands for */
};

static const struct suppress_row ROWS[] = {
        { "BadCertificatePolicyCheckFailed", SUPPRESS_POLICY, 0 },
        { "BadCertificateTimeInvalid", SUPPRESS_TIME, 0 },
        { "BadCertificateIssuerTimeInvalid", SUPPRESS_ISSUER_TIME, 0 },
        { "BadCertificateHostNameInvalid", SUPPRESS_HOST_NAME, 0 },
        { "BadCertificateUseNotAllowed", SUPPRESS_USE, SUPPRESS_USE_ABSENT },
        { "BadCertificateUseNotAllowed/absent", SUPPRESS_USE_ABSENT, 0 },
        { "BadCertificateIssuerUseNotAllowed", SUPPRESS_ISSUER_USE, SUPPRESS_ISSUER_USE_ABSENT },
        { "BadCertificateIssuerUseNotAllowed/absent", SUPPRESS_ISSUER_USE_ABSENT, 0 },
        { "BadCertificateRevocationUnknown", SUPPRESS_REVOCATION_UNKNOWN, 0 },
        { "BadCertificateIssuerRevocationUnknown", SUPPRESS_ISSUER_REVOCATION_UNKNOWN, 0 },
};

int suppress_parse(const char *name, unsigned int *out)
{
        uint32_t code;

        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
                if (strcmp(name, ROWS[i].name) == 0) {
                        *out = ROWS[i].bit | ROWS[i].contained;
                        return 0;
                }
        }
        if (status_code_find(name, &code) == 0)
                return SUPPRESS_E_FORBIDDEN;
        return SUPPRESS_E_UNKNOWN;
}

const char *suppress_name(enum suppress bit)
{
        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
                if (ROWS[i].bit == bit)
                        return ROWS[i].name;
        }
        return NULL;
}
