/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * When - moments as people read them.
 */

#include <stdint.h>

#define WHEN_TEXT_MAX 64

/** when_text() - seconds since 1970 as "2026-11-21T08:00:00Z"; Return: @out */
const char *when_text(int64_t time_s, char out[WHEN_TEXT_MAX]);

/**
 * when_span() - "40 days", "3 hours", "1 minute", "0 seconds": whole ones, rounded down; Return:
 * @out
 */
const char *when_span(int64_t seconds, char out[WHEN_TEXT_MAX]);
