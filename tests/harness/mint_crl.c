/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/mint_part.h"
#include "harness/must.h"

static const char *signer_of(const struct mint_crl *spec)
{
        return spec->signer ? spec->signer : mint_key_name(spec->issuer);
}

static void set_issuer(X509_CRL *crl, const struct mint_crl *spec, const X509 *issuer)
{
        X509_NAME *name = spec->issuer_name ? mint_name(spec->issuer_name, spec->issuer->printable)
                                            : X509_NAME_dup(X509_get_subject_name(issuer));

        must(X509_CRL_set_issuer_name(crl, name) == 1, "issuer");
        X509_NAME_free(name);
}

static void set_times(X509_CRL *crl, const struct mint_crl *spec)
{
        int64_t this_s = spec->this_update_s ? spec->this_update_s : MINT_NOW_S - MINT_DAY_S;
        int64_t next_s = spec->next_update_s ? spec->next_update_s : MINT_NOW_S + 30 * MINT_DAY_S;
        ASN1_TIME *this_update = mint_time(this_s, false), *next_update;

        must(X509_CRL_set1_lastUpdate(crl, this_update) == 1, "thisUpdate");
        ASN1_TIME_free(this_update);
        if (next_s == MINT_ABSENT_S)
                return;

        next_update = mint_time(next_s, false);
        must(X509_CRL_set1_nextUpdate(crl, next_update) == 1, "nextUpdate");
        ASN1_TIME_free(next_update);
}

static void add_number(STACK_OF(X509_EXTENSION) * *exts, int nid, const char *hex, bool critical)
{
        ASN1_INTEGER *number;

        if (!hex || strcmp(hex, MINT_NONE) == 0)
                return;

        number = mint_integer(hex);
        mint_add_struct(exts, nid, number, critical);
        ASN1_INTEGER_free(number);
}

static void add_extensions(X509_CRL *crl, const struct mint_crl *spec, X509 *issuer)
{
        STACK_OF(X509_EXTENSION) *exts = NULL;
        X509V3_CTX ctx;

        X509V3_set_ctx(&ctx, issuer, NULL, NULL, crl, 0);
        if (spec->aki)
                mint_add(&exts, &ctx, "authorityKeyIdentifier", spec->aki);
        else
                mint_add_aki(&exts, issuer);

        add_number(&exts, NID_crl_number, spec->number ? spec->number : "01", false);
        add_number(&exts, NID_delta_crl, spec->delta, true);
        mint_add(&exts, &ctx, "issuingDistributionPoint", spec->idp);
        mint_add_extra(&exts, &ctx, spec->extra);
        for (int i = 0; i < sk_X509_EXTENSION_num(exts); i++)
                must(X509_CRL_add_ext(crl, sk_X509_EXTENSION_value(exts, i), -1) == 1,
                     "extension %d", i);

        sk_X509_EXTENSION_pop_free(exts, X509_EXTENSION_free);
}

static void add_certificate_issuer(STACK_OF(X509_EXTENSION) * *exts, const char *name)
{
        GENERAL_NAMES *names = GENERAL_NAMES_new();
        GENERAL_NAME *general = GENERAL_NAME_new();

        must(names && general, "certificateIssuer");
        GENERAL_NAME_set0_value(general, GEN_DIRNAME, mint_name(name, false));
        must(sk_GENERAL_NAME_push(names, general) > 0, "certificateIssuer");
        mint_add_struct(exts, NID_certificate_issuer, names, true);
        GENERAL_NAMES_free(names);
}

static void add_reason(STACK_OF(X509_EXTENSION) * *exts, int reason)
{
        ASN1_ENUMERATED *value = ASN1_ENUMERATED_new();

        must(value && ASN1_ENUMERATED_set(value, reason) == 1, "reason");
        mint_add_struct(exts, NID_crl_reason, value, false);
        ASN1_ENUMERATED_free(value);
}

static void add_invalidity(STACK_OF(X509_EXTENSION) * *exts, int64_t time_s)
{
        ASN1_TIME *time = mint_time(time_s, true);

        mint_add_struct(exts, NID_invalidity_date, time, false);
        ASN1_TIME_free(time);
}

