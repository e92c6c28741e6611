/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/extension.h"

#include "pki/der.h"
#include "proto/compiler.h"

static const struct bytes oid_any_policy = BYTES("\x55\x1d\x20\x00");
static const struct bytes oid_cps = BYTES("\x2b\x06\x01\x05\x05\x07\x02\x01");
static const struct bytes oid_user_notice = BYTES("\x2b\x06\x01\x05\x05\x07\x02\x02");

/* --- the list --- */

static enum extension_kind find_kind(struct bytes oid)
{
        /* by the last byte of 2.5.29.n */
        static const uint8_t kinds[] = {
                [9] = EXTENSION_SUBJECT_DIRECTORY_ATTRIBUTES,
                [14] = EXTENSION_SUBJECT_KEY_ID,
                [15] = EXTENSION_KEY_USAGE,
                [17] = EXTENSION_SUBJECT_ALT_NAME,
                [18] = EXTENSION_ISSUER_ALT_NAME,
                [19] = EXTENSION_BASIC_CONSTRAINTS,
                [20] = EXTENSION_CRL_NUMBER,
                [21] = EXTENSION_REASON_CODE,
                [24] = EXTENSION_INVALIDITY_DATE,
                [27] = EXTENSION_DELTA_CRL_INDICATOR,
                [28] = EXTENSION_ISSUING_DISTRIBUTION_POINT,
                [29] = EXTENSION_CERTIFICATE_ISSUER,
                [30] = EXTENSION_NAME_CONSTRAINTS,
                [31] = EXTENSION_CRL_DISTRIBUTION_POINTS,
                [32] = EXTENSION_CERTIFICATE_POLICIES,
                [33] = EXTENSION_POLICY_MAPPINGS,
                [35] = EXTENSION_AUTHORITY_KEY_ID,
                [36] = EXTENSION_POLICY_CONSTRAINTS,
                [37] = EXTENSION_EXTENDED_KEY_USAGE,
                [46] = EXTENSION_FRESHEST_CRL,
                [54] = EXTENSION_INHIBIT_ANY_POLICY,
        };
        static const struct {
                struct bytes oid;
                enum extension_kind kind;
        } others[] = {
                { BYTES("\x2b\x06\x01\x05\x05\x07\x01\x01"), EXTENSION_AUTHORITY_INFO_ACCESS },
                { BYTES("\x2b\x06\x01\x05\x05\x07\x01\x0b"), EXTENSION_SUBJECT_INFO_ACCESS },
                { BYTES("\x2b\x06\x01\x04\x01\xd6\x79\x02\x04\x02"),
                  EXTENSION_SIGNED_CERTIFICATE_TIMESTAMPS },
        };

        if (oid.n == 3 && oid.data[0] == 0x55 && oid.data[1] == 0x1d &&
            oid.data[2] < ARRAY_SIZE(kinds))
                return kinds[oid.data[2]];

        for (size_t i = 0; i < ARRAY_SIZE(others); i++)
                if (bytes_equal(others[i].oid, oid))
                        return others[i].kind;

        return EXTENSION_UNKNOWN;
}

bool extension_next(struct bytes *cursor, struct extension *out)
{
        struct bytes content;
        bool is_critical = false;

        if (!der_read(cursor, DER_SEQUENCE, &content) || !der_read(&content, DER_OID, &out->oid) ||
            !out->oid.n)
                return false;

        out->has_written_default = false;
        if (der_is(content, DER_BOOLEAN)) {
                if (!der_read_boolean(&content, &is_critical))
                        return false;
                out->has_written_default = !is_critical;
        }

        out->is_critical = is_critical;
        out->kind = find_kind(out->oid);
        return der_read(&content, DER_OCTET_STRING, &out->value) && !content.n;
}

bool extension_list_read(struct bytes sequence, struct extension_list *out)
{
        out->n = 0;
        out->has_twice = false;

        do {
                if (out->n == EXTENSION_MAX || !extension_next(&sequence, &out->items[out->n]))
                        return false;

                for (size_t i = 0; i < out->n; i++)
                        if (bytes_equal(out->items[i].oid, out->items[out->n].oid))
                                out->has_twice = true;
                out->n++;
        } while (sequence.n);

        return true;
}

/* --- contents of several kinds of objects --- */

