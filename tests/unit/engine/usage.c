/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/usage.h"

#include "engine/chain.h"
#include "engine/judgement.h"
#include "engine/report.h"
#include "harness/test.h"
#include "pki/cert.h"
#include "proto/status.h"

#define KU_RSA                                                                                     \
        (CERT_USAGE_DIGITAL_SIGNATURE | CERT_USAGE_NON_REPUDIATION | CERT_USAGE_KEY_ENCIPHERMENT | \
         CERT_USAGE_DATA_ENCIPHERMENT)
#define KU_CA    (CERT_USAGE_KEY_CERT_SIGN | CERT_USAGE_CRL_SIGN)
#define EKU_BOTH (CERT_PURPOSE_SERVER | CERT_PURPOSE_CLIENT)

#define USAGES(n_bits)                                                                             \
        {                                                                                          \
                .is_present = true, .bits = (n_bits)                                               \
        }
#define CRITICAL(n_bits)                                                                           \
        {                                                                                          \
                .is_present = true, .is_critical = true, .bits = (n_bits)                          \
        }
#define ABSENT                                                                                     \
        {                                                                                          \
                .is_present = false                                                                \
        }
#define IS_CA                                                                                      \
        {                                                                                          \
                .is_present = true, .is_ca = true                                                  \
        }

/* Bits of what is found: findings of one kind are told once. */
enum found {
        NOTED = 1 << 0,
        ABSENTLY = 1 << 1, /* "/absent", which may be suppressed */
        FAILED = 1 << 2,   /* and may be suppressed */
        NEVER = 1 << 3,    /* failed, and may not */
};

struct leaf_row {
        const char *name;
        enum purpose purpose;
        enum key_type key;
        struct cert_usages key_usage, extended;
        struct cert_basic_constraints constraints;
        bool is_self_signed;
        unsigned int found;
};

