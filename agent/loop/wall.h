/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Wall - the host's clock as events: a moment was reached, or somebody set the clock. A timerfd
 * with TFD_TIMER_CANCEL_ON_SET, since libuv's timers see neither steps of the clock nor suspend.
 */

#include "proto/compiler.h"

#include <stdbool.h>
#include <stdint.h>

#define WALL_NEVER INT64_MAX

struct loop;
struct loop_wall;

/**
 * loop_wall_fn - @is_step: the clock was set (or the host woke from suspend), and the moment may or
 * may not have been reached; otherwise the moment was reached. Either way nothing but steps is told
 * of until the next loop_wall_set().
 */
typedef void (*loop_wall_fn)(struct loop_wall *wall, bool is_step, void *userdata);

/** loop_wall_new() - tell of steps from now on; Return: 0, or a negative errno */
int loop_wall_new(struct loop *loop, loop_wall_fn fn, void *userdata, struct loop_wall **out);

/** loop_wall_free() - takes NULL; Return: NULL */
struct loop_wall *loop_wall_free(struct loop_wall *wall);
DEFINE_CLEANUP(struct loop_wall *, loop_wall_free)

/**
 * loop_wall_set() - call when the clock reads @at_s or later
 * @at_s: seconds since 1970, in place of the moment set before; in the past: in the next round;
 * WALL_NEVER: none
 *
 * A step that was not yet told of is not lost by setting.
 *
 * Return: 0, or a negative errno
 */
int loop_wall_set(struct loop_wall *wall, int64_t at_s);
