/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/name.h"

#include "base/vec.h"
#include "pki/der.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/*
 * The canonical form, which only this file reads: for each RDN one element; in it its attributes,
 * sorted, each an element of the type (an OID as in DER) and the value's element; a value of a
 * string type as UTF8String, folded. An element is a tag, a length of two bytes, the content: so a
 * length can be filled in after its content.
 */
#define CANON_HEADER 3

/*
 * An attribute of 6 bytes in DER grows by two headers, an RDN of 2 by one, a text of BMP or Latin 1
 * to twice its length.
 */
#define CANON_MAX(n_der) ((n_der)*4)

static const struct attribute_row {
        struct bytes oid;
        const char *text;
        enum name_attribute attribute;
        size_t n_chars_max; /* RFC 5280 A.1; 0: no bound */
} attribute_rows[] = {
        { BYTES("\x55\x04\x03"), "CN", NAME_ATTRIBUTE_COMMON_NAME, 64 },
        { BYTES("\x55\x04\x0a"), "O", NAME_ATTRIBUTE_ORGANIZATION, 64 },
        { BYTES("\x55\x04\x0b"), "OU", NAME_ATTRIBUTE_OTHER, 64 },
        { BYTES("\x55\x04\x06"), "C", NAME_ATTRIBUTE_OTHER, 2 },
        { BYTES("\x55\x04\x07"), "L", NAME_ATTRIBUTE_OTHER, 128 },
        { BYTES("\x55\x04\x08"), "ST", NAME_ATTRIBUTE_OTHER, 128 },
        { BYTES("\x55\x04\x09"), "STREET", NAME_ATTRIBUTE_OTHER, 0 },
        { BYTES("\x55\x04\x05"), "serialNumber", NAME_ATTRIBUTE_OTHER, 64 },
        { BYTES("\x55\x04\x04"), "SN", NAME_ATTRIBUTE_OTHER, 0 },
        { BYTES("\x55\x04\x2a"), "GN", NAME_ATTRIBUTE_OTHER, 0 },
        { BYTES("\x55\x04\x0c"), "title", NAME_ATTRIBUTE_OTHER, 64 },
        { BYTES("\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x19"), "DC", NAME_ATTRIBUTE_DOMAIN_COMPONENT,
          0 },
        { BYTES("\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x01"), "UID", NAME_ATTRIBUTE_OTHER, 0 },
        { BYTES("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01"), "emailAddress",
          NAME_ATTRIBUTE_EMAIL_ADDRESS, 255 },
};

static const struct attribute_row *find_attribute(struct bytes oid)
{
        for (size_t i = 0; i < ARRAY_SIZE(attribute_rows); i++)
                if (bytes_equal(attribute_rows[i].oid, oid))
                        return &attribute_rows[i];

        return NULL;
}

/* --- texts --- */

/* Bytes of one character in a string type; 0: UTF-8; -1: no string type. */
static int char_bytes(uint8_t tag)
{
        switch (tag) {
        case DER_UTF8_STRING:
                return 0;
        case DER_PRINTABLE_STRING:
        case DER_T61_STRING: /* as Latin 1: what everybody does */
        case DER_IA5_STRING:
        case DER_VISIBLE_STRING:
                return 1;
        case DER_BMP_STRING:
                return 2;
        case DER_UNIVERSAL_STRING:
                return 4;
        }

        return -1;
}

static int utf8_bytes(uint8_t first)
{
        if (first < 0x80)
                return 1;
        if (first >= 0xc2 && first < 0xe0)
                return 2;
        if (first >= 0xe0 && first < 0xf0)
                return 3;
        return first >= 0xf0 && first < 0xf5 ? 4 : 0;
}

/* Takes one character off a text that is not empty; false if it is malformed. */
static bool next_char(struct bytes *text, uint8_t tag, uint32_t *out)
{
        static const uint32_t lowest[] = { 0, 0, 0x80, 0x800, 0x10000 };
        size_t n = (size_t)char_bytes(tag);
        bool is_utf8 = !n;
        uint32_t c;

        if (is_utf8)
                n = (size_t)utf8_bytes(text->data[0]);
        if (!n || n > text->n)
                return false;

        c = is_utf8 && n > 1 ? text->data[0] & (0xffu >> (n + 1)) : text->data[0];
        for (size_t i = 1; i < n; i++) {
                if (is_utf8 && (text->data[i] & 0xc0) != 0x80)
                        return false;
                c = is_utf8 ? c << 6 | (text->data[i] & 0x3f) : c << 8 | text->data[i];
        }

        if (is_utf8 && c < lowest[n])
                return false;
        if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
                return false;

        text->data += n;
        text->n -= n;
        *out = c;
        return true;
}

