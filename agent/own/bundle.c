/* SPDX-License-Identifier: Apache-2.0 */
#include "own/bundle.h"

#include "pki/cert.h"
#include "pki/decode.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs7.h>

#include <errno.h>

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

/* One that our own parser cannot read is left out. */
static int add(X509 *x509, struct decode_list *out)
{
        CLEANUP(cert_unrefp) const struct cert *cert = NULL;
        struct decode_item item = { .kind = DECODE_CERT };
        unsigned char *der = NULL;
        int n = i2d_X509(x509, &der), r;

        if (n <= 0)
                return -ENOMEM;

        r = cert_new((struct bytes){ der, (size_t)n }, NULL, &cert);
        OPENSSL_free(der);
        if (r)
                return r < 0 ? r : 0;

        item.cert = cert;
        r = VEC_PUSH(&out->items, item);
        if (!r)
                cert = NULL; /* it is the list's */
        return r;
}

int bundle_read(struct bytes content, struct decode_list *out)
{
        CLEANUP(PKCS7_freep) PKCS7 *bundle = parse(content);
        const STACK_OF(X509) *certs = NULL;
        int r = 0;

        if (bundle && PKCS7_type_is_signed(bundle) && bundle->d.sign)
                certs = bundle->d.sign->cert;
        for (int i = 0; !r && i < sk_X509_num(certs); i++)
                r = add(sk_X509_value(certs, i), out);
        return r;
}
