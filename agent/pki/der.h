/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Der - a cursor over DER.
 *
 * The cursor is a struct bytes that shrinks from the front as it is read. Every function gives true
 * and moves it, or false: then what is being read is malformed, and cursor and results are of no
 * further use. Lengths are definite and minimal and never reach beyond the cursor; tags are of one
 * byte. There is no recursion and no allocation: what is read lies in the bytes given.
 *
 * Spec: X.690 8.1, 10, 11.
 */

#include "pki/bytes.h"

#include <stdbool.h>
#include <stdint.h>

enum der_tag {
        DER_BOOLEAN = 0x01,
        DER_INTEGER = 0x02,
        DER_BIT_STRING = 0x03,
        DER_OCTET_STRING = 0x04,
        DER_NULL = 0x05,
        DER_OID = 0x06,
        DER_ENUMERATED = 0x0a,
        DER_UTF8_STRING = 0x0c,
        DER_PRINTABLE_STRING = 0x13,
        DER_T61_STRING = 0x14,
        DER_IA5_STRING = 0x16,
        DER_UTC_TIME = 0x17,
        DER_GENERALIZED_TIME = 0x18,
        DER_VISIBLE_STRING = 0x1a,
        DER_UNIVERSAL_STRING = 0x1c,
        DER_BMP_STRING = 0x1e,
        DER_SEQUENCE = 0x30,
        DER_SET = 0x31,
};

/* Context-specific tags: [n] primitive, and [n] constructed. */
#define DER_CONTEXT(n)             (0x80 | (n))
#define DER_CONTEXT_CONSTRUCTED(n) (0xa0 | (n))

/** der_next() - the next element, whatever it is */
bool der_next(struct bytes *cursor, uint8_t *out_tag, struct bytes *out_content);

/** der_is() - does an element of that tag come next? */
static inline bool der_is(struct bytes cursor, uint8_t tag)
{
        return cursor.n && cursor.data[0] == tag;
}

/** der_read() - the content of the next element, which must have that tag */
bool der_read(struct bytes *cursor, uint8_t tag, struct bytes *out_content);

/** der_read_element() - the same with its tag and length: the element as it stands */
bool der_read_element(struct bytes *cursor, uint8_t tag, struct bytes *out_element);

/** der_read_optional() - as der_read(); another tag, or the end, is an empty content and true */
bool der_read_optional(struct bytes *cursor, uint8_t tag, struct bytes *out_content);

/** der_read_only() - as der_read(), and nothing may follow */
bool der_read_only(struct bytes whole, uint8_t tag, struct bytes *out_content);

/**
 * der_read_integer() - the content of an INTEGER, one byte or more and minimal; sign not looked at
 */
bool der_read_integer(struct bytes *cursor, struct bytes *out_content);

/** der_is_integer() - the same asked of a content, for implicit tags */
bool der_is_integer(struct bytes content);

/**
 * der_integer_small() - a content as a number of 0 to INT_MAX, larger ones as INT_MAX; false if
 * negative
 */
bool der_integer_small(struct bytes content, int *out);

/** der_read_boolean() - 0x00 or 0xff */
bool der_read_boolean(struct bytes *cursor, bool *out);

/** der_read_bits() - a BIT STRING; unused bits (0 to 7) are zero */
bool der_read_bits(struct bytes *cursor, struct bytes *out_octets, unsigned int *out_unused);

/** der_bits() - the same asked of a content, for implicit tags */
bool der_bits(struct bytes content, struct bytes *out_octets, unsigned int *out_unused);

/**
 * der_named_bits() - a content of a BIT STRING as a set, bit n as 1 << n
 * @n_bits: how many names there are; a bit beyond them is refused
 * @out_is_minimal: false if zero bits stand at the end, which DER forbids
 */
bool der_named_bits(struct bytes content, unsigned int n_bits, unsigned int *out,
                    bool *out_is_minimal);

/**
 * der_read_time() - UTCTime or GeneralizedTime in the forms of RFC 5280 4.1.2.5: in Zulu, with
 * seconds, no fractions
 * @out_is_generalized: may be NULL
 */
bool der_read_time(struct bytes *cursor, int64_t *out_s, bool *out_is_generalized);
