/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/crl.h"

#include "base/vec.h"
#include "pki/der.h"
#include "pki/extension.h"
#include "pki/ossl.h"
#include "pki/serials.h"
#include "pki/verifier.h"

#include <errno.h>
#include <stdatomic.h>

#define NUMBER_BYTES_MAX 64 /* of cRLNumber and BaseCRLNumber; RFC 5280 5.2.3 allows 20 */

struct crl_lazy {
        atomic_uint_least64_t verified_by;
        struct serials *serials;
        VEC(struct name) issuers; /* of an indirect CRL, as rows number them; 0 is the CRL's own */
        uint8_t digest[VERIFIER_DIGEST_MAX];
        struct bytes signed_bytes; /* the digest above, or for EdDSA a copy of the TBSCertList */
        uint8_t *tbs_copy;
};

/* A CRL, its lazy part and the bytes that it keeps are one allocation. */
struct box {
        struct crl crl;
        struct crl_lazy lazy;
        uint8_t kept[];
};

/* The parts of a CertificateList, each still to be read. */
struct parts {
        struct bytes tbs, algorithm, value;
        struct bytes version, inner_algorithm, issuer, revoked, extensions;
        int64_t this_update_s, next_update_s;
        bool has_early_generalized; /* GeneralizedTime before 2050 */
};

/* --- the list --- */

static bool read_update(struct bytes *tbs, int64_t *out_s, struct parts *parts)
{
        const int64_t first_generalized_s = INT64_C(2524608000); /* 2050-01-01 */
        bool is_generalized;

        if (!der_read_time(tbs, out_s, &is_generalized))
                return false;

        parts->has_early_generalized |= is_generalized && *out_s < first_generalized_s;
        return true;
}

static const char *split_tbs(struct bytes tbs, struct parts *out)
{
        out->next_update_s = CRL_NO_NEXT_UPDATE_S;
        if (!der_read_optional(&tbs, DER_INTEGER, &out->version))
                return "the version cannot be read";
        if (!der_read_element(&tbs, DER_SEQUENCE, &out->inner_algorithm))
                return "the signature algorithm cannot be read";
        if (!der_read_element(&tbs, DER_SEQUENCE, &out->issuer))
                return "the issuer cannot be read";
        if (!read_update(&tbs, &out->this_update_s, out))
                return "thisUpdate cannot be read";
        if ((der_is(tbs, DER_UTC_TIME) || der_is(tbs, DER_GENERALIZED_TIME)) &&
            !read_update(&tbs, &out->next_update_s, out))
                return "nextUpdate cannot be read";
        if (!der_read_optional(&tbs, DER_SEQUENCE, &out->revoked) ||
            (out->revoked.data && !out->revoked.n))
                return "the list of revoked certificates cannot be read, or is empty";
        if (!der_read_optional(&tbs, DER_CONTEXT_CONSTRUCTED(0), &out->extensions) ||
            (out->extensions.data && !out->extensions.n))
                return "the extensions cannot be read";

        return tbs.n ? "there are bytes after the last field" : NULL;
}

static const char *split(struct bytes der, struct parts *out)
{
        struct bytes fields, tbs;
        const char *reason;
        unsigned int unused;

        if (!der_read_only(der, DER_SEQUENCE, &fields) ||
            !der_read_element(&fields, DER_SEQUENCE, &out->tbs) ||
            !der_read_element(&fields, DER_SEQUENCE, &out->algorithm) ||
            !der_read_bits(&fields, &out->value, &unused) || fields.n || unused ||
            !der_read_only(out->tbs, DER_SEQUENCE, &tbs))
                return "it is no CRL";

        reason = split_tbs(tbs, out);
        if (reason)
                return reason;
        if (!bytes_equal(out->algorithm, out->inner_algorithm))
                return "the signature algorithm inside differs from the one outside";
        if (out->revoked.n > SERIALS_BYTES_MAX)
                return "it is too large";
        return NULL;
}

