/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/der.h"

#include <limits.h>

/* Content longer than 4 GiB is nothing that we hold. */
#define LENGTH_OCTETS_MAX 4

/* Reads what stands before the content; Return: how many bytes that are, 0 if it is malformed. */
static size_t read_header(struct bytes cursor, size_t *out_n_content)
{
        size_t n_octets, n = 0;

        if (cursor.n < 2 || (cursor.data[0] & 0x1f) == 0x1f)
                return 0;

        if (cursor.data[1] < 0x80) {
                *out_n_content = cursor.data[1];
                return 2;
        }

        n_octets = cursor.data[1] & 0x7f;
        if (!n_octets || n_octets > LENGTH_OCTETS_MAX || cursor.n < 2 + n_octets)
                return 0;

        for (size_t i = 0; i < n_octets; i++)
                n = n << 8 | cursor.data[2 + i];

        /* minimal: no leading zero, and no long form where the short one does */
        if (!cursor.data[2] || n < 0x80)
                return 0;

        *out_n_content = n;
        return 2 + n_octets;
}

static bool next(struct bytes *cursor, struct bytes *out_element, struct bytes *out_content)
{
        size_t n_header, n_content;

        n_header = read_header(*cursor, &n_content);
        if (!n_header || n_content > cursor->n - n_header)
                return false;

        *out_element = (struct bytes){ cursor->data, n_header + n_content };
        *out_content = (struct bytes){ cursor->data + n_header, n_content };
        cursor->data += n_header + n_content;
        cursor->n -= n_header + n_content;
        return true;
}

bool der_next(struct bytes *cursor, uint8_t *out_tag, struct bytes *out_content)
{
        struct bytes element;

        if (!next(cursor, &element, out_content))
                return false;

        *out_tag = element.data[0];
        return true;
}

bool der_read(struct bytes *cursor, uint8_t tag, struct bytes *out_content)
{
        struct bytes element;

        return der_is(*cursor, tag) && next(cursor, &element, out_content);
}

bool der_read_element(struct bytes *cursor, uint8_t tag, struct bytes *out_element)
{
        struct bytes content;

        return der_is(*cursor, tag) && next(cursor, out_element, &content);
}

bool der_read_optional(struct bytes *cursor, uint8_t tag, struct bytes *out_content)
{
        if (der_is(*cursor, tag))
                return der_read(cursor, tag, out_content);

        *out_content = (struct bytes){ NULL, 0 };
        return true;
}

bool der_read_only(struct bytes whole, uint8_t tag, struct bytes *out_content)
{
        return der_read(&whole, tag, out_content) && !whole.n;
}

bool der_is_integer(struct bytes content)
{
        if (content.n < 2)
                return content.n == 1;

        /* the first nine bits are neither all zero nor all one */
        return !(content.data[0] == 0x00 && content.data[1] < 0x80) &&
               !(content.data[0] == 0xff && content.data[1] >= 0x80);
}

bool der_read_integer(struct bytes *cursor, struct bytes *out_content)
{
        return der_read(cursor, DER_INTEGER, out_content) && der_is_integer(*out_content);
}

bool der_integer_small(struct bytes content, int *out)
{
        unsigned int value = 0;

        if (!der_is_integer(content) || content.data[0] >= 0x80)
                return false;

        for (size_t i = 0; i < content.n; i++) {
                if (value > (INT_MAX - 0xffu) >> 8) {
                        *out = INT_MAX;
                        return true;
                }

                value = value << 8 | content.data[i];
        }

        *out = (int)value;
        return true;
}

bool der_read_boolean(struct bytes *cursor, bool *out)
{
        struct bytes content;

        if (!der_read(cursor, DER_BOOLEAN, &content) || content.n != 1)
                return false;

        *out = content.data[0];
        return content.data[0] == 0x00 || content.data[0] == 0xff;
}

bool der_bits(struct bytes content, struct bytes *out_octets, unsigned int *out_unused)
{
        unsigned int unused;

        if (!content.n || content.data[0] > 7)
                return false;

        unused = content.data[0];
        if (unused && (content.n < 2 || content.data[content.n - 1] & ((1u << unused) - 1)))
                return false;

        *out_octets = (struct bytes){ content.data + 1, content.n - 1 };
        *out_unused = unused;
        return true;
}

bool der_read_bits(struct bytes *cursor, struct bytes *out_octets, unsigned int *out_unused)
{
        struct bytes content;

        return der_read(cursor, DER_BIT_STRING, &content) &&
               der_bits(content, out_octets, out_unused);
}

bool der_named_bits(struct bytes content, unsigned int n_bits, unsigned int *out,
                    bool *out_is_minimal)
{
        struct bytes octets;
        unsigned int unused, set = 0;
        size_t n;

        if (!der_bits(content, &octets, &unused))
                return false;

        n = octets.n * 8 - unused;
        for (size_t i = 0; i < n; i++) {
                if (!(octets.data[i / 8] >> (7 - i % 8) & 1))
                        continue;
                if (i >= n_bits)
                        return false;
                set |= 1u << i;
        }

        *out_is_minimal = !n || octets.data[(n - 1) / 8] >> (7 - (n - 1) % 8) & 1;
        *out = set;
        return true;
}

/* Two decimal digits of @low to @high, or -1. */
static int read_two(const uint8_t *text, int low, int high)
{
        int value;

        if (text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9')
                return -1;

        value = (text[0] - '0') * 10 + (text[1] - '0');
        return value < low || value > high ? -1 : value;
}

static int days_in_month(int year, int month)
{
        static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
        bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

        return days[month - 1] + (month == 2 && is_leap);
}

/*
 * Days from 1970-01-01 in the Gregorian calendar. Years are counted from March, so that the leap
 * day comes last, and from 400 years before 0, so that none is negative.
 */
static int64_t days_since_1970(int year, int month, int day)
{
        int64_t y = year - (month <= 2) + 400;
        int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

        return y * 365 + y / 4 - y / 100 + y / 400 + day_of_year - 719468 - 146097;
}

/* "MMDDHHMMSSZ" of a year */
static bool read_moment(int year, const uint8_t *text, int64_t *out_s)
{
        int month = read_two(text, 1, 12), day, hour, minute, second;

        if (month < 0)
                return false;

        day = read_two(text + 2, 1, days_in_month(year, month));
        hour = read_two(text + 4, 0, 23);
        minute = read_two(text + 6, 0, 59);
        second = read_two(text + 8, 0, 59);
        if (day < 0 || hour < 0 || minute < 0 || second < 0 || text[10] != 'Z')
                return false;

        *out_s = ((days_since_1970(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
        return true;
}

bool der_read_time(struct bytes *cursor, int64_t *out_s, bool *out_is_generalized)
{
        struct bytes text;
        int century, year;
        uint8_t tag;

        if (!der_next(cursor, &tag, &text))
                return false;

        if (tag == DER_UTC_TIME && text.n == 13) {
                year = read_two(text.data, 0, 99);
                if (year < 0)
                        return false;
                year += year < 50 ? 2000 : 1900;
        } else if (tag == DER_GENERALIZED_TIME && text.n == 15) {
                century = read_two(text.data, 0, 99);
                year = read_two(text.data + 2, 0, 99);
                if (century < 0 || year < 0)
                        return false;
                year += century * 100;
        } else {
                return false;
        }

        if (!read_moment(year, text.data + text.n - 11, out_s))
                return false;

        if (out_is_generalized)
                *out_is_generalized = tag == DER_GENERALIZED_TIME;
        return true;
}
