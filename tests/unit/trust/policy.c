/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/policy.h"

#include "harness/test.h"
#include "proto/compiler.h"

#include <string.h>

#define URI        "http://opcfoundation.org/UA/SecurityPolicy#"
#define CURVE(one) (1u << KEY_CURVE_##one)
#define HASH(one)  (1u << KEY_HASH_##one)

struct row {
        const char *uri;
        bool is_known;
        enum key_type type;
        unsigned int rsa_min_bits, rsa_max_bits, curves, ca_curves;
        bool is_deprecated;
};

static const struct row ROWS[] = {
        { URI "Basic128Rsa15", true, KEY_TYPE_RSA, 1024, 2048, 0, 0, true },
        { URI "Basic256", true, KEY_TYPE_RSA, 1024, 2048, 0, 0, true },
        { URI "Basic256Sha256", true, KEY_TYPE_RSA, 2048, 4096, 0, 0, false },
        { URI "Aes128_Sha256_RsaOaep", true, KEY_TYPE_RSA, 2048, 4096, 0, 0, false },
        { URI "RSA_DH_ChaChaPoly", true, KEY_TYPE_RSA, 2048, 4096, 0, 0, false },
        { URI "ECC_nistP256", true, KEY_TYPE_EC, 0, 0, CURVE(P256) | CURVE(P384),
          CURVE(P256) | CURVE(P384), false },
        { URI "ECC_nistP384_AesGcm", true, KEY_TYPE_EC, 0, 0, CURVE(P384),
          CURVE(P384) | CURVE(P521), false },
        { URI "ECC_brainpoolP384r1", true, KEY_TYPE_EC, 0, 0, CURVE(BRAINPOOL_P384R1),
          CURVE(BRAINPOOL_P384R1) | CURVE(BRAINPOOL_P512R1), false },
        { URI "ECC_curve25519_ChaChaPoly", true, KEY_TYPE_ED25519, 0, 0, 0, 0, false },
        { URI "ECC_curve448", true, KEY_TYPE_ED448, 0, 0, 0, 0, false },
        { URI "None", true, KEY_TYPE_OTHER, 0, 0, 0, 0, false },
        { "Basic256Sha256", false, 0, 0, 0, 0, 0, false },
        { URI, false, 0, 0, 0, 0, 0, false },
        { URI "basic256sha256", false, 0, 0, 0, 0, 0, false },
        { URI "default", false, 0, 0, 0, 0, 0, false },
        { URI "Basic256Sha256 ", false, 0, 0, 0, 0, 0, false },
        { "", false, 0, 0, 0, 0, 0, false },
};

static void a_uri_finds_its_row(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
                const struct row *row = &ROWS[i];
                const struct policy *policy = policy_find(row->uri);

                if (!policy != !row->is_known)
                        fail_msg("%s: %s", row->uri, policy ? "found" : "not found");
                if (!policy)
                        continue;
                assert_string_equal(policy->name, row->uri + strlen(URI));
                assert_ptr_equal(policy, policy_find_name(policy->name));
                assert_int_equal(policy->key_type, row->type);
                assert_int_equal(policy->rsa_min_bits, row->rsa_min_bits);
                assert_int_equal(policy->rsa_max_bits, row->rsa_max_bits);
                assert_int_equal(policy->curves, row->curves);
                assert_int_equal(policy->ca_curves, row->ca_curves);
                assert_int_equal(policy->is_deprecated, row->is_deprecated);
        }
}

static void only_the_deprecated_ones_take_sha1(void **state)
{
        (void)state;
        assert_true(policy_find_name("Basic256")->hashes & HASH(SHA1));
        assert_false(policy_find_name("Basic256Sha256")->hashes & HASH(SHA1));
        assert_false(policy_find_name("ECC_nistP384")->hashes & HASH(SHA256));
        assert_false(policy_default()->hashes & (HASH(SHA1) | HASH(SHA224)));
}

static void the_default_takes_any_curve(void **state)
{
        (void)state;
        assert_int_equal(policy_default()->key_type, KEY_TYPE_OTHER);
        assert_int_equal(policy_default()->rsa_min_bits, 2048);
        assert_true(policy_default()->curves & CURVE(BRAINPOOL_P512R1));
        assert_false(policy_default()->curves & CURVE(OTHER));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_uri_finds_its_row),
                cmocka_unit_test(only_the_deprecated_ones_take_sha1),
                cmocka_unit_test(the_default_takes_any_curve),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
