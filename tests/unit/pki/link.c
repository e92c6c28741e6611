/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/link.h"

#include "harness/objects.h"
#include "harness/test.h"
#include "proto/compiler.h"

static const struct mint_cert root = { .ca = true, .subject = "CN=Root" };

/* --- signatures --- */

static void expect_cert(const struct cert *issuer, const struct cert *cert, enum link_result wanted)
{
        enum link_result result;

        assert_int_equal(link_verify_cert(issuer, cert, &result), 0);
        assert_int_equal(result, wanted);
}

static void expect_crl(const struct cert *signer, const struct crl *crl, enum link_result wanted)
{
        enum link_result result;

        assert_int_equal(link_verify_crl(signer, crl, &result), 0);
        assert_int_equal(result, wanted);
}

static void a_signature_is_computed_once(void **state)
{
        const struct mint_cert leaf_spec = { .issuer = &root, .subject = "CN=Leaf" };
        const struct cert *issuer = make_cert(&root), *leaf = make_cert(&leaf_spec);
        const struct cert *twin = make_cert(&root), *other = make_cert(&(struct mint_cert){ 0 });

        (void)state;
        assert_int_equal(link_cost_cert(issuer, leaf), 1);
        expect_cert(other, leaf, LINK_WRONG_SIGNATURE);
        assert_int_equal(link_cost_cert(issuer, leaf), 1);

        expect_cert(issuer, leaf, LINK_VERIFIED);
        assert_int_equal(link_cost_cert(issuer, leaf), 0);
        expect_cert(issuer, leaf, LINK_VERIFIED);

        /* the same key in another object is the same key; another key is not */
        assert_int_equal(link_cost_cert(twin, leaf), 0);
        assert_int_equal(link_cost_cert(other, leaf), 1);
        expect_cert(other, leaf, LINK_WRONG_SIGNATURE);

        cert_unref(issuer);
        cert_unref(leaf);
        cert_unref(twin);
        cert_unref(other);
}

static void a_crl_is_verified_as_a_certificate_is(void **state)
{
        static const char *const keys[] = { "rsa2048-3", "p256-a", "ed25519-a" };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
                const struct mint_cert ca = { .ca = true, .key = keys[i] };
                const struct cert *signer = make_cert(&ca), *other = make_cert(&root);
                const struct crl *crl = make_crl(&(struct mint_crl){ .issuer = &ca });

                assert_true(link_cost_crl(signer, crl) > 0);
                expect_crl(other, crl, i ? LINK_WRONG_KEY : LINK_WRONG_SIGNATURE);
                expect_crl(signer, crl, LINK_VERIFIED);
                assert_int_equal(link_cost_crl(signer, crl), 0);

                cert_unref(signer);
                cert_unref(other);
                crl_unref(crl);
        }
}

static void change_both_algorithms(struct mint_der *tbs)
{
        mint_replace(tbs, "2a864886f70d01010b", "2a864886f70d010102"); /* MD2 */
}

static void what_cannot_verify_costs_nothing(void **state)
{
        struct mint_der one = mint_hex("301b 300d 06092a864886f70d010101 0500 "
                                       "030a 00 3007 0202 00c5 0201 01");
        struct mint_der md2 = mint_cert(&(struct mint_cert){ .edit = change_both_algorithms });
        const struct cert *rsa = make_cert(&root);
        const struct cert *ec = make_cert(&(struct mint_cert){ .ca = true, .key = "p256-a" });
        const struct cert *k1 = make_cert(&(struct mint_cert){ .ca = true, .key = "secp256k1-a" });
        const struct cert *unsound = make_cert(&(struct mint_cert){ .spki = one });
        const struct cert *of_md2;

        (void)state;
        /* the outer algorithm as well: it stands behind the TBSCertificate */
        md2.data[md2.n - 256 - 4 - 3 - 1] = 0x02;
        of_md2 = take_cert(md2);
        assert_int_equal(of_md2->signature.hash, KEY_HASH_MD2);

        assert_int_equal(link_cost_cert(ec, rsa), 0);
        expect_cert(ec, rsa, LINK_WRONG_KEY);

        assert_int_equal(link_cost_cert(unsound, rsa), 0);
        expect_cert(unsound, rsa, LINK_UNSOUND_KEY);

        assert_int_equal(link_cost_cert(rsa, of_md2), 0);
        expect_cert(rsa, of_md2, LINK_UNSUPPORTED);

        expect_cert(k1, k1, LINK_UNSUPPORTED);

        cert_unref(rsa);
        cert_unref(ec);
        cert_unref(k1);
        cert_unref(unsound);
        cert_unref(of_md2);
        mint_der_deinit(&one);
}

