/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Openssl - what an application does at its start without an agent: `bench-openssl FOLDER` reads every file below
 * FOLDER, parses it as a certificate, or as a CRL where its name ends so, and looks one serial number up in each CRL.
 * Nothing is verified. Prints JSON.
 */

#include "bench/files.h"
#include "bench/sample.h"
#include "harness/must.h"

#include <openssl/x509.h>

#include <ftw.h>

#define OPEN_DIRS 16

static void take_crl(const uint8_t *p, size_t n, const char *path)
{
        X509_CRL *crl = d2i_X509_CRL(NULL, &p, (long)n);
        ASN1_INTEGER *serial = ASN1_INTEGER_new();
        X509_REVOKED *revoked;

        must(crl && serial && ASN1_INTEGER_set(serial, 1) == 1, "parse %s", path);
        must(X509_CRL_get0_by_serial(crl, &revoked, serial) == 0, "1 is not in %s", path);
        ASN1_INTEGER_free(serial);
}

/* What was parsed stays until the end, as a store would keep it. */
static int take(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
        uint8_t *data;
        const uint8_t *p;
        size_t n;

        (void)st;
        (void)ftw;
        if (flag != FTW_F)
                return 0;

        p = data = files_read(path, &n);
        if (strcmp(path + strlen(path) - 4, ".crl") == 0)
                take_crl(p, n, path);
        else
                must(d2i_X509(NULL, &p, (long)n), "parse %s", path);

        free(data);
        return 0;
}

int main(int argc, char **argv)
{
        uint64_t start_ns;
        long before_kib;

        must(argc == 2, "usage: bench-openssl FOLDER");
        must(OPENSSL_init_crypto(0, NULL) == 1, "OpenSSL");
        before_kib = sample_memory_kib("VmRSS");
        start_ns = sample_now_ns();
        must(nftw(argv[1], take, OPEN_DIRS, FTW_PHYS) == 0, "read %s", argv[1]);
        printf("{\"ns\":%lu,\"before_kib\":%ld,\"resident_kib\":%ld,\"peak_kib\":%ld}\n",
               sample_now_ns() - start_ns, before_kib, sample_memory_kib("VmRSS"),
               sample_memory_kib("VmHWM"));
        return 0;
}
