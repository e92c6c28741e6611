/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/footprint.h"

#include "pki/bytes.h"
#include "trust/sort.h"

#include <string.h>

#define N_BITS   (FOOTPRINT_WORDS * 64)
#define N_HASHES 3 /* bits of each thing, by 8 bits of its hash each */

struct footprint footprint_of(struct bytes key)
{
        struct footprint footprint = { { 0 } };
        uint64_t hash = sort_hash(key.data, key.n);

        for (int i = 0; i < N_HASHES; i++) {
                unsigned int bit = hash >> (8 * i) & (N_BITS - 1);

                footprint.words[bit / 64] |= UINT64_C(1) << bit % 64;
        }
        return footprint;
}

struct footprint footprint_everything(void)
{
        struct footprint footprint;

        memset(footprint.words, 0xff, sizeof(footprint.words));
        return footprint;
}

void footprint_add(struct footprint *footprint, const struct footprint *more)
{
        for (int i = 0; i < FOOTPRINT_WORDS; i++)
                footprint->words[i] |= more->words[i];
}

bool footprint_has(const struct footprint *footprint, const struct footprint *part)
{
        for (int i = 0; i < FOOTPRINT_WORDS; i++)
                if (part->words[i] & ~footprint->words[i])
                        return false;
        return true;
}
