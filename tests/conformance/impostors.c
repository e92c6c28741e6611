/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Impostors - 1,000 variants of certificates that are trusted by themselves: with one bit changed, with the first n
 * bytes, with the name, serial number, key id and length, with the key. None is Good, also with every suppression on.
 *
 * Seen on real stacks: CVE-2026-9758, CVE-2022-29865.
 */

#include "conformance/cast.h"
#include "conformance/expect.h"
#include "conformance/row.h"
#include "conformance/stage.h"
#include "harness/must.h"
#include "harness/test.h"
#include "pki/cert.h"

#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/x509.h>

#define N_FLIPPED 400
#define N_BEGUN   300
#define N_RENEWED 300

/* The store: one trusted leaf of a CA that is not trusted itself, and two trusted self-signed applications. */
static const struct row WORLD = {
        .trusted = { &LEAF, &SELF, &EC_SELF },
        .issuers = { &CA, &ROOT },
        .crls = { &ROOT_CRL, &CA_CRL },
        .presented = { &LEAF },
};

static const struct mint_cert *const GENUINE[] = { &LEAF, &SELF, &EC_SELF };
#define N_GENUINE (sizeof(GENUINE) / sizeof(GENUINE[0]))

struct hall {
        struct stage *stage;
        struct scene strict, lenient; /* the same store, without and with all suppressions */
};

static struct mint_der copy(const struct mint_der *der)
{
        struct mint_der made = { must_calloc(1, der->n + 1), der->n };

        memcpy(made.data, der->data, der->n);
        return made;
}

/* The same bytes on every run. */
static uint8_t next_byte(uint32_t *seed)
{
        *seed = *seed * 1664525 + 1013904223;
        return (uint8_t)(*seed >> 24);
}

static uint32_t judge(struct scene *scene, const struct mint_der *der)
{
        struct bytes element = { der->data, der->n };
        struct verdict verdict;
        uint32_t status;

        decode_chain_deinit(&scene->presented);
        must(decode_message_chain(&element, 1, &scene->presented) == 0, "request");
        assert_int_equal(scene_judge(scene, &scene->terms, &verdict), 0);
        status = verdict.status;
        verdict_deinit(&verdict);
        return status;
}

/* @is_genuine: to see that the store would let the original in */
static void assert_fate(struct hall *hall, struct mint_der der, bool is_genuine, const char *what)
{
        bool is_good = judge(&hall->strict, &der) == STATUS_GOOD;
        bool is_good_leniently = judge(&hall->lenient, &der) == STATUS_GOOD;

        mint_der_deinit(&der);
        if (is_good != is_genuine || is_good_leniently != is_genuine)
                fail_msg("%s is %s, with every suppression on %s", what, is_good ? "Good" : "not",
                         is_good_leniently ? "Good" : "not");
}

static void the_genuine_ones_are_good(void **state)
{
        struct hall *hall = *state;

        for (size_t i = 0; i < N_GENUINE; i++)
                assert_fate(hall, copy(stage_cert(hall->stage, GENUINE[i])), true, "the genuine");
}

static void one_bit_is_another(void **state)
{
        struct hall *hall = *state;

        for (size_t i = 0; i < N_FLIPPED; i++) {
                struct mint_der der = copy(stage_cert(hall->stage, GENUINE[i % N_GENUINE]));
                char what[64];

                snprintf(what, sizeof(what), "variant %zu with one bit changed", i);
                der.data[i * der.n / N_FLIPPED] ^= (uint8_t)(1u << i % 8);
                assert_fate(hall, der, false, what);
        }
}

static void the_first_bytes_are_the_same(void **state)
{
        struct hall *hall = *state;
        uint32_t seed = 1;

        for (size_t i = 0; i < N_BEGUN; i++) {
                struct mint_der der = copy(stage_cert(hall->stage, GENUINE[i % N_GENUINE]));
                size_t n_same = i * (der.n - 1) / N_BEGUN;
                char what[64];

                snprintf(what, sizeof(what), "variant %zu of %zu bytes that are the same", i,
                         n_same);
                der.data[n_same] ^= 0xff; /* differs for sure */
                for (size_t k = n_same + 1; k < der.n; k++)
                        der.data[k] = next_byte(&seed);
                assert_fate(hall, der, false, what);
        }
}

/* Signed by whoever can: by a key of its own, in the name of its issuer, or of itself. */
static void make_renewed(const struct mint_cert *genuine, size_t i, struct mint_cert *out)
{
        static const char *const RSA_KEYS[] = { "rsa2048-4", "rsa2048-5", "rsa2048-6",
                                                "rsa2048-7" };
        static const char *const EC_KEYS[] = { "p256-1", "p256-2", "p256-3", "p256-4" };
        const char *key = (genuine->key ? EC_KEYS : RSA_KEYS)[i % 4];

        *out = *genuine;
        out->signer = key;
        if (i % 3 != 0)
                out->key = key; /* else the genuine key, in a certificate that it did not sign */
        if (genuine->issuer && i % 2 == 0)
                out->issuer = NULL, out->issuer_name = CA.subject;
        out->not_after_s = MINT_NOW_S + 20 * MINT_YEAR_S + (int64_t)(i % 5) * 3600;
}

