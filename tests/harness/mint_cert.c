/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/mint_key.h"
#include "harness/mint_part.h"
#include "harness/must.h"

#include <openssl/sha.h>

static const char *subject_of(const struct mint_cert *spec)
{
        if (spec->subject)
                return spec->subject;

        return spec->ca ? "CN=CA" : "CN=Application,O=uatrust";
}

static const char *issuer_name_of(const struct mint_cert *spec)
{
        if (spec->issuer_name)
                return spec->issuer_name;

        return subject_of(spec->issuer ? spec->issuer : spec);
}

const char *mint_key_name(const struct mint_cert *spec)
{
        if (spec->key)
                return spec->key;

        return spec->ca ? "rsa2048-2" : "rsa2048-1";
}

static const char *signer_of(const struct mint_cert *spec)
{
        return spec->signer ? spec->signer : mint_key_name(spec->issuer ? spec->issuer : spec);
}

/* A serial number that two specs share only if little but extensions is different in them. */
static ASN1_INTEGER *make_serial(const struct mint_cert *spec)
{
        uint8_t digest[SHA256_DIGEST_LENGTH];
        char hex[33], *text;
        int n;

        if (spec->serial)
                return mint_integer(spec->serial);

        n = asprintf(&text, "%s|%s|%s|%s|%lld|%lld|%s", subject_of(spec), mint_key_name(spec),
                     issuer_name_of(spec), signer_of(spec), (long long)spec->not_before_s,
                     (long long)spec->not_after_s, spec->san ? spec->san : "");
        must(n > 0, "asprintf");
        SHA256((const uint8_t *)text, (size_t)n, digest);
        digest[0] = (digest[0] & 0x3f) | 0x40;
        for (size_t i = 0; i < 16; i++)
                snprintf(hex + 2 * i, 3, "%02x", digest[i]);

        free(text);
        return mint_integer(hex);
}

static void set_names(X509 *cert, const struct mint_cert *spec)
{
        X509_NAME *subject = mint_name(subject_of(spec), spec->printable);
        X509_NAME *issuer = mint_name(issuer_name_of(spec),
                                      spec->issuer ? spec->issuer->printable : spec->printable);

        must(X509_set_subject_name(cert, subject) == 1 && X509_set_issuer_name(cert, issuer) == 1,
             "names");
        X509_NAME_free(subject);
        X509_NAME_free(issuer);
}

/* Puts a key there that OpenSSL may not know how to use. */
static void set_spki(X509 *cert, const struct mint_der *der)
{
        const uint8_t *p = der->data, *bits;
        X509_PUBKEY *from = d2i_X509_PUBKEY(NULL, &p, (long)der->n),
                    *to = X509_get_X509_PUBKEY(cert);
        X509_ALGOR *from_algorithm, *to_algorithm;
        ASN1_OBJECT *type;
        int n_bits;
        uint8_t *copy;

        must(from && X509_PUBKEY_get0_param(&type, &bits, &n_bits, &from_algorithm, from) == 1,
             "spki");
        copy = OPENSSL_memdup(bits, (size_t)n_bits);
        must(copy &&
                     X509_PUBKEY_set0_param(to, OBJ_dup(type), V_ASN1_UNDEF, NULL, copy, n_bits) ==
                             1 &&
                     X509_PUBKEY_get0_param(NULL, NULL, NULL, &to_algorithm, to) == 1 &&
                     X509_ALGOR_copy(to_algorithm, from_algorithm) == 1,
             "spki");
        X509_PUBKEY_free(from);
}

static void set_key(X509 *cert, const struct mint_cert *spec)
{
        EVP_PKEY *key;

        if (spec->spki.n) {
                set_spki(cert, &spec->spki);
                return;
        }

        key = mint_key(mint_key_name(spec));
        must(X509_set_pubkey(cert, key) == 1, "key");
        EVP_PKEY_free(key);
}

static void set_times(X509 *cert, const struct mint_cert *spec)
{
        int64_t from_s = spec->not_before_s ? spec->not_before_s : MINT_NOW_S - MINT_YEAR_S;
        int64_t to_s = spec->not_after_s ? spec->not_after_s : MINT_NOW_S + 20 * MINT_YEAR_S;
        ASN1_TIME *not_before = mint_time(from_s, spec->generalized_time);
        ASN1_TIME *not_after = mint_time(to_s, spec->generalized_time);

        must(X509_set1_notBefore(cert, not_before) == 1 && X509_set1_notAfter(cert, not_after) == 1,
             "times");
        ASN1_TIME_free(not_before);
        ASN1_TIME_free(not_after);
}

static void set_extensions(X509 *cert, STACK_OF(X509_EXTENSION) * exts)
{
        for (int i = 0; i < sk_X509_EXTENSION_num(exts); i++)
                must(X509_add_ext(cert, sk_X509_EXTENSION_value(exts, i), -1) == 1, "extension %d",
                     i);

        sk_X509_EXTENSION_pop_free(exts, X509_EXTENSION_free);
}