/* --- hints --- */

static void key_ids_are_hints(void **state)
{
        static const struct {
                const char *ski, *aki;
                enum link_key_id wanted;
        } rows[] = {
                { NULL, NULL, LINK_KEY_ID_MATCH },
                { "0102", NULL, LINK_KEY_ID_MATCH },
                { MINT_NONE, NULL, LINK_KEY_ID_UNKNOWN },
                { NULL, MINT_NONE, LINK_KEY_ID_UNKNOWN },
                { "0102", "DER:300480020103", LINK_KEY_ID_MISMATCH },
                { "0102", "DER:300480020102", LINK_KEY_ID_MATCH },
                /* issuer and serial: CN=Root and 07; 08; CN=Boot and 07 */
                { MINT_NONE, "DER:3018a113a411300f310d300b06035504030c04526f6f74820107",
                  LINK_KEY_ID_MATCH },
                { MINT_NONE, "DER:3018a113a411300f310d300b06035504030c04526f6f74820108",
                  LINK_KEY_ID_MISMATCH },
                { MINT_NONE, "DER:3018a113a411300f310d300b06035504030c04426f6f74820107",
                  LINK_KEY_ID_MISMATCH },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                const struct mint_cert ca = {
                        .ca = true, .subject = "CN=Root", .serial = "07", .ski = rows[i].ski
                };
                const struct mint_cert leaf_spec = { .issuer = &ca,
                                                     .subject = "CN=Leaf",
                                                     .aki = rows[i].aki };
                const struct cert *issuer = make_cert(&ca), *leaf = make_cert(&leaf_spec);

                if (link_key_id(issuer, leaf) != rows[i].wanted)
                        fail_msg("row %zu: %d", i, link_key_id(issuer, leaf));
                assert_true(link_is_named_issuer(issuer, leaf));
                assert_false(link_is_named_issuer(leaf, leaf));
                cert_unref(issuer);
                cert_unref(leaf);
        }
}

/* --- chains --- */

