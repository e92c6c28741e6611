/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/strength.h"

#include "engine/chain.h"
#include "engine/judgement.h"
#include "engine/report.h"
#include "harness/test.h"
#include "pki/cert.h"
#include "trust/policy.h"

#define RSA(n_bits)                                                                                \
        {                                                                                          \
                .type = KEY_TYPE_RSA, .bits = (n_bits)                                             \
        }
#define EC(name, n_bits)                                                                           \
        {                                                                                          \
                .type = KEY_TYPE_EC, .curve = KEY_CURVE_##name, .bits = (n_bits)                   \
        }
#define ED25519                                                                                    \
        {                                                                                          \
                .type = KEY_TYPE_ED25519, .bits = 256                                              \
        }

enum found {
        NOTHING,
        NOTED,
        FAILED, /* by the policy: may be suppressed */
        FELL,   /* through the floor: may not */
};

struct row {
        const char *policy; /* NULL: none given */
        struct key_info key, ca_key;
        enum key_hash hash, ca_hash; /* SHA-256 by default; a chain of one if ca_key has no bits */
        enum key_scheme scheme;      /* PKCS#1 v1.5 or what fits the key by default */
        bool allows_deprecated;
        enum found found;
};

static const struct row ROWS[] = {
        { NULL, RSA(2048), RSA(2048), .found = NOTHING },
        { NULL, RSA(2047), RSA(2048), .found = FAILED },
        { NULL, RSA(8192), RSA(8192), .found = NOTHING },
        { NULL, RSA(2048), RSA(2048), KEY_HASH_SHA512, .found = NOTHING },
        { NULL, RSA(2048), RSA(2048), KEY_HASH_SHA224, .found = FAILED },
        { NULL, RSA(2048), RSA(2048), KEY_HASH_SHA1, .found = FELL },
        { NULL, RSA(2048), RSA(2048), KEY_HASH_SHA1, .allows_deprecated = true, .found = FAILED },
        { NULL, RSA(2048), RSA(2048), KEY_HASH_MD5, .allows_deprecated = true, .found = FELL },
        { NULL, RSA(2048), RSA(2048), .scheme = KEY_SCHEME_RSA_PSS, .found = NOTHING },
        { NULL, EC(BRAINPOOL_P512R1, 512), EC(BRAINPOOL_P512R1, 512), .found = NOTHING },
        { NULL, EC(OTHER, 256), EC(P256, 256), .found = FELL },
        { NULL, { .type = KEY_TYPE_OTHER, .bits = 2048 }, RSA(2048), .found = FELL },

        /* the hash of a root's own signature is not looked at, its key is */
        { NULL, RSA(2048), RSA(2048), KEY_HASH_SHA256, KEY_HASH_MD5, .found = NOTHING },
        { NULL, RSA(2048), { .bits = 0 }, KEY_HASH_MD5, .found = FELL },
        { NULL, RSA(2048), { .bits = 0 }, KEY_HASH_SHA224, .found = FAILED },

        { "Basic256Sha256", RSA(2048), RSA(2048), .found = NOTHING },
        { "Basic256Sha256", RSA(4096), RSA(4096), .found = NOTHING },
        { "Basic256Sha256", RSA(4097), RSA(8192), .found = FAILED },
        { "Basic256Sha256", RSA(2048), RSA(8192), .found = NOTED },
        { "Basic256Sha256", RSA(3072), RSA(2048), .found = FAILED },
        { "Basic256Sha256", RSA(1024), RSA(2048), .found = FAILED },
        { "Basic256Sha256", RSA(1023), RSA(2048), .found = FELL },
        { "Basic256Sha256", RSA(2048), RSA(1024), .found = FAILED },
        { "Basic256Sha256", RSA(2048), RSA(2048), .scheme = KEY_SCHEME_RSA_PSS, .found = FAILED },
        { "Basic256Sha256", EC(P256, 256), EC(P256, 256), .found = FAILED },

        { "Basic256", RSA(2048), RSA(2048), .found = FAILED },
        { "Basic256", RSA(1024), RSA(1024), KEY_HASH_SHA1, .allows_deprecated = true,
          .found = NOTHING },
        { "Basic256", RSA(2048), RSA(4096), .allows_deprecated = true, .found = NOTED },
        { "Basic256", RSA(4096), RSA(4096), .allows_deprecated = true, .found = FAILED },
        { "Basic256", RSA(2048), RSA(2048), KEY_HASH_SHA384, .allows_deprecated = true,
          .found = FAILED },

        { "ECC_nistP256", EC(P256, 256), EC(P384, 384), .found = NOTHING },
        { "ECC_nistP256", EC(P384, 384), EC(P256, 256), .found = FAILED },
        { "ECC_nistP256", EC(P256, 256), EC(P521, 521), .found = FAILED },
        { "ECC_nistP256", EC(P256, 256), EC(BRAINPOOL_P256R1, 256), .found = FAILED },
        { "ECC_nistP384", EC(P384, 384), EC(P521, 521), KEY_HASH_SHA384, .found = NOTHING },
        { "ECC_nistP384", EC(P384, 384), EC(P384, 384), KEY_HASH_SHA256, .found = FAILED },
        { "ECC_nistP384", EC(P521, 521), EC(P521, 521), KEY_HASH_SHA384, .found = FAILED },
        { "ECC_brainpoolP384r1", EC(BRAINPOOL_P384R1, 384), EC(BRAINPOOL_P512R1, 512),
          KEY_HASH_SHA512, .found = NOTHING },
        { "ECC_curve25519", ED25519, ED25519, KEY_HASH_NONE, KEY_HASH_NONE, KEY_SCHEME_ED25519,
          .found = NOTHING },
        { "ECC_curve448", ED25519, ED25519, KEY_HASH_NONE, KEY_HASH_NONE, KEY_SCHEME_ED25519,
          .found = FAILED },

        { "None", RSA(1024), RSA(1024), KEY_HASH_SHA224, .found = NOTHING },
        { "None", RSA(2048), RSA(1024), .found = NOTHING },
        { "None", RSA(1023), RSA(1024), .found = FELL },
        { "None", RSA(1024), RSA(1024), KEY_HASH_SHA1, .found = FELL },
        { "None", EC(P256, 256), EC(P521, 521), .found = NOTHING },
};

