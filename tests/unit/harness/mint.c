/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/mint.h"

#include "harness/test.h"

#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

static X509 *parse(struct mint_der der)
{
        const uint8_t *p = der.data;
        X509 *cert = d2i_X509(NULL, &p, (long)der.n);

        assert_non_null(cert);
        assert_ptr_equal(p, der.data + der.n);
        mint_der_deinit(&der);
        return cert;
}

/* What OpenSSL says of @leaf below @root at MINT_NOW_S: an X509_V_ERR_*. */
static int verify(X509 *root, X509 *leaf, X509_CRL *crl)
{
        X509_STORE *store = X509_STORE_new();
        X509_STORE_CTX *ctx = X509_STORE_CTX_new();
        int error;

        assert_int_equal(X509_STORE_add_cert(store, root), 1);
        if (crl) {
                assert_int_equal(X509_STORE_add_crl(store, crl), 1);
                X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK);
        }

        assert_int_equal(X509_STORE_CTX_init(ctx, store, leaf, NULL), 1);
        X509_STORE_CTX_set_time(ctx, 0, (time_t)MINT_NOW_S);
        X509_verify_cert(ctx);
        error = X509_STORE_CTX_get_error(ctx);
        X509_STORE_CTX_free(ctx);
        X509_STORE_free(store);
        return error;
}

static void test_every_key_signs_and_is_signed(void **state)
{
        static const char *const keys[] = {
                "rsa1024-1", "rsa1536-2", "rsa2048-8", "rsa3072-1",   "rsa4096-2", "rsa8192-1",
                "p224-a",    "p256-a",    "p384-a",    "p521-a",      "bp256-a",   "bp384-a",
                "bp512-a",   "ed25519-a", "ed448-a",   "secp256k1-a",
        };

        (void)state;
        for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
                struct mint_cert ca = { .ca = true, .key = keys[i] };
                struct mint_cert leaf = { .issuer = &ca, .key = keys[i], .subject = "CN=Leaf" };
                X509 *root = parse(mint_cert(&ca)), *cert = parse(mint_cert(&leaf));

                print_message("key %s\n", keys[i]);
                assert_int_equal(verify(root, cert, NULL), X509_V_OK);
                X509_free(root);
                X509_free(cert);
        }
}

static void test_a_key_of_one_name_is_one_key(void **state)
{
        struct mint_der a = mint_spki("p384-x"), b = mint_spki("p384-x"), c = mint_spki("p384-y");

        (void)state;
        assert_int_equal(a.n, b.n);
        assert_memory_equal(a.data, b.data, a.n);
        assert_memory_not_equal(a.data, c.data, a.n);
        mint_der_deinit(&a);
        mint_der_deinit(&b);
        mint_der_deinit(&c);
}

static void test_a_zero_spec_is_a_good_application(void **state)
{
        struct mint_cert spec = { 0 };
        X509 *cert = parse(mint_cert(&spec));
        uint32_t usage = KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION | KU_KEY_ENCIPHERMENT |
                         KU_DATA_ENCIPHERMENT | KU_KEY_CERT_SIGN;

        (void)state;
        assert_int_equal(X509_get_key_usage(cert), usage);
        assert_int_equal(X509_get_extended_key_usage(cert), XKU_SSL_SERVER | XKU_SSL_CLIENT);
        assert_int_equal(X509_check_host(cert, MINT_HOST, 0, 0, NULL), 1);
        assert_non_null(X509_get0_subject_key_id(cert));
        assert_non_null(X509_get0_authority_key_id(cert));
        assert_int_equal(X509_get_signature_nid(cert), NID_sha256WithRSAEncryption);
        X509_free(cert);
}

