/* SPDX-License-Identifier: Apache-2.0 */
#include "app/config_time.h"

#include "proto/compiler.h"

#include <string.h>

bool config_time_read(const char *text, int64_t min_ms, int64_t max_ms, int64_t *out_ms)
{
        static const struct {
                const char *name;
                int64_t ms;
        } UNITS[] = { { "ms", 1 }, { "s", 1000 }, { "", 1000 } };
        size_t n_digits = strspn(text, "0123456789");
        int64_t number = 0;

        for (size_t i = 0; i < n_digits && number <= CONFIG_TIME_MAX_MS; i++)
                number = number * 10 + (text[i] - '0');

        for (size_t i = 0; i < ARRAY_SIZE(UNITS) && n_digits > 0; i++) {
                if (strcmp(text + n_digits, UNITS[i].name) != 0)
                        continue;

                number *= UNITS[i].ms;
                if (number < min_ms || number > max_ms)
                        return false;
                *out_ms = number;
                return true;
        }
        return false;
}
