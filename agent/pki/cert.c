/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/cert.h"

#include "pki/der.h"
#include "pki/extension.h"
#include "pki/ossl.h"
#include "pki/verifier.h"

#include <errno.h>
#include <limits.h>
#include <stdatomic.h>

/* 9999-12-31T23:59:59Z */
#define LAST_SECOND_S INT64_C(253402300799)

struct cert_lazy {
        _Atomic(struct verifier *) verifier;
        atomic_uint_least64_t key_id; /* 0: not drawn yet */
        atomic_uint_least64_t verified_by;
};

/* A certificate, its lazy part and its bytes are one allocation. */
struct box {
        struct cert cert;
        struct cert_lazy lazy;
        uint8_t der[];
};

/* --- extensions --- */

static bool read_basic_constraints(const struct extension *extension, struct cert *cert)
{
        struct cert_basic_constraints *constraints = &cert->basic_constraints;
        struct bytes fields, length;

        constraints->is_present = true;
        constraints->is_critical = extension->is_critical;
        if (!der_read_only(extension->value, DER_SEQUENCE, &fields))
                return false;

        if (der_is(fields, DER_BOOLEAN)) {
                if (!der_read_boolean(&fields, &constraints->is_ca))
                        return false;
                if (!constraints->is_ca)
                        faults_add(&cert->faults, FAULT_DEFAULT_WRITTEN);
        }

        if (!fields.n)
                return true;
        if (!der_read_integer(&fields, &length) || fields.n ||
            !der_integer_small(length, &constraints->path_len))
                return false;

        /* 0 without cA is seen in the field; anything else means nothing. */
        if (!constraints->is_ca)
                faults_add(&cert->faults, FAULT_PATH_LENGTH_NO_CA);
        return constraints->is_ca || !constraints->path_len;
}

static bool read_key_usage(const struct extension *extension, struct cert *cert)
{
        cert->key_usage.is_present = true;
        cert->key_usage.is_critical = extension->is_critical;
        return usages_read_key(extension->value, &cert->faults, &cert->key_usage.bits);
}

static bool read_extended_key_usage(const struct extension *extension, struct cert *cert)
{
        cert->extended_key_usage.is_present = true;
        cert->extended_key_usage.is_critical = extension->is_critical;
        if (!usages_read_extended(extension->value, &cert->extended_key_usage.bits))
                return false;

        if (extension->is_critical && cert->extended_key_usage.bits & CERT_PURPOSE_ANY)
                faults_add(&cert->faults, FAULT_CRITICALITY);
        return true;
}

static bool read_subject_key_id(const struct extension *extension, struct cert *cert)
{
        return der_read_only(extension->value, DER_OCTET_STRING, &cert->subject_key_id) &&
               cert->subject_key_id.n;
}

static bool read_authority_key_id(const struct extension *extension, struct cert *cert)
{
        struct extension_authority authority;

        if (!extension_read_authority(extension->value, &authority))
                return false;

        cert->authority_key_id = authority.key_id;
        cert->authority_issuer = authority.issuer;
        cert->authority_serial = authority.serial;
        if (authority.issuer.n || authority.serial.n || !authority.key_id.n)
                faults_add(&cert->faults, FAULT_AUTHORITY_KEY_ID_INDIRECT);
        return true;
}

static bool read_name_constraints(const struct extension *extension, struct cert *cert)
{
        cert->name_constraints = extension->value;
        return extension_check_constraints(extension->value, &cert->n_subtrees);
}

static bool read_policies(const struct extension *extension, struct cert *cert)
{
        cert->has_policies |= extension->kind == EXTENSION_CERTIFICATE_POLICIES;
        cert->has_policy_mappings |= extension->kind == EXTENSION_POLICY_MAPPINGS;
        cert->has_policy_constraints |= extension->kind == EXTENSION_POLICY_CONSTRAINTS;
        cert->has_inhibit_any_policy |= extension->kind == EXTENSION_INHIBIT_ANY_POLICY;
        if (extension->kind == EXTENSION_CERTIFICATE_POLICIES && extension->is_critical &&
            !extension_knows_qualifiers(extension->value))
                faults_add(&cert->faults, FAULT_EXTENSION_UNKNOWN_CRITICAL);
        return extension_check(extension->kind, extension->value);
}

static bool check_only(const struct extension *extension, struct cert *cert)
{
        (void)cert;
        return extension_check(extension->kind, extension->value);
}

