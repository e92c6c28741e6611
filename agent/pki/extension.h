/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Extension - what stands in the extensions of certificates, CRLs and CRL entries: how to walk
 * them, which they are, and the contents that more than one kind of object has.
 *
 * Functions that read a content say false if it is not what its ASN.1 type prescribes, whole, with
 * nothing behind it.
 *
 * Spec: RFC 5280 4.2, 5.2, 5.3; X.690.
 */

#include "pki/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EXTENSION_MAX          64  /* extensions of one object */
#define EXTENSION_POLICIES_MAX 256 /* policies, or mappings, in one extension */

enum extension_kind {
        EXTENSION_UNKNOWN,
        EXTENSION_SUBJECT_DIRECTORY_ATTRIBUTES,
        EXTENSION_SUBJECT_KEY_ID,
        EXTENSION_KEY_USAGE,
        EXTENSION_SUBJECT_ALT_NAME,
        EXTENSION_ISSUER_ALT_NAME,
        EXTENSION_BASIC_CONSTRAINTS,
        EXTENSION_CRL_NUMBER,
        EXTENSION_REASON_CODE,
        EXTENSION_INVALIDITY_DATE,
        EXTENSION_DELTA_CRL_INDICATOR,
        EXTENSION_ISSUING_DISTRIBUTION_POINT,
        EXTENSION_CERTIFICATE_ISSUER,
        EXTENSION_NAME_CONSTRAINTS,
        EXTENSION_CRL_DISTRIBUTION_POINTS,
        EXTENSION_CERTIFICATE_POLICIES,
        EXTENSION_POLICY_MAPPINGS,
        EXTENSION_AUTHORITY_KEY_ID,
        EXTENSION_POLICY_CONSTRAINTS,
        EXTENSION_EXTENDED_KEY_USAGE,
        EXTENSION_FRESHEST_CRL,
        EXTENSION_INHIBIT_ANY_POLICY,
        EXTENSION_AUTHORITY_INFO_ACCESS,
        EXTENSION_SUBJECT_INFO_ACCESS,
        EXTENSION_SIGNED_CERTIFICATE_TIMESTAMPS,
};

struct extension {
        enum extension_kind kind;
        struct bytes oid;
        bool is_critical;
        bool has_written_default; /* "critical FALSE" is written out */
        struct bytes value;       /* content of the OCTET STRING */
};

/* The extensions of one object, in its order. */
struct extension_list {
        size_t n;
        struct extension items[EXTENSION_MAX];
        bool has_twice; /* one stands in it twice */
};

/* GeneralName, by the tag of its CHOICE. */
enum extension_name {
        EXTENSION_NAME_OTHER = 0xa0,
        EXTENSION_NAME_EMAIL = 0x81,
        EXTENSION_NAME_DNS = 0x82,
        EXTENSION_NAME_X400 = 0xa3,
        EXTENSION_NAME_DIRECTORY = 0xa4, /* content: a Name, SEQUENCE and all */
        EXTENSION_NAME_EDI_PARTY = 0xa5,
        EXTENSION_NAME_URI = 0x86,
        EXTENSION_NAME_IP = 0x87,
        EXTENSION_NAME_REGISTERED_ID = 0x88,
};

/* authorityKeyIdentifier; n 0: absent. */
struct extension_authority {
        struct bytes key_id;
        struct bytes issuer; /* content of GeneralNames */
        struct bytes serial; /* content of the INTEGER */
};

/* DistributionPointName: one of the two, or neither. */
struct extension_point_name {
        struct bytes full;     /* content of GeneralNames */
        struct bytes relative; /* content of a RelativeDistinguishedName */
};

struct extension_point {
        struct extension_point_name name;
        unsigned int reasons; /* bit n of ReasonFlags as 1 << n; 0: all reasons */
        struct bytes issuers; /* cRLIssuer, content of GeneralNames; n 0: absent */
};

/**
 * extension_list_read() - read Extensions
 * @sequence: content of the SEQUENCE; borrowed, and so is what @out holds
 *
 * Return: false if it is empty, malformed, or has more than EXTENSION_MAX extensions.
 */
bool extension_list_read(struct bytes sequence, struct extension_list *out);

/** extension_next() - the next extension of a SEQUENCE's content; false if it is malformed */
bool extension_next(struct bytes *cursor, struct extension *out);

/**
 * extension_next_name() - the next GeneralName of a GeneralNames' content; false if it is malformed
 */
bool extension_next_name(struct bytes *cursor, enum extension_name *out, struct bytes *out_content);

/** extension_check_names() - is it the content of GeneralNames, one or more? */
bool extension_check_names(struct bytes names);

bool extension_read_authority(struct bytes value, struct extension_authority *out);

/** extension_read_point_name() - @content: of the explicit [0] around the CHOICE */
bool extension_read_point_name(struct bytes content, struct extension_point_name *out);

/** extension_read_reasons() - ReasonFlags; @content: of the BIT STRING */
bool extension_read_reasons(struct bytes content, unsigned int *out);

/** extension_open_points() - the content of CRLDistributionPoints, for extension_next_point() */
bool extension_open_points(struct bytes value, struct bytes *out);

/** extension_next_point() - the next DistributionPoint; false if it is malformed */
bool extension_next_point(struct bytes *cursor, struct extension_point *out);

/**
 * extension_check() - is @value what this kind of extension prescribes?
 *
 * For kinds of which nothing but this is asked; of all others, and unknown ones, true.
 */
bool extension_check(enum extension_kind kind, struct bytes value);

/**
 * extension_knows_qualifiers() - are all qualifiers of a certificatePolicies known: CPS and user
 * notice? Where it is critical, they have to be, RFC 5280 4.2.1.4
 */
bool extension_knows_qualifiers(struct bytes value);

/**
 * extension_check_constraints() - the same for nameConstraints; @out_n: how many subtrees they have
 */
bool extension_check_constraints(struct bytes value, size_t *out_n);
