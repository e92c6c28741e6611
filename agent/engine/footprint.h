/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Footprint - what a judgement has looked up in its snapshot: names, SHA-256, key ids. A change that
 * touches none of them leaves it as it is. A Bloom filter: it forgets nothing, and of a hundred
 * things that were not looked up it says of one that it was.
 */

#include <stdbool.h>
#include <stdint.h>

struct bytes;

#define FOOTPRINT_WORDS 4

struct footprint {
        uint64_t words[FOOTPRINT_WORDS];
};

/** footprint_of() - of one thing that is looked up */
struct footprint footprint_of(struct bytes key);

/** footprint_everything() - of who may have looked at anything */
struct footprint footprint_everything(void);

/** footprint_note() - add one thing that is looked up */
void footprint_note(struct footprint *footprint, struct bytes key);

void footprint_add(struct footprint *footprint, const struct footprint *more);

/** footprint_has() - may all of @part be in it? */
bool footprint_has(const struct footprint *footprint, const struct footprint *part);