/* What RFC 5280 wants of the critical flag, and what we make of it. */
enum criticality {
        NOT_PROCESSED, /* critical, it is an error: we do not act by it */
        EITHER,
        SHOULD_BE_CRITICAL,
        SHOULD_NOT_BE_CRITICAL,
};

/* A kind without a row is unknown here. Two kinds are read by modules of their own. */
static const struct extension_row {
        bool (*read)(const struct extension *extension, struct cert *cert);
        enum fault_kind fault;
        enum criticality criticality;
} extension_rows[] = {
        [EXTENSION_SUBJECT_DIRECTORY_ATTRIBUTES] = { check_only, FAULT_EXTENSION_CONTENT,
                                                     NOT_PROCESSED },
        [EXTENSION_SUBJECT_KEY_ID] = { read_subject_key_id, FAULT_KEY_ID_CONTENT, NOT_PROCESSED },
        [EXTENSION_KEY_USAGE] = { read_key_usage, FAULT_KEY_USAGE_CONTENT, SHOULD_BE_CRITICAL },
        [EXTENSION_SUBJECT_ALT_NAME] = { NULL, FAULT_SUBJECT_ALT_NAME_CONTENT,
                                         SHOULD_NOT_BE_CRITICAL },
        [EXTENSION_ISSUER_ALT_NAME] = { check_only, FAULT_EXTENSION_CONTENT, NOT_PROCESSED },
        [EXTENSION_BASIC_CONSTRAINTS] = { read_basic_constraints, FAULT_BASIC_CONSTRAINTS_CONTENT,
                                          SHOULD_BE_CRITICAL },
        [EXTENSION_NAME_CONSTRAINTS] = { read_name_constraints, FAULT_NAME_CONSTRAINTS_CONTENT,
                                         SHOULD_BE_CRITICAL },
        [EXTENSION_CRL_DISTRIBUTION_POINTS] = { check_only, FAULT_CRL_POINTS_CONTENT,
                                                SHOULD_NOT_BE_CRITICAL },
        [EXTENSION_CERTIFICATE_POLICIES] = { read_policies, FAULT_POLICIES_CONTENT, EITHER },
        [EXTENSION_POLICY_MAPPINGS] = { read_policies, FAULT_POLICIES_CONTENT, SHOULD_BE_CRITICAL },
        [EXTENSION_AUTHORITY_KEY_ID] = { read_authority_key_id, FAULT_KEY_ID_CONTENT,
                                         NOT_PROCESSED },
        [EXTENSION_POLICY_CONSTRAINTS] = { read_policies, FAULT_POLICIES_CONTENT,
                                           SHOULD_BE_CRITICAL },
        [EXTENSION_EXTENDED_KEY_USAGE] = { read_extended_key_usage,
                                           FAULT_EXTENDED_KEY_USAGE_CONTENT, EITHER },
        [EXTENSION_FRESHEST_CRL] = { check_only, FAULT_EXTENSION_CONTENT, NOT_PROCESSED },
        [EXTENSION_INHIBIT_ANY_POLICY] = { read_policies, FAULT_POLICIES_CONTENT,
                                           SHOULD_BE_CRITICAL },
        [EXTENSION_AUTHORITY_INFO_ACCESS] = { check_only, FAULT_EXTENSION_CONTENT, NOT_PROCESSED },
        [EXTENSION_SUBJECT_INFO_ACCESS] = { check_only, FAULT_EXTENSION_CONTENT, NOT_PROCESSED },
        [EXTENSION_SIGNED_CERTIFICATE_TIMESTAMPS] = { check_only, FAULT_EXTENSION_CONTENT,
                                                      NOT_PROCESSED },
};

static void check_criticality(const struct extension *extension, enum criticality criticality,
                              struct faults *faults)
{
        switch (criticality) {
        case NOT_PROCESSED:
                if (extension->is_critical)
                        faults_add(faults, FAULT_EXTENSION_UNKNOWN_CRITICAL);
                break;
        case SHOULD_BE_CRITICAL:
                if (!extension->is_critical)
                        faults_add(faults, FAULT_CRITICALITY);
                break;
        case SHOULD_NOT_BE_CRITICAL:
                if (extension->is_critical)
                        faults_add(faults, FAULT_CRITICALITY);
                break;
        case EITHER:
                break;
        }
}

