/* SPDX-License-Identifier: Apache-2.0 */
#include "siphash.h"

#include <endian.h>
#include <string.h>

static inline uint64_t rotate(uint64_t x, unsigned int by)
{
        return x << by | x >> (64 - by);
}

static inline void mix(uint64_t v[4])
{
        v[0] += v[1];
        v[1] = rotate(v[1], 13) ^ v[0];
        v[0] = rotate(v[0], 32);
        v[2] += v[3];
        v[3] = rotate(v[3], 16) ^ v[2];
        v[0] += v[3];
        v[3] = rotate(v[3], 21) ^ v[0];
        v[2] += v[1];
        v[1] = rotate(v[1], 17) ^ v[2];
        v[2] = rotate(v[2], 32);
}

static inline void take(uint64_t v[4], uint64_t word)
{
        v[3] ^= word;
        mix(v);
        v[0] ^= word;
}

uint64_t siphash(const uint64_t secret[2], const void *data, size_t n)
{
        uint64_t v[4] = {
                secret[0] ^ UINT64_C(0x736f6d6570736575),
                secret[1] ^ UINT64_C(0x646f72616e646f6d),
                secret[0] ^ UINT64_C(0x6c7967656e657261),
                secret[1] ^ UINT64_C(0x7465646279746573),
        };
        const uint8_t *at = data;
        uint64_t word;

        for (size_t left = n; left >= sizeof(word); left -= sizeof(word)) {
                memcpy(&word, at, sizeof(word));
                take(v, le64toh(word));
                at += sizeof(word);
        }

        word = (uint64_t)n << 56;
        for (size_t i = 0; i < n % sizeof(word); i++)
                word |= (uint64_t)at[i] << 8 * i;
        take(v, word);

        v[2] ^= 0xff;
        mix(v);
        mix(v);
        mix(v);
        return v[0] ^ v[1] ^ v[2] ^ v[3];
}