static void names_stay_within_the_constraints_above_them(void **state)
{
        static const struct {
                const char *constraints, *subject, *san;
                enum link_names wanted;
        } rows[] = {
                { "permitted;DNS:example.com", "CN=a", "DNS:host.example.com", LINK_NAMES_OK },
                { "permitted;DNS:example.com", "CN=a", "DNS:host.example.org",
                  LINK_NAMES_VIOLATION },
                { "excluded;DNS:example.com", "CN=a", "DNS:host.example.com",
                  LINK_NAMES_VIOLATION },
                { "excluded;DNS:example.com", "CN=a", "DNS:host.example.org", LINK_NAMES_OK },
                /* the CN is no host name here */
                { "permitted;DNS:example.com", "CN=host.example.org", "URI:urn:a", LINK_NAMES_OK },
                { "permitted;IP:10.0.0.0/255.0.0.0", "CN=a", "IP:10.1.2.3", LINK_NAMES_OK },
                { "permitted;IP:10.0.0.0/255.0.0.0", "CN=a", "IP:11.1.2.3", LINK_NAMES_VIOLATION },
                { "permitted;URI:.example.com", "CN=a", "URI:http://a.example.com/",
                  LINK_NAMES_OK },
                { "permitted;URI:.example.com", "CN=a", "URI:http://example.org/",
                  LINK_NAMES_VIOLATION },
                /* an ApplicationUri mostly has no host */
                { "permitted;URI:.example.com", "CN=a", "URI:urn:a", LINK_NAMES_NOT_COMPARABLE },
                /* OpenSSL looks for the end of the host in the path, and behind it */
                { "permitted;URI:.example.com", "CN=a", "URI:http://a.example.com:80/b:c",
                  LINK_NAMES_OK },
                { "permitted;URI:.example.com", "CN=a", "URI:http://b.org/.example.com:80",
                  LINK_NAMES_NOT_COMPARABLE },
                { "permitted;URI:.example.com", "CN=a", "URI:http://b.org?a.example.com",
                  LINK_NAMES_NOT_COMPARABLE },
                { "permitted;URI:.example.com", "CN=a", "URI:http://a.example.com:x@b.org/",
                  LINK_NAMES_NOT_COMPARABLE },
                { "excluded;URI:b.org", "CN=a", "URI:http://b.org#a", LINK_NAMES_NOT_COMPARABLE },
                { "excluded;URI:b.org", "CN=a", "URI:http://a@b.org/", LINK_NAMES_NOT_COMPARABLE },
                { "excluded;URI:b.org", "CN=a", "URI:http://a.org/a", LINK_NAMES_OK },
                { "permitted;DNS:example.com", "CN=a", "URI:urn:a", LINK_NAMES_OK },
                /* a dot at the end is dropped from host names */
                { "excluded;DNS:b.org", "CN=a", "DNS:a.b.org.", LINK_NAMES_NOT_COMPARABLE },
                { "excluded;DNS:b.org.", "CN=a", "DNS:a.b.org", LINK_NAMES_NOT_COMPARABLE },
                { "excluded;DNS:b.org.", "CN=a", "URI:urn:a", LINK_NAMES_OK },
                /* and a wildcard stands for one label */
                { "excluded;DNS:a.b.org", "CN=a", "DNS:*.B.org", LINK_NAMES_NOT_COMPARABLE },
                { "excluded;DNS:c.a.b.org", "CN=a", "DNS:*.b.org", LINK_NAMES_OK },
                { "excluded;DNS:b.org", "CN=a", "DNS:*.b.org", LINK_NAMES_VIOLATION },
                { "excluded;DNS:a.b.org", "CN=a", "DNS:*.c.org", LINK_NAMES_OK },
                { "permitted;DNS:b.org", "CN=a", "DNS:*.b.org", LINK_NAMES_OK },
                { "permitted;otherName:1.2.3;UTF8:x", "CN=a", "otherName:1.2.3;UTF8:y",
                  LINK_NAMES_NOT_COMPARABLE },
                { "permitted;otherName:1.2.3;UTF8:x", "CN=a", "DNS:a", LINK_NAMES_OK },
                { "permitted;dirName:dn", "O=Factory,CN=a", "URI:urn:a", LINK_NAMES_OK },
                { "permitted;dirName:dn", "O=Other,CN=a", "URI:urn:a", LINK_NAMES_VIOLATION },
                { "permitted;email:example.com", "CN=a", "email:x@example.org",
                  LINK_NAMES_VIOLATION },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                char extra[256];
                const struct mint_cert ca = { .ca = true, .subject = "CN=CA", .extra = extra };
                const struct mint_cert leaf_spec = { .issuer = &ca,
                                                     .subject = rows[i].subject,
                                                     .san = rows[i].san };
                const struct cert *chain[2];
                enum link_names names;
                size_t at = 99;

                snprintf(extra, sizeof(extra), "nameConstraints = critical,%s\n[dn]\nO = Factory\n",
                         rows[i].constraints);
                chain[0] = make_cert(&leaf_spec);
                chain[1] = make_cert(&ca);
                assert_int_equal(link_check_names(chain, 2, &at, &names), 0);
                if (names != rows[i].wanted)
                        fail_msg("row %zu: %d", i, names);
                assert_int_equal(at, names == LINK_NAMES_OK ? 99 : 0);
                cert_unref(chain[0]);
                cert_unref(chain[1]);
        }
}

