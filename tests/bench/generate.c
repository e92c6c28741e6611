/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Generate - the PKI that benchmarks run on: `bench-generate FOLDER N_UNSEEN`. The same on every run.
 *
 *      crl_10, _100000, _1000000   stores: a root, an issuing CA that is trusted, its CRL of so many entries
 *      certs_10, _1000, _10000     stores: so many applications that are trusted, CAs that are not, a CRL of 10,
 *                                  with 10,000 one of 100,000
 *      unseen.der                  N_UNSEEN applications of the same CA that lie in no store, one behind another
 *      revoked.crl                 a CRL of their CA in which each EACH'th of them is
 *
 * Applications are one minted certificate in which number, serial, modulus and key id are written over before it
 * is signed again: all of one length, none with another's key. Nobody knows their private keys, nor has to.
 */

#include "bench/files.h"
#include "harness/mint.h"
#include "harness/mint_part.h"
#include "harness/must.h"
#include "proto/hex.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <stdio.h>

#define SERIAL     "4bad5eed4bad5eed4bad5eed4bad5eed"
#define SIGNATURE  256 /* bytes, of RSA-2048 */
#define NEXT_S     (MINT_NOW_S + 10 * MINT_YEAR_S)
#define ENTRY      35 /* bytes of a CRL's entry with a serial of 16 octets and a UTCTime */
#define EACH       100
#define MODULUS_AT 33 /* in a SubjectPublicKeyInfo of RSA-2048 */

static const struct mint_cert root = { .ca = true, .subject = "CN=Bench Root", .key = "rsa2048-1" };
static const struct mint_cert issuing = {
        .ca = true, .subject = "CN=Bench CA", .key = "rsa2048-2", .issuer = &root
};

/* Sebastiano Vigna's splitmix64: data has to look random, and to be the same again. */
static uint64_t draw(uint64_t *seed)
{
        uint64_t z = (*seed += UINT64_C(0x9e3779b97f4a7c15));

        z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
        return z ^ (z >> 31);
}

static void draw_bytes(uint64_t *seed, uint8_t *out, size_t n)
{
        for (size_t i = 0; i < n; i++)
                out[i] = (uint8_t)(draw(seed) >> 32);
}

static void write_cert(const char *folder, const char *name, const struct mint_cert *spec)
{
        struct mint_der der = mint_cert(spec);

        files_write(folder, name, der.data, der.n);
        mint_der_deinit(&der);
}

/* -- applications ------------------------------------------------------------------------------- */

struct application {
        struct mint_der der;
        uint8_t *tbs;
        size_t n_tbs;
        uint8_t *cn, *uri, *serial, *modulus, *key_id; /* in der: eight digits, ..., 20 bytes */
        EVP_MD_CTX *signing;
};

static uint8_t *find(const struct mint_der *in, const void *what, size_t n)
{
        uint8_t *at = memmem(in->data, in->n, what, n);

        must(at, "what is to be written over is there");
        return at;
}

static void application_init(struct application *app)
{
        static const uint8_t key_id_header[] = { 0x55, 0x1d, 0x0e, 0x04, 0x16, 0x04, 0x14 };
        struct mint_cert spec = {
                .issuer = &issuing,
                .subject = "CN=Pump 00000000,O=uatrust",
                .key = "rsa2048-3",
                .serial = SERIAL,
                .san = "URI:urn:plant.example.com:pump:00000000,DNS:pump.plant.example.com",
        };
        struct mint_der spki = mint_spki(spec.key), serial = mint_hex(SERIAL);
        const uint8_t *p;
        long n;
        int tag, class;

        app->der = mint_cert(&spec);
        p = app->der.data;
        ASN1_get_object(&p, &n, &tag, &class, (long)app->der.n);
        app->tbs = app->der.data + (p - app->der.data);
        ASN1_get_object(&p, &n, &tag, &class, n);
        app->n_tbs = (size_t)(p - app->tbs) + (size_t)n;
        app->cn = find(&app->der, "Pump 00000000", 13) + 5;
        app->uri = find(&app->der, "pump:00000000", 13) + 5;
        app->serial = find(&app->der, serial.data, serial.n);
        app->modulus = find(&app->der, spki.data + MODULUS_AT, 256);
        app->key_id = find(&app->der, key_id_header, sizeof(key_id_header)) + sizeof(key_id_header);
        app->signing = mint_signing(issuing.key, NULL, false);
        mint_der_deinit(&spki);
        mint_der_deinit(&serial);
}

