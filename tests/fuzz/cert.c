/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Cert - a file as a certificate, and as what a request brings. What can be read of it is read, its own signature is
 * checked with its own key, and a certificate's copy is the certificate.
 */

#include "pki/cert.h"

#include "fuzz/fuzz.h"
#include "harness/must.h"
#include "pki/decode.h"
#include "pki/link.h"
#include "pki/ossl.h"
#include "pki/verifier.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
        (void)argc;
        (void)argv;
        must(ossl_init() == 0, "ossl_init");
        return 0;
}

static void read_name(const struct name *name)
{
        struct name_part part;
        size_t at = 0, n = 0;
        char *text = NULL;

        must(name_text(name, &text) == 0 && strlen(text) <= NAME_TEXT_MAX, "name_text");
        while (name_next(name, &at, &part))
                n++;
        must(n == name->n_attributes, "attributes are lost");
        free(text);
}

static void read_list(const struct bytes *items, size_t n)
{
        unsigned int sum = 0;

        for (size_t i = 0; i < n; i++)
                for (size_t k = 0; k < items[i].n; k++)
                        sum += items[i].data[k];
        must(sum <= UINT32_MAX, "every byte can be read");
}

static void judge_by_itself(const struct cert *cert)
{
        const struct verifier *verifier;
        enum link_policies policies;
        enum link_result result;
        enum link_names names;
        size_t at = 0;
        int r;

        r = cert_get_verifier(cert, &verifier);
        must(r == 0 || r == CERT_E_KEY_UNUSABLE, "cert_get_verifier: %d", r);
        must(r != 0 || !faults_have_key_error(&cert->faults), "an unsound key is used");
        if (link_cost_cert(cert, cert) <= 50) {
                must(link_verify_cert(cert, cert, &result) == 0, "link_verify_cert");
                must(r == 0 || result != LINK_VERIFIED, "it is verified without a key");
        }

        link_key_id(cert, cert);
        must(link_is_named_issuer(cert, cert) == cert->is_self_issued, "is_self_issued");
        must(link_check_names(&cert, 1, &at, &names) == 0, "link_check_names");
        must(link_check_policies(&cert, 1, &policies) == 0, "link_check_policies");
}

static void read_cert(const struct cert *cert)
{
        const struct fault *fault;
        char text[KEY_TYPE_TEXT_MAX];
        size_t at = 0;
        bool has_error = false;

        read_name(&cert->subject);
        read_name(&cert->issuer);
        for (size_t i = 0; i < cert->crl_points.n_issuers; i++)
                read_name(&cert->crl_points.issuers[i]);
        read_list(cert->alt_names.uris, cert->alt_names.n_uris);
        read_list(cert->alt_names.dns_names, cert->alt_names.n_dns_names);
        read_list(cert->alt_names.ips, cert->alt_names.n_ips);
        read_list(&cert->serial, 1);
        must(cert->serial.n >= 1 && cert->serial.n <= CERT_SERIAL_MAX, "serial");
        while ((fault = faults_next(&cert->faults, &at)))
                has_error |= fault->is_error;
        must(has_error == faults_have_error(&cert->faults), "faults");
        must(key_info_text(&cert->key, text)[0], "key_info_text");
        judge_by_itself(cert);
}

static void read_as_message(struct bytes input)
{
        struct decode_chain chain = DECODE_CHAIN_NULL;
        int r = decode_message_chain(&input, 1, &chain);

        must(r == 0 || r == DECODE_E_TOO_MANY || r == DECODE_E_CERT_TOO_LARGE ||
                     r == DECODE_E_REQUEST_TOO_LARGE,
             "decode_message_chain: %d", r);
        must(chain.certs.n <= DECODE_CHAIN_MAX, "too many certificates");
        must(r || !chain.reason == (chain.certs.n > 0), "neither a certificate nor a reason");
        decode_chain_deinit(&chain);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
        struct bytes input = { data, n };
        const struct cert *cert = NULL, *copy = NULL;
        const char *reason = NULL;
        int r;

        r = cert_new(input, &reason, &cert);
        must(r == 0 || (r == CERT_E_UNREADABLE && reason), "cert_new: %d", r);
        if (r == 0) {
                must(cert->n_der == n && !memcmp(cert->der, data, n), "not its bytes");
                read_cert(cert);
                must(cert_new((struct bytes){ cert->der, cert->n_der }, NULL, &copy) == 0, "copy");
                must(cert_equal(cert, copy) && cert->faults.bits == copy->faults.bits, "copy");
        }
        cert_unref(copy);
        cert_unref(cert);
        read_as_message(input);
        return 0;
}