static void constraints_reach_down_the_whole_chain(void **state)
{
        const struct mint_cert top = {
                .ca = true,
                .subject = "CN=Top",
                .extra = "nameConstraints = critical,permitted;dirName:dn\n[dn]\nO = Factory\n"
        };
        /* self-issued: exempt, unless it is the leaf */
        const struct mint_cert same = {
                .ca = true, .subject = "CN=Top", .key = "rsa2048-3", .issuer = &top
        };
        const struct mint_cert middle = { .ca = true, .subject = "O=Other,CN=M", .issuer = &same };
        const struct mint_cert leaf_spec = { .subject = "O=Factory,CN=L", .issuer = &middle };
        const struct cert *chain[] = { make_cert(&leaf_spec), make_cert(&middle), make_cert(&same),
                                       make_cert(&top) };
        const struct cert *without_middle[] = { chain[0], chain[2], chain[3] };
        const struct cert *self_issued_leaf[] = { chain[2], chain[3] };
        enum link_names names;
        size_t at = 99;

        (void)state;
        assert_int_equal(link_check_names(chain, 4, &at, &names), 0);
        assert_int_equal(names, LINK_NAMES_VIOLATION);
        assert_int_equal(at, 1);
        assert_int_equal(link_check_names(without_middle, 3, &at, &names), 0);
        assert_int_equal(names, LINK_NAMES_OK);
        assert_int_equal(link_check_names(self_issued_leaf, 2, &at, &names), 0);
        assert_int_equal(names, LINK_NAMES_VIOLATION);
        assert_int_equal(at, 0);

        for (size_t i = 0; i < ARRAY_SIZE(chain); i++)
                cert_unref(chain[i]);
}

/* @n times "@item,", without the last comma. */
static char *repeat(const char *item, size_t n)
{
        size_t n_item = strlen(item);
        char *text = must_calloc(n, n_item + 1);

        for (size_t i = 0; i < n; i++) {
                memcpy(text + i * (n_item + 1), item, n_item);
                text[(i + 1) * (n_item + 1) - 1] = i + 1 < n ? ',' : '\0';
        }

        return text;
}

static void comparing_names_has_a_limit(void **state)
{
        char *constraints = repeat("excluded;DNS:x.example", 1000), *san = repeat("DNS:a", 1000);
        char *extra = must_calloc(1, strlen(constraints) + 64);
        const struct mint_cert ca = { .ca = true, .subject = "CN=CA", .extra = extra };
        const struct mint_cert leaf_spec = { .issuer = &ca, .subject = "CN=a", .san = san };
        const struct mint_cert small = { .issuer = &ca, .subject = "CN=a" };
        const struct cert *chain[2];
        enum link_names names;
        size_t at = 99;

        (void)state;
        sprintf(extra, "nameConstraints = critical,%s\n", constraints);
        chain[0] = make_cert(&leaf_spec);
        chain[1] = make_cert(&ca);
        assert_int_equal(link_check_names(chain, 2, &at, &names), 0);
        assert_int_equal(names, LINK_NAMES_TOO_MANY);
        cert_unref(chain[0]);

        chain[0] = make_cert(&small);
        assert_int_equal(link_check_names(chain, 2, &at, &names), 0);
        assert_int_equal(names, LINK_NAMES_OK);
        cert_unref(chain[0]);
        cert_unref(chain[1]);
        free(constraints);
        free(san);
        free(extra);
}