static const char *read_version(const struct parts *parts, struct crl *crl)
{
        int value = 0;

        /* Version 1 is never written out. */
        if (parts->version.data && (!der_integer_small(parts->version, &value) || value != 1))
                return "the version is none that exists";

        crl->version = value + 1;
        if (crl->version == 1 && parts->extensions.data)
                return "it has extensions that its version does not have";
        return NULL;
}

/* --- its extensions --- */

static bool read_number(struct bytes value, struct bytes *out)
{
        struct bytes number;

        if (!der_read_only(value, DER_INTEGER, &number) || !der_is_integer(number) ||
            number.data[0] >= 0x80 || number.n > NUMBER_BYTES_MAX)
                return false;

        if (number.n > 1 && !number.data[0]) {
                number.data++;
                number.n--;
        }

        *out = number;
        return true;
}

/* A BOOLEAN DEFAULT FALSE under an implicit tag. */
static bool read_flag(struct bytes *fields, uint8_t tag, bool *out)
{
        struct bytes content;

        if (!der_read_optional(fields, tag, &content))
                return false;

        *out = content.n == 1 && content.data[0] == 0xff;
        return !content.data || *out || (content.n == 1 && !content.data[0]);
}

static bool read_scope(struct bytes value, struct crl_scope *out)
{
        struct extension_point_name name;
        struct bytes fields, reasons;

        out->is_present = true;
        out->der = value;
        if (!der_read_only(value, DER_SEQUENCE, &fields) || !fields.n ||
            !der_read_optional(&fields, DER_CONTEXT_CONSTRUCTED(0), &out->point) ||
            !read_flag(&fields, DER_CONTEXT(1), &out->has_only_user) ||
            !read_flag(&fields, DER_CONTEXT(2), &out->has_only_ca) ||
            !der_read_optional(&fields, DER_CONTEXT(3), &reasons) ||
            !read_flag(&fields, DER_CONTEXT(4), &out->is_indirect) ||
            !read_flag(&fields, DER_CONTEXT(5), &out->has_only_attribute) || fields.n)
                return false;

        if (out->point.data && !extension_read_point_name(out->point, &name))
                return false;
        if (reasons.data && (!extension_read_reasons(reasons, &out->reasons) || !out->reasons))
                return false;
        return out->has_only_user + out->has_only_ca + out->has_only_attribute <= 1;
}

static bool read_authority(struct bytes value, struct crl *crl)
{
        struct extension_authority authority;

        if (!extension_read_authority(value, &authority))
                return false;

        crl->authority_key_id = authority.key_id;
        return true;
}

/* Which extensions are processed, so that they may be critical, is what OpenSSL holds, too. */
static const char *read_extension(const struct extension *extension, struct crl *crl)
{
        switch (extension->kind) {
        case EXTENSION_CRL_NUMBER:
                crl->has_unknown_critical |= extension->is_critical;
                return read_number(extension->value, &crl->number) ? NULL
                                                                   : "cRLNumber cannot be read";
        case EXTENSION_DELTA_CRL_INDICATOR:
                crl->is_delta = true;
                return read_number(extension->value, &crl->delta_base)
                               ? NULL
                               : "deltaCRLIndicator cannot be read";
        case EXTENSION_ISSUING_DISTRIBUTION_POINT:
                return read_scope(extension->value, &crl->scope)
                               ? NULL
                               : "issuingDistributionPoint cannot be read";
        case EXTENSION_AUTHORITY_KEY_ID:
                return read_authority(extension->value, crl)
                               ? NULL
                               : "the authority key identifier cannot be read";
        default:
                crl->has_unknown_critical |= extension->is_critical;
                return NULL;
        }
}