/* RDNSequence: SETs of type and value; what the values are is for whoever reads the name. */
static bool check_directory(struct bytes name)
{
        struct bytes rdns, rdn, attribute, content;
        uint8_t tag;

        if (!der_read_only(name, DER_SEQUENCE, &rdns))
                return false;

        while (rdns.n) {
                if (!der_read(&rdns, DER_SET, &rdn) || !rdn.n)
                        return false;

                while (rdn.n)
                        if (!der_read(&rdn, DER_SEQUENCE, &attribute) ||
                            !der_read(&attribute, DER_OID, &content) ||
                            !der_next(&attribute, &tag, &content) || attribute.n)
                                return false;
        }

        return true;
}

/* OtherName: a type, and under [0] a value of it. */
static bool check_other_name(struct bytes fields)
{
        struct bytes oid, value, content;
        uint8_t tag;

        return der_read(&fields, DER_OID, &oid) && oid.n &&
               der_read(&fields, DER_CONTEXT_CONSTRUCTED(0), &value) && !fields.n &&
               der_next(&value, &tag, &content) && !value.n;
}

/* EDIPartyName: under [0] an assigner, perhaps, and under [1] a party, both a text. */
static bool check_edi_party(struct bytes fields)
{
        struct bytes assigner, party, content;
        uint8_t tag;

        return der_read_optional(&fields, DER_CONTEXT_CONSTRUCTED(0), &assigner) &&
               der_read(&fields, DER_CONTEXT_CONSTRUCTED(1), &party) && !fields.n &&
               (!assigner.data || (der_next(&assigner, &tag, &content) && !assigner.n)) &&
               der_next(&party, &tag, &content) && !party.n;
}

/* Is this the content of a GeneralName with that tag? */
static bool check_name(uint8_t tag, struct bytes content)
{
        switch (tag) {
        case EXTENSION_NAME_DIRECTORY:
                return check_directory(content);
        case EXTENSION_NAME_OTHER:
                return check_other_name(content);
        case EXTENSION_NAME_EDI_PARTY:
                return check_edi_party(content);
        case EXTENSION_NAME_REGISTERED_ID:
                return content.n;
        case EXTENSION_NAME_EMAIL:
        case EXTENSION_NAME_DNS:
        case EXTENSION_NAME_X400:
        case EXTENSION_NAME_URI:
        case EXTENSION_NAME_IP:
                return true;
        }

        return false;
}

bool extension_next_name(struct bytes *cursor, enum extension_name *out, struct bytes *out_content)
{
        uint8_t tag;

        if (!der_next(cursor, &tag, out_content) || !check_name(tag, *out_content))
                return false;

        *out = (enum extension_name)tag;
        return true;
}

bool extension_check_names(struct bytes names)
{
        enum extension_name kind;
        struct bytes content;

        if (!names.n)
                return false;

        while (names.n)
                if (!extension_next_name(&names, &kind, &content))
                        return false;

        return true;
}

bool extension_read_authority(struct bytes value, struct extension_authority *out)
{
        struct bytes fields;

        if (!der_read_only(value, DER_SEQUENCE, &fields) ||
            !der_read_optional(&fields, DER_CONTEXT(0), &out->key_id) ||
            !der_read_optional(&fields, DER_CONTEXT_CONSTRUCTED(1), &out->issuer) ||
            !der_read_optional(&fields, DER_CONTEXT(2), &out->serial) || fields.n)
                return false;

        if (out->issuer.data && !extension_check_names(out->issuer))
                return false;
        return !out->serial.data || der_is_integer(out->serial);
}

bool extension_read_point_name(struct bytes content, struct extension_point_name *out)
{
        *out = (struct extension_point_name){ .full = { NULL, 0 } };
        if (der_is(content, DER_CONTEXT_CONSTRUCTED(0)))
                return der_read_only(content, DER_CONTEXT_CONSTRUCTED(0), &out->full) &&
                       extension_check_names(out->full);

        return der_read_only(content, DER_CONTEXT_CONSTRUCTED(1), &out->relative) &&
               out->relative.n;
}

bool extension_read_reasons(struct bytes content, unsigned int *out)
{
        bool is_minimal;

        return der_named_bits(content, 9, out, &is_minimal);
}

bool extension_open_points(struct bytes value, struct bytes *out)
{
        return der_read_only(value, DER_SEQUENCE, out) && out->n;
}

bool extension_next_point(struct bytes *cursor, struct extension_point *out)
{
        struct bytes fields, name, reasons;

        *out = (struct extension_point){ .reasons = 0 };
        if (!der_read(cursor, DER_SEQUENCE, &fields) ||
            !der_read_optional(&fields, DER_CONTEXT_CONSTRUCTED(0), &name) ||
            !der_read_optional(&fields, DER_CONTEXT(1), &reasons) ||
            !der_read_optional(&fields, DER_CONTEXT_CONSTRUCTED(2), &out->issuers) || fields.n)
                return false;

        /* A point that names neither itself nor an issuer points nowhere. */
        if (!name.data && !out->issuers.data)
                return false;
        if (name.data && !extension_read_point_name(name, &out->name))
                return false;
        if (reasons.data && (!extension_read_reasons(reasons, &out->reasons) || !out->reasons))
                return false;
        return !out->issuers.data || extension_check_names(out->issuers);
}