static const struct leaf_row LEAVES[] = {
        { "all there", PURPOSE_CLIENT, KEY_TYPE_RSA, CRITICAL(KU_RSA), USAGES(EKU_BOTH),
          .found = 0 },
        { "no dataEncipherment", PURPOSE_CLIENT, KEY_TYPE_RSA,
          USAGES(KU_RSA & ~CERT_USAGE_DATA_ENCIPHERMENT), USAGES(EKU_BOTH), .found = FAILED },
        { "critical, and no dataEncipherment", PURPOSE_CLIENT, KEY_TYPE_RSA,
          CRITICAL(KU_RSA & ~CERT_USAGE_DATA_ENCIPHERMENT), USAGES(EKU_BOTH), .found = NEVER },
        { "no nonRepudiation", PURPOSE_CLIENT, KEY_TYPE_RSA,
          CRITICAL(KU_RSA & ~CERT_USAGE_NON_REPUDIATION), USAGES(EKU_BOTH), .found = ABSENTLY },
        { "no keyUsage", PURPOSE_SERVER, KEY_TYPE_RSA, ABSENT, USAGES(EKU_BOTH),
          .found = ABSENTLY },
        { "no extendedKeyUsage", PURPOSE_SERVER, KEY_TYPE_RSA, CRITICAL(KU_RSA), ABSENT,
          .found = ABSENTLY },
        { "neither", PURPOSE_SERVER, KEY_TYPE_RSA, ABSENT, ABSENT, .found = ABSENTLY },
        { "a client's as a server", PURPOSE_SERVER, KEY_TYPE_RSA, CRITICAL(KU_RSA),
          USAGES(CERT_PURPOSE_CLIENT), .found = FAILED },
        { "a server's as a client, critical", PURPOSE_CLIENT, KEY_TYPE_RSA, CRITICAL(KU_RSA),
          CRITICAL(CERT_PURPOSE_SERVER), .found = NEVER },
        { "any purpose", PURPOSE_CLIENT, KEY_TYPE_RSA, CRITICAL(KU_RSA), USAGES(CERT_PURPOSE_ANY),
          .found = 0 },
        { "EC needs digitalSignature alone", PURPOSE_CLIENT, KEY_TYPE_EC,
          CRITICAL(CERT_USAGE_DIGITAL_SIGNATURE), ABSENT, .found = 0 },
        { "EC, further bits", PURPOSE_CLIENT, KEY_TYPE_EC,
          CRITICAL(CERT_USAGE_DIGITAL_SIGNATURE | CERT_USAGE_KEY_AGREEMENT), ABSENT, .found = 0 },
        { "EC without digitalSignature", PURPOSE_CLIENT, KEY_TYPE_EC,
          CRITICAL(CERT_USAGE_KEY_AGREEMENT), ABSENT, .found = NEVER },
        { "EC with another's purpose", PURPOSE_CLIENT, KEY_TYPE_EC,
          CRITICAL(CERT_USAGE_DIGITAL_SIGNATURE), USAGES(CERT_PURPOSE_EMAIL), .found = FAILED },

        { "a real CA", PURPOSE_CLIENT, KEY_TYPE_RSA, CRITICAL(KU_RSA | KU_CA), USAGES(EKU_BOTH),
          IS_CA, .found = NEVER },
        { "a real CA, self-signed", PURPOSE_CLIENT, KEY_TYPE_RSA, CRITICAL(KU_RSA | KU_CA),
          USAGES(EKU_BOTH), IS_CA, .is_self_signed = true, .found = NEVER },
        { "cA TRUE, self-signed without cRLSign", PURPOSE_CLIENT, KEY_TYPE_RSA,
          CRITICAL(KU_RSA | CERT_USAGE_KEY_CERT_SIGN), USAGES(EKU_BOTH), IS_CA,
          .is_self_signed = true, .found = NOTED },
        { "cA TRUE and not self-signed", PURPOSE_CLIENT, KEY_TYPE_RSA, CRITICAL(KU_RSA),
          USAGES(EKU_BOTH), IS_CA, .found = NEVER },
        { "self-signed without keyCertSign", PURPOSE_CLIENT, KEY_TYPE_RSA, CRITICAL(KU_RSA),
          USAGES(EKU_BOTH), .is_self_signed = true, .found = NOTED },

        { "a user with nothing", PURPOSE_USER, KEY_TYPE_RSA, ABSENT, ABSENT, .found = 0 },
        { "a user without digitalSignature", PURPOSE_USER, KEY_TYPE_RSA,
          USAGES(CERT_USAGE_KEY_ENCIPHERMENT), ABSENT, .found = FAILED },
        { "a user with emailProtection, too", PURPOSE_USER, KEY_TYPE_RSA, ABSENT,
          USAGES(CERT_PURPOSE_EMAIL | CERT_PURPOSE_CLIENT), .found = NOTED },
        { "a user with serverAuth", PURPOSE_USER, KEY_TYPE_RSA, ABSENT, USAGES(CERT_PURPOSE_SERVER),
          .found = FAILED },

        { "a web server with nothing", PURPOSE_HTTPS, KEY_TYPE_RSA, ABSENT, ABSENT, .found = 0 },
        { "a web server that enciphers", PURPOSE_HTTPS, KEY_TYPE_RSA,
          CRITICAL(CERT_USAGE_KEY_ENCIPHERMENT), USAGES(CERT_PURPOSE_SERVER), .found = 0 },
        { "a web server that agrees", PURPOSE_HTTPS, KEY_TYPE_EC, USAGES(CERT_USAGE_KEY_AGREEMENT),
          ABSENT, .found = FAILED },
        { "a web server with clientAuth", PURPOSE_HTTPS, KEY_TYPE_RSA, ABSENT,
          USAGES(CERT_PURPOSE_CLIENT), .found = FAILED },
};

struct issuer_row {
        const char *name;
        enum purpose purpose;
        struct cert_usages key_usage, extended;
        struct cert_basic_constraints constraints;
        bool has_uri, is_intermediate;
        unsigned int found;
};

