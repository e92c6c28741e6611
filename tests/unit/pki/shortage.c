/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/objects.h"
#include "harness/scarce.h"
#include "harness/test.h"
#include "pki/decode.h"
#include "pki/link.h"
#include "pki/verifier.h"
#include "proto/compiler.h"

#include <openssl/crypto.h>

#include <errno.h>

/*
 * Everything that allocates runs out of memory at its n-th allocation, for every n, OpenSSL's own included: it says so,
 * leaks nothing, and never answers anything but what is true. OpenSSL's allocations come by its hooks.
 */

static void *ossl_malloc(size_t n, const char *file, int line)
{
        (void)file;
        (void)line;
        return malloc(n);
}

static void *ossl_realloc(void *old, size_t n, const char *file, int line)
{
        (void)file;
        (void)line;
        return realloc(old, n);
}

static void ossl_free(void *p, const char *file, int line)
{
        (void)file;
        (void)line;
        free(p);
}

#define ALLOCATIONS_MAX 5000

/* What is done: Return: 0 if it was done and is right, else a negative errno; anything else fails the test. */
typedef int (*do_fn)(void);

static void run_out(do_fn fn)
{
        long n;
        int r;

        assert_int_equal(fn(), 0); /* what OpenSSL makes once is there then */
        for (n = 0; n < ALLOCATIONS_MAX; n++) {
                scarce_begin(n);
                r = fn();
                if (!scarce_end())
                        break;
                if (r != -ENOMEM && r != 0)
                        fail_msg("allocation %ld: %d", n, r);
        }

        assert_int_equal(r, 0);
        assert_true(n < ALLOCATIONS_MAX);
}

/* --- the scene --- */

static const struct mint_cert ca_spec = {
        .ca = true,
        .subject = "CN=Plant CA",
        .extra = "nameConstraints = critical,permitted;DNS:example.com\n"
                 "policyConstraints = critical,requireExplicitPolicy:0\n"
};
static const struct mint_cert leaf_spec = {
        .issuer = &ca_spec,
        .key = "p256-leaf",
        .subject = "CN=Leaf",
        .san = "URI:urn:a,DNS:host.example.org",
        .extra = "crlDistributionPoints = p\n[p]\nfullname = URI:http://a/,dirName:d\n"
                 "CRLissuer = dirName:d\n[d]\nCN = Indirect\n"
};

static struct scene {
        struct mint_der leaf_der, ca_der, crl_der, pem;
        const struct cert *leaf, *ca;
        const struct crl *indirect;
} scene;

static const struct mint_crl_entry entries[] = {
        { .serial = "01" },
        { .serial = "02", .issuer = "CN=Someone" },
};

static int set_up(void **state)
{
        static const struct mint_cert other = { .ca = true, .subject = "CN=Indirect" };
        const struct mint_crl crl_spec = {
                .issuer = &other,
                .entries = entries,
                .n_entries = ARRAY_SIZE(entries),
                .extra = "issuingDistributionPoint = critical,indirectCRL:TRUE,relativename:r\n"
                         "[r]\nO = Part\n"
        };

        (void)state;
        assert_int_equal(CRYPTO_set_mem_functions(ossl_malloc, ossl_realloc, ossl_free), 1);
        assert_int_equal(ossl_init(), 0);
        scene.leaf_der = mint_cert(&leaf_spec);
        scene.ca_der = mint_cert(&ca_spec);
        scene.crl_der = mint_crl(&crl_spec);
        scene.pem = mint_join(mint_pem(&scene.leaf_der, "CERTIFICATE"),
                              mint_pem(&scene.crl_der, "X509 CRL"));
        scene.leaf = make_cert(&leaf_spec);
        scene.ca = make_cert(&ca_spec);
        scene.indirect = make_crl(&crl_spec);
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        mint_der_deinit(&scene.leaf_der);
        mint_der_deinit(&scene.ca_der);
        mint_der_deinit(&scene.crl_der);
        mint_der_deinit(&scene.pem);
        cert_unref(scene.leaf);
        cert_unref(scene.ca);
        crl_unref(scene.indirect);
        ossl_deinit();
        return 0;
}

/* --- what is done --- */

static int read_cert(void)
{
        CLEANUP(cert_unrefp) const struct cert *cert = NULL;
        int r = cert_new(bytes_of(&scene.leaf_der), NULL, &cert);

        return r ? r : faults_have_error(&cert->faults) || cert->crl_points.n_issuers != 1;
}

