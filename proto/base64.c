/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/base64.h"

#include "proto/buf.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Of each character its value plus one; 0: not in the alphabet. */
static const uint8_t values[256] = {
        ['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,  ['G'] = 7,
        ['H'] = 8,  ['I'] = 9,  ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14,
        ['O'] = 15, ['P'] = 16, ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21,
        ['V'] = 22, ['W'] = 23, ['X'] = 24, ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28,
        ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32, ['g'] = 33, ['h'] = 34, ['i'] = 35,
        ['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40, ['o'] = 41, ['p'] = 42,
        ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48, ['w'] = 49,
        ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56,
        ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['+'] = 63,
        ['/'] = 64,
};

void base64_encode(const uint8_t *data, size_t n, struct buf *out)
{
        size_t n_groups = n / 3 + (n % 3 != 0);
        uint8_t *to = buf_extend(out, n_groups * 4);

        if (!to)
                return;

        for (size_t i = 0; i < n; i += 3, to += 4) {
                size_t left = n - i;
                uint32_t bits = (uint32_t)data[i] << 16 |
                                (left > 1 ? (uint32_t)data[i + 1] << 8 : 0) |
                                (left > 2 ? data[i + 2] : 0);

                to[0] = (uint8_t)alphabet[bits >> 18];
                to[1] = (uint8_t)alphabet[bits >> 12 & 63];
                to[2] = left > 1 ? (uint8_t)alphabet[bits >> 6 & 63] : '=';
                to[3] = left > 2 ? (uint8_t)alphabet[bits & 63] : '=';
        }
}

size_t base64_decoded_bytes(size_t n_text)
{
        return n_text / 4 * 3;
}

/* Four characters to three bytes; Return: 0, or -1: one of them is not in the alphabet. */
static int decode_group(const char *text, uint8_t *out)
{
        uint32_t a = values[(uint8_t)text[0]], b = values[(uint8_t)text[1]];
        uint32_t c = values[(uint8_t)text[2]], d = values[(uint8_t)text[3]];
        uint32_t bits;

        if (!a || !b || !c || !d)
                return -1;

        bits = (a - 1) << 18 | (b - 1) << 12 | (c - 1) << 6 | (d - 1);
        out[0] = (uint8_t)(bits >> 16);
        out[1] = (uint8_t)(bits >> 8);
        out[2] = (uint8_t)bits;
        return 0;
}

/* The last group, padded or not, to one, two or three bytes. */
static int decode_last(const char *text, uint8_t *out, size_t *n_out)
{
        size_t n_padding = text[3] != '=' ? 0 : text[2] != '=' ? 1 : 2;
        char group[4] = { text[0], text[1], n_padding > 1 ? 'A' : text[2],
                          n_padding ? 'A' : text[3] };
        uint8_t bytes[3];

        if (decode_group(group, bytes))
                return -1;
        if ((n_padding > 1 && bytes[1]) || (n_padding && bytes[2]))
                return -1;

        *n_out = 3 - n_padding;
        for (size_t i = 0; i < *n_out; i++)
                out[i] = bytes[i];
        return 0;
}

int base64_decode(const char *text, size_t n_text, uint8_t *out, size_t *n_out)
{
        size_t n_last = 0;
        size_t n = 0;

        if (n_text % 4)
                return -1;

        for (; n_text - n > 4; n += 4, out += 3)
                if (decode_group(text + n, out))
                        return -1;

        if (n_text && decode_last(text + n, out, &n_last))
                return -1;

        *n_out = n / 4 * 3 + n_last;
        return 0;
}
