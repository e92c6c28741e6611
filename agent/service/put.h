/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Put - fills the fields of a message one after another: the first failure sticks in *r (0 or
 * -ENOMEM), and nothing is written after it. What is written belongs to the message.
 */

#include <stddef.h>
#include <stdint.h>

struct name;

void put_text(char **out, const char *text, int *r);

/** put_hex() - two digits a byte */
void put_hex(char **out, const uint8_t *data, size_t n, int *r);

/** put_name() - as people write it */
void put_name(char **out, const struct name *name, int *r);

/** put_array() - @n empty items; @out: where the pointer to them goes; stays NULL if there are none */
void put_array(void *out, size_t n, size_t item_bytes, int *r);