static void test_a_crl_lists_a_cert(void **state)
{
        struct mint_cert ca = { .ca = true };
        struct mint_cert bad = { .issuer = &ca }, good = { .issuer = &ca, .subject = "CN=Good" };
        struct mint_crl_entry entry = { .cert = &bad, .reason = 1, .invalidity_s = MINT_NOW_S };
        struct mint_crl spec = { .issuer = &ca, .entries = &entry, .n_entries = 1 };
        struct mint_der der = mint_crl(&spec);
        const uint8_t *p = der.data;
        X509_CRL *crl = d2i_X509_CRL(NULL, &p, (long)der.n);
        X509 *root = parse(mint_cert(&ca)), *revoked = parse(mint_cert(&bad)),
             *other = parse(mint_cert(&good));

        (void)state;
        assert_non_null(crl);
        assert_int_equal(verify(root, revoked, crl), X509_V_ERR_CERT_REVOKED);
        assert_int_equal(verify(root, other, crl), X509_V_OK);
        X509_CRL_free(crl);
        X509_free(root);
        X509_free(revoked);
        X509_free(other);
        mint_der_deinit(&der);
}

static void test_another_signer_does_not_verify(void **state)
{
        struct mint_cert ca = { .ca = true }, leaf = { .issuer = &ca, .signer = "rsa2048-3" };
        X509 *root = parse(mint_cert(&ca)), *cert = parse(mint_cert(&leaf));

        (void)state;
        assert_int_equal(verify(root, cert, NULL), X509_V_ERR_CERT_SIGNATURE_FAILURE);
        X509_free(root);
        X509_free(cert);
}

static void rename_host(struct mint_der *tbs)
{
        mint_replace(tbs, "65 78 61 6d 70 6c 65", "65 78 61 6d 70 6c 66");
}

static void test_an_edited_certificate_still_verifies(void **state)
{
        struct mint_cert ca = { .ca = true }, leaf = { .issuer = &ca, .edit = rename_host };
        X509 *root = parse(mint_cert(&ca)), *cert = parse(mint_cert(&leaf));

        (void)state;
        assert_int_equal(verify(root, cert, NULL), X509_V_OK);
        X509_free(root);
        X509_free(cert);
}

static void test_extra_extensions_come_from_configuration(void **state)
{
        struct mint_cert ca = { .ca = true,
                                .extra = "nameConstraints=critical,permitted;DNS:example.com\n"
                                         "certificatePolicies=1.2.3,@policy\n"
                                         "1.2.3.4=critical,DER:0500\n"
                                         "[policy]\npolicyIdentifier=1.2.4\n" };
        X509 *cert = parse(mint_cert(&ca));

        (void)state;
        assert_true(X509_get_ext_by_NID(cert, NID_name_constraints, -1) >= 0);
        assert_true(X509_get_ext_by_NID(cert, NID_certificate_policies, -1) >= 0);
        assert_true(X509_get_ext_by_critical(cert, 1, -1) >= 0);
        X509_free(cert);
}

static void test_unusable_keys_and_rings_can_be_minted(void **state)
{
        struct mint_der spki = mint_spki("rsa2048-4");
        struct mint_cert a = { .ca = true, .subject = "CN=A", .key = "p256-a" };
        struct mint_cert b = { .ca = true, .subject = "CN=B", .key = "p256-b", .issuer = &a };

        (void)state;
        /* exponent 65537 becomes 1 */
        mint_replace(&spki, "02 03 01 00 01", "02 03 00 00 01");
        a.issuer = &b;
        a.twice = "keyUsage";
        b.spki = spki;
        X509_free(parse(mint_cert(&a)));
        X509_free(parse(mint_cert(&b)));
        mint_der_deinit(&spki);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_every_key_signs_and_is_signed),
                cmocka_unit_test(test_a_key_of_one_name_is_one_key),
                cmocka_unit_test(test_a_zero_spec_is_a_good_application),
                cmocka_unit_test(test_a_crl_lists_a_cert),
                cmocka_unit_test(test_another_signer_does_not_verify),
                cmocka_unit_test(test_an_edited_certificate_still_verifies),
                cmocka_unit_test(test_extra_extensions_come_from_configuration),
                cmocka_unit_test(test_unusable_keys_and_rings_can_be_minted),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
