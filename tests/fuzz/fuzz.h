/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Fuzz - what a fuzzer is: two functions that libFuzzer calls, and whose names are therefore its.
 *
 * A fuzzer TARGET.c is built twice: in the preset fuzz with libFuzzer, which invents inputs; everywhere else with
 * replay.c, whose main() gives it files. An input may be anything at all; what must never come of it, besides what the
 * sanitizers see, the fuzzer asserts with must().
 *
 * Input is taken from the front like words from a sentence. Where it ends, zeroes follow, so that a cut input is an
 * input, too.
 */

#include "pki/bytes.h"

#include <stddef.h>
#include <stdint.h>

/** LLVMFuzzerInitialize() - once, before the first input; Return: 0 */
int LLVMFuzzerInitialize(int *argc, char ***argv);

/** LLVMFuzzerTestOneInput() - @data: allocated with exactly @n bytes; Return: 0 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/** fuzz_take() - the next @n bytes, or fewer: what is left */
static inline struct bytes fuzz_take(struct bytes *input, size_t n)
{
        struct bytes taken = { input->data, n < input->n ? n : input->n };

        if (taken.n) {
                input->data += taken.n;
                input->n -= taken.n;
        }
        return taken;
}

/** fuzz_take_number() - the next @n bytes, up to 8, as a number, the first the highest */
static inline uint64_t fuzz_take_number(struct bytes *input, size_t n)
{
        uint64_t number = 0;

        for (size_t i = 0; i < n; i++) {
                struct bytes byte = fuzz_take(input, 1);

                number = number << 8 | (byte.n ? byte.data[0] : 0);
        }
        return number;
}

/** fuzz_take_byte() - the next byte */
static inline uint8_t fuzz_take_byte(struct bytes *input)
{
        return (uint8_t)fuzz_take_number(input, 1);
}

/** fuzz_text() - what fuzz_take() gives, as a string; free() it. It may hold NULs */
char *fuzz_text(struct bytes bytes);
