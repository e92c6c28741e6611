/* SPDX-License-Identifier: Apache-2.0 */
#include "app/config_recorder.h"

#include "service/recorder.h"

#include <stdbool.h>
#include <string.h>

/* Digits alone. */
static bool read_number(const char *value, size_t max, size_t *out)
{
        size_t n = strlen(value), number = 0;

        if (n == 0 || n > 6 || strspn(value, "0123456789") != n)
                return false;

        for (size_t i = 0; i < n; i++)
                number = number * 10 + (size_t)(value[i] - '0');
        if (number < 1 || number > max)
                return false;

        *out = number;
        return true;
}

int config_recorder_set(struct recorder_settings *settings, const char *key, const char *value,
                        const char **out_reason)
{
        if (strcmp(key, "RecordRejected") == 0) {
                *out_reason = "is untrusted, failures or no";
                return refusal_read_when(value, &settings->when) ? 0 : CONFIG_RECORDER_E_BAD_VALUE;
        }
        if (strcmp(key, "MaxRejected") == 0) {
                *out_reason = "is a number from 1 to 10000";
                return read_number(value, REJECTED_MAX_MAX, &settings->max)
                               ? 0
                               : CONFIG_RECORDER_E_BAD_VALUE;
        }
        return CONFIG_RECORDER_E_UNKNOWN_KEY;
}