/* Room for four bytes; Return: how many were written. */
static size_t put_utf8(uint8_t *at, uint32_t c)
{
        size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

        if (n == 1) {
                at[0] = (uint8_t)c;
                return 1;
        }

        for (size_t i = n - 1; i > 0; i--, c >>= 6)
                at[i] = 0x80 | (c & 0x3f);
        at[0] = (uint8_t)(0xf00u >> n | c);
        return n;
}

static bool is_printable_string(uint32_t c)
{
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               (c && c < 0x80 && strchr(" '()+,-./:=?", (int)c));
}

/* A string type that RFC 5280 4.1.2.4 wants no more, or a character that the type does not have? */
static bool is_odd_char(uint8_t tag, uint32_t c)
{
        switch (tag) {
        case DER_UTF8_STRING:
                return false;
        case DER_PRINTABLE_STRING:
                return !is_printable_string(c);
        case DER_IA5_STRING:
        case DER_VISIBLE_STRING:
                return c >= 0x80;
        }

        return true;
}

static bool is_blank(uint32_t c)
{
        return c == ' ' || (c >= '\t' && c <= '\r');
}

/*
 * Writes a text folded: trimmed, runs of blanks one blank, ASCII in lower case; false if it is
 * malformed.
 */
static bool put_folded(struct name *name, uint8_t **at, uint8_t tag, struct bytes text,
                       size_t *out_n_chars)
{
        bool is_gap = false, is_begun = false;
        size_t n = 0;
        uint32_t c;

        for (; text.n; n++) {
                if (!next_char(&text, tag, &c))
                        return false;
                name->has_odd_text |= is_odd_char(tag, c);

                if (is_blank(c)) {
                        is_gap = is_begun;
                        continue;
                }

                if (is_gap)
                        *(*at)++ = ' ';
                is_gap = false;
                is_begun = true;
                *at += put_utf8(*at, c >= 'A' && c <= 'Z' ? c | 0x20 : c);
        }

        *out_n_chars = n;
        return true;
}

/* --- the canonical form --- */

static uint8_t *begin_element(uint8_t **at, uint8_t tag)
{
        uint8_t *element = *at;

        element[0] = tag;
        *at += CANON_HEADER;
        return element;
}

static void end_element(uint8_t *element, const uint8_t *at)
{
        size_t n = (size_t)(at - element) - CANON_HEADER;

        assert(n <= UINT16_MAX);
        element[1] = (uint8_t)(n >> 8);
        element[2] = (uint8_t)n;
}

/* Takes an element of the canonical form, which is always well-formed. */
static struct bytes next_element(struct bytes *canon, uint8_t *out_tag)
{
        size_t n = (size_t)canon->data[1] << 8 | canon->data[2];
        struct bytes content = { canon->data + CANON_HEADER, n };

        *out_tag = canon->data[0];
        canon->data += CANON_HEADER + n;
        canon->n -= CANON_HEADER + n;
        return content;
}

/* The parts of an AttributeTypeAndValue. */
static bool read_attribute(struct bytes *rdn, struct bytes *out_oid, uint8_t *out_tag,
                           struct bytes *out_value)
{
        struct bytes attribute;

        return der_read(rdn, DER_SEQUENCE, &attribute) && der_read(&attribute, DER_OID, out_oid) &&
               out_oid->n && der_next(&attribute, out_tag, out_value) && !attribute.n;
}

static bool put_attribute(struct name *name, uint8_t **at, struct bytes *rdn)
{
        uint8_t *element = begin_element(at, DER_SEQUENCE), *value_element, tag;
        const struct attribute_row *row;
        struct bytes oid, value;
        size_t n_chars = 0;

        if (!read_attribute(rdn, &oid, &tag, &value))
                return false;

        value_element = begin_element(at, DER_OID);
        memcpy(*at, oid.data, oid.n);
        *at += oid.n;
        end_element(value_element, *at);

        if (char_bytes(tag) >= 0) {
                value_element = begin_element(at, DER_UTF8_STRING);
                if (!put_folded(name, at, tag, value, &n_chars))
                        return false;
        } else {
                value_element = begin_element(at, tag);
                memcpy(*at, value.data, value.n);
                *at += value.n;
        }

        end_element(value_element, *at);
        end_element(element, *at);

        row = find_attribute(oid);
        if (row && row->n_chars_max && n_chars > row->n_chars_max)
                name->has_long_attribute = true;
        name->n_attributes++;
        return true;
}

