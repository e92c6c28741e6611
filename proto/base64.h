/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Base64 - RFC 4648 section 4, strict: the standard alphabet, padded, nothing between, and unused bits zero, so
 * that every sequence of bytes has exactly one text.
 */

#include <stddef.h>
#include <stdint.h>

struct buf;

/** base64_encode() - append the text of @data to @out; see buf_error() */
void base64_encode(const uint8_t *data, size_t n, struct buf *out);

/** base64_decoded_bytes() - room that base64_decode() needs at most for @n_text characters */
size_t base64_decoded_bytes(size_t n_text);

/**
 * base64_decode()
 * @out: room for base64_decoded_bytes(@n_text); its content is undefined on failure
 * @n_out: how many bytes they were; written on success only
 *
 * Return: 0, or -1: not such a text.
 */
int base64_decode(const char *text, size_t n_text, uint8_t *out, size_t *n_out);