/* The key id of the genuine one's key, as its extension has it, so that it is the same under another key. */
static const char *key_id_of(const struct cert *cert, char out[64])
{
        char *at = out;

        for (size_t i = 0; i < cert->subject_key_id.n && i < 20; i++)
                at += sprintf(at, "%02X", cert->subject_key_id.data[i]);
        return out;
}

static const char *serial_of(const struct cert *cert, char out[64])
{
        char *at = out;

        for (size_t i = 0; i < cert->serial.n && i < 20; i++)
                at += sprintf(at, "%02X", cert->serial.data[i]);
        return out;
}

static void name_key_id_serial_and_length_are_the_same(void **state)
{
        struct hall *hall = *state;
        size_t n_as_long = 0;

        for (size_t i = 0; i < N_RENEWED; i++) {
                const struct mint_der *der = stage_cert(hall->stage, GENUINE[i % N_GENUINE]);
                char key_id[64], serial[64], what[64];
                const struct cert *cert;
                struct mint_cert spec;
                struct mint_der made;

                must(cert_new((struct bytes){ der->data, der->n }, NULL, &cert) == 0, "genuine");
                make_renewed(GENUINE[i % N_GENUINE], i / N_GENUINE, &spec);
                spec.ski = key_id_of(cert, key_id);
                spec.serial = serial_of(cert, serial);
                made = mint_cert(&spec);
                n_as_long += made.n == der->n;
                snprintf(what, sizeof(what), "variant %zu with its name and key id", i);
                assert_fate(hall, made, false, what);
                cert_unref(cert);
        }

        /* signatures by ECDSA differ in length by some octets */
        assert_true(n_as_long > N_RENEWED / 2);
}

/* A signature (r, s) by ECDSA verifies as (r, n - s), too. */
static void negate(ASN1_BIT_STRING *signature)
{
        const uint8_t *at = ASN1_STRING_get0_data(signature);
        ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &at, ASN1_STRING_length(signature));
        EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
        BIGNUM *s = BN_new();
        uint8_t *der = NULL;
        int n;

        must(pair && group && s &&
                     BN_sub(s, EC_GROUP_get0_order(group), ECDSA_SIG_get0_s(pair)) == 1 &&
                     ECDSA_SIG_set0(pair, BN_dup(ECDSA_SIG_get0_r(pair)), s) == 1,
             "the other signature");
        n = i2d_ECDSA_SIG(pair, &der);
        must(n > 0 && ASN1_STRING_set(signature, der, n) == 1, "the other signature");
        OPENSSL_free(der);
        ECDSA_SIG_free(pair);
        EC_GROUP_free(group);
}

/* It is self-signed and whole, and still not the certificate that is trusted. */
static void an_equal_signature_is_another_certificate(void **state)
{
        struct hall *hall = *state;
        const struct mint_der *genuine = stage_cert(hall->stage, &EC_SELF);
        const uint8_t *at = genuine->data;
        X509 *cert = d2i_X509(NULL, &at, (long)genuine->n);
        const ASN1_BIT_STRING *signature;
        struct mint_der der = { 0 };

        X509_get0_signature(&signature, NULL, cert);
        negate((ASN1_BIT_STRING *)signature);
        der.n = (size_t)i2d_X509(cert, &der.data);
        X509_free(cert);
        assert_int_equal(judge(&hall->strict, &der), STATUS_CERTIFICATE_UNTRUSTED);
        assert_fate(hall, der, false, "the other signature");
}

static int open_hall(void **state)
{
        struct hall *hall = must_calloc(1, sizeof(*hall));

        hall->stage = stage_new();
        stage_set(hall->stage, &WORLD, false, &hall->strict);
        stage_set(hall->stage, &WORLD, true, &hall->lenient);
        *state = hall;
        return 0;
}

static int close_hall(void **state)
{
        struct hall *hall = *state;

        scene_deinit(&hall->strict);
        scene_deinit(&hall->lenient);
        stage_free(hall->stage);
        free(hall);
        return 0;
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_genuine_ones_are_good),
                cmocka_unit_test(one_bit_is_another),
                cmocka_unit_test(the_first_bytes_are_the_same),
                cmocka_unit_test(name_key_id_serial_and_length_are_the_same),
                cmocka_unit_test(an_equal_signature_is_another_certificate),
        };

        return cmocka_run_group_tests(tests, open_hall, close_hall);
}