static int read_crl(void)
{
        CLEANUP(crl_unrefp) const struct crl *crl = NULL;
        int r = crl_new(bytes_of(&scene.crl_der), NULL, &crl);

        return r ? r : crl->n_entries != 2;
}

static int write_name(void)
{
        CLEANUP(freep) char *text = NULL;
        int r = name_text(&scene.leaf->subject, &text);

        return r ? r : strcmp(text, "CN=Leaf") != 0;
}

static int read_a_file(void)
{
        CLEANUP(decode_list_deinit) struct decode_list list = DECODE_LIST_NULL;
        int r = decode_file(bytes_of(&scene.pem), &list);

        if (r)
                return r;
        return list.items.n != 2 || !list.items.items[0].cert || !list.items.items[1].crl;
}

static int read_a_message(void)
{
        CLEANUP(decode_chain_deinit) struct decode_chain chain = DECODE_CHAIN_NULL;
        const struct bytes elements[] = { bytes_of(&scene.leaf_der), bytes_of(&scene.ca_der),
                                          bytes_of(&scene.ca_der) };
        int r = decode_message_chain(elements, ARRAY_SIZE(elements), &chain);

        return r ? r : chain.certs.n != 2 || chain.notes.n != 1;
}

/* A fresh signer has no key yet, a fresh subject no memo. Return: 0 if @wanted comes out. */
static int verify(const struct mint_der *signer_der, const struct mint_der *subject_der,
                  enum link_result wanted)
{
        CLEANUP(cert_unrefp) const struct cert *signer = NULL;
        CLEANUP(cert_unrefp) const struct cert *subject = NULL;
        enum link_result result;
        int r;

        r = cert_new(bytes_of(signer_der), NULL, &signer);
        if (!r)
                r = cert_new(bytes_of(subject_der), NULL, &subject);
        if (!r)
                r = link_verify_cert(signer, subject, &result);
        return r ? r : result != wanted;
}

static int verify_rsa(void)
{
        return verify(&scene.ca_der, &scene.leaf_der, LINK_VERIFIED);
}

static int verify_wrong_kind(void)
{
        return verify(&scene.leaf_der, &scene.ca_der, LINK_WRONG_KEY);
}

static int check_names(void)
{
        const struct cert *chain[] = { scene.leaf, scene.ca };
        enum link_names names;
        size_t at;
        int r = link_check_names(chain, 2, &at, &names);

        return r ? r : names != LINK_NAMES_VIOLATION;
}

static int check_policies(void)
{
        const struct cert *chain[] = { scene.leaf, scene.ca, scene.ca };
        enum link_policies policies;
        int r = link_check_policies(chain, 3, &policies);

        return r ? r : policies != LINK_POLICIES_VIOLATION;
}

static int check_scope(void)
{
        unsigned int reasons;
        int r = link_crl_scope(scene.indirect, scene.leaf, &reasons);

        return r ? r : reasons != 0;
}

#define RUNS_OUT(what)                                                                             \
        static void what##_runs_out_of_memory(void **state)                                        \
        {                                                                                          \
                (void)state;                                                                       \
                run_out(what);                                                                     \
        }

RUNS_OUT(read_cert)
RUNS_OUT(read_crl)
RUNS_OUT(write_name)
RUNS_OUT(read_a_file)
RUNS_OUT(read_a_message)
RUNS_OUT(verify_rsa)
RUNS_OUT(verify_wrong_kind)
RUNS_OUT(check_names)
RUNS_OUT(check_policies)
RUNS_OUT(check_scope)

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(read_cert_runs_out_of_memory),
                cmocka_unit_test(read_crl_runs_out_of_memory),
                cmocka_unit_test(write_name_runs_out_of_memory),
                cmocka_unit_test(read_a_file_runs_out_of_memory),
                cmocka_unit_test(read_a_message_runs_out_of_memory),
                cmocka_unit_test(verify_rsa_runs_out_of_memory),
                cmocka_unit_test(verify_wrong_kind_runs_out_of_memory),
                cmocka_unit_test(check_names_runs_out_of_memory),
                cmocka_unit_test(check_policies_runs_out_of_memory),
                cmocka_unit_test(check_scope_runs_out_of_memory),
        };

        return cmocka_run_group_tests(tests, set_up, tear_down);
}
