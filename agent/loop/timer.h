/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Timer - calls once, a span of time from now. Monotonic: it sees neither steps of the clock nor
 * suspend; what is bound to a date is loop/wall's.
 */

#include "proto/compiler.h"

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct loop_timer;

typedef void (*loop_timer_fn)(struct loop_timer *timer, void *userdata);

/** loop_timer_new() - a timer that is not started; Return: 0 or -ENOMEM */
int loop_timer_new(struct loop *loop, loop_timer_fn fn, void *userdata, struct loop_timer **out);

/** loop_timer_free() - takes NULL; Return: NULL */
struct loop_timer *loop_timer_free(struct loop_timer *timer);
DEFINE_CLEANUP(struct loop_timer *, loop_timer_free)

/**
 * loop_timer_start() - call once in @delay_ms, in place of what was set before; again from the
 * callback to repeat
 */
void loop_timer_start(struct loop_timer *timer, uint64_t delay_ms);

/** loop_timer_stop() - forget what was set, if anything */
void loop_timer_stop(struct loop_timer *timer);

/** loop_timer_is_started() - is a call still to come? */
bool loop_timer_is_started(const struct loop_timer *timer);