static void add_entry_extensions(X509_REVOKED *revoked, const struct mint_crl_entry *entry)
{
        STACK_OF(X509_EXTENSION) *exts = NULL;
        X509V3_CTX ctx;

        X509V3_set_ctx(&ctx, NULL, NULL, NULL, NULL, 0);
        if (entry->reason)
                add_reason(&exts, entry->reason);
        if (entry->invalidity_s)
                add_invalidity(&exts, entry->invalidity_s);
        if (entry->issuer)
                add_certificate_issuer(&exts, entry->issuer);

        mint_add_extra(&exts, &ctx, entry->extra);
        for (int i = 0; i < sk_X509_EXTENSION_num(exts); i++)
                must(X509_REVOKED_add_ext(revoked, sk_X509_EXTENSION_value(exts, i), -1) == 1,
                     "extension %d", i);

        sk_X509_EXTENSION_pop_free(exts, X509_EXTENSION_free);
}

static void set_serial(X509_REVOKED *revoked, const struct mint_crl_entry *entry)
{
        ASN1_INTEGER *serial;
        X509 *cert;

        if (entry->serial) {
                serial = mint_integer(entry->serial);
        } else {
                must(entry->cert, "an entry without serial and cert");
                cert = mint_identity(entry->cert);
                serial = ASN1_INTEGER_dup(X509_get0_serialNumber(cert));
                X509_free(cert);
        }

        must(X509_REVOKED_set_serialNumber(revoked, serial) == 1, "serial number");
        ASN1_INTEGER_free(serial);
}

static void add_entry(X509_CRL *crl, const struct mint_crl_entry *entry)
{
        ASN1_TIME *when =
                mint_time(entry->revoked_s ? entry->revoked_s : MINT_NOW_S - MINT_DAY_S, false);
        X509_REVOKED *revoked = X509_REVOKED_new();

        must(revoked && X509_REVOKED_set_revocationDate(revoked, when) == 1, "entry");
        ASN1_TIME_free(when);
        set_serial(revoked, entry);
        add_entry_extensions(revoked, entry);
        must(X509_CRL_add0_revoked(crl, revoked) == 1, "entry");
}

static struct mint_der edit(X509_CRL *crl, const struct mint_crl *spec)
{
        const X509_ALGOR *algorithm;
        struct mint_der tbs = { 0 };
        int n = i2d_re_X509_CRL_tbs(crl, &tbs.data);

        must(n > 0, "encode");
        tbs.n = (size_t)n;
        spec->edit(&tbs);
        X509_CRL_get0_signature(crl, NULL, &algorithm);
        return mint_assemble(tbs, algorithm, mint_signing(signer_of(spec), spec->hash, false));
}

static X509_CRL *build(const struct mint_crl *spec)
{
        X509_CRL *crl = X509_CRL_new();
        X509 *issuer = mint_identity(spec->issuer);

        must(crl && (spec->version == 1 || X509_CRL_set_version(crl, X509_CRL_VERSION_2) == 1),
             "version");
        set_issuer(crl, spec, issuer);
        set_times(crl, spec);
        if (spec->version != 1)
                add_extensions(crl, spec, issuer);

        for (size_t i = 0; i < spec->n_entries; i++)
                add_entry(crl, &spec->entries[i]);

        X509_free(issuer);
        return crl;
}

struct mint_der mint_crl(const struct mint_crl *spec)
{
        EVP_MD_CTX *signing = mint_signing(signer_of(spec), spec->hash, false);
        X509_CRL *crl = build(spec);
        struct mint_der der = { 0 };
        int n;

        must(X509_CRL_sign_ctx(crl, signing) > 0, "sign with %s", signer_of(spec));
        EVP_MD_CTX_free(signing);
        if (spec->edit) {
                der = edit(crl, spec);
        } else {
                n = i2d_X509_CRL(crl, &der.data);
                must(n > 0, "encode");
                der.n = (size_t)n;
        }

        X509_CRL_free(crl);
        return der;
}
