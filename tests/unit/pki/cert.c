/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/cert.h"

#include "harness/objects.h"
#include "harness/test.h"
#include "pki/verifier.h"
#include "proto/compiler.h"

#include <pthread.h>

static bool is_text(struct bytes bytes, const char *text)
{
        return bytes.n == strlen(text) && !memcmp(bytes.data, text, bytes.n);
}

static void an_application_certificate_says_what_is_in_it(void **state)
{
        struct mint_der der = mint_cert(&(struct mint_cert){ .serial = "0102" });
        const struct cert *cert = NULL;
        char hex[65], *text;

        (void)state;
        assert_int_equal(cert_new(bytes_of(&der), NULL, &cert), 0);
        assert_int_equal(cert->n_der, der.n);
        assert_memory_equal(cert->der, der.data, der.n);
        mint_sha256(&der, hex);
        for (size_t i = 0; i < 32; i++) {
                char octet[3];

                snprintf(octet, sizeof(octet), "%02x", cert->sha256[i]);
                assert_memory_equal(octet, hex + 2 * i, 2);
        }

        assert_int_equal(cert->version, 3);
        assert_true(cert->is_self_issued);
        assert_int_equal(name_text(&cert->subject, &text), 0);
        assert_string_equal(text, "O=uatrust,CN=Application");
        free(text);
        assert_int_equal(cert->serial.n, 2);
        assert_memory_equal(cert->serial.data, "\1\2", 2);
        assert_true(cert->not_before_s == MINT_NOW_S - MINT_YEAR_S);
        assert_true(cert->not_after_s > MINT_NOW_S);
        assert_int_equal(cert->key.type, KEY_TYPE_RSA);
        assert_int_equal(cert->signature.scheme, KEY_SCHEME_RSA_PKCS1);
        assert_int_equal(cert->signature.hash, KEY_HASH_SHA256);

        assert_true(cert->basic_constraints.is_present && !cert->basic_constraints.is_ca);
        assert_int_equal(cert->basic_constraints.path_len, -1);
        assert_true(cert->key_usage.is_present && cert->key_usage.is_critical);
        assert_int_equal(cert->key_usage.bits,
                         CERT_USAGE_DIGITAL_SIGNATURE | CERT_USAGE_NON_REPUDIATION |
                                 CERT_USAGE_KEY_ENCIPHERMENT | CERT_USAGE_DATA_ENCIPHERMENT |
                                 CERT_USAGE_KEY_CERT_SIGN);
        assert_int_equal(cert->extended_key_usage.bits, CERT_PURPOSE_SERVER | CERT_PURPOSE_CLIENT);
        assert_int_equal(cert->alt_names.n_uris, 1);
        assert_true(is_text(cert->alt_names.uris[0], MINT_URI));
        assert_int_equal(cert->alt_names.n_dns_names, 1);
        assert_true(is_text(cert->alt_names.dns_names[0], MINT_HOST));
        assert_int_equal(cert->subject_key_id.n, 20);
        assert_false(cert_is_real_ca(cert));
        assert_false(faults_have_error(&cert->faults));
        cert_unref(cert);
        mint_der_deinit(&der);
}

static void a_ca_says_what_it_may(void **state)
{
        const struct cert *ca = make_cert(&(struct mint_cert){
                .ca = true,
                .basic_constraints = "critical,CA:TRUE,pathlen:3",
                .extra = "nameConstraints = critical,permitted;DNS:a,excluded;DNS:b\n"
                         "certificatePolicies = 1.2.3\n"
                         "policyConstraints = critical,requireExplicitPolicy:0\n" });

        (void)state;
        assert_true(cert_is_real_ca(ca));
        assert_int_equal(ca->basic_constraints.path_len, 3);
        assert_int_equal(ca->n_subtrees, 2);
        assert_true(ca->has_policies && ca->has_policy_constraints);
        assert_false(ca->has_policy_mappings || ca->has_inhibit_any_policy);
        assert_int_equal(ca->faults.bits, 0);
        cert_unref(ca);
}

static void lists_keep_bytes_as_they_are(void **state)
{
        const struct cert *cert = make_cert(&(struct mint_cert){
                .san = "URI:urn:a,IP:10.0.0.1,DNS:a,IP:::1,URI:urn:b,email:a@b,"
                       "otherName:1.2.3;UTF8:x,DNS:b" });

        (void)state;
        assert_int_equal(cert->alt_names.n_names, 8);
        assert_int_equal(cert->alt_names.n_uris, 2);
        assert_true(is_text(cert->alt_names.uris[1], "urn:b"));
        assert_int_equal(cert->alt_names.n_dns_names, 2);
        assert_true(is_text(cert->alt_names.dns_names[0], "a"));
        assert_int_equal(cert->alt_names.n_ips, 2);
        assert_int_equal(cert->alt_names.ips[0].n, 4);
        assert_memory_equal(cert->alt_names.ips[0].data, "\x0a\0\0\1", 4);
        assert_int_equal(cert->alt_names.ips[1].n, 16);
        cert_unref(cert);
}

