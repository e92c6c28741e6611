/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Hex - bytes as lower-case digits.
 */

#include <stddef.h>
#include <stdint.h>

/** hex_encode() - @out has room for 2 * @n + 1 characters; ends with NUL */
void hex_encode(const uint8_t *data, size_t n, char *out);

/**
 * hex_decode() - digits of either case, two a byte and nothing between them
 * @n_text: even
 * @out: room for @n_text / 2 bytes; its content is undefined on failure
 *
 * Return: 0, or -1: no such text.
 */
int hex_decode(const char *text, size_t n_text, uint8_t *out);
