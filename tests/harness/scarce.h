/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Scarce - memory that runs out at the n-th allocation. To programs that link this the linker leads
 * the allocations of all our code; what a library allocates within itself does not count.
 */

#include <stdbool.h>

/** scarce_begin() - from now on so many succeed, and then none */
void scarce_begin(long n);

/** scarce_end() - all succeed again; Return: has one failed? */
bool scarce_end(void);
