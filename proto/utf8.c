/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/utf8.h"

#include <stdint.h>
#include <string.h>

static bool is_trail(uint8_t byte)
{
        return (byte & 0xc0) == 0x80;
}

size_t utf8_length(const char *text, size_t n)
{
        const uint8_t *c = (const uint8_t *)text;

        if (n && c[0] < 0x80)
                return 1;
        if (n > 1 && c[0] >= 0xc2 && c[0] <= 0xdf && is_trail(c[1]))
                return 2;
        if (n > 2 && (c[0] & 0xf0) == 0xe0 && is_trail(c[1]) && is_trail(c[2])) {
                bool is_overlong = c[0] == 0xe0 && c[1] < 0xa0;
                bool is_surrogate = c[0] == 0xed && c[1] > 0x9f;

                return is_overlong || is_surrogate ? 0 : 3;
        }
        if (n > 3 && c[0] >= 0xf0 && c[0] <= 0xf4 && is_trail(c[1]) && is_trail(c[2]) &&
            is_trail(c[3])) {
                bool is_overlong = c[0] == 0xf0 && c[1] < 0x90;
                bool is_beyond = c[0] == 0xf4 && c[1] > 0x8f;

                return is_overlong || is_beyond ? 0 : 4;
        }
        return 0;
}

bool utf8_is_valid(const char *text, size_t n)
{
        size_t i = 0;

        while (i < n) {
                uint64_t eight;
                size_t length;

                if (n - i >= sizeof(eight)) {
                        memcpy(&eight, text + i, sizeof(eight));
                        if (!(eight & UINT64_C(0x8080808080808080))) {
                                i += sizeof(eight);
                                continue;
                        }
                }

                length = utf8_length(text + i, n - i);
                if (!length)
                        return false;
                i += length;
        }
        return true;
}
