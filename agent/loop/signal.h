/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Signal - a signal of the process as a callback in the loop, where everything is allowed.
 */

#include "proto/compiler.h"

struct loop;
struct loop_signal;

typedef void (*loop_signal_fn)(struct loop_signal *handle, int number, void *userdata);

/** loop_signal_new() - catch signal @number from now on; Return: 0, or a negative errno */
int loop_signal_new(struct loop *loop, int number, loop_signal_fn fn, void *userdata,
                    struct loop_signal **out);

/** loop_signal_free() - takes NULL; Return: NULL */
struct loop_signal *loop_signal_free(struct loop_signal *handle);
DEFINE_CLEANUP(struct loop_signal *, loop_signal_free)
