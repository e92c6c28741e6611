/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/verifier.h"

#include "harness/objects.h"
#include "harness/test.h"
#include "proto/compiler.h"

static struct verifier *make_verifier(const struct key_info *info)
{
        struct verifier *verifier = NULL;

        assert_int_equal(verifier_new(info, &verifier), 0);
        return verifier;
}

/* Does the certificate's own key verify @value as the signature of its TBSCertificate? */
static enum key_outcome check_self(const struct cert *cert, struct bytes value)
{
        struct verifier *verifier = make_verifier(&cert->key);
        struct key_signature signature = cert->signature;
        struct bytes content = cert->tbs;
        uint8_t digest[VERIFIER_DIGEST_MAX];
        enum key_outcome outcome;

        signature.value = value;
        if (key_signs_digest(&signature)) {
                content.data = digest;
                assert_int_equal(verifier_digest(signature.hash, cert->tbs, digest, &content.n), 0);
                assert_true(content.n > 0);
        }

        assert_int_equal(verifier_check(verifier, &signature, content, &outcome), 0);
        verifier_free(verifier);
        return outcome;
}

static void a_good_signature_verifies_and_a_changed_one_does_not(void **state)
{
        static const struct mint_cert rows[] = {
                { .key = "rsa1024-1" },
                { .key = "rsa2048-1", .hash = "SHA1" },
                { .key = "rsa2048-1", .hash = "SHA512" },
                { .key = "rsa2048-1", .hash = "MD5" },
                { .key = "rsa2048-1", .hash = "SHA256", .pss = true },
                { .key = "rsa2048-1", .hash = "SHA384", .pss = true },
                { .key = "rsa8192-1" },
                { .key = "p256-a" },
                { .key = "p384-a" },
                { .key = "p521-a", .hash = "SHA512" },
                { .key = "bp256-a" },
                { .key = "bp384-a" },
                { .key = "bp512-a" },
                { .key = "ed25519-a" },
                { .key = "ed448-a" },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                const struct cert *cert = make_cert(&rows[i]);
                uint8_t value[2048];
                struct bytes changed = { value, cert->signature.value.n };

                if (check_self(cert, cert->signature.value) != KEY_OUTCOME_VERIFIED)
                        fail_msg("%s", rows[i].key);

                memcpy(value, cert->signature.value.data, changed.n);
                value[changed.n / 2] ^= 0x10;
                assert_int_equal(check_self(cert, changed), KEY_OUTCOME_WRONG);
                changed.n--;
                assert_int_equal(check_self(cert, changed), KEY_OUTCOME_WRONG);
                changed.n = 0;
                assert_int_equal(check_self(cert, changed), KEY_OUTCOME_WRONG);
                cert_unref(cert);
        }
}

static void a_key_of_another_kind_is_not_tried(void **state)
{
        const struct cert *rsa = make_cert(&(struct mint_cert){ .key = "rsa2048-1" });
        const struct cert *ec = make_cert(&(struct mint_cert){ .key = "p256-a" });
        struct verifier *verifier = make_verifier(&ec->key);
        struct key_signature signature = rsa->signature;
        enum key_outcome outcome;

        (void)state;
        assert_int_equal(verifier_check(verifier, &signature, rsa->tbs, &outcome), 0);
        assert_int_equal(outcome, KEY_OUTCOME_MISMATCH);

        signature.scheme = KEY_SCHEME_ECDSA;
        signature.hash = KEY_HASH_MD2;
        assert_int_equal(verifier_check(verifier, &signature, rsa->tbs, &outcome), 0);
        assert_int_equal(outcome, KEY_OUTCOME_UNSUPPORTED);

        signature.scheme = KEY_SCHEME_OTHER;
        assert_int_equal(verifier_check(verifier, &signature, rsa->tbs, &outcome), 0);
        assert_int_equal(outcome, KEY_OUTCOME_UNSUPPORTED);

        verifier_free(verifier);
        cert_unref(rsa);
        cert_unref(ec);
}

static void equal_keys_have_one_number(void **state)
{
        static const char *const keys[] = { "rsa2048-1", "rsa2048-2", "p256-a", "ed25519-a" };
        uint64_t ids[ARRAY_SIZE(keys)];

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
                const struct cert *a = make_cert(&(struct mint_cert){ .key = keys[i] });
                const struct cert *b =
                        make_cert(&(struct mint_cert){ .key = keys[i], .subject = "CN=Other" });
                uint64_t id;

                assert_int_equal(verifier_draw_id(a->key.spki, &ids[i]), 0);
                assert_int_equal(verifier_draw_id(b->key.spki, &id), 0);
                assert_true(ids[i] == id && id != 0);
                assert_int_equal(cert_get_key_id(b, &id), 0);
                assert_true(ids[i] == id);
                for (size_t k = 0; k < i; k++)
                        assert_true(ids[i] != ids[k]);

                cert_unref(a);
                cert_unref(b);
        }
}

static void a_kind_of_key_that_we_do_not_know_is_not_made(void **state)
{
        const struct key_info other = { .type = KEY_TYPE_OTHER };
        const struct key_info curve = { .type = KEY_TYPE_EC, .curve = KEY_CURVE_OTHER };
        struct verifier *verifier = NULL;

        (void)state;
        assert_int_equal(verifier_new(&other, &verifier), VERIFIER_E_UNUSABLE);
        assert_int_equal(verifier_new(&curve, &verifier), VERIFIER_E_UNUSABLE);
        assert_null(verifier);
}

static void a_sound_key_is_made_however_odd_it_is(void **state)
{
        static const char *const rows[] = {
                "301a 300d 06092a864886f70d010101 0500 0309 00 3006 0201 01 0201 03", /* 1, 3 */
                "301b 300d 06092a864886f70d010101 0500 030a 00 3007 0202 00c5 0201 03",
                "301f 300d 06092a864886f70d010101 0500 030e 00 300b 0202 00c5 0205 00ffffffff",
                "302a 3005 06032b6570 0321 00 "
                "0000000000000000000000000000000000000000000000000000000000000000",
                "302a 3005 06032b6570 0321 00 "
                "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                struct mint_der spki = mint_hex(rows[i]);
                struct faults faults = { 0 };
                struct key_info info;

                assert_int_equal(key_info_read(bytes_of(&spki), &faults, &info), 0);
                assert_int_equal(faults.bits, 0);
                verifier_free(make_verifier(&info));
                mint_der_deinit(&spki);
        }
}

static void a_hash_that_we_cannot_compute_has_no_bytes(void **state)
{
        uint8_t digest[VERIFIER_DIGEST_MAX];
        struct bytes content = { (const uint8_t *)"abc", 3 };
        size_t n = 1;

        (void)state;
        assert_int_equal(verifier_digest(KEY_HASH_MD2, content, digest, &n), 0);
        assert_int_equal(n, 0);
        assert_int_equal(verifier_digest(KEY_HASH_SHA1, content, digest, &n), 0);
        assert_int_equal(n, 20);
        assert_memory_equal(digest, "\xa9\x99\x3e\x36\x47\x06\x81\x6a", 8);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_good_signature_verifies_and_a_changed_one_does_not),
                cmocka_unit_test(a_key_of_another_kind_is_not_tried),
                cmocka_unit_test(equal_keys_have_one_number),
                cmocka_unit_test(a_kind_of_key_that_we_do_not_know_is_not_made),
                cmocka_unit_test(a_sound_key_is_made_however_odd_it_is),
                cmocka_unit_test(a_hash_that_we_cannot_compute_has_no_bytes),
        };

        return cmocka_run_group_tests(tests, set_up_ossl, tear_down_ossl);
}
