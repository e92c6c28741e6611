/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Name - a distinguished name, as it stands in a certificate and in the form in which names are
 * compared.
 *
 * Two names are equal if they have the same RDNs in the same order, where texts are equal whatever
 * their string type, ASCII case, leading and trailing blanks, and the length of runs of blanks
 * between. That form, canon, is made once; comparing is then comparing bytes.
 *
 * Spec: RFC 5280 7.1. Reading: folding is ASCII's, as OpenSSL's is (X509_NAME_cmp() gives the same
 * answer).
 */

#include "pki/bytes.h"
#include "proto/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NAME_BYTES_MAX 16384 /* of one Name in DER; longer ones are invalid */

/* Condition codes of name_init(). */
enum {
        /* not DER of a Name, a text that its string type does not allow, or too long */
        NAME_E_INVALID = 1,
};

enum name_attribute {
        NAME_ATTRIBUTE_OTHER,
        NAME_ATTRIBUTE_COMMON_NAME,
        NAME_ATTRIBUTE_ORGANIZATION,
        NAME_ATTRIBUTE_DOMAIN_COMPONENT,
        NAME_ATTRIBUTE_EMAIL_ADDRESS,
};

struct name {
        struct bytes der;   /* SEQUENCE and all; borrowed from the object that holds the name */
        struct bytes canon; /* compared as bytes; owned */
        size_t n_attributes;
        bool has_long_attribute; /* a text beyond the upper bounds of RFC 5280 A.1 */
        bool has_odd_text;       /* a string type, or a character in it, that is not to be used */
};

/* One attribute, as name_next() gives it. */
struct name_part {
        enum name_attribute attribute;
        /* in its canonical form: UTF-8, lower case in ASCII, blanks folded; borrowed */
        struct bytes value;
};

#define NAME_NULL                                                                                  \
        {                                                                                          \
                .der = { NULL, 0 }                                                                 \
        }

/**
 * name_init() - read a Name
 * @der: exactly one RDNSequence; kept, so it must live as long as the name
 *
 * Errors: -ENOMEM, NAME_E_INVALID. Return: 0 or as said.
 */
int name_init(struct name *name, struct bytes der);

/**
 * name_init_below() - the name that has one RDN more than @base
 * @rdn: content of the RelativeDistinguishedName; not kept: the name has no der
 *
 * Errors: -ENOMEM, NAME_E_INVALID. Return: 0 or as said.
 */
int name_init_below(struct name *name, const struct name *base, struct bytes rdn);

/** name_deinit() - frees what it owns; a NAME_NULL may be passed */
void name_deinit(struct name *name);

/**
 * name_compare() - total order, for sorting and bisection; 0: the same name by RFC 5280 7.1;
 * Return: <0, 0, >0
 */
int name_compare(const struct name *a, const struct name *b);

static inline bool name_equal(const struct name *a, const struct name *b)
{
        return name_compare(a, b) == 0;
}

static inline bool name_is_empty(const struct name *name)
{
        return name->n_attributes == 0;
}

/**
 * name_next() - walk the attributes in the order of the certificate
 * @at: 0 to begin with
 *
 * Attributes of one multi-valued RDN come in the order of their encoding.
 *
 * Return: true with the next attribute in @out, false at the end.
 */
bool name_next(const struct name *name, size_t *at, struct name_part *out);

/**
 * name_text() - "CN=Plant CA,O=Factory", the last RDN first as RFC 4514 has it
 *
 * For people and logs, never to be compared. Valid UTF-8 of at most NAME_TEXT_MAX bytes, cut with
 * "..." if longer; control characters, ',' '+' '"' '\' '<' '>' ';' and bytes that are no text are
 * escaped with '\'. An empty name is "".
 *
 * Return: 0 and @out, which the caller frees, or -ENOMEM.
 */
int name_text(const struct name *name, char **out);

#define NAME_TEXT_MAX 1024
