/* SPDX-License-Identifier: Apache-2.0 */
#include "own/portrait.h"

#include "pki/cert.h"
#include "pki/crl.h"
#include "pki/der.h"
#include "pki/extension.h"
#include "pki/link.h"
#include "proto/buf.h"
#include "proto/compiler.h"
#include "proto/hex.h"
#include "proto/utf8.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* clang-format off */
#define ROW(of, member, wire, kind, more)                                                          \
        { .name = wire, .type = SCHEMA_##kind, .flags = more,                                      \
          .offset = offsetof(struct portrait_##of, member) }
#define FIELD(of, member, wire, kind)    ROW(of, member, wire, kind, 0)
#define OPTIONAL(of, member, wire, kind) ROW(of, member, wire, kind, SCHEMA_OPTIONAL)
#define LIST(of, member, wire, kind, more, table)                                                  \
        { .name = wire, .type = SCHEMA_##kind, .flags = SCHEMA_ARRAY | (more), .nested = table,    \
          .offset = offsetof(struct portrait_##of, member),                                        \
          .n_offset = offsetof(struct portrait_##of, n_##member) }
#define TABLE(of, rows)                                                                            \
        { .size_bytes = sizeof(struct portrait_##of), .fields = rows, .n_fields = ARRAY_SIZE(rows) }

static const struct schema_field fault_rows[] = {
        FIELD(fault, severity, "severity", STRING),
        FIELD(fault, message, "message", STRING),
};
static const struct schema fault_schema = TABLE(fault, fault_rows);

static const struct schema_field cert_rows[] = {
        FIELD(cert, sha256, "sha256", STRING),
        FIELD(cert, thumbprint, "thumbprint", STRING),
        FIELD(cert, subject, "subject", STRING),
        FIELD(cert, issuer, "issuer", STRING),
        FIELD(cert, is_self_signed, "isSelfSigned", BOOL),
        FIELD(cert, serial_number, "serialNumber", STRING),
        FIELD(cert, not_before_s, "notBefore", INT),
        OPTIONAL(cert, not_after_s, "notAfter", INT),
        OPTIONAL(cert, application_uri, "applicationUri", STRING),
        LIST(cert, uris, "uris", STRING, 0, NULL),
        LIST(cert, dns_names, "dnsNames", STRING, 0, NULL),
        LIST(cert, ip_addresses, "ipAddresses", STRING, 0, NULL),
        FIELD(cert, key_type, "keyType", STRING),
        FIELD(cert, signature, "signature", STRING),
        FIELD(cert, is_ca, "isCa", BOOL),
        OPTIONAL(cert, path_length, "pathLength", INT),
        LIST(cert, key_usage, "keyUsage", STRING, SCHEMA_OPTIONAL, NULL),
        FIELD(cert, is_key_usage_critical, "keyUsageIsCritical", BOOL),
        LIST(cert, extended_key_usage, "extendedKeyUsage", STRING, SCHEMA_OPTIONAL, NULL),
        FIELD(cert, is_extended_key_usage_critical, "extendedKeyUsageIsCritical", BOOL),
        OPTIONAL(cert, subject_key_id, "subjectKeyId", STRING),
        OPTIONAL(cert, authority_key_id, "authorityKeyId", STRING),
        LIST(cert, crl_urls, "crlUrls", STRING, 0, NULL),
        LIST(cert, faults, "faults", STRUCT, 0, &fault_schema),
};
const struct schema portrait_cert_schema = TABLE(cert, cert_rows);

static const struct schema_field revoked_rows[] = {
        FIELD(revoked, serial_number, "serialNumber", STRING),
        FIELD(revoked, time_s, "time", INT),
        OPTIONAL(revoked, reason, "reason", STRING),
};
static const struct schema revoked_schema = TABLE(revoked, revoked_rows);

static const struct schema_field crl_rows[] = {
        FIELD(crl, sha256, "sha256", STRING),
        FIELD(crl, issuer, "issuer", STRING),
        OPTIONAL(crl, crl_number, "crlNumber", STRING),
        OPTIONAL(crl, base_number, "baseNumber", STRING),
        FIELD(crl, this_update_s, "thisUpdate", INT),
        OPTIONAL(crl, next_update_s, "nextUpdate", INT),
        FIELD(crl, signature, "signature", STRING),
        OPTIONAL(crl, authority_key_id, "authorityKeyId", STRING),
        LIST(crl, scope, "scope", STRING, 0, NULL),
        FIELD(crl, entries, "entries", INT),
        LIST(crl, revoked, "revoked", STRUCT, 0, &revoked_schema),
        LIST(crl, faults, "faults", STRUCT, 0, &fault_schema),
};
const struct schema portrait_crl_schema = TABLE(crl, crl_rows);
/* clang-format on */

/* What one bit of a set is called. */
struct bit {
        unsigned int bit;
        const char *name;
};

static const struct bit USAGES[] = {
        { CERT_USAGE_DIGITAL_SIGNATURE, "digitalSignature" },
        { CERT_USAGE_NON_REPUDIATION, "nonRepudiation" },
        { CERT_USAGE_KEY_ENCIPHERMENT, "keyEncipherment" },
        { CERT_USAGE_DATA_ENCIPHERMENT, "dataEncipherment" },
        { CERT_USAGE_KEY_AGREEMENT, "keyAgreement" },
        { CERT_USAGE_KEY_CERT_SIGN, "keyCertSign" },
        { CERT_USAGE_CRL_SIGN, "cRLSign" },
        { CERT_USAGE_ENCIPHER_ONLY, "encipherOnly" },
        { CERT_USAGE_DECIPHER_ONLY, "decipherOnly" },
};

static const struct bit PURPOSES[] = {
        { CERT_PURPOSE_SERVER, "serverAuth" },
        { CERT_PURPOSE_CLIENT, "clientAuth" },
        { CERT_PURPOSE_ANY, "any" },
        { CERT_PURPOSE_EMAIL, "emailProtection" },
        { CERT_PURPOSE_SMARTCARD_LOGON, "smartcardLogon" },
        { CERT_PURPOSE_OTHER, "other" },
};

static const struct bit REASONS[] = {
        { CRL_REASON_UNSPECIFIED, "unspecified" },
        { CRL_REASON_KEY_COMPROMISE, "keyCompromise" },
        { CRL_REASON_CA_COMPROMISE, "cACompromise" },
        { CRL_REASON_AFFILIATION_CHANGED, "affiliationChanged" },
        { CRL_REASON_SUPERSEDED, "superseded" },
        { CRL_REASON_CESSATION_OF_OPERATION, "cessationOfOperation" },
        { CRL_REASON_CERTIFICATE_HOLD, "certificateHold" },
        { CRL_REASON_REMOVE_FROM_CRL, "removeFromCRL" },
        { CRL_REASON_PRIVILEGE_WITHDRAWN, "privilegeWithdrawn" },
        { CRL_REASON_AA_COMPROMISE, "aACompromise" },
};

/* --- texts --- */

static int hex_text(const uint8_t *data, size_t n, char **out)
{
        char *text = malloc(2 * n + 1);

        if (!text)
                return -ENOMEM;

        hex_encode(data, n, text);
        *out = text;
        return 0;
}

/* NULL where there are no bytes. */
static int optional_hex(struct bytes bytes, char **out)
{
        return bytes.n ? hex_text(bytes.data, bytes.n, out) : 0;
}

static int plain_text(struct bytes bytes, char **out)
{
        CLEANUP(buf_deinit) struct buf text = BUF_NULL;

        for (size_t i = 0; i < bytes.n;) {
                const char *at = (const char *)bytes.data + i;
                size_t n = utf8_length(at, bytes.n - i);
                bool is_c1 = n == 2 && bytes.data[i] == 0xc2 && bytes.data[i + 1] < 0xa0;

                if (n == 0 || is_c1 || bytes.data[i] < ' ' || *at == 0x7f || *at == '\\') {
                        buf_printf(&text, "\\%02X", bytes.data[i]);
                        n = 1;
                } else {
                        buf_add(&text, at, n);
                }
                i += n;
        }
        return buf_take_text(&text, out);
}

static int ip_text(struct bytes bytes, char **out)
{
        char text[INET6_ADDRSTRLEN];

        inet_ntop(bytes.n == 4 ? AF_INET : AF_INET6, bytes.data, text, sizeof(text));
        *out = strdup(text);
        return *out ? 0 : -ENOMEM;
}

static int copy_text(const char *text, char **out)
{
        *out = strdup(text);
        return *out ? 0 : -ENOMEM;
}

static int signature_text(const struct key_signature *signature, char **out)
{
        static const char *const SCHEMES[] = {
                [KEY_SCHEME_OTHER] = "an unknown scheme", [KEY_SCHEME_RSA_PKCS1] = "RSA",
                [KEY_SCHEME_RSA_PSS] = "RSA-PSS",         [KEY_SCHEME_ECDSA] = "ECDSA",
                [KEY_SCHEME_ED25519] = "Ed25519",         [KEY_SCHEME_ED448] = "Ed448",
        };
        CLEANUP(buf_deinit) struct buf text = BUF_NULL;

        buf_add_text(&text, SCHEMES[signature->scheme]);
        if (signature->hash != KEY_HASH_NONE)
                buf_printf(&text, " with %s", key_hash_name(signature->hash));
        return buf_take_text(&text, out);
}

/* --- lists --- */

/* A list of texts that grows; its items are taken by the portrait, or freed with it. */
static int push(char ***list, size_t *n, char *text)
{
        char **grown = reallocarray(*list, *n + 1, sizeof(*grown));

        if (!grown) {
                free(text);
                return -ENOMEM;
        }
        *list = grown;
        grown[(*n)++] = text;
        return 0;
}

static int push_each(const struct bytes *items, size_t n_items,
                     int (*make)(struct bytes bytes, char **out), char ***list, size_t *n)
{
        int r = 0;

        for (size_t i = 0; !r && i < n_items; i++) {
                char *text;

                r = make(items[i], &text);
                if (!r)
                        r = push(list, n, text);
        }
        return r;
}

static int push_copy(const char *text, char ***list, size_t *n)
{
        char *copy;
        int r = copy_text(text, &copy);

        return r ? r : push(list, n, copy);
}

/* An extension that is there and names nothing is an empty list, not an absent one. */
static int push_bits(const struct cert_usages *usages, const struct bit *bits, size_t n_bits,
                     char ***list, size_t *n)
{
        int r = 0;

        if (!usages->is_present)
                return 0;

        *list = calloc(1, sizeof(**list));
        if (!*list)
                return -ENOMEM;

        for (size_t i = 0; !r && i < n_bits; i++)
                if (usages->bits & bits[i].bit)
                        r = push_copy(bits[i].name, list, n);
        return r;
}

static int list_faults(const struct faults *faults, struct portrait_fault **out, size_t *out_n)
{
        const struct fault *fault;
        size_t at = 0;
        int r = 0;

        while (!r && (fault = faults_next(faults, &at))) {
                struct portrait_fault *grown = reallocarray(*out, *out_n + 1, sizeof(*grown));

                if (!grown)
                        return -ENOMEM;
                *out = grown;
                grown[*out_n] = (struct portrait_fault){ NULL, NULL };
                r = copy_text(fault->is_error ? "error" : "note", &grown[*out_n].severity);
                if (!r)
                        r = copy_text(fault->text, &grown[*out_n].message);
                (*out_n)++;
        }
        return r;
}

/* --- certificates --- */

static int describe_names(const struct cert *cert, struct portrait_cert *out)
{
        const struct alt_names *names = &cert->alt_names;
        int r;

        r = name_text(&cert->subject, &out->subject);
        if (!r)
                r = name_text(&cert->issuer, &out->issuer);
        if (!r)
                r = push_each(names->uris, names->n_uris, plain_text, &out->uris, &out->n_uris);
        if (!r)
                r = push_each(names->dns_names, names->n_dns_names, plain_text, &out->dns_names,
                              &out->n_dns_names);
        if (!r)
                r = push_each(names->ips, names->n_ips, ip_text, &out->ip_addresses,
                              &out->n_ip_addresses);
        if (!r && out->n_uris)
                r = copy_text(out->uris[0], &out->application_uri);
        return r;
}

static int describe_ids(const struct cert *cert, struct portrait_cert *out)
{
        int r;

        r = hex_text(cert->serial.data, cert->serial.n, &out->serial_number);
        if (!r)
                r = hex_text(cert->sha1, sizeof(cert->sha1), &out->thumbprint);
        if (!r)
                r = hex_text(cert->sha256, sizeof(cert->sha256), &out->sha256);
        if (!r)
                r = optional_hex(cert->subject_key_id, &out->subject_key_id);
        if (!r)
                r = optional_hex(cert->authority_key_id, &out->authority_key_id);
        return r;
}

static int describe_key(const struct cert *cert, struct portrait_cert *out)
{
        char key_type[KEY_TYPE_TEXT_MAX];
        enum link_result result;
        int r;

        r = copy_text(key_info_text(&cert->key, key_type), &out->key_type);
        if (!r)
                r = signature_text(&cert->signature, &out->signature);
        if (!r && cert->is_self_issued) {
                r = link_verify_cert(cert, cert, &result);
                out->is_self_signed = !r && result == LINK_VERIFIED;
        }
        return r;
}

static int describe_uses(const struct cert *cert, struct portrait_cert *out)
{
        int r;

        out->is_ca = cert->basic_constraints.is_ca;
        if (out->is_ca && cert->basic_constraints.path_len >= 0)
                out->path_length = cert->basic_constraints.path_len;
        out->is_key_usage_critical = cert->key_usage.is_critical;
        out->is_extended_key_usage_critical = cert->extended_key_usage.is_critical;

        r = push_bits(&cert->key_usage, USAGES, ARRAY_SIZE(USAGES), &out->key_usage,
                      &out->n_key_usage);
        if (!r)
                r = push_bits(&cert->extended_key_usage, PURPOSES, ARRAY_SIZE(PURPOSES),
                              &out->extended_key_usage, &out->n_extended_key_usage);
        return r;
}

/* The URIs among the names of one distribution point. */
static int list_point(struct bytes names, char ***list, size_t *n)
{
        int r = 0;

        while (!r && names.n) {
                enum extension_name kind;
                struct bytes content;

                if (!extension_next_name(&names, &kind, &content))
                        break;
                if (kind == EXTENSION_NAME_URI)
                        r = push_each(&content, 1, plain_text, list, n);
        }
        return r;
}

static int describe_crl_points(const struct cert *cert, struct portrait_cert *out)
{
        struct extension_point point;
        struct bytes points;
        int r = 0;

        if (!cert->crl_points.value.n || !extension_open_points(cert->crl_points.value, &points))
                return 0;

        while (!r && points.n && extension_next_point(&points, &point))
                r = list_point(point.name.full, &out->crl_urls, &out->n_crl_urls);
        return r;
}

int portrait_cert(const struct cert *cert, struct portrait_cert *out)
{
        struct portrait_cert portrait;
        int r;

        schema_init(&portrait_cert_schema, &portrait);
        portrait.not_before_s = cert->not_before_s;
        if (cert->not_after_s != CERT_NO_END_S)
                portrait.not_after_s = cert->not_after_s;

        r = describe_names(cert, &portrait);
        if (!r)
                r = describe_ids(cert, &portrait);
        if (!r)
                r = describe_key(cert, &portrait);
        if (!r)
                r = describe_uses(cert, &portrait);
        if (!r)
                r = describe_crl_points(cert, &portrait);
        if (!r)
                r = list_faults(&cert->faults, &portrait.faults, &portrait.n_faults);
        if (r)
                schema_deinit(&portrait_cert_schema, &portrait);
        else
                *out = portrait;
        return r;
}

/* --- CRLs --- */

/* The content of revokedCertificates, of a CRL that reads whole; n 0: it has none. */
static struct bytes find_revoked(struct bytes der)
{
        struct bytes fields, tbs = { NULL, 0 }, part, revoked = { NULL, 0 };
        int64_t time_s;

        if (der_read_only(der, DER_SEQUENCE, &fields) && der_read(&fields, DER_SEQUENCE, &tbs) &&
            der_read_optional(&tbs, DER_INTEGER, &part) && der_read(&tbs, DER_SEQUENCE, &part) &&
            der_read(&tbs, DER_SEQUENCE, &part))
                while ((der_is(tbs, DER_UTC_TIME) || der_is(tbs, DER_GENERALIZED_TIME)) &&
                       der_read_time(&tbs, &time_s, NULL))
                        ;
        if (tbs.n)
                der_read_optional(&tbs, DER_SEQUENCE, &revoked);
        return revoked;
}

/* reasonCode of an entry's extensions, or NULL. */
static const char *find_reason(struct bytes extensions)
{
        struct extension extension;
        struct bytes value;

        while (extensions.n && extension_next(&extensions, &extension)) {
                if (extension.kind != EXTENSION_REASON_CODE ||
                    !der_read_only(extension.value, DER_ENUMERATED, &value) || value.n != 1)
                        continue;
                for (size_t i = 0; i < ARRAY_SIZE(REASONS); i++)
                        if (REASONS[i].bit == value.data[0])
                                return REASONS[i].name;
        }
        return NULL;
}

static bool read_entry(struct bytes *cursor, struct bytes *out_serial, int64_t *out_s,
                       const char **out_reason)
{
        struct bytes entry, extensions;

        if (!der_read(cursor, DER_SEQUENCE, &entry) || !der_read_integer(&entry, out_serial) ||
            !der_read_time(&entry, out_s, NULL) ||
            !der_read_optional(&entry, DER_SEQUENCE, &extensions))
                return false;

        *out_reason = find_reason(extensions);
        return true;
}

static int describe_entries(struct bytes der, size_t n_max, struct portrait_crl *out)
{
        struct bytes cursor = find_revoked(der), serial;
        const char *reason;
        int64_t time_s;
        int r = 0;

        while (!r && out->n_revoked < n_max && cursor.n &&
               read_entry(&cursor, &serial, &time_s, &reason)) {
                struct portrait_revoked *grown =
                        reallocarray(out->revoked, out->n_revoked + 1, sizeof(*grown));

                if (!grown)
                        return -ENOMEM;
                out->revoked = grown;
                grown += out->n_revoked++;
                *grown = (struct portrait_revoked){ .time_s = time_s };
                r = hex_text(serial.data, serial.n, &grown->serial_number);
                if (!r && reason)
                        r = copy_text(reason, &grown->reason);
        }
        return r;
}

static int describe_scope(const struct crl *crl, struct portrait_crl *out)
{
        const struct {
                bool is_so;
                const char *text;
        } rows[] = {
                { crl->is_delta, "changes since its base only" },
                { crl->scope.is_indirect, "certificates of other issuers, too" },
                { crl->scope.has_only_user, "certificates of users and applications only" },
                { crl->scope.has_only_ca, "certificates of CAs only" },
                { crl->scope.has_only_attribute, "attribute certificates only" },
                { crl->scope.reasons, "some reasons only" },
                { crl->scope.point.n, "one distribution point only" },
                { crl->has_unknown_critical, "a critical extension that is not known" },
        };
        int r = 0;

        for (size_t i = 0; !r && i < ARRAY_SIZE(rows); i++)
                if (rows[i].is_so)
                        r = push_copy(rows[i].text, &out->scope, &out->n_scope);
        return r;
}

int portrait_crl(const struct crl *crl, struct bytes der, size_t n_max, struct portrait_crl *out)
{
        struct portrait_crl portrait;
        int r;

        schema_init(&portrait_crl_schema, &portrait);
        portrait.this_update_s = crl->this_update_s;
        if (crl->next_update_s != CRL_NO_NEXT_UPDATE_S)
                portrait.next_update_s = crl->next_update_s;
        portrait.entries = (int64_t)crl->n_entries;

        r = name_text(&crl->issuer, &portrait.issuer);
        if (!r)
                r = optional_hex(crl->number, &portrait.crl_number);
        if (!r)
                r = optional_hex(crl->delta_base, &portrait.base_number);
        if (!r)
                r = optional_hex(crl->authority_key_id, &portrait.authority_key_id);
        if (!r)
                r = signature_text(&crl->signature, &portrait.signature);
        if (!r)
                r = hex_text(crl->sha256, sizeof(crl->sha256), &portrait.sha256);
        if (!r)
                r = describe_scope(crl, &portrait);
        if (!r)
                r = describe_entries(der, n_max, &portrait);
        if (!r)
                r = list_faults(&crl->faults, &portrait.faults, &portrait.n_faults);
        if (r)
                schema_deinit(&portrait_crl_schema, &portrait);
        else
                *out = portrait;
        return r;
}