static const struct issuer_row ISSUERS[] = {
        { "a CA", PURPOSE_CLIENT, CRITICAL(KU_CA), ABSENT, IS_CA, .found = 0 },
        { "a CA without keyUsage", PURPOSE_CLIENT, ABSENT, ABSENT, IS_CA, .found = 0 },
        { "no CA", PURPOSE_CLIENT, CRITICAL(KU_CA), ABSENT, .found = NEVER },
        { "no keyCertSign", PURPOSE_CLIENT, USAGES(CERT_USAGE_CRL_SIGN), ABSENT, IS_CA,
          .found = NEVER },
        { "an intermediate without cRLSign", PURPOSE_CLIENT, USAGES(CERT_USAGE_KEY_CERT_SIGN),
          ABSENT, IS_CA, .is_intermediate = true, .found = FAILED },
        { "critical, too", PURPOSE_CLIENT, CRITICAL(CERT_USAGE_KEY_CERT_SIGN), ABSENT, IS_CA,
          .is_intermediate = true, .found = NEVER },
        { "of https it is not asked", PURPOSE_HTTPS, USAGES(CERT_USAGE_KEY_CERT_SIGN), ABSENT,
          IS_CA, .found = 0 },
        { "a root without cRLSign is an application", PURPOSE_CLIENT,
          USAGES(CERT_USAGE_KEY_CERT_SIGN), ABSENT, IS_CA, .found = FAILED | NEVER },
        { "a root with a URI is one", PURPOSE_CLIENT, CRITICAL(KU_CA), ABSENT, IS_CA,
          .has_uri = true, .found = NEVER },
        { "for https, too", PURPOSE_HTTPS, CRITICAL(KU_CA), ABSENT, IS_CA, .has_uri = true,
          .found = NEVER },
        { "a root with clientAuth is one", PURPOSE_CLIENT, CRITICAL(KU_CA),
          USAGES(CERT_PURPOSE_CLIENT), IS_CA, .found = NEVER },
        { "an intermediate with a URI is a CA", PURPOSE_CLIENT, CRITICAL(KU_CA), ABSENT, IS_CA,
          .has_uri = true, .is_intermediate = true, .found = 0 },
        { "an intermediate for clients", PURPOSE_CLIENT, CRITICAL(KU_CA),
          USAGES(CERT_PURPOSE_CLIENT), IS_CA, .is_intermediate = true, .found = 0 },
        { "an intermediate for servers", PURPOSE_USER, CRITICAL(KU_CA), USAGES(CERT_PURPOSE_SERVER),
          IS_CA, .is_intermediate = true, .found = FAILED },
        { "an intermediate for any", PURPOSE_SERVER, CRITICAL(KU_CA), CRITICAL(CERT_PURPOSE_ANY),
          IS_CA, .is_intermediate = true, .found = 0 },
};

static unsigned int kinds_of(const struct report *report)
{
        unsigned int found = 0;

        for (size_t i = 0; i < report->findings.n; i++) {
                const struct finding *finding = &report->findings.items[i];

                assert_int_equal(finding->step, STEP_USAGE);
                if (finding->severity == SEVERITY_NOTE)
                        found |= NOTED;
                else if (finding->severity == SEVERITY_ERROR)
                        found |= NEVER;
                else
                        found |= finding->qualifier ? ABSENTLY : FAILED;
        }
        return found;
}

static unsigned int find(enum purpose purpose, const struct chain *chain)
{
        struct profile profile = { .purpose = purpose };
        struct judgement judgement = { .profile = &profile };
        struct report report;
        unsigned int found;

        report_init(&report, ~0u);
        usage_check(&judgement, chain, &report);
        assert_int_equal(report.error, 0);
        found = kinds_of(&report);
        report_deinit(&report);
        return found;
}

static void a_certificate_is_used_for_what_it_is_for(void **state)
{
        static const struct cert CA = { .basic_constraints = IS_CA };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(LEAVES); i++) {
                const struct leaf_row *row = &LEAVES[i];
                struct cert leaf = {
                        .key = { .type = row->key },
                        .key_usage = row->key_usage,
                        .extended_key_usage = row->extended,
                        .basic_constraints = row->constraints,
                };
                struct chain chain = {
                        .links = { { .cert = &leaf }, { .cert = &CA } },
                        .n = row->is_self_signed ? 1 : 2,
                };
                unsigned int found = find(row->purpose, &chain);

                if (found != row->found)
                        fail_msg("%s: %#x, not %#x", row->name, found, row->found);
        }
}

static void an_issuer_is_a_ca_and_no_application(void **state)
{
        static const struct bytes URI = { (const uint8_t *)"urn:a", 5 };
        static const struct cert LEAF = { .key = { .type = KEY_TYPE_EC },
                                          .key_usage = CRITICAL(CERT_USAGE_DIGITAL_SIGNATURE) };
        static const struct cert ROOT = { .basic_constraints = IS_CA };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(ISSUERS); i++) {
                const struct issuer_row *row = &ISSUERS[i];
                struct cert issuer = {
                        .key_usage = row->key_usage,
                        .extended_key_usage = row->extended,
                        .basic_constraints = row->constraints,
                        .alt_names = { .uris = &URI, .n_uris = row->has_uri },
                };
                struct chain chain = {
                        .links = { { .cert = &LEAF }, { .cert = &issuer }, { .cert = &ROOT } },
                        .n = row->is_intermediate ? 3 : 2,
                };
                unsigned int found = find(row->purpose, &chain);

                if (found != row->found)
                        fail_msg("%s: %#x, not %#x", row->name, found, row->found);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_certificate_is_used_for_what_it_is_for),
                cmocka_unit_test(an_issuer_is_a_ca_and_no_application),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