static void add_ski(X509 *cert, const struct mint_cert *spec)
{
        STACK_OF(X509_EXTENSION) *exts = NULL;
        X509V3_CTX ctx;

        X509V3_set_ctx(&ctx, cert, cert, NULL, NULL, 0);
        mint_add(&exts, &ctx, "subjectKeyIdentifier", spec->ski ? spec->ski : "hash");
        set_extensions(cert, exts);
}

X509 *mint_identity(const struct mint_cert *spec)
{
        ASN1_INTEGER *serial = make_serial(spec);
        X509 *cert = X509_new();

        must(cert && X509_set_serialNumber(cert, serial) == 1, "serial number");
        ASN1_INTEGER_free(serial);
        must(X509_set_version(cert, spec->version ? spec->version - 1 : 2) == 1, "version");
        set_names(cert, spec);
        set_key(cert, spec);
        if (spec->version != 1)
                add_ski(cert, spec);

        return cert;
}

static const char *or_default(const char *given, const char *usual)
{
        return given ? given : usual;
}

static const char *default_key_usage(const struct mint_cert *spec)
{
        bool is_rsa = strncmp(mint_key_name(spec), "rsa", 3) == 0;

        if (spec->ca)
                return "critical,keyCertSign,cRLSign";

        if (is_rsa)
                return spec->issuer ? "critical,digitalSignature,nonRepudiation,keyEncipherment,"
                                      "dataEncipherment"
                                    : "critical,digitalSignature,nonRepudiation,keyEncipherment,"
                                      "dataEncipherment,"
                                      "keyCertSign";

        return spec->issuer ? "critical,digitalSignature" : "critical,digitalSignature,keyCertSign";
}

static const char *default_eku(const struct mint_cert *spec)
{
        bool is_rsa = strncmp(mint_key_name(spec), "rsa", 3) == 0;

        return is_rsa && !spec->ca ? "serverAuth,clientAuth" : NULL;
}

static void add_extensions(X509 *cert, const struct mint_cert *spec)
{
        X509 *issuer = spec->issuer ? mint_identity(spec->issuer) : cert;
        STACK_OF(X509_EXTENSION) *exts = NULL;
        X509V3_CTX ctx;

        X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
        if (spec->aki)
                mint_add(&exts, &ctx, "authorityKeyIdentifier", spec->aki);
        else
                mint_add_aki(&exts, issuer);

        mint_add(&exts, &ctx, "basicConstraints",
                 or_default(spec->basic_constraints,
                            spec->ca ? "critical,CA:TRUE" : "critical,CA:FALSE"));
        mint_add(&exts, &ctx, "keyUsage", or_default(spec->key_usage, default_key_usage(spec)));
        mint_add(&exts, &ctx, "extendedKeyUsage", or_default(spec->eku, default_eku(spec)));
        mint_add(&exts, &ctx, "subjectAltName",
                 or_default(spec->san, spec->ca ? NULL : "URI:" MINT_URI ",DNS:" MINT_HOST));
        mint_add_extra(&exts, &ctx, spec->extra);
        set_extensions(cert, exts);
        if (issuer != cert)
                X509_free(issuer);
}

static void repeat_extension(X509 *cert, const char *name)
{
        ASN1_OBJECT *type = OBJ_txt2obj(name, 0);
        int at = type ? X509_get_ext_by_OBJ(cert, type, -1) : -1;

        must(at >= 0 && X509_add_ext(cert, X509_get_ext(cert, at), -1) == 1, "extension %s twice",
             name);
        ASN1_OBJECT_free(type);
}

static struct mint_der edit(X509 *cert, const struct mint_cert *spec)
{
        const X509_ALGOR *algorithm;
        struct mint_der tbs = { 0 };
        int n = i2d_re_X509_tbs(cert, &tbs.data);

        must(n > 0, "encode");
        tbs.n = (size_t)n;
        spec->edit(&tbs);
        X509_get0_signature(NULL, &algorithm, cert);
        return mint_assemble(tbs, algorithm, mint_signing(signer_of(spec), spec->hash, spec->pss));
}

struct mint_der mint_cert(const struct mint_cert *spec)
{
        EVP_MD_CTX *signing = mint_signing(signer_of(spec), spec->hash, spec->pss);
        X509 *cert = mint_identity(spec);
        struct mint_der der = { 0 };
        int n;

        set_times(cert, spec);
        if (spec->version != 1)
                add_extensions(cert, spec);
        if (spec->twice)
                repeat_extension(cert, spec->twice);

        must(X509_sign_ctx(cert, signing) > 0, "sign with %s", signer_of(spec));
        EVP_MD_CTX_free(signing);
        if (spec->edit) {
                der = edit(cert, spec);
        } else {
                n = i2d_X509(cert, &der.data);
                must(n > 0, "encode");
                der.n = (size_t)n;
        }

        X509_free(cert);
        return der;
}
