/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Config recorder - the keys of a store that say which refused certificates are kept:
 *
 *      RecordRejected=         untrusted (default), failures or no
 *      MaxRejected=            how many, 1 to 10000; default 1000
 */

struct recorder_settings;

enum {
        CONFIG_RECORDER_E_UNKNOWN_KEY = 1,
        CONFIG_RECORDER_E_BAD_VALUE,
};

/**
 * config_recorder_set() - read one key
 * @settings:   RECORDER_SETTINGS_DEFAULT at first
 * @out_reason: what the value should be, static; written on CONFIG_RECORDER_E_BAD_VALUE only
 *
 * Return: 0 or CONFIG_RECORDER_E_*.
 */
int config_recorder_set(struct recorder_settings *settings, const char *key, const char *value,
                        const char **out_reason);