static int read_extension(const struct extension *extension, struct cert *cert)
{
        const struct extension_row *row = &extension_rows[EXTENSION_UNKNOWN];

        if (extension->kind < ARRAY_SIZE(extension_rows))
                row = &extension_rows[extension->kind];

        if (extension->has_written_default)
                faults_add(&cert->faults, FAULT_DEFAULT_WRITTEN);
        check_criticality(extension, row->criticality, &cert->faults);
        if (row->read && !row->read(extension, cert))
                faults_add(&cert->faults, row->fault);

        switch (extension->kind) {
        case EXTENSION_SUBJECT_ALT_NAME:
                cert->alt_names.is_critical = extension->is_critical;
                return alt_names_read(extension->value, &cert->faults, &cert->alt_names);
        case EXTENSION_CRL_DISTRIBUTION_POINTS:
                return crl_points_read(extension->value, &cert->crl_points);
        default:
                return 0;
        }
}

/* What shows only when all extensions are known. */
static void check_together(struct cert *cert)
{
        const struct cert_basic_constraints *constraints = &cert->basic_constraints;
        bool may_sign =
                !cert->key_usage.is_present || cert->key_usage.bits & CERT_USAGE_KEY_CERT_SIGN;

        if (cert->key_usage.is_present && may_sign && !constraints->is_ca)
                faults_add(&cert->faults, FAULT_CERT_SIGN_NO_CA);
        if (constraints->path_len >= 0 && !may_sign)
                faults_add(&cert->faults, FAULT_PATH_LENGTH_NO_CA);
        if (!constraints->is_ca && (cert->name_constraints.n || cert->has_policy_mappings ||
                                    cert->has_policy_constraints || cert->has_inhibit_any_policy))
                faults_add(&cert->faults, FAULT_CONSTRAINTS_NO_CA);
        if (constraints->is_ca && !cert->subject_key_id.n)
                faults_add(&cert->faults, FAULT_SUBJECT_KEY_ID_MISSING);
        if (!cert->authority_key_id.n && !cert->is_self_issued)
                faults_add(&cert->faults, FAULT_AUTHORITY_KEY_ID_MISSING);
}

static int read_extensions(struct bytes sequence, struct cert *cert)
{
        struct extension_list list;
        int r = 0;

        if (!extension_list_read(sequence, &list)) {
                faults_add(&cert->faults, FAULT_EXTENSION_CONTENT);
                return 0;
        }

        if (list.has_twice) {
                faults_add(&cert->faults, FAULT_EXTENSION_TWICE);
                return 0;
        }

        for (size_t i = 0; i < list.n && !r; i++)
                r = read_extension(&list.items[i], cert);

        return r;
}

/* --- the certificate --- */

/* The parts of a TBSCertificate, each still to be read. */
struct parts {
        struct bytes version, serial, algorithm, issuer, validity, subject, spki;
        struct bytes issuer_id, subject_id, extensions;
};

static const char *split_tbs(struct bytes tbs, struct parts *out)
{
        if (!der_read_optional(&tbs, DER_CONTEXT_CONSTRUCTED(0), &out->version))
                return "the version cannot be read";
        if (!der_read_integer(&tbs, &out->serial) || out->serial.n > CERT_SERIAL_MAX)
                return "the serial number cannot be read";
        if (!der_read_element(&tbs, DER_SEQUENCE, &out->algorithm))
                return "the signature algorithm cannot be read";
        if (!der_read_element(&tbs, DER_SEQUENCE, &out->issuer))
                return "the issuer cannot be read";
        if (!der_read(&tbs, DER_SEQUENCE, &out->validity))
                return "the validity cannot be read";
        if (!der_read_element(&tbs, DER_SEQUENCE, &out->subject))
                return "the subject cannot be read";
        if (!der_read_element(&tbs, DER_SEQUENCE, &out->spki))
                return "the public key cannot be read";
        if (!der_read_optional(&tbs, DER_CONTEXT(1), &out->issuer_id) ||
            !der_read_optional(&tbs, DER_CONTEXT(2), &out->subject_id) ||
            !der_read_optional(&tbs, DER_CONTEXT_CONSTRUCTED(3), &out->extensions))
                return "what follows the public key cannot be read";

        return tbs.n ? "there are bytes after the last field" : NULL;
}

static const char *read_version(const struct parts *parts, struct cert *cert)
{
        struct bytes version = parts->version, number;
        int value = 0;

        if (version.data && (!der_read_integer(&version, &number) || version.n ||
                             !der_integer_small(number, &value) || value > 2))
                return "the version is none that exists";

        if (version.data && !value)
                faults_add(&cert->faults, FAULT_DEFAULT_WRITTEN);
        cert->version = value + 1;
        return NULL;
}

