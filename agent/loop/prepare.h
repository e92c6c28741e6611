/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Prepare - calls before every poll, for libraries whose descriptor, events and timeout must be
 * asked anew each time, and for replies that are gathered over one round. Timers and selections
 * made there count for this poll.
 */

#include "proto/compiler.h"

struct loop;
struct loop_prepare;

typedef void (*loop_prepare_fn)(struct loop_prepare *handle, void *userdata);

/** loop_prepare_new() - call @fn before every poll from now on; Return: 0 or -ENOMEM */
int loop_prepare_new(struct loop *loop, loop_prepare_fn fn, void *userdata,
                     struct loop_prepare **out);

/** loop_prepare_free() - takes NULL; Return: NULL */
struct loop_prepare *loop_prepare_free(struct loop_prepare *handle);
DEFINE_CLEANUP(struct loop_prepare *, loop_prepare_free)