static void an_explicit_policy_that_is_demanded_must_be_there(void **state)
{
        static const struct {
                const char *middle, *leaf;
                enum link_policies wanted;
        } rows[] = {
                { "", "", LINK_POLICIES_OK },
                { "certificatePolicies = 1.2.3\n", "", LINK_POLICIES_OK },
                { "policyConstraints = critical,requireExplicitPolicy:0\n", "",
                  LINK_POLICIES_VIOLATION },
                { "policyConstraints = critical,requireExplicitPolicy:0\n"
                  "certificatePolicies = 1.2.3\n",
                  "", LINK_POLICIES_VIOLATION },
                { "policyConstraints = critical,requireExplicitPolicy:0\n"
                  "certificatePolicies = 1.2.3\n",
                  "certificatePolicies = 1.2.3\n", LINK_POLICIES_OK },
                { "policyConstraints = critical,requireExplicitPolicy:0\n"
                  "certificatePolicies = 1.2.3\n",
                  "certificatePolicies = 1.2.4\n", LINK_POLICIES_VIOLATION },
                { "policyConstraints = critical,requireExplicitPolicy:0\n"
                  "certificatePolicies = 2.5.29.32.0\n",
                  "certificatePolicies = 1.2.4\n", LINK_POLICIES_OK },
                { "policyConstraints = critical,requireExplicitPolicy:0\n"
                  "certificatePolicies = 1.2.3\npolicyMappings = critical,1.2.3:1.2.4\n",
                  "certificatePolicies = 1.2.4\n", LINK_POLICIES_OK },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                const struct mint_cert middle = {
                        .ca = true, .subject = "CN=M", .issuer = &root, .extra = rows[i].middle
                };
                const struct mint_cert leaf_spec = { .subject = "CN=L",
                                                     .issuer = &middle,
                                                     .extra = rows[i].leaf };
                const struct cert *chain[] = { make_cert(&leaf_spec), make_cert(&middle),
                                               make_cert(&root) };
                enum link_policies policies;

                assert_int_equal(link_check_policies(chain, 3, &policies), 0);
                if (policies != rows[i].wanted)
                        fail_msg("row %zu: %d", i, policies);
                for (size_t k = 0; k < ARRAY_SIZE(chain); k++)
                        cert_unref(chain[k]);
        }
}

/* --- CRLs --- */

#define POINT(section) "crlDistributionPoints = p\n[p]\n" section

static void a_crl_speaks_for_what_its_scope_covers(void **state)
{
        static const struct {
                const char *what, *idp, *points;
                bool is_ca, is_by_other;
                unsigned int wanted;
        } rows[] = {
                { "no limits", NULL, "", false, false, LINK_REASONS_ALL },
                { "another issuer", NULL, "", false, true, 0 },
                { "users, a user", "onlyuser:TRUE", "", false, false, LINK_REASONS_ALL },
                { "users, a CA", "onlyuser:TRUE", "", true, false, 0 },
                { "CAs, a user", "onlyCA:TRUE", "", false, false, 0 },
                { "CAs, a CA", "onlyCA:TRUE", "", true, false, LINK_REASONS_ALL },
                { "attributes", "onlyAA:TRUE", "", false, false, 0 },
                { "a point, none in the certificate", "fullname:URI:http://a/", "", false, false,
                  0 },
                { "its point", "fullname:URI:http://a/", POINT("fullname = URI:http://a/\n"), false,
                  false, LINK_REASONS_ALL },
                { "another point", "fullname:URI:http://a/", POINT("fullname = URI:http://b/\n"),
                  false, false, 0 },
                { "one of two names", "fullname:URI:http://a/",
                  POINT("fullname = URI:http://b/,URI:http://a/\n"), false, false,
                  LINK_REASONS_ALL },
                { "a point, none in the CRL", NULL, POINT("fullname = URI:http://b/\n"), false,
                  false, LINK_REASONS_ALL },
                { "its point, some reasons of the CRL",
                  "onlysomereasons:keyCompromise,fullname:URI:http://a/",
                  POINT("fullname = URI:http://a/\n"), false, false, 1 << 1 },
                { "its point, some reasons of the point", "fullname:URI:http://a/",
                  POINT("fullname = URI:http://a/\nreasons = superseded,keyCompromise\n"), false,
                  false, 1 << 1 | 1 << 4 },
                { "relative names that are equal", "relativename:rel",
                  POINT("relativename = rel\n[rel]\nCN = Part 1\n"), false, false,
                  LINK_REASONS_ALL },
                { "relative and whole name", "relativename:rel",
                  POINT("fullname = dirName:whole\n[whole]\n1.CN = Root\n2.CN = part 1\n"), false,
                  false, LINK_REASONS_ALL },
                { "relative names that differ", "relativename:rel",
                  POINT("relativename = rel2\n[rel2]\nCN = Part 2\n"), false, false, 0 },
                { "indirect, named", "indirectCRL:TRUE",
                  POINT("fullname = URI:http://a/\nCRLissuer = dirName:i\n[i]\nCN = Root\n"), false,
                  true, LINK_REASONS_ALL },
                { "named, but not indirect", NULL,
                  POINT("fullname = URI:http://a/\nCRLissuer = dirName:i\n[i]\nCN = Root\n"), false,
                  true, 0 },
                { "indirect, another is named", "indirectCRL:TRUE",
                  POINT("fullname = URI:http://a/\nCRLissuer = dirName:i\n[i]\nCN = Boot\n"), false,
                  true, 0 },
                { "indirect, its issuer's, no points", "indirectCRL:TRUE", "", false, false,
                  LINK_REASONS_ALL },
                { "indirect, its issuer's, not named", "indirectCRL:TRUE",
                  POINT("fullname = URI:http://a/\n"), false, false, 0 },
                { "its issuer's, others are named", NULL,
                  POINT("fullname = URI:http://a/\nCRLissuer = dirName:i\n[i]\nCN = Boot\n"), false,
                  false, 0 },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                const struct mint_cert other = { .ca = true, .subject = "CN=Other" };
                const struct mint_cert spec = { .ca = rows[i].is_ca,
                                                .subject = "CN=Leaf",
                                                .issuer = rows[i].is_by_other ? &other : &root,
                                                .extra = rows[i].points };
                char extra[128];
                const struct mint_crl crl_spec = { .issuer = &root,
                                                   .extra = rows[i].idp ? extra : NULL };
                const struct cert *cert = make_cert(&spec);
                const struct crl *crl;
                unsigned int reasons = 1;

                snprintf(extra, sizeof(extra),
                         "issuingDistributionPoint = critical,%s\n[rel]\nCN = Part 1\n",
                         rows[i].idp);
                crl = make_crl(&crl_spec);
                assert_int_equal(link_crl_scope(crl, cert, &reasons), 0);
                if (reasons != rows[i].wanted)
                        fail_msg("%s: %x", rows[i].what, reasons);
                cert_unref(cert);
                crl_unref(crl);
        }
}

