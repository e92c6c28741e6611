/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Mutate - what libFuzzer shall do to DER: every other time one element is dropped, doubled, put in the place of
 * another, or changed in its length; else what it does to all bytes.
 */

#include "fuzz/fuzz.h"
#include "fuzz/tlv.h"
#include "harness/mint.h"
#include "harness/must.h"

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t n, size_t n_max, unsigned int seed);

/* Of libFuzzer. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t n, size_t n_max);

static uint32_t next_random(uint32_t *state)
{
        *state = *state * 1664525u + 1013904223u;
        return *state >> 8;
}

/* What shall stand in the place of an element; free() its data. */
static struct mint_der make_other(struct bytes der, struct tlv old, uint32_t *random)
{
        struct tlv other = tlv_find(der, next_random(random) % tlv_count(der));
        struct mint_der made = { must_calloc(1, 2 * old.n + other.n + 64), 0 };

        switch (next_random(random) % 4) {
        case 0:
                break;
        case 1:
                memcpy(made.data, der.data + old.at, old.n);
                memcpy(made.data + old.n, der.data + old.at, old.n);
                made.n = 2 * old.n;
                break;
        case 2:
                memcpy(made.data, der.data + other.at, other.n);
                made.n = other.n;
                break;
        case 3:
                memcpy(made.data, der.data + old.at, old.n);
                made.n = LLVMFuzzerMutate(made.data, old.n, old.n + 64);
                break;
        }
        return made;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t n, size_t n_max, unsigned int seed)
{
        struct bytes der = { data, n };
        size_t n_elements = tlv_count(der), which;
        struct mint_der other, made;
        uint32_t random = seed;

        if (!n_elements || next_random(&random) % 2)
                return LLVMFuzzerMutate(data, n, n_max);

        which = next_random(&random) % n_elements;
        other = make_other(der, tlv_find(der, which), &random);
        made = tlv_replace(der, which, (struct bytes){ other.data, other.n });
        if (made.n <= n_max) {
                memcpy(data, made.data, made.n);
                n = made.n;
        }
        mint_der_deinit(&other);
        mint_der_deinit(&made);
        return n;
}
