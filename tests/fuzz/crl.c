/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Crl - a file as a CRL. Where OpenSSL can read it too, both must list the same serial numbers.
 */

#include "pki/crl.h"

#include "fuzz/fuzz.h"
#include "harness/must.h"
#include "pki/ossl.h"

#include <openssl/x509.h>

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
        (void)argc;
        (void)argv;
        must(ossl_init() == 0, "ossl_init");
        return 0;
}

/* The content of the INTEGER, as struct crl has it; free() it. */
static uint8_t *serial_of(const X509_REVOKED *revoked, struct bytes *out)
{
        uint8_t *der = NULL;
        int n = i2d_ASN1_INTEGER(X509_REVOKED_get0_serialNumber(revoked), &der);

        must(n > 2 && der[1] < 0x80, "a serial number of %d bytes", n);
        *out = (struct bytes){ der + 2, (size_t)n - 2 };
        return der;
}

static bool has_certificate_issuer(const X509_REVOKED *revoked)
{
        return X509_REVOKED_get_ext_by_NID(revoked, NID_certificate_issuer, -1) >= 0;
}

/* Whatever OpenSSL sees listed, we see listed. */
static void compare(const struct crl *crl, X509_CRL *other)
{
        STACK_OF(X509_REVOKED) *list = X509_CRL_get_REVOKED(other);
        size_t n = list ? (size_t)sk_X509_REVOKED_num(list) : 0;
        bool is_by_others = false;

        must(n == crl->n_entries, "%zu entries, by OpenSSL %zu", crl->n_entries, n);
        for (size_t i = 0; i < n; i++) {
                const X509_REVOKED *revoked = sk_X509_REVOKED_value(list, (int)i);
                enum crl_reason reason;
                struct bytes serial;
                uint8_t *der;

                is_by_others |= has_certificate_issuer(revoked);
                if (is_by_others)
                        break;
                der = serial_of(revoked, &serial);
                must(crl_find(crl, &crl->issuer, serial, &reason), "entry %zu is lost", i);
                OPENSSL_free(der);
        }
}

static void look_up(const struct crl *crl)
{
        static const uint8_t nowhere[] = { 0x7f, 'n',  'o',  't',  ' ',  't',  'h',  'e',  'r',
                                           'e',  0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08 };
        enum crl_reason reason;

        must(!crl_find(crl, &crl->issuer, (struct bytes){ nowhere, sizeof(nowhere) }, &reason),
             "it lists what nobody lists");
        must(!crl_find(crl, &crl->issuer, (struct bytes){ NULL, 0 }, &reason), "it lists nothing");
        must(crl_compare_scope(crl, crl) == 0, "crl_compare_scope");
        must(crl_compare_number(crl->number, crl->number) == 0, "crl_compare_number");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
        const struct crl *crl = NULL;
        const char *reason = NULL;
        const uint8_t *p = data;
        X509_CRL *other;
        int r;

        r = crl_new((struct bytes){ data, n }, &reason, &crl);
        must(r == 0 || (r == CRL_E_UNREADABLE && reason), "crl_new: %d", r);
        if (r)
                return 0;

        look_up(crl);
        other = d2i_X509_CRL(NULL, &p, (long)n);
        if (other)
                compare(crl, other);
        X509_CRL_free(other);
        crl_unref(crl);
        return 0;
}