static const char *read_extensions(const struct parts *parts, struct crl *crl)
{
        struct extension_list list = { .n = 0 };
        const char *reason = NULL;
        struct bytes sequence;

        if (parts->extensions.data && (!der_read_only(parts->extensions, DER_SEQUENCE, &sequence) ||
                                       !extension_list_read(sequence, &list)))
                return "the extensions cannot be read";
        if (parts->extensions.data && list.has_twice)
                return "an extension stands in it twice";

        for (size_t i = 0; i < list.n && !reason; i++)
                reason = read_extension(&list.items[i], crl);

        if (!crl->number.n)
                faults_add(&crl->faults, FAULT_CRL_NUMBER_MISSING);
        if (!crl->authority_key_id.n)
                faults_add(&crl->faults, FAULT_AUTHORITY_KEY_ID_MISSING);
        return reason;
}

/* --- its entries --- */

struct entry {
        struct bytes serial;
        uint8_t reason;
        bool has_extensions, has_unknown_critical;
        struct bytes issuer; /* certificateIssuer, content of GeneralNames; n 0: absent */
};

static bool read_entry_extension(const struct extension *extension, struct entry *out)
{
        struct bytes content;
        int64_t invalidity_s;

        switch (extension->kind) {
        case EXTENSION_REASON_CODE:
                if (!der_read_only(extension->value, DER_ENUMERATED, &content) || content.n != 1)
                        return false;
                out->reason = content.data[0];
                return true;
        case EXTENSION_INVALIDITY_DATE:
                content = extension->value;
                return der_read_time(&content, &invalidity_s, NULL) && !content.n;
        case EXTENSION_CERTIFICATE_ISSUER:
                return der_read_only(extension->value, DER_SEQUENCE, &out->issuer) &&
                       extension_check_names(out->issuer);
        default:
                out->has_unknown_critical |= extension->is_critical;
                return true;
        }
}

static bool read_entry_extensions(struct bytes whole, struct entry *out)
{
        struct bytes sequence;
        struct extension extension;
        uint32_t seen = 0;

        if (!der_read_only(whole, DER_SEQUENCE, &sequence) || !sequence.n)
                return false;

        while (sequence.n) {
                if (!extension_next(&sequence, &extension) ||
                    !read_entry_extension(&extension, out))
                        return false;
                if (extension.kind != EXTENSION_UNKNOWN && seen >> extension.kind & 1)
                        return false;
                seen |= UINT32_C(1) << extension.kind;
        }

        return true;
}

static bool next_entry(struct bytes *list, struct entry *out)
{
        struct bytes fields;
        int64_t revoked_s;

        *out = (struct entry){ .reason = CRL_REASON_UNSPECIFIED };
        if (!der_read(list, DER_SEQUENCE, &fields) || !der_read_integer(&fields, &out->serial) ||
            out->serial.n > SERIALS_NUMBER_MAX || !der_read_time(&fields, &revoked_s, NULL))
                return false;

        out->has_extensions = fields.n;
        return !fields.n || read_entry_extensions(fields, out);
}

/* The issuer that an entry names, and those after it, until another one is named. */
static int add_issuer(struct bytes names, struct crl *crl)
{
        enum extension_name kind = EXTENSION_NAME_OTHER;
        struct name name = NAME_NULL;
        struct bytes content;
        int r;

        /* Whoever is not named by exactly one directoryName cannot be told from others. */
        if (!extension_next_name(&names, &kind, &content) || kind != EXTENSION_NAME_DIRECTORY ||
            names.n)
                return CRL_E_UNREADABLE;

        r = name_init(&name, content);
        if (r)
                return r < 0 ? r : CRL_E_UNREADABLE;

        name.der = (struct bytes){ NULL, 0 };
        r = VEC_PUSH(&crl->lazy->issuers, name);
        if (r)
                name_deinit(&name);
        return r;
}