/* The next application; the bytes are app->der. */
static void application_next(struct application *app, unsigned int number, uint64_t *seed)
{
        EVP_MD_CTX *signing = EVP_MD_CTX_new();
        size_t n_signature = SIGNATURE;
        char digits[9];

        snprintf(digits, sizeof(digits), "%08u", number);
        memcpy(app->cn, digits, 8);
        memcpy(app->uri, digits, 8);
        draw_bytes(seed, app->serial, 16);
        app->serial[0] = (app->serial[0] & 0x3f) | 0x40;
        draw_bytes(seed, app->modulus, 256);
        app->modulus[0] |= 0x80;
        app->modulus[255] |= 1;
        draw_bytes(seed, app->key_id, 20);
        must(signing && EVP_MD_CTX_copy_ex(signing, app->signing) == 1 &&
                     EVP_DigestSign(signing, app->der.data + app->der.n - SIGNATURE, &n_signature,
                                    app->tbs, app->n_tbs) == 1 &&
                     n_signature == SIGNATURE,
             "sign");
        EVP_MD_CTX_free(signing);
}

static void application_deinit(struct application *app)
{
        mint_der_deinit(&app->der);
        EVP_MD_CTX_free(app->signing);
}

/* -- CRLs --------------------------------------------------------------------------------------- */

static uint8_t *put_entry(uint8_t *at, uint64_t *seed)
{
        static const uint8_t before[] = { 0x30, ENTRY - 2, 0x02, 16 };
        static const uint8_t after[] = { 0x17, 13 };

        memcpy(at, before, sizeof(before));
        at += sizeof(before);
        draw_bytes(seed, at, 16);
        *at = (*at & 0x3f) | 0x40;
        at += 16;
        memcpy(at, after, sizeof(after));
        memcpy(at + sizeof(after), "250101000000Z", 13);
        return at + sizeof(after) + 13;
}

/* SEQUENCE { @head, SEQUENCE { @n_entries random entries }, @tail } */
static struct mint_der make_tbs(struct mint_der head, struct mint_der tail, size_t n_entries,
                                uint64_t *seed)
{
        int n_list = ASN1_object_size(1, (int)(n_entries * ENTRY), V_ASN1_SEQUENCE);
        int n_content = (int)(head.n + tail.n) + n_list;
        struct mint_der tbs = { .n = (size_t)ASN1_object_size(1, n_content, V_ASN1_SEQUENCE) };
        uint8_t *p;

        p = tbs.data = must_calloc(1, tbs.n);
        ASN1_put_object(&p, 1, n_content, V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL);
        memcpy(p, head.data, head.n);
        p += head.n;
        ASN1_put_object(&p, 1, (int)(n_entries * ENTRY), V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL);
        for (size_t i = 0; i < n_entries; i++)
                p = put_entry(p, seed);

        memcpy(p, tail.data, tail.n);
        return tbs;
}

/* Takes a minted CRL of one entry apart and puts it together with so many. */
static struct mint_der make_crl(const struct mint_cert *issuer, size_t n_entries, uint64_t *seed)
{
        struct mint_crl_entry entry = { .serial = SERIAL };
        struct mint_crl spec = {
                .issuer = issuer, .next_update_s = NEXT_S, .entries = &entry, .n_entries = 1
        };
        struct mint_der minted = mint_crl(&spec), head, tail, der;
        const uint8_t *p = minted.data, *end;
        X509_CRL *crl = d2i_X509_CRL(NULL, &p, (long)minted.n);
        const X509_ALGOR *algorithm;
        long n;
        int tag, class;

        must(crl, "read what was minted");
        X509_CRL_get0_signature(crl, NULL, &algorithm);
        p = minted.data;
        ASN1_get_object(&p, &n, &tag, &class, (long)minted.n);
        ASN1_get_object(&p, &n, &tag, &class, n);
        end = p + n;
        head.data = (uint8_t *)p;
        for (int i = 0; i < 5; i++) { /* version, algorithm, issuer, thisUpdate, nextUpdate */
                ASN1_get_object(&p, &n, &tag, &class, end - p);
                p += n;
        }
        head.n = (size_t)(p - head.data);
        ASN1_get_object(&p, &n, &tag, &class, end - p);
        tail.data = (uint8_t *)p + n;
        tail.n = (size_t)(end - tail.data);
        der = mint_assemble(make_tbs(head, tail, n_entries, seed), algorithm,
                            mint_signing(issuer->key, NULL, false));
        X509_CRL_free(crl);
        mint_der_deinit(&minted);
        return der;
}

