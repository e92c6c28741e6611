/* SPDX-License-Identifier: Apache-2.0 */
#include "own/bundle.h"

#include "proto/buf.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs7.h>

DEFINE_CLEANUP(BIO *, BIO_free)
DEFINE_CLEANUP(PKCS7 *, PKCS7_free)

static PKCS7 *parse(struct bytes content)
{
        CLEANUP(BIO_freep) BIO *bio = BIO_new_mem_buf(content.data, (int)content.n);
        const unsigned char *at = content.data;
        PKCS7 *bundle = bio ? PEM_read_bio_PKCS7(bio, NULL, NULL, NULL) : NULL;

        if (!bundle)
                bundle = d2i_PKCS7(NULL, &at, (long)content.n);
        ERR_clear_error();
        return bundle;
}

/* @n: what i2d_..() gave. */
static void add(unsigned char *der, int n, struct buf *out)
{
        if (n > 0)
                buf_add(out, der, (size_t)n);
        OPENSSL_free(der);
}

int bundle_flatten(struct bytes content, struct buf *out)
{
        CLEANUP(PKCS7_freep) PKCS7 *bundle = parse(content);
        const PKCS7_SIGNED *holder = bundle && PKCS7_type_is_signed(bundle) ? bundle->d.sign : NULL;

        for (int i = 0; holder && i < sk_X509_num(holder->cert); i++) {
                unsigned char *der = NULL;
                int n = i2d_X509(sk_X509_value(holder->cert, i), &der);

                add(der, n, out);
        }
        for (int i = 0; holder && i < sk_X509_CRL_num(holder->crl); i++) {
                unsigned char *der = NULL;
                int n = i2d_X509_CRL(sk_X509_CRL_value(holder->crl, i), &der);

                add(der, n, out);
        }
        return buf_error(out);
}