static struct cert make_cert(const struct key_info *key, enum key_hash hash, enum key_scheme scheme)
{
        struct cert cert = { .key = *key, .signature = { .hash = hash, .scheme = scheme } };

        if (hash == KEY_HASH_NONE && scheme != KEY_SCHEME_ED25519)
                cert.signature.hash = KEY_HASH_SHA256;
        if (scheme == KEY_SCHEME_OTHER)
                cert.signature.scheme = KEY_SCHEME_RSA_PKCS1;
        return cert;
}

static enum found worst_of(const struct report *report)
{
        enum found worst = NOTHING;

        for (size_t i = 0; i < report->findings.n; i++) {
                static const enum found BY_SEVERITY[] = {
                        [SEVERITY_NOTE] = NOTED,
                        [SEVERITY_SUPPRESSED] = FAILED,
                        [SEVERITY_ERROR] = FELL,
                };
                enum found found = BY_SEVERITY[report->findings.items[i].severity];

                worst = found > worst ? found : worst;
        }
        return worst;
}

static enum found find(const struct row *row)
{
        const struct policy *policy =
                row->policy ? policy_find_name(row->policy) : policy_default();
        struct settings settings = { .allows_deprecated = row->allows_deprecated };
        struct snapshot snap = { .settings = &settings };
        struct judgement judgement = { .snap = &snap, .policy = policy };
        struct cert leaf = make_cert(&row->key, row->hash, row->scheme);
        struct cert ca = make_cert(&row->ca_key, row->ca_hash, row->scheme);
        struct chain chain = {
                .links = { { .cert = &leaf }, { .cert = &ca } },
                .n = row->ca_key.bits ? 2 : 1,
        };
        struct report report;
        enum found found;

        report_init(&report, SUPPRESS_POLICY);
        strength_check(&judgement, &chain, &report);
        assert_int_equal(report.error, 0);
        found = worst_of(&report);
        report_deinit(&report);
        return found;
}

static void a_chain_complies_or_not(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
                enum found found = find(&ROWS[i]);

                if (found != ROWS[i].found)
                        fail_msg("row %zu, %s: %d, not %d", i,
                                 ROWS[i].policy ? ROWS[i].policy : "no policy", found,
                                 ROWS[i].found);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_chain_complies_or_not),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
