/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Clock - the two clocks of the agent. Called from service, loop and above only: pki, trust, engine and store
 * are told the time as a number.
 */

#include <stdint.h>

/** clock_realtime_s() - seconds since 1970-01-01T00:00:00Z by the host's clock, which may step */
int64_t clock_realtime_s(void);

/** clock_realtime_ns() - the same in nanoseconds, to compare with the stamps of files */
int64_t clock_realtime_ns(void);

/** clock_monotonic_ns() - nanoseconds since some moment in the past; never steps */
int64_t clock_monotonic_ns(void);
