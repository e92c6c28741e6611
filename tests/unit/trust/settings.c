/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/settings.h"

#include "harness/test.h"
#include "proto/buf.h"
#include "trust/policy.h"

#include <stdlib.h>
#include <string.h>

struct row {
        const char *key, *value;
        int r;
        const char *reason; /* a part of it */
};

static const struct row ROWS[] = {
        { "Suppress", "", 0, NULL },
        { "Suppress", "BadCertificateTimeInvalid", 0, NULL },
        { "Suppress", "BadCertificateTimeInvalid, BadCertificateHostNameInvalid", 0, NULL },
        { "Suppress", "BadCertificateUseNotAllowed/absent", 0, NULL },
        { "Suppress", "BadCertificateRevoked", SETTINGS_E_BAD_VALUE, "never" },
        { "Suppress", "BadCertificateUntrusted", SETTINGS_E_BAD_VALUE, "never" },
        { "Suppress", "BadCertificateUriInvalid", SETTINGS_E_BAD_VALUE, "never" },
        { "MaySuppress", "BadCertificateTimeInvalid BadNonsense", SETTINGS_E_BAD_VALUE,
          "BadNonsense" },
        { "Strictness", "spec", 0, NULL },
        { "Strictness", "field", 0, NULL },
        { "Strictness", "lax", SETTINGS_E_BAD_VALUE, "lax" },
        { "Policy", "Basic256Sha256", 0, NULL },
        { "Policy", "http://opcfoundation.org/UA/SecurityPolicy#Aes256_Sha256_RsaPss", 0, NULL },
        { "Policy", "Basic999", SETTINGS_E_BAD_VALUE, "Basic999" },
        { "DeprecatedPolicies", "yes", 0, NULL },
        { "DeprecatedPolicies", "perhaps", SETTINGS_E_BAD_VALUE, "perhaps" },
        { "SingleUri", "no", 0, NULL },
        { "ClockSkew", "0", 0, NULL },
        { "ClockSkew", "1h", 0, NULL },
        { "ClockSkew", "3601", SETTINGS_E_BAD_VALUE, "between" },
        { "ClockSkew", "-1", SETTINGS_E_BAD_VALUE, "period" },
        { "CrlMaxAge", "30d", 0, NULL },
        { "CrlMaxAge", "12 h", 0, NULL },
        { "CrlMaxAge", "0", SETTINGS_E_BAD_VALUE, "between" },
        { "CrlMaxAge", "10y", SETTINGS_E_BAD_VALUE, "period" },
        { "CrlMaxAge", "", SETTINGS_E_BAD_VALUE, "period" },
        { "CrlMaxAge", "99999999999999999999d", SETTINGS_E_BAD_VALUE, "period" },
        { "CrlMaxAge", "999999999999w", SETTINGS_E_BAD_VALUE, "between" },
        { "CrlGrace", "7d", 0, NULL },
        { "WarnCertificate", "30d", 0, NULL },
        { "WarnCertificate", "0", 0, NULL },
        { "WarnCrl", "6h", 0, NULL },
        { "WarnCrl", "-1", SETTINGS_E_BAD_VALUE, "period" },
        { "UpdateFrequency", "4w", 0, NULL },
        { "Path", "/x", SETTINGS_E_UNKNOWN_KEY, NULL },
        { "suppress", "", SETTINGS_E_UNKNOWN_KEY, NULL },
};

static void each_key_takes_what_it_says(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
                CLEANUP(settings_unrefp) struct settings *settings = NULL;
                CLEANUP(freep) char *reason = NULL;
                int r;

                assert_int_equal(settings_new(&settings), 0);
                r = settings_set(settings, ROWS[i].key, ROWS[i].value, &reason);
                if (r != ROWS[i].r)
                        fail_msg("%s=%s: %d", ROWS[i].key, ROWS[i].value, r);
                if (ROWS[i].reason && (!reason || !strstr(reason, ROWS[i].reason)))
                        fail_msg("%s=%s: %s", ROWS[i].key, ROWS[i].value, reason);
        }
}

