/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * JSON lex - what json-c takes although RFC 8259 forbids it: words such as NaN, numbers such as 012 or 1., strings
 * in single quotes or with raw control characters, a comma after the last value, objects with the same name twice. All
 * of these show in the tokens, or in their count; how else tokens go together is left to json-c. And what json-c loses
 * without a word where memory is short: runs of a string's text.
 */

#include <stddef.h>

/* What the values must hold that are parsed from a text. */
struct json_lex_count {
        size_t n_members;    /* of all objects together; fewer: a name stood twice in an object */
        size_t n_text_bytes; /* of all strings and names together, in UTF-8; fewer: memory was short */
};

/**
 * json_lex_check() - look at each token of a text
 * @text: UTF-8
 * @max_values: more than so many values are too many: each costs its reader more memory than it has text
 * @out: of the text, if it is JSON at all
 *
 * Return: NULL, or what is wrong, a literal. NULL does not yet mean that it is JSON.
 */
const char *json_lex_check(const char *text, size_t n, size_t max_values,
                           struct json_lex_count *out);
