/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/footprint.h"

#include "pki/bytes.h"
#include "trust/sort.h"

#include <string.h>

#define N_BITS   (FOOTPRINT_WORDS * 64)
#define N_HASHES 3 /* bits of each thing, by the highest bytes of its hash */

#define SHA256_BYTES 32

/*
 * All bytes of a key tell on the highest of sort_hash(), but not on the lowest. Most keys are digests:
 * their words are folded at once.
 */
static uint64_t hash_of(struct bytes key)
{
        uint64_t words[SHA256_BYTES / 8], folded;

        if (key.n != SHA256_BYTES)
                return sort_hash(key.data, key.n);

        memcpy(words, key.data, sizeof(words));
        folded = words[0] ^ words[1] ^ words[2] ^ words[3];
        return sort_hash((const uint8_t *)&folded, sizeof(folded));
}

void footprint_note(struct footprint *footprint, struct bytes key)
{
        uint64_t hash = hash_of(key);

        for (int i = 0; i < N_HASHES; i++) {
                unsigned int bit = hash >> (56 - 8 * i) & (N_BITS - 1);

                footprint->words[bit / 64] |= UINT64_C(1) << bit % 64;
        }
}

struct footprint footprint_of(struct bytes key)
{
        struct footprint footprint = { { 0 } };

        footprint_note(&footprint, key);
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
