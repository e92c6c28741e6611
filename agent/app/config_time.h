/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Config time - short times of the configuration: "1500ms", "2s", or "2", which is seconds.
 */

#include <stdbool.h>
#include <stdint.h>

#define CONFIG_TIME_MAX_MS INT64_C(60000)

/**
 * config_time_read() - read one
 * @min_ms, @max_ms: what it may be; at most CONFIG_TIME_MAX_MS
 * @out_ms: untouched on failure
 *
 * Return: false if it is none, or not between these.
 */
bool config_time_read(const char *text, int64_t min_ms, int64_t max_ms, int64_t *out_ms);
