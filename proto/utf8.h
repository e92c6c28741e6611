/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * UTF-8 - RFC 3629: no over-long forms, no surrogates, nothing above U+10FFFF.
 */

#include <stdbool.h>
#include <stddef.h>

/** utf8_is_valid() - are these @n bytes UTF-8? NUL counts as any other character */
bool utf8_is_valid(const char *text, size_t n);

/** utf8_length() - Return: bytes of the first character of @n bytes, 1 to 4; 0 if none is there, or no valid one */
size_t utf8_length(const char *text, size_t n);
