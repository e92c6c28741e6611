/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/suppress.h"

#include "harness/test.h"
#include "proto/compiler.h"

struct row {
        const char *name;
        int r;
        unsigned int bits;
};

static const struct row ROWS[] = {
        { "BadCertificateTimeInvalid", 0, SUPPRESS_TIME },
        { "BadCertificateIssuerTimeInvalid", 0, SUPPRESS_ISSUER_TIME },
        { "BadCertificateHostNameInvalid", 0, SUPPRESS_HOST_NAME },
        { "BadCertificatePolicyCheckFailed", 0, SUPPRESS_POLICY },
        { "BadCertificateUseNotAllowed", 0, SUPPRESS_USE | SUPPRESS_USE_ABSENT },
        { "BadCertificateUseNotAllowed/absent", 0, SUPPRESS_USE_ABSENT },
        { "BadCertificateIssuerUseNotAllowed", 0,
          SUPPRESS_ISSUER_USE | SUPPRESS_ISSUER_USE_ABSENT },
        { "BadCertificateIssuerUseNotAllowed/absent", 0, SUPPRESS_ISSUER_USE_ABSENT },
        { "BadCertificateRevocationUnknown", 0, SUPPRESS_REVOCATION_UNKNOWN },
        { "BadCertificateIssuerRevocationUnknown", 0, SUPPRESS_ISSUER_REVOCATION_UNKNOWN },
        { "BadCertificateInvalid", SUPPRESS_E_FORBIDDEN, 0 },
        { "BadCertificateChainIncomplete", SUPPRESS_E_FORBIDDEN, 0 },
        { "BadCertificateUntrusted", SUPPRESS_E_FORBIDDEN, 0 },
        { "BadCertificateUriInvalid", SUPPRESS_E_FORBIDDEN, 0 },
        { "BadCertificateRevoked", SUPPRESS_E_FORBIDDEN, 0 },
        { "BadCertificateIssuerRevoked", SUPPRESS_E_FORBIDDEN, 0 },
        { "Good", SUPPRESS_E_FORBIDDEN, 0 },
        { "BadCertificateTimeInvalid/absent", SUPPRESS_E_UNKNOWN, 0 },
        { "badcertificatetimeinvalid", SUPPRESS_E_UNKNOWN, 0 },
        { "", SUPPRESS_E_UNKNOWN, 0 },
};

static void a_name_gives_what_may_be_suppressed(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
                unsigned int bits = 0;
                int r = suppress_parse(ROWS[i].name, &bits);

                if (r != ROWS[i].r || bits != ROWS[i].bits)
                        fail_msg("%s: %d, bits %#x", ROWS[i].name, r, bits);
        }
}

static void every_bit_has_its_name(void **state)
{
        (void)state;
        for (unsigned int bit = 1; bit <= SUPPRESS_ISSUER_REVOCATION_UNKNOWN; bit <<= 1) {
                const char *name = suppress_name(bit);
                unsigned int bits;

                assert_non_null(name);
                assert_int_equal(suppress_parse(name, &bits), 0);
                assert_true(bits & bit);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_name_gives_what_may_be_suppressed),
                cmocka_unit_test(every_bit_has_its_name),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