/* --- structure --- */

static void set_version_4(struct mint_der *tbs)
{
        mint_replace(tbs, "a003020102", "a003020103");
}

static void set_version_1(struct mint_der *tbs)
{
        mint_replace(tbs, "a003020102", "a003020100");
}

static void set_version_2(struct mint_der *tbs)
{
        mint_replace(tbs, "a003020102", "a003020101");
}

static void change_inner_algorithm(struct mint_der *tbs)
{
        mint_replace(tbs, "2a864886f70d01010b", "2a864886f70d01010c");
}

static void spoil_time(struct mint_der *tbs)
{
        /* 20YYMMDDHHMMSSZ: the Z of notBefore becomes an X */
        for (size_t i = 0; i + 15 < tbs->n; i++)
                if (tbs->data[i] == 0x17 && tbs->data[i + 1] == 13 && tbs->data[i + 14] == 'Z') {
                        tbs->data[i + 14] = 'X';
                        return;
                }
}

static void pad_serial(struct mint_der *tbs)
{
        mint_replace(tbs, "02020102", "02020002");
}

#define F(kind) (UINT64_C(1) << FAULT_##kind)

#define UNREADABLE UINT64_MAX

static void structure_is_strict_where_it_matters_and_told_where_it_does_not(void **state)
{
        static const struct {
                const char *what;
                struct mint_cert spec;
                uint64_t faults; /* these at least; errors exactly */
        } rows[] = {
                { "good", { .subject = "CN=a" }, 0 },
                { "algorithms differ", { .edit = change_inner_algorithm }, F(ALGORITHM_MISMATCH) },
                { "bad time", { .edit = spoil_time }, F(BAD_TIME) },
                { "empty subject", { .subject = "", .issuer_name = "CN=a" }, F(EMPTY_SUBJECT) },
                { "empty issuer", { .issuer_name = "" }, F(EMPTY_ISSUER) },
                { "version 1 with extensions",
                  { .edit = set_version_1 },
                  F(FIELD_VERSION) | F(DEFAULT_WRITTEN) },
                { "version 2 with extensions", { .edit = set_version_2 }, F(FIELD_VERSION) },
                { "version 4", { .edit = set_version_4 }, UNREADABLE },
                { "version 1", { .version = 1 }, 0 },
                { "an extension twice", { .twice = "keyUsage" }, F(EXTENSION_TWICE) },
                { "unknown and critical",
                  { .extra = "1.2.3.4 = critical,DER:0500\n" },
                  F(EXTENSION_UNKNOWN_CRITICAL) },
                { "unknown", { .extra = "1.2.3.4 = DER:0500\n" }, 0 },
                { "SKI critical", { .ski = "critical,hash" }, F(EXTENSION_UNKNOWN_CRITICAL) },
                { "basicConstraints with bytes behind",
                  { .basic_constraints = "DER:30000500" },
                  F(BASIC_CONSTRAINTS_CONTENT) },
                { "pathLen negative",
                  { .ca = true, .basic_constraints = "critical,DER:30060101ff0201ff" },
                  F(BASIC_CONSTRAINTS_CONTENT) },
                { "pathLen 0 without cA",
                  { .basic_constraints = "critical,DER:3003020100" },
                  F(PATH_LENGTH_NO_CA) },
                { "pathLen 1 without cA",
                  { .basic_constraints = "critical,DER:3003020101" },
                  F(BASIC_CONSTRAINTS_CONTENT) | F(PATH_LENGTH_NO_CA) },
                { "cA FALSE written out",
                  { .basic_constraints = "critical,DER:3003010100" },
                  F(DEFAULT_WRITTEN) },
                { "TRUE as 1",
                  { .basic_constraints = "critical,DER:3003010101" },
                  F(BASIC_CONSTRAINTS_CONTENT) },
                { "keyUsage empty", { .key_usage = "critical,DER:030100" }, F(KEY_USAGE_CONTENT) },
                { "keyUsage with a tenth bit",
                  { .key_usage = "critical,DER:0303060040" },
                  F(KEY_USAGE_CONTENT) },
                { "keyUsage with zeros behind",
                  { .key_usage = "critical,DER:030200f0" },
                  F(KEY_USAGE_FORM) },
                { "keyUsage not critical", { .key_usage = "digitalSignature" }, F(CRITICALITY) },
                { "keyCertSign without cA",
                  { .key_usage = "critical,digitalSignature,keyCertSign" },
                  F(CERT_SIGN_NO_CA) },
                { "EKU empty", { .eku = "DER:3000" }, F(EXTENDED_KEY_USAGE_CONTENT) },
                { "EKU of no OID", { .eku = "DER:30020500" }, F(EXTENDED_KEY_USAGE_CONTENT) },
                { "SAN empty", { .san = "DER:3000" }, F(SUBJECT_ALT_NAME_CONTENT) },
                { "SAN of no name", { .san = "DER:30020500" }, F(SUBJECT_ALT_NAME_CONTENT) },
                { "IP of five bytes",
                  { .san = "DER:300787050102030405" },
                  F(SUBJECT_ALT_NAME_CONTENT) },
                { "URI with a blank", { .san = "URI:urn:a b" }, F(URI_ODD) },
                { "relative URI", { .san = "URI:a/b" }, F(URI_ODD) },
                { "URI without authority", { .san = "URI:opc.tcp:///a" }, F(URI_ODD) },
                { "empty dNSName", { .san = "DER:30028200" }, F(DNS_NAME_ODD) },
                { "dNSName of two dots", { .san = "DNS:a..b" }, F(DNS_NAME_ODD) },
                { "odd e-mail", { .san = "email:a" }, F(EMAIL_ODD) },
                { "SAN critical", { .san = "critical,URI:urn:a" }, F(CRITICALITY) },
                { "SKI no OCTET STRING", { .ski = "DER:0500" }, F(KEY_ID_CONTENT) },
                { "CA without SKI", { .ca = true, .ski = MINT_NONE }, F(SUBJECT_KEY_ID_MISSING) },
                { "AKI with a serial alone",
                  { .aki = "DER:3003820101" },
                  F(AUTHORITY_KEY_ID_INDIRECT) },
                { "AKI of bytes behind", { .aki = "DER:30000500" }, F(KEY_ID_CONTENT) },
                { "constraints empty",
                  { .ca = true, .extra = "nameConstraints = critical,DER:3000\n" },
                  F(NAME_CONSTRAINTS_CONTENT) },
                { "constraints with a maximum",
                  { .ca = true,
                    .extra = "nameConstraints = critical,DER:300aa008300682016181"
                             "0105\n" },
                  F(NAME_CONSTRAINTS_CONTENT) },
                { "constraints not critical",
                  { .ca = true, .extra = "nameConstraints = permitted;DNS:a\n" },
                  F(CRITICALITY) },
                { "constraints of no CA",
                  { .extra = "nameConstraints = critical,permitted;DNS:a\n" },
                  F(CONSTRAINTS_NO_CA) },
                { "a policy twice",
                  { .extra = "certificatePolicies = 1.2.3,1.2.3\n" },
                  F(POLICIES_CONTENT) },
                { "a mapping to anyPolicy",
                  { .ca = true, .extra = "policyMappings = critical,1.2.3:anyPolicy\n" },
                  F(POLICIES_CONTENT) },
                { "policyConstraints empty",
                  { .ca = true, .extra = "policyConstraints = critical,DER:3000\n" },
                  F(POLICIES_CONTENT) },
                { "inhibitAnyPolicy negative",
                  { .ca = true, .extra = "inhibitAnyPolicy = critical,DER:0201ff\n" },
                  F(POLICIES_CONTENT) },
                { "a point that has reasons alone",
                  { .extra = "crlDistributionPoints = DER:3006300481020780\n" },
                  F(CRL_POINTS_CONTENT) },
                { "AIA empty",
                  { .extra = "authorityInfoAccess = DER:3000\n" },
                  F(EXTENSION_CONTENT) },
                { "serial 0", { .serial = "00" }, F(SERIAL_ZERO) },
                { "serial negative", { .serial = "-01" }, F(SERIAL_NEGATIVE) },
                { "serial of 21 octets",
                  { .serial = "010203040506070809101112131415161718192021" },
                  F(SERIAL_LONG) },
                { "serial padded", { .serial = "0102", .edit = pad_serial }, UNREADABLE },
                { "GeneralizedTime before 2050", { .generalized_time = true }, F(TIME_FORM) },
                { "it ends before it begins",
                  { .not_before_s = MINT_NOW_S, .not_after_s = MINT_NOW_S - 1 },
                  F(VALIDITY_REVERSED) },
                { "a CN of 65 letters",
                  { .subject =
                            "CN="
                            "12345678901234567890123456789012345678901234567890123456789012345" },
                  F(NAME_LONG) },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                const uint64_t errors = F(N_ERRORS) - 1;
                struct mint_der der = mint_cert(&rows[i].spec);
                const struct cert *cert = NULL;
                const char *reason = NULL;
                int r;

                r = cert_new(bytes_of(&der), &reason, &cert);
                if ((rows[i].faults == UNREADABLE) != (r == CERT_E_UNREADABLE))
                        fail_msg("%s: %d %s", rows[i].what, r, reason ? reason : "");
                assert_int_equal(!reason, r == 0);

                if (!r && ((cert->faults.bits & rows[i].faults) != rows[i].faults ||
                           (cert->faults.bits & errors) != (rows[i].faults & errors)))
                        fail_msg("%s: %llx", rows[i].what, (unsigned long long)cert->faults.bits);
                cert_unref(cert);
                mint_der_deinit(&der);
        }
}