static int compare_bytes(const void *a, const void *b)
{
        return bytes_compare(*(const struct bytes *)a, *(const struct bytes *)b);
}

/* Sorts the attributes of a multi-valued RDN, which is a set. */
static int sort_attributes(uint8_t *first, size_t n_bytes)
{
        struct bytes rest = { first, n_bytes }, before;
        CLEANUP(freep) uint8_t *sorted = NULL;
        VEC(struct bytes) attributes = VEC_NULL;
        uint8_t *at, tag;
        int r = 0;

        while (rest.n && !r) {
                before = rest;
                next_element(&rest, &tag);
                before.n -= rest.n;
                r = VEC_PUSH(&attributes, before);
        }

        sorted = malloc(n_bytes);
        if (!sorted || r) {
                VEC_FREE(&attributes);
                return -ENOMEM;
        }

        qsort(attributes.items, attributes.n, sizeof(*attributes.items), compare_bytes);
        at = sorted;
        for (size_t i = 0; i < attributes.n; i++) {
                memcpy(at, attributes.items[i].data, attributes.items[i].n);
                at += attributes.items[i].n;
        }

        memcpy(first, sorted, n_bytes);
        VEC_FREE(&attributes);
        return 0;
}

static int put_rdn(struct name *name, uint8_t **at, struct bytes rdn)
{
        uint8_t *element = begin_element(at, DER_SET), *first = *at;
        size_t n_before = name->n_attributes;

        while (rdn.n)
                if (!put_attribute(name, at, &rdn))
                        return NAME_E_INVALID;

        if (name->n_attributes == n_before)
                return NAME_E_INVALID;

        end_element(element, *at);
        return name->n_attributes > n_before + 1 ? sort_attributes(first, (size_t)(*at - first))
                                                 : 0;
}

int name_init(struct name *name, struct bytes der)
{
        CLEANUP(freep) uint8_t *canon = NULL;
        struct name made = { .der = der };
        struct bytes rdns, rdn;
        uint8_t *at;
        int r;

        if (der.n > NAME_BYTES_MAX || !der_read_only(der, DER_SEQUENCE, &rdns))
                return NAME_E_INVALID;

        canon = malloc(CANON_MAX(der.n));
        if (!canon)
                return -ENOMEM;

        for (at = canon; rdns.n;) {
                if (!der_read(&rdns, DER_SET, &rdn))
                        return NAME_E_INVALID;

                r = put_rdn(&made, &at, rdn);
                if (r)
                        return r;
        }

        made.canon.n = (size_t)(at - canon);
        made.canon.data = realloc(canon, made.canon.n ? made.canon.n : 1);
        if (!made.canon.data)
                return -ENOMEM;

        canon = NULL;
        *name = made;
        return 0;
}

int name_init_below(struct name *name, const struct name *base, struct bytes rdn)
{
        struct name made = { .n_attributes = base->n_attributes };
        CLEANUP(freep) uint8_t *canon = NULL;
        uint8_t *at;
        int r;

        if (rdn.n > NAME_BYTES_MAX)
                return NAME_E_INVALID;

        canon = malloc(base->canon.n + CANON_MAX(rdn.n) + CANON_HEADER);
        if (!canon)
                return -ENOMEM;

        if (base->canon.n)
                memcpy(canon, base->canon.data, base->canon.n);
        at = canon + base->canon.n;
        r = put_rdn(&made, &at, rdn);
        if (r)
                return r;

        made.canon = (struct bytes){ canon, (size_t)(at - canon) };
        canon = NULL;
        *name = made;
        return 0;
}

void name_deinit(struct name *name)
{
        free((void *)name->canon.data);
        *name = (struct name)NAME_NULL;
}

int name_compare(const struct name *a, const struct name *b)
{
        return bytes_compare(a->canon, b->canon);
}

bool name_next(const struct name *name, size_t *at, struct name_part *out)
{
        struct bytes rest = { name->canon.data + *at, name->canon.n - *at }, attribute;
        const struct attribute_row *row;
        uint8_t tag;

        if (!rest.n)
                return false;

        /* An RDN's header is stepped over: the attributes follow each other through the name. */
        if (rest.data[0] == DER_SET) {
                rest.data += CANON_HEADER;
                rest.n -= CANON_HEADER;
        }

        attribute = next_element(&rest, &tag);
        row = find_attribute(next_element(&attribute, &tag));
        out->attribute = row ? row->attribute : NAME_ATTRIBUTE_OTHER;
        out->value = next_element(&attribute, &tag);
        *at = name->canon.n - rest.n;
        return true;
}