/* 101 names in the CRL's point against 96 in the certificate's are within the limit, against 199 beyond. */
static void comparing_points_has_a_limit(void **state)
{
        static const struct {
                size_t n;
                unsigned int wanted;
        } rows[] = { { 95, LINK_REASONS_ALL }, { 198, 0 } };
        char *of_crl = repeat("URI:a", 100);
        char *idp = must_calloc(1, strlen(of_crl) + 64);

        (void)state;
        sprintf(idp, "issuingDistributionPoint = critical,@i\n[i]\nfullname = %s,URI:c\n", of_crl);
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                char *names = repeat("URI:b", rows[i].n);
                char *extra = must_calloc(1, strlen(names) + 64);
                const struct cert *cert;
                const struct crl *crl;
                unsigned int reasons = 1;

                sprintf(extra, "crlDistributionPoints = p\n[p]\nfullname = %s,URI:c\n", names);
                cert = make_cert(&(struct mint_cert){
                        .subject = "CN=Leaf", .issuer = &root, .extra = extra });
                crl = make_crl(&(struct mint_crl){ .issuer = &root, .extra = idp });
                assert_int_equal(link_crl_scope(crl, cert, &reasons), 0);
                assert_int_equal(reasons, rows[i].wanted);
                cert_unref(cert);
                crl_unref(crl);
                free(names);
                free(extra);
        }

        free(of_crl);
        free(idp);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_signature_is_computed_once),
                cmocka_unit_test(a_crl_is_verified_as_a_certificate_is),
                cmocka_unit_test(what_cannot_verify_costs_nothing),
                cmocka_unit_test(key_ids_are_hints),
                cmocka_unit_test(names_stay_within_the_constraints_above_them),
                cmocka_unit_test(constraints_reach_down_the_whole_chain),
                cmocka_unit_test(comparing_names_has_a_limit),
                cmocka_unit_test(an_explicit_policy_that_is_demanded_must_be_there),
                cmocka_unit_test(a_crl_speaks_for_what_its_scope_covers),
                cmocka_unit_test(comparing_points_has_a_limit),
        };

        return cmocka_run_group_tests(tests, set_up_ossl, tear_down_ossl);
}
