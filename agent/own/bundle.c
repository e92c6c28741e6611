/* SPDX-License-Identifier: Apache-2.0 */
#include "own/bundle.h"

#include "pki/decode.h"
#include "proto/buf.h"

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

/* @n: what i2d_..() gave. Return: 0 or -ENOMEM. */
static int add(unsigned char *der, int n, struct buf *out)
{
        if (n < 0)
                return -ENOMEM;

        buf_add(out, der, (size_t)n);
        OPENSSL_free(der);
        return buf_error(out);
}

/* The certificates and CRLs of a PKCS#7, as DER, one after another; nothing if it is none. */
static int flatten(struct bytes content, struct buf *out)
{
        CLEANUP(PKCS7_freep) PKCS7 *bundle = parse(content);
        const PKCS7_SIGNED *holder = bundle && PKCS7_type_is_signed(bundle) ? bundle->d.sign : NULL;
        int r = 0;

        for (int i = 0; holder && !r && i < sk_X509_num(holder->cert); i++) {
                unsigned char *der = NULL;
                int n = i2d_X509(sk_X509_value(holder->cert, i), &der);

                r = add(der, n, out);
        }
        for (int i = 0; holder && !r && i < sk_X509_CRL_num(holder->crl); i++) {
                unsigned char *der = NULL;
                int n = i2d_X509_CRL(sk_X509_CRL_value(holder->crl, i), &der);

                r = add(der, n, out);
        }
        return r;
}

static bool has_any(const struct decode_list *list)
{
        for (size_t i = 0; i < list->items.n; i++)
                if (list->items.items[i].kind == DECODE_CERT ||
                    list->items.items[i].kind == DECODE_CRL)
                        return true;
        return false;
}

int bundle_decode(struct bytes *content, struct buf *room, struct decode_list *out)
{
        int r = decode_file(*content, out);

        if (r || has_any(out))
                return r;

        r = flatten(*content, room);
        if (r || !room->n)
                return r;

        decode_list_deinit(out);
        *out = (struct decode_list)DECODE_LIST_NULL;
        *content = (struct bytes){ room->data, room->n };
        return decode_file(*content, out);
}