/* --- contents of which only the form matters --- */

/* Takes one element of a list off @cursor; false if it is not of the list's type. */
typedef bool (*check_item_fn)(struct bytes *cursor);

static bool check_list(struct bytes value, check_item_fn check_item)
{
        struct bytes items;

        if (!der_read_only(value, DER_SEQUENCE, &items) || !items.n)
                return false;

        while (items.n)
                if (!check_item(&items))
                        return false;

        return true;
}

static bool check_access(struct bytes *cursor)
{
        struct bytes item, oid, content;
        enum extension_name kind;

        return der_read(cursor, DER_SEQUENCE, &item) && der_read(&item, DER_OID, &oid) &&
               extension_next_name(&item, &kind, &content) && !item.n;
}

static bool check_attribute(struct bytes *cursor)
{
        struct bytes item, oid, values;

        return der_read(cursor, DER_SEQUENCE, &item) && der_read(&item, DER_OID, &oid) &&
               der_read(&item, DER_SET, &values) && values.n && !item.n;
}

static bool check_point(struct bytes *cursor)
{
        struct extension_point point;

        return extension_next_point(cursor, &point);
}

static bool check_qualifier(struct bytes *cursor)
{
        struct bytes item, content;
        uint8_t tag;

        return der_read(cursor, DER_SEQUENCE, &item) && der_read(&item, DER_OID, &content) &&
               der_next(&item, &tag, &content) && !item.n;
}

static bool check_alt_names(struct bytes value)
{
        struct bytes names;

        return der_read_only(value, DER_SEQUENCE, &names) && extension_check_names(names);
}

/* CertificatePolicies: none twice, or what follows from them is ambiguous. */
static bool check_policies(struct bytes value)
{
        struct bytes items, item, seen[EXTENSION_POLICIES_MAX];
        size_t n = 0;

        if (!der_read_only(value, DER_SEQUENCE, &items) || !items.n)
                return false;

        for (; items.n; n++) {
                if (n == EXTENSION_POLICIES_MAX || !der_read(&items, DER_SEQUENCE, &item) ||
                    !der_read(&item, DER_OID, &seen[n]) || !seen[n].n)
                        return false;
                if (item.n && !check_list(item, check_qualifier))
                        return false;

                for (size_t i = 0; i < n; i++)
                        if (bytes_equal(seen[i], seen[n]))
                                return false;
        }

        return true;
}

static bool knows_qualifiers(struct bytes qualifiers)
{
        struct bytes item, kind;

        while (qualifiers.n && der_read(&qualifiers, DER_SEQUENCE, &item) &&
               der_read(&item, DER_OID, &kind))
                if (!bytes_equal(kind, oid_cps) && !bytes_equal(kind, oid_user_notice))
                        return false;

        return true;
}

bool extension_knows_qualifiers(struct bytes value)
{
        struct bytes policies, policy, content;

        if (!der_read_only(value, DER_SEQUENCE, &policies))
                return false;

        while (policies.n && der_read(&policies, DER_SEQUENCE, &policy) &&
               der_read(&policy, DER_OID, &content))
                if (policy.n && der_read(&policy, DER_SEQUENCE, &content) &&
                    !knows_qualifiers(content))
                        return false;

        return true;
}

/* PolicyMappings: neither side may be anyPolicy, RFC 5280 6.1.4 (a). */
static bool check_mappings(struct bytes value)
{
        struct bytes items, item, from, to;
        size_t n = 0;

        if (!der_read_only(value, DER_SEQUENCE, &items) || !items.n)
                return false;

        for (; items.n; n++)
                if (n == EXTENSION_POLICIES_MAX || !der_read(&items, DER_SEQUENCE, &item) ||
                    !der_read(&item, DER_OID, &from) || !der_read(&item, DER_OID, &to) || item.n ||
                    !from.n || !to.n || bytes_equal(from, oid_any_policy) ||
                    bytes_equal(to, oid_any_policy))
                        return false;

        return true;
}