static const char *read_unique_ids(const struct parts *parts, struct cert *cert)
{
        struct bytes octets, ids[] = { parts->issuer_id, parts->subject_id };
        unsigned int unused;

        for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
                if (!ids[i].data)
                        continue;
                if (!der_bits(ids[i], &octets, &unused))
                        return "a unique identifier cannot be read";
                faults_add(&cert->faults,
                           cert->version == 1 ? FAULT_FIELD_VERSION : FAULT_UNIQUE_ID);
        }

        return NULL;
}

static void read_serial(const struct parts *parts, struct cert *cert)
{
        cert->serial = parts->serial;
        if (cert->serial.data[0] >= 0x80)
                faults_add(&cert->faults, FAULT_SERIAL_NEGATIVE);
        if (cert->serial.n == 1 && !cert->serial.data[0])
                faults_add(&cert->faults, FAULT_SERIAL_ZERO);
        if (cert->serial.n > 20)
                faults_add(&cert->faults, FAULT_SERIAL_LONG);
}

static void read_validity(const struct parts *parts, struct cert *cert)
{
        const int64_t first_generalized_s = INT64_C(2524608000); /* 2050-01-01 */
        struct bytes validity = parts->validity;
        bool is_generalized[2];

        if (!der_read_time(&validity, &cert->not_before_s, &is_generalized[0]) ||
            !der_read_time(&validity, &cert->not_after_s, &is_generalized[1]) || validity.n) {
                /* never valid, whatever was read */
                cert->not_before_s = INT64_MAX;
                cert->not_after_s = INT64_MIN;
                faults_add(&cert->faults, FAULT_BAD_TIME);
                return;
        }

        if ((is_generalized[0] && cert->not_before_s < first_generalized_s) ||
            (is_generalized[1] && cert->not_after_s < first_generalized_s))
                faults_add(&cert->faults, FAULT_TIME_FORM);
        if (cert->not_after_s < cert->not_before_s)
                faults_add(&cert->faults, FAULT_VALIDITY_REVERSED);
        if (cert->not_after_s == LAST_SECOND_S)
                cert->not_after_s = CERT_NO_END_S;
}

static int read_names(const struct parts *parts, struct cert *cert)
{
        int r;

        r = name_init(&cert->issuer, parts->issuer);
        if (!r)
                r = name_init(&cert->subject, parts->subject);
        if (r)
                return r;

        cert->is_self_issued = name_equal(&cert->subject, &cert->issuer);
        if (name_is_empty(&cert->subject))
                faults_add(&cert->faults, FAULT_EMPTY_SUBJECT);
        if (name_is_empty(&cert->issuer))
                faults_add(&cert->faults, FAULT_EMPTY_ISSUER);
        if (cert->subject.has_odd_text || cert->issuer.has_odd_text)
                faults_add(&cert->faults, FAULT_NAME_TEXT);
        if (cert->subject.has_long_attribute || cert->issuer.has_long_attribute)
                faults_add(&cert->faults, FAULT_NAME_LONG);
        return 0;
}

/* Reads what the TBSCertificate holds; Return: 0, -ENOMEM, or CERT_E_UNREADABLE with a reason. */
static int read_parts(const struct parts *parts, struct cert *cert, const char **out_reason)
{
        struct bytes extensions;
        int r;

        *out_reason = read_version(parts, cert);
        if (!*out_reason)
                *out_reason = read_unique_ids(parts, cert);
        if (*out_reason)
                return CERT_E_UNREADABLE;

        read_serial(parts, cert);
        read_validity(parts, cert);
        r = read_names(parts, cert);
        if (r == NAME_E_INVALID)
                *out_reason = "the subject or the issuer is no name";
        if (r)
                return r < 0 ? r : CERT_E_UNREADABLE;

        r = key_info_read(parts->spki, &cert->faults, &cert->key);
        if (r || !parts->extensions.data)
                return r;

        if (!der_read_only(parts->extensions, DER_SEQUENCE, &extensions)) {
                *out_reason = "the extensions cannot be read";
                return CERT_E_UNREADABLE;
        }

        if (cert->version < 3)
                faults_add(&cert->faults, FAULT_FIELD_VERSION);
        r = read_extensions(extensions, cert);
        if (!r)
                check_together(cert);
        return r;
}