static void write_crl(const char *folder, const char *name, const struct mint_cert *issuer,
                      size_t n_entries, uint64_t seed)
{
        struct mint_der der = make_crl(issuer, n_entries, &seed);

        files_write(folder, name, der.data, der.n);
        mint_der_deinit(&der);
}

/* -- stores ------------------------------------------------------------------------------------- */

static const char *in(char out[128], const char *store, size_t n, const char *name)
{
        int written = snprintf(out, 128, "%s_%zu/%s", store, n, name);

        must(written > 0 && written < 128, "a name");
        return out;
}

static void make_crl_store(const char *folder, size_t n)
{
        char name[128];

        write_cert(folder, in(name, "crl", n, "issuers/certs/root.der"), &root);
        write_crl(folder, in(name, "crl", n, "issuers/crl/root.crl"), &root, 10, 10);
        write_cert(folder, in(name, "crl", n, "trusted/certs/ca.der"), &issuing);
        write_crl(folder, in(name, "crl", n, "trusted/crl/ca.crl"), &issuing, n, n);
}

static void make_certs_store(const char *folder, size_t n, size_t n_revoked)
{
        struct application app;
        char name[128], file[64];
        uint64_t seed = n;

        write_cert(folder, in(name, "certs", n, "issuers/certs/root.der"), &root);
        write_crl(folder, in(name, "certs", n, "issuers/crl/root.crl"), &root, 10, 10);
        write_cert(folder, in(name, "certs", n, "issuers/certs/ca.der"), &issuing);
        write_crl(folder, in(name, "certs", n, "issuers/crl/ca.crl"), &issuing, n_revoked, n_revoked);
        application_init(&app);
        for (size_t i = 0; i < n; i++) {
                application_next(&app, (unsigned int)i, &seed);
                snprintf(file, sizeof(file), "trusted/certs/pump-%05zu.der", i);
                files_write(folder, in(name, "certs", n, file), app.der.data, app.der.n);
        }
        application_deinit(&app);
}

static void write_revoked(const char *folder, const struct mint_crl_entry *entries, size_t n)
{
        struct mint_crl spec = {
                .issuer = &issuing, .next_update_s = NEXT_S, .entries = entries, .n_entries = n
        };
        struct mint_der der = mint_crl(&spec);

        files_write(folder, "revoked.crl", der.data, der.n);
        mint_der_deinit(&der);
}

static void make_unseen(const char *folder, size_t n)
{
        struct application app;
        struct mint_der all = { 0 };
        struct mint_crl_entry *revoked = must_calloc(n / EACH + 1, sizeof(*revoked));
        char(*serials)[33] = must_calloc(n / EACH + 1, sizeof(*serials));
        size_t n_revoked = 0;
        uint64_t seed = 1;

        application_init(&app);
        all.data = must_calloc(n, app.der.n);
        for (size_t i = 0; i < n; i++) {
                application_next(&app, 10000000 + (unsigned int)i, &seed);
                if (i % EACH == 0) {
                        hex_encode(app.serial, 16, serials[n_revoked]);
                        revoked[n_revoked].serial = serials[n_revoked];
                        n_revoked++;
                }
                memcpy(all.data + all.n, app.der.data, app.der.n);
                all.n += app.der.n;
        }
        files_write(folder, "unseen.der", all.data, all.n);
        write_revoked(folder, revoked, n_revoked);
        free(revoked);
        free(serials);
        free(all.data);
        application_deinit(&app);
}

int main(int argc, char **argv)
{
        must(argc == 3, "usage: bench-generate FOLDER N_UNSEEN");
        make_crl_store(argv[1], 10);
        make_crl_store(argv[1], 100000);
        make_crl_store(argv[1], 1000000);
        write_crl(argv[1], "other.crl", &issuing, 1000000, 1000001); /* to replace that one */
        make_certs_store(argv[1], 10, 10);
        make_certs_store(argv[1], 1000, 10);
        make_certs_store(argv[1], 10000, 100000);
        make_unseen(argv[1], strtoul(argv[2], NULL, 10));
        return 0;
}
