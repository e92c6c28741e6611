/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * JSON lex - what json-c takes although RFC 8259 forbids it: words such as NaN, numbers such as 012 or 1., strings
 * in single quotes or with raw control characters, objects with the same name twice. All of these show in the
 * tokens, or in their count; how tokens go together is left to json-c.
 */

#include <stddef.h>

/**
 * json_lex_check() - look at each token of a text
 * @max_values: more than so many values are too many: each costs its reader more memory than it has text
 * @n_members_out: how many members all its objects have together, if it is a JSON text at all. Fewer in the
 *                 parsed values mean that a name stood twice in an object
 *
 * Return: NULL, or what is wrong, a literal. NULL does not yet mean that it is JSON.
 */
const char *json_lex_check(const char *text, size_t n, size_t max_values, size_t *n_members_out);
