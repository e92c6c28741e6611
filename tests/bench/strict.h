/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Strict - shows that something makes no system call.
 */

#include <stdbool.h>

/**
 * strict_must_hold() - in a child: make() what it needs, then look(), which has to be true
 * @make: NULL: nothing to be made
 *
 * Whatever look() asks of the kernel ends the child, and then this program with a message.
 */
void strict_must_hold(void *(*make)(void *userdata), bool (*look)(void *made), void *userdata);