static void every_fault_has_a_code_and_a_sentence(void **state)
{
        struct faults all = { (UINT64_C(1) << FAULT_N) - 1 }, none = { 0 };
        const struct fault *fault;
        size_t at = 0, n = 0;

        (void)state;
        while ((fault = faults_next(&all, &at))) {
                assert_int_equal(fault->kind, n);
                assert_int_equal(fault->is_error, n < FAULT_N_ERRORS);
                assert_true(fault->code[0] && fault->text[0]);
                n++;
        }

        assert_int_equal(n, FAULT_N);
        at = 0;
        assert_null(faults_next(&none, &at));
}

static void bytes_cut_off_or_behind_are_no_certificate(void **state)
{
        struct mint_der der = mint_cert(&(struct mint_cert){ .key = "p256-a" });
        uint8_t *copy = must_calloc(der.n + 1, 1);
        const struct cert *cert = NULL;

        (void)state;
        memcpy(copy, der.data, der.n);
        assert_int_equal(cert_new((struct bytes){ copy, der.n + 1 }, NULL, &cert),
                         CERT_E_UNREADABLE);
        for (size_t n = 0; n < der.n; n++) {
                uint8_t *cut = malloc(n ? n : 1); /* of that very size, for the sanitizer */

                memcpy(cut, der.data, n);
                assert_int_equal(cert_new((struct bytes){ cut, n }, NULL, &cert),
                                 CERT_E_UNREADABLE);
                free(cut);
        }

        assert_null(cert);
        free(copy);
        mint_der_deinit(&der);
}

