/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Value - messages made of an input, and compared.
 */

#include "pki/bytes.h"

struct buf;
struct schema;

/** value_schemas() - every message there is, calls and replies; Return: @out_n of them, static */
const struct schema *const *value_schemas(size_t *out_n);

/** value_fill() - make a value as the input says; schema_deinit() it */
void value_fill(const struct schema *schema, void *value, struct bytes *input);

/** value_new() - room for a value of @schema, empty; schema_deinit() it, then free() it */
void *value_new(const struct schema *schema);

/** value_free() - schema_deinit() and free() */
void value_free(const struct schema *schema, void *value);

/** value_assert_equal() - stop if two values differ; @what: for people */
void value_assert_equal(const struct schema *schema, const void *a, const void *b,
                        const char *what);
