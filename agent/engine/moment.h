/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Moment - the time as the engine knows it, and the only place where times are compared. Every
 * comparison folds the bound that it looked at into the end of the verdict's validity, so that no
 * verdict can outlive a date that it rests on, also one of a candidate that was passed over.
 */

#include <stdbool.h>
#include <stdint.h>

/* "2026-11-01T00:00:00Z", or the number of seconds where the calendar ends; NUL included. */
#define MOMENT_TEXT_MAX 32

struct moment {
        int64_t now_s;         /* beginnings are compared with it */
        int64_t at_least_s;    /* ends are compared with the later of it and now_s */
        int64_t skew_s;        /* so much earlier things begin, and so much later they end */
        int64_t valid_until_s; /* first second at which a comparison may come out differently */
};

/** moment_init() - nothing looked at yet: valid_until_s is INT64_MAX */
void moment_init(struct moment *moment, int64_t now_s, int64_t at_least_s, int64_t skew_s);

/** moment_has_begun() - is @first_s, inclusive, reached, but for the skew? */
bool moment_has_begun(struct moment *moment, int64_t first_s);

/** moment_has_ended() - is @last_s, inclusive, over, and the skew too? INT64_MAX never ends */
bool moment_has_ended(struct moment *moment, int64_t last_s);

/** moment_add() - @time_s and @period_s, where INT64_MAX stays what it is; no overflow */
int64_t moment_add(int64_t time_s, int64_t period_s);

/** moment_text() - for people, UTC; Return: @out */
const char *moment_text(int64_t time_s, char out[MOMENT_TEXT_MAX]);