static int read_certificate(struct cert *cert, const char **out_reason)
{
        struct bytes whole = { cert->der, cert->n_der }, fields, tbs, algorithm, value;
        struct parts parts;
        unsigned int unused;

        *out_reason = "it is no certificate";
        if (!der_read_only(whole, DER_SEQUENCE, &fields) ||
            !der_read_element(&fields, DER_SEQUENCE, &cert->tbs) ||
            !der_read_element(&fields, DER_SEQUENCE, &algorithm) ||
            !der_read_bits(&fields, &value, &unused) || fields.n ||
            !der_read_only(cert->tbs, DER_SEQUENCE, &tbs))
                return CERT_E_UNREADABLE;

        *out_reason = split_tbs(tbs, &parts);
        if (*out_reason)
                return CERT_E_UNREADABLE;

        key_signature_read(algorithm, value, &cert->faults, &cert->signature);
        if (unused)
                faults_add(&cert->faults, FAULT_SIGNATURE_BITS);
        if (!bytes_equal(algorithm, parts.algorithm))
                faults_add(&cert->faults, FAULT_ALGORITHM_MISMATCH);

        return read_parts(&parts, cert, out_reason);
}

int cert_new(struct bytes der, const char **out_reason, const struct cert **out)
{
        CLEANUP(cert_unrefp) const struct cert *made = NULL;
        const char *reason = NULL;
        struct cert *cert;
        struct box *box;
        int r;

        box = calloc(1, sizeof(*box) + der.n);
        if (!box)
                return -ENOMEM;

        if (der.n)
                memcpy(box->der, der.data, der.n);
        made = cert = &box->cert;
        *cert = (struct cert){
                .ref = REF_INIT,
                .der = box->der,
                .n_der = der.n,
                .lazy = &box->lazy,
                .basic_constraints.path_len = -1,
        };

        r = read_certificate(cert, &reason);
        if (!r)
                r = ossl_sha256(der, cert->sha256);
        if (!r)
                r = ossl_sha1(der, cert->sha1);
        if (r == CERT_E_UNREADABLE && out_reason)
                *out_reason = reason;
        if (r)
                return r;

        *out = TAKE(made);
        return 0;
}

const struct cert *cert_ref(const struct cert *cert)
{
        ref_get(&((struct cert *)cert)->ref);
        return cert;
}

const struct cert *cert_unref(const struct cert *cert)
{
        struct box *box;

        if (!cert || !ref_put(&((struct cert *)cert)->ref))
                return NULL;

        box = CONTAINER_OF(cert, struct box, cert);
        verifier_free(atomic_load_explicit(&box->lazy.verifier, memory_order_acquire));
        alt_names_deinit(&box->cert.alt_names);
        crl_points_deinit(&box->cert.crl_points);
        name_deinit(&box->cert.subject);
        name_deinit(&box->cert.issuer);
        free(box);
        return NULL;
}

bool cert_equal(const struct cert *a, const struct cert *b)
{
        return bytes_equal((struct bytes){ a->der, a->n_der }, (struct bytes){ b->der, b->n_der });
}

bool cert_is_real_ca(const struct cert *cert)
{
        const unsigned int wanted = CERT_USAGE_KEY_CERT_SIGN | CERT_USAGE_CRL_SIGN;

        return cert->basic_constraints.is_ca &&
               (!cert->key_usage.is_present || (cert->key_usage.bits & wanted) == wanted);
}

/* --- what is made lazily --- */

int cert_get_verifier(const struct cert *cert, const struct verifier **out)
{
        CLEANUP(verifier_freep) struct verifier *made = NULL;
        struct verifier *there = NULL;
        int r;

        there = atomic_load_explicit(&cert->lazy->verifier, memory_order_acquire);
        if (there) {
                *out = there;
                return 0;
        }

        if (faults_have_key_error(&cert->faults))
                return CERT_E_KEY_UNUSABLE;

        r = verifier_new(&cert->key, &made);
        if (r)
                return r < 0 ? r : CERT_E_KEY_UNUSABLE;

        /* If another thread was faster, its key stands and ours goes. */
        if (atomic_compare_exchange_strong(&cert->lazy->verifier, &there, made))
                there = TAKE(made);
        *out = there;
        return 0;
}

int cert_get_key_id(const struct cert *cert, uint64_t *out)
{
        uint64_t id = atomic_load_explicit(&cert->lazy->key_id, memory_order_relaxed);
        int r = 0;

        if (!id) {
                r = verifier_draw_id(cert->key.spki, &id);
                if (r)
                        return r;
                atomic_store_explicit(&cert->lazy->key_id, id, memory_order_relaxed);
        }

        *out = id;
        return 0;
}

uint64_t cert_get_verified_by(const struct cert *cert)
{
        return atomic_load_explicit(&cert->lazy->verified_by, memory_order_relaxed);
}

void cert_set_verified_by(const struct cert *cert, uint64_t key_id)
{
        atomic_store_explicit(&cert->lazy->verified_by, key_id, memory_order_relaxed);
}
