/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Verify - the unit of cost: prints how long OpenSSL takes to verify one RSA-2048 signature of a certificate with a key
 * that it has decoded before, SHA-256 and all. Median, in ns.
 */

#include "bench/sample.h"
#include "harness/mint.h"
#include "harness/must.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

#define TIMES 3000

int main(void)
{
        struct mint_cert root = { .ca = true }, leaf = { .issuer = &root };
        struct mint_der der = mint_cert(&leaf), spki = mint_spki("rsa2048-2");
        const uint8_t *p = der.data, *key_p = spki.data;
        EVP_PKEY *key = d2i_PUBKEY(NULL, &key_p, (long)spki.n);
        X509 *cert = d2i_X509(NULL, &p, (long)der.n);
        const ASN1_BIT_STRING *signature;
        EVP_MD_CTX *ctx = EVP_MD_CTX_new();
        EVP_MD *md = EVP_MD_fetch(NULL, "SHA256", NULL);
        struct samples samples = { 0 };
        uint8_t *tbs = NULL;
        int n_tbs;

        must(key && cert && ctx && md, "a certificate to verify");
        n_tbs = i2d_re_X509_tbs(cert, &tbs);
        X509_get0_signature(&signature, NULL, cert);
        for (int i = 0; i < TIMES; i++) {
                uint64_t start_ns = sample_now_ns();

                must(EVP_DigestVerifyInit(ctx, NULL, md, NULL, key) == 1 &&
                             EVP_DigestVerify(ctx, signature->data, (size_t)signature->length, tbs,
                                              (size_t)n_tbs) == 1,
                     "verify");
                EVP_MD_CTX_reset(ctx);
                samples_add(&samples, sample_now_ns() - start_ns);
        }

        printf("%lu\n", samples_at(&samples, 0.5));
        return 0;
}