/* @n names "DNS:x", as a configuration. */
static char *many_names(size_t n)
{
        char *text = must_calloc(n, 6);

        for (size_t i = 0; i < n; i++)
                memcpy(text + 6 * i, "DNS:x,", 6);
        text[6 * n - 1] = '\0';
        return text;
}

static void a_certificate_has_so_many_names_and_no_more(void **state)
{
        static const struct {
                size_t n;
                uint64_t faults;
                size_t n_listed;
        } rows[] = { { ALT_NAMES_MAX, 0, ALT_NAMES_MAX },
                     { ALT_NAMES_MAX + 1, F(NAMES_TOO_MANY), 0 } };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                char *san = many_names(rows[i].n);
                const struct cert *cert = make_cert(&(struct mint_cert){ .san = san });

                assert_int_equal(cert->faults.bits & F(NAMES_TOO_MANY), rows[i].faults);
                assert_int_equal(cert->alt_names.n_names, rows[i].n);
                assert_int_equal(cert->alt_names.n_dns_names, rows[i].n_listed);
                cert_unref(cert);
                free(san);
        }
}

static void a_serial_number_has_a_longest_length(void **state)
{
        char hex[2 * (CERT_SERIAL_MAX + 1) + 1];
        const struct cert *cert;
        struct mint_der der;

        (void)state;
        memset(hex, '1', sizeof(hex));
        hex[2 * CERT_SERIAL_MAX] = '\0';
        cert = make_cert(&(struct mint_cert){ .serial = hex });
        assert_int_equal(cert->serial.n, CERT_SERIAL_MAX);
        cert_unref(cert);

        hex[2 * CERT_SERIAL_MAX] = '1';
        hex[2 * (CERT_SERIAL_MAX + 1)] = '\0';
        der = mint_cert(&(struct mint_cert){ .serial = hex });
        assert_int_equal(cert_new(bytes_of(&der), NULL, &cert), CERT_E_UNREADABLE);
        mint_der_deinit(&der);
}