/* --- for people --- */

/* Text that is being written, cut at NAME_TEXT_MAX. */
struct text {
        char data[NAME_TEXT_MAX + 1];
        size_t n;
        bool is_cut;
};

/* Appends all of it or nothing, so that no character and no escape is cut in two. */
static void put(struct text *text, const char *data, size_t n)
{
        static const char dots[] = "...";

        if (text->is_cut)
                return;

        if (n > NAME_TEXT_MAX - (sizeof(dots) - 1) - text->n) {
                text->is_cut = true;
                data = dots;
                n = sizeof(dots) - 1;
        }

        memcpy(text->data + text->n, data, n);
        text->n += n;
}

static void put_hex(struct text *text, const char *prefix, struct bytes content)
{
        char hex[8];

        for (size_t i = 0; i < content.n && !text->is_cut; i++)
                put(text, hex,
                    (size_t)snprintf(hex, sizeof(hex), "%s%02X", prefix, content.data[i]));
}

/* C0, DEL, C1, line and paragraph separators, and what changes the direction of a text. */
static bool is_control(uint32_t c)
{
        return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x2028 && c <= 0x202e) ||
               (c >= 0x2066 && c <= 0x2069) || c == 0x200e || c == 0x200f || c == 0x061c;
}

static void put_char(struct text *text, uint32_t c, bool is_first, bool is_last)
{
        char bytes[5] = "\\";
        size_t n = put_utf8((uint8_t *)bytes + 1, c);
        bool is_special = (c && c < 0x80 && strchr(",+\"\\<>;", (int)c)) ||
                          (c == ' ' && (is_first || is_last)) || (c == '#' && is_first);

        if (is_control(c))
                put_hex(text, "\\", (struct bytes){ (uint8_t *)bytes + 1, n });
        else if (is_special)
                put(text, bytes, n + 1);
        else
                put(text, bytes + 1, n);
}

static void put_value(struct text *text, uint8_t tag, struct bytes value)
{
        bool is_first = true;
        uint32_t c;

        if (char_bytes(tag) < 0) {
                put(text, "#", 1);
                put_hex(text, "", value);
                return;
        }

        for (; value.n && !text->is_cut; is_first = false) {
                if (!next_char(&value, tag, &c))
                        return;
                put_char(text, c, is_first, !value.n);
        }
}

static void put_oid(struct text *text, struct bytes oid)
{
        char number[24];
        uint64_t value = 0;
        bool is_first = true;

        for (size_t i = 0; i < oid.n && !text->is_cut; i++) {
                value = (value & (UINT64_MAX >> 7)) << 7 | (oid.data[i] & 0x7f);
                if (oid.data[i] & 0x80)
                        continue;

                if (is_first) {
                        uint64_t root = value < 80 ? value / 40 : 2;

                        put(text, number,
                            (size_t)snprintf(number, sizeof(number), "%u", (unsigned int)root));
                        value -= root * 40;
                }

                put(text, number,
                    (size_t)snprintf(number, sizeof(number), ".%llu", (unsigned long long)value));
                is_first = false;
                value = 0;
        }
}

static void put_rdn_text(struct text *text, struct bytes rdn)
{
        const struct attribute_row *row;
        struct bytes oid, value;
        const char *plus = "";
        uint8_t tag;

        while (read_attribute(&rdn, &oid, &tag, &value) && !text->is_cut) {
                put(text, plus, strlen(plus));
                plus = "+";

                row = find_attribute(oid);
                if (row)
                        put(text, row->text, strlen(row->text));
                else
                        put_oid(text, oid);

                put(text, "=", 1);
                put_value(text, tag, value);
        }
}

int name_text(const struct name *name, char **out)
{
        VEC(struct bytes) rdns = VEC_NULL;
        struct text text = { .n = 0 };
        struct bytes rest, rdn;
        int r = 0;

        der_read_only(name->der, DER_SEQUENCE, &rest);
        while (!r && der_read(&rest, DER_SET, &rdn))
                r = VEC_PUSH(&rdns, rdn);

        for (size_t i = rdns.n; i > 0 && !text.is_cut; i--) {
                if (i < rdns.n)
                        put(&text, ",", 1);
                put_rdn_text(&text, rdns.items[i - 1]);
        }

        VEC_FREE(&rdns);
        if (r)
                return r;

        *out = strndup(text.data, text.n);
        return *out ? 0 : -ENOMEM;
}