static int add_entries(struct bytes list, struct crl *crl, const char **out_reason)
{
        struct serials_row row = { .issuer = 0 };
        struct entry entry;
        int r;

        for (; list.n; crl->n_entries++) {
                *out_reason = "an entry cannot be read";
                if (!next_entry(&list, &entry))
                        return CRL_E_UNREADABLE;
                if (crl->version == 1 && entry.has_extensions)
                        return CRL_E_UNREADABLE;

                crl->has_unknown_critical |= entry.has_unknown_critical;
                if (entry.issuer.n && !crl->scope.is_indirect)
                        crl->has_unknown_critical = true;

                if (entry.issuer.n && crl->scope.is_indirect) {
                        *out_reason = "the issuer of an entry cannot be read";
                        r = add_issuer(entry.issuer, crl);
                        if (r)
                                return r;
                        row.issuer = (uint32_t)crl->lazy->issuers.n;
                }

                row.serial = entry.serial;
                row.reason = entry.reason;
                r = serials_add(crl->lazy->serials, &row);
                if (r)
                        return r;
        }

        return 0;
}

static int read_entries(const struct parts *parts, struct crl *crl, const char **out_reason)
{
        int r;

        r = serials_new(crl->scope.is_indirect, &crl->lazy->serials);
        if (!r)
                r = add_entries(parts->revoked, crl, out_reason);
        return r ? r : serials_seal(crl->lazy->serials);
}

/* --- the object --- */

static int read_issuer(struct bytes issuer, struct crl *crl, const char **out_reason)
{
        int r;

        r = name_init(&crl->issuer, issuer);
        if (r < 0)
                return r;
        if (r || name_is_empty(&crl->issuer)) {
                *out_reason = "the issuer is no name";
                return CRL_E_UNREADABLE;
        }

        if (crl->issuer.has_odd_text)
                faults_add(&crl->faults, FAULT_NAME_TEXT);
        if (crl->issuer.has_long_attribute)
                faults_add(&crl->faults, FAULT_NAME_LONG);
        return 0;
}

/* @parts: but for the entries and the signed bytes, in bytes that live as long as @crl */
static int read_parts(const struct parts *parts, struct crl *crl, const char **out_reason)
{
        int r;

        *out_reason = read_version(parts, crl);
        if (*out_reason)
                return CRL_E_UNREADABLE;

        r = read_issuer(parts->issuer, crl, out_reason);
        if (r)
                return r;

        crl->this_update_s = parts->this_update_s;
        crl->next_update_s = parts->next_update_s;
        if (parts->has_early_generalized)
                faults_add(&crl->faults, FAULT_TIME_FORM);
        if (crl->version == 1)
                faults_add(&crl->faults, FAULT_CRL_VERSION);

        *out_reason = read_extensions(parts, crl);
        if (*out_reason)
                return CRL_E_UNREADABLE;

        key_signature_read(parts->algorithm, parts->value, &crl->faults, &crl->signature);
        if (faults_have_error(&crl->faults)) {
                *out_reason = "the signature algorithm cannot be read";
                return CRL_E_UNREADABLE;
        }

        return read_entries(parts, crl, out_reason);
}

/* Hashes what has to be hashed, now that all of it is at hand. */
static int make_digests(struct bytes der, struct bytes tbs, struct crl *crl)
{
        struct crl_lazy *lazy = crl->lazy;
        int r;

        r = ossl_sha256(der, crl->sha256);
        if (r)
                return r;

        if (key_signs_digest(&crl->signature)) {
                lazy->signed_bytes.data = lazy->digest;
                return verifier_digest(crl->signature.hash, tbs, lazy->digest,
                                       &lazy->signed_bytes.n);
        }

        lazy->tbs_copy = malloc(tbs.n);
        if (!lazy->tbs_copy)
                return -ENOMEM;

        memcpy(lazy->tbs_copy, tbs.data, tbs.n);
        lazy->signed_bytes = (struct bytes){ lazy->tbs_copy, tbs.n };
        return 0;
}

static struct bytes keep(struct bytes bytes, uint8_t **at)
{
        struct bytes kept = { bytes.n ? *at : NULL, bytes.n };

        if (bytes.n)
                memcpy(*at, bytes.data, bytes.n);
        *at += bytes.n;
        return kept;
}