static void the_last_second_is_no_end(void **state)
{
        const struct cert *cert =
                make_cert(&(struct mint_cert){ .not_after_s = INT64_C(253402300799) });

        (void)state;
        assert_true(cert->not_after_s == CERT_NO_END_S);
        cert_unref(cert);
}

static void distribution_points_name_crl_issuers(void **state)
{
        const struct cert *cert = make_cert(&(struct mint_cert){
                .extra = "crlDistributionPoints = points\n[points]\nfullname = URI:http://a/\n"
                         "CRLissuer = dirName:issuer\n[issuer]\nCN = Someone\n" });
        const struct cert *plain = make_cert(
                &(struct mint_cert){ .extra = "crlDistributionPoints = URI:http://a/\n" });
        char *text;

        (void)state;
        assert_int_equal(cert->crl_points.n_issuers, 1);
        assert_int_equal(name_text(&cert->crl_points.issuers[0], &text), 0);
        assert_string_equal(text, "CN=Someone");
        free(text);
        assert_true(plain->crl_points.value.n > 0);
        assert_int_equal(plain->crl_points.n_issuers, 0);
        cert_unref(cert);
        cert_unref(plain);
}

/* --- what is lazy --- */

#define N_THREADS 8

static void *ask_for_the_key(void *cert)
{
        const struct verifier *verifier = NULL;

        return cert_get_verifier(cert, &verifier) ? NULL : (void *)verifier;
}

static void threads_share_one_key(void **state)
{
        const struct cert *cert = make_cert(&(struct mint_cert){ .key = "p384-a" });
        pthread_t threads[N_THREADS];
        void *first = NULL, *verifier;

        (void)state;
        for (size_t i = 0; i < N_THREADS; i++)
                assert_int_equal(pthread_create(&threads[i], NULL, ask_for_the_key, (void *)cert),
                                 0);
        for (size_t i = 0; i < N_THREADS; i++) {
                assert_int_equal(pthread_join(threads[i], &verifier), 0);
                assert_non_null(verifier);
                assert_true(!first || first == verifier);
                first = verifier;
        }

        cert_unref(cert);
}

static void an_unsound_key_is_never_made(void **state)
{
        struct mint_der even = mint_hex("301b 300d 06092a864886f70d010101 0500 "
                                        "030a 00 3007 0202 00c4 0201 03");
        const struct cert *cert = make_cert(&(struct mint_cert){ .spki = even });
        const struct verifier *verifier = NULL;

        (void)state;
        assert_true(faults_have_key_error(&cert->faults));
        assert_int_equal(cert_get_verifier(cert, &verifier), CERT_E_KEY_UNUSABLE);
        assert_null(verifier);
        cert_unref(cert);
        mint_der_deinit(&even);
}

static void a_certificate_is_equal_to_its_very_bytes_alone(void **state)
{
        struct mint_der der = mint_cert(&(struct mint_cert){ .key = "p256-a" });
        const struct cert *a = NULL, *b = NULL, *c = NULL;

        (void)state;
        assert_int_equal(cert_new(bytes_of(&der), NULL, &a), 0);
        assert_int_equal(cert_new(bytes_of(&der), NULL, &b), 0);
        der.data[der.n - 1] ^= 1;
        assert_int_equal(cert_new(bytes_of(&der), NULL, &c), 0);
        assert_true(cert_equal(a, b));
        assert_false(cert_equal(a, c));

        assert_ptr_equal(cert_ref(a), a);
        assert_null(cert_unref(a));
        assert_int_equal(a->version, 3);
        cert_unref(a);
        cert_unref(b);
        cert_unref(c);
        assert_null(cert_unref(NULL));
        mint_der_deinit(&der);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(an_application_certificate_says_what_is_in_it),
                cmocka_unit_test(a_ca_says_what_it_may),
                cmocka_unit_test(lists_keep_bytes_as_they_are),
                cmocka_unit_test(structure_is_strict_where_it_matters_and_told_where_it_does_not),
                cmocka_unit_test(every_fault_has_a_code_and_a_sentence),
                cmocka_unit_test(bytes_cut_off_or_behind_are_no_certificate),
                cmocka_unit_test(a_certificate_has_so_many_names_and_no_more),
                cmocka_unit_test(a_serial_number_has_a_longest_length),
                cmocka_unit_test(the_last_second_is_no_end),
                cmocka_unit_test(distribution_points_name_crl_issuers),
                cmocka_unit_test(threads_share_one_key),
                cmocka_unit_test(an_unsound_key_is_never_made),
                cmocka_unit_test(a_certificate_is_equal_to_its_very_bytes_alone),
        };

        return cmocka_run_group_tests(tests, set_up_ossl, tear_down_ossl);
}
