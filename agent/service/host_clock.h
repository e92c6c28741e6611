/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Host clock - what time it is, and what is known of it whatever the clock says: it is not earlier
 * than the agent was built, nor than the newest CRL that was ever accepted was made. A clock that
 * stands before that is not plausible.
 */

#include <stdbool.h>
#include <stdint.h>

struct host_clock {
        int64_t (*now_s)(void);
        int64_t at_least_s;
};

/** host_clock_later_s() - the later of what the clock says and what is known */
int64_t host_clock_later_s(const struct host_clock *clock);

/** host_clock_is_plausible() - is it no earlier than what is known? */
bool host_clock_is_plausible(const struct host_clock *clock);

/** host_clock_learn() - from now on it is @at_least_s or later; nothing if more is known */
void host_clock_learn(struct host_clock *clock, int64_t at_least_s);
