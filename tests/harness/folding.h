/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Folding - all directories seem to lie on FAT, where a file is called by many names. For that its
 * fstatfs() takes the place of the C library's, and but for the kind says what the kernel says.
 */

#include <stdbool.h>

/** folding_pretend() - from now on, or no more */
void folding_pretend(bool is_fat);
