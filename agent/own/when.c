/* SPDX-License-Identifier: Apache-2.0 */
#include "own/when.h"

#include "proto/compiler.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

const char *when_text(int64_t time_s, char out[WHEN_TEXT_MAX])
{
        time_t moment = (time_t)time_s;
        struct tm broken_down;

        if (!gmtime_r(&moment, &broken_down) ||
            !strftime(out, WHEN_TEXT_MAX, "%Y-%m-%dT%H:%M:%SZ", &broken_down))
                snprintf(out, WHEN_TEXT_MAX, "%" PRId64, time_s);
        return out;
}

const char *when_span(int64_t seconds, char out[WHEN_TEXT_MAX])
{
        static const struct {
                int64_t seconds;
                const char *name;
        } UNITS[] = { { 24 * 3600, "day" }, { 3600, "hour" }, { 60, "minute" }, { 1, "second" } };
        size_t i = 0;
        int64_t n;

        while (i + 1 < ARRAY_SIZE(UNITS) && seconds < UNITS[i].seconds)
                i++;
        n = seconds / UNITS[i].seconds;
        snprintf(out, WHEN_TEXT_MAX, "%" PRId64 " %s%s", n, UNITS[i].name, n == 1 ? "" : "s");
        return out;
}
