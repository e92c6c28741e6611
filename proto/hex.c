/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/hex.h"

void hex_encode(const uint8_t *data, size_t n, char *out)
{
        static const char digits[] = "0123456789abcdef";

        for (size_t i = 0; i < n; i++) {
                *out++ = digits[data[i] >> 4];
                *out++ = digits[data[i] & 15];
        }
        *out = '\0';
}

static int digit_value(char c)
{
        if (c >= '0' && c <= '9')
                return c - '0';
        if (c >= 'a' && c <= 'f')
                return c - 'a' + 10;
        if (c >= 'A' && c <= 'F')
                return c - 'A' + 10;
        return -1;
}

int hex_decode(const char *text, size_t n_text, uint8_t *out)
{
        if (n_text % 2)
                return -1;

        for (size_t i = 0; i < n_text; i += 2) {
                int high = digit_value(text[i]);
                int low = digit_value(text[i + 1]);

                if (high < 0 || low < 0)
                        return -1;
                *out++ = (uint8_t)(high << 4 | low);
        }
        return 0;
}