int crl_new(struct bytes der, const char **out_reason, const struct crl **out)
{
        CLEANUP(crl_unrefp) const struct crl *made = NULL;
        struct parts parts = { .this_update_s = 0 };
        const char *reason;
        struct crl *crl;
        struct box *box;
        uint8_t *at;
        int r;

        reason = split(der, &parts);
        if (reason) {
                if (out_reason)
                        *out_reason = reason;
                return CRL_E_UNREADABLE;
        }

        box = calloc(1, sizeof(*box) + parts.issuer.n + parts.extensions.n + parts.value.n);
        if (!box)
                return -ENOMEM;

        at = box->kept;
        parts.issuer = keep(parts.issuer, &at);
        parts.extensions = keep(parts.extensions, &at);
        parts.value = keep(parts.value, &at);
        made = crl = &box->crl;
        *crl = (struct crl){ .ref = REF_INIT, .n_der = der.n, .lazy = &box->lazy };

        r = read_parts(&parts, crl, &reason);
        if (!r)
                r = make_digests(der, parts.tbs, crl);
        if (r > 0 && out_reason)
                *out_reason = reason;
        if (r)
                return r;

        *out = TAKE(made);
        return 0;
}

const struct crl *crl_ref(const struct crl *crl)
{
        ref_get(&((struct crl *)crl)->ref);
        return crl;
}

const struct crl *crl_unref(const struct crl *crl)
{
        struct box *box;

        if (!crl || !ref_put(&((struct crl *)crl)->ref))
                return NULL;

        box = CONTAINER_OF(crl, struct box, crl);
        for (size_t i = 0; i < box->lazy.issuers.n; i++)
                name_deinit(&box->lazy.issuers.items[i]);
        VEC_FREE(&box->lazy.issuers);
        serials_free(box->lazy.serials);
        free(box->lazy.tbs_copy);
        name_deinit(&box->crl.issuer);
        free(box);
        return NULL;
}

/* --- questions --- */

static const struct name *row_issuer(const struct crl *crl, const struct serials_row *row)
{
        return row->issuer ? &crl->lazy->issuers.items[row->issuer - 1] : &crl->issuer;
}

/* Of two entries for one certificate: which one counts? */
static int weight(uint8_t reason)
{
        if (reason == CRL_REASON_REMOVE_FROM_CRL)
                return 0;
        return reason == CRL_REASON_CERTIFICATE_HOLD ? 1 : 2;
}

bool crl_find(const struct crl *crl, const struct name *issuer, struct bytes serial,
              enum crl_reason *out_reason)
{
        struct serials_row row;
        bool is_found = false;
        uint8_t reason = 0;
        size_t at = 0;

        while (serials_next(crl->lazy->serials, serial, &at, &row)) {
                if (!name_equal(row_issuer(crl, &row), issuer))
                        continue;
                if (!is_found || weight(row.reason) > weight(reason))
                        reason = row.reason;
                is_found = true;
        }

        if (is_found)
                *out_reason = (enum crl_reason)reason;
        return is_found;
}

int crl_compare_number(struct bytes a, struct bytes b)
{
        return bytes_compare(a, b);
}

int crl_compare_scope(const struct crl *a, const struct crl *b)
{
        int r;

        r = name_compare(&a->issuer, &b->issuer);
        if (!r)
                r = bytes_compare(a->scope.der, b->scope.der);
        return r ? r : (int)a->is_delta - (int)b->is_delta;
}

struct bytes crl_get_signed(const struct crl *crl)
{
        return crl->lazy->signed_bytes;
}

uint64_t crl_get_verified_by(const struct crl *crl)
{
        return atomic_load_explicit(&crl->lazy->verified_by, memory_order_relaxed);
}

void crl_set_verified_by(const struct crl *crl, uint64_t key_id)
{
        atomic_store_explicit(&crl->lazy->verified_by, key_id, memory_order_relaxed);
}