/* PolicyConstraints: one of the two at least. */
static bool check_policy_constraints(struct bytes value)
{
        struct bytes fields, require, inhibit;
        int skip;

        return der_read_only(value, DER_SEQUENCE, &fields) &&
               der_read_optional(&fields, DER_CONTEXT(0), &require) &&
               der_read_optional(&fields, DER_CONTEXT(1), &inhibit) && !fields.n &&
               (require.data || inhibit.data) &&
               (!require.data || der_integer_small(require, &skip)) &&
               (!inhibit.data || der_integer_small(inhibit, &skip));
}

static bool check_skip_certs(struct bytes value)
{
        struct bytes content;
        int skip;

        return der_read_only(value, DER_INTEGER, &content) && der_integer_small(content, &skip);
}

bool extension_check(enum extension_kind kind, struct bytes value)
{
        struct bytes content;

        switch (kind) {
        case EXTENSION_SUBJECT_DIRECTORY_ATTRIBUTES:
                return check_list(value, check_attribute);
        case EXTENSION_ISSUER_ALT_NAME:
                return check_alt_names(value);
        case EXTENSION_CRL_DISTRIBUTION_POINTS:
        case EXTENSION_FRESHEST_CRL:
                return check_list(value, check_point);
        case EXTENSION_CERTIFICATE_POLICIES:
                return check_policies(value);
        case EXTENSION_POLICY_MAPPINGS:
                return check_mappings(value);
        case EXTENSION_POLICY_CONSTRAINTS:
                return check_policy_constraints(value);
        case EXTENSION_INHIBIT_ANY_POLICY:
                return check_skip_certs(value);
        case EXTENSION_AUTHORITY_INFO_ACCESS:
        case EXTENSION_SUBJECT_INFO_ACCESS:
                return check_list(value, check_access);
        case EXTENSION_SIGNED_CERTIFICATE_TIMESTAMPS:
                return der_read_only(value, DER_OCTET_STRING, &content);
        case EXTENSION_UNKNOWN:
        case EXTENSION_SUBJECT_KEY_ID:
        case EXTENSION_KEY_USAGE:
        case EXTENSION_SUBJECT_ALT_NAME:
        case EXTENSION_BASIC_CONSTRAINTS:
        case EXTENSION_CRL_NUMBER:
        case EXTENSION_REASON_CODE:
        case EXTENSION_INVALIDITY_DATE:
        case EXTENSION_DELTA_CRL_INDICATOR:
        case EXTENSION_ISSUING_DISTRIBUTION_POINT:
        case EXTENSION_CERTIFICATE_ISSUER:
        case EXTENSION_NAME_CONSTRAINTS:
        case EXTENSION_AUTHORITY_KEY_ID:
        case EXTENSION_EXTENDED_KEY_USAGE:
                return true;
        }

        return true;
}

/*
 * GeneralSubtree, RFC 5280 4.2.1.10: no minimum but 0, no maximum, no form that is not to be
 * constrained.
 */
static bool check_subtree(struct bytes *cursor)
{
        struct bytes subtree, base, minimum;
        enum extension_name kind;
        int value = 0;

        if (!der_read(cursor, DER_SEQUENCE, &subtree) ||
            !extension_next_name(&subtree, &kind, &base) ||
            !der_read_optional(&subtree, DER_CONTEXT(0), &minimum) || subtree.n)
                return false;
        if (minimum.data && (!der_integer_small(minimum, &value) || value))
                return false;

        switch (kind) {
        case EXTENSION_NAME_IP:
                return base.n == 8 || base.n == 32;
        case EXTENSION_NAME_X400:
        case EXTENSION_NAME_EDI_PARTY:
        case EXTENSION_NAME_REGISTERED_ID:
                return false;
        case EXTENSION_NAME_OTHER:
        case EXTENSION_NAME_EMAIL:
        case EXTENSION_NAME_DNS:
        case EXTENSION_NAME_DIRECTORY:
        case EXTENSION_NAME_URI:
                return true;
        }

        return false;
}

bool extension_check_constraints(struct bytes value, size_t *out_n)
{
        struct bytes fields, subtrees[2];

        *out_n = 0;
        if (!der_read_only(value, DER_SEQUENCE, &fields) || !fields.n ||
            !der_read_optional(&fields, DER_CONTEXT_CONSTRUCTED(0), &subtrees[0]) ||
            !der_read_optional(&fields, DER_CONTEXT_CONSTRUCTED(1), &subtrees[1]) || fields.n)
                return false;

        for (size_t i = 0; i < ARRAY_SIZE(subtrees); i++) {
                if (subtrees[i].data && !subtrees[i].n)
                        return false;

                for (; subtrees[i].n; (*out_n)++)
                        if (!check_subtree(&subtrees[i]))
                                return false;
        }

        return true;
}
