/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Files - whole files. Stops the program with a message if the machine fails it.
 */

#include <stddef.h>
#include <stdint.h>

/** files_read() - a whole file; free() it */
uint8_t *files_read(const char *path, size_t *out_n);

/** files_write() - write @name, "a/b/c", below @folder; directories on the way are made as needed */
void files_write(const char *folder, const char *name, const void *data, size_t n);