static struct settings *set(const char *key, const char *value)
{
        struct settings *settings;
        char *reason;

        assert_int_equal(settings_new(&settings), 0);
        assert_int_equal(settings_set(settings, key, value, &reason), 0);
        return settings;
}

static void values_arrive(void **state)
{
        struct settings *settings;

        (void)state;
        settings = set("MaySuppress", "BadCertificateTimeInvalid,BadCertificateUseNotAllowed");
        assert_int_equal(settings->may_suppress,
                         SUPPRESS_TIME | SUPPRESS_USE | SUPPRESS_USE_ABSENT);
        settings_unref(settings);

        settings = set("Strictness", "field");
        assert_int_equal(settings->tolerated, SUPPRESS_USE_ABSENT | SUPPRESS_ISSUER_USE_ABSENT);
        assert_int_equal(settings->suppress, 0);
        settings_unref(settings);

        settings = set("CrlMaxAge", "2d");
        assert_int_equal(settings->crl_max_age_s, 2 * 86400);
        settings_unref(settings);

        settings = set("Policy", "ECC_nistP256");
        assert_ptr_equal(settings->policy, policy_find_name("ECC_nistP256"));
        settings_unref(settings);
}

static void a_ca_is_named_once(void **state)
{
        static const uint8_t A[32] = { 1 }, B[32] = { 2 }, C[32] = { 3 };
        CLEANUP(settings_unrefp) struct settings *settings = NULL;

        (void)state;
        assert_int_equal(settings_new(&settings), 0);
        assert_int_equal(settings_set_ca(settings, C, "off"), 0);
        assert_int_equal(settings_set_ca(settings, A, "if-present"), 0);
        assert_int_equal(settings_set_ca(settings, A, "off"), SETTINGS_E_BAD_VALUE);
        assert_int_equal(settings_set_ca(settings, B, "never"), SETTINGS_E_BAD_VALUE);

        assert_int_equal(settings_revocation_of(settings, A), SETTINGS_REVOCATION_IF_PRESENT);
        assert_int_equal(settings_revocation_of(settings, B), SETTINGS_REVOCATION_REQUIRED);
        assert_int_equal(settings_revocation_of(settings, C), SETTINGS_REVOCATION_OFF);
}

/* Each of these changes a verdict somewhere, so that each must show in the bytes that are hashed. */
static void every_setting_is_written(void **state)
{
        static const char *const PAIRS[][2] = {
                { "Suppress", "BadCertificateTimeInvalid" },
                { "MaySuppress", "" },
                { "Strictness", "field" },
                { "Policy", "ECC_nistP256" },
                { "DeprecatedPolicies", "yes" },
                { "SingleUri", "yes" },
                { "ClockSkew", "1" },
                { "CrlMaxAge", "1" },
                { "CrlGrace", "1" },
        };
        CLEANUP(settings_unrefp) struct settings *defaults = NULL;
        CLEANUP(buf_deinit) struct buf before = BUF_NULL;

        (void)state;
        assert_int_equal(settings_new(&defaults), 0);
        settings_write(defaults, &before);

        for (size_t i = 0; i < ARRAY_SIZE(PAIRS); i++) {
                struct settings *settings = set(PAIRS[i][0], PAIRS[i][1]);
                CLEANUP(buf_deinit) struct buf after = BUF_NULL;

                settings_write(settings, &after);
                settings_unref(settings);
                if (before.n == after.n && memcmp(before.data, after.data, before.n) == 0)
                        fail_msg("%s is not written", PAIRS[i][0]);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(each_key_takes_what_it_says),
                cmocka_unit_test(values_arrive),
                cmocka_unit_test(a_ca_is_named_once),
                cmocka_unit_test(every_setting_is_written),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
