/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/moment.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

void moment_init(struct moment *moment, int64_t now_s, int64_t at_least_s, int64_t skew_s)
{
        *moment = (struct moment){
                .now_s = now_s,
                .at_least_s = at_least_s > now_s ? at_least_s : now_s,
                .skew_s = skew_s,
                .valid_until_s = INT64_MAX,
        };
}

int64_t moment_add(int64_t time_s, int64_t period_s)
{
        int64_t sum;

        if (time_s == INT64_MAX)
                return INT64_MAX;
        if (__builtin_add_overflow(time_s, period_s, &sum))
                return period_s > 0 ? INT64_MAX : INT64_MIN;
        return sum;
}

static void fold(struct moment *moment, int64_t bound_s)
{
        if (bound_s < moment->valid_until_s)
                moment->valid_until_s = bound_s;
}

bool moment_has_begun(struct moment *moment, int64_t first_s)
{
        first_s = moment_add(first_s, -moment->skew_s);
        if (moment->now_s >= first_s)
                return true;

        fold(moment, first_s);
        return false;
}

bool moment_has_ended(struct moment *moment, int64_t last_s)
{
        last_s = moment_add(last_s, moment->skew_s);
        if (last_s == INT64_MAX)
                return false;
        if (moment->at_least_s > last_s)
                return true;

        fold(moment, last_s + 1);
        return false;
}

const char *moment_text(int64_t time_s, char out[MOMENT_TEXT_MAX])
{
        time_t time = time_s;
        struct tm tm;

        if (!gmtime_r(&time, &tm) || strftime(out, MOMENT_TEXT_MAX, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
                snprintf(out, MOMENT_TEXT_MAX, "%" PRId64 " s", time_s);
        return out;
}
