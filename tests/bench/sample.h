/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Samples - durations, and what is said of them. Stops the program with a message if memory runs out.
 */

#include <stddef.h>
#include <stdint.h>

struct samples {
        uint64_t *ns;
        size_t n, n_room;
};

/** sample_now_ns() - CLOCK_MONOTONIC */
uint64_t sample_now_ns(void);

void samples_add(struct samples *samples, uint64_t ns);

/** samples_at() - the quantile @part, 0 to 1, in ns; 0 if there are none. Sorts the samples */
uint64_t samples_at(struct samples *samples, double part);

void samples_deinit(struct samples *samples);

/** sample_memory_kib() - a field of /proc/self/status, "VmRSS" or "VmHWM" */
long sample_memory_kib(const char *field);
