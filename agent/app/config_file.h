/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Config file - one file of the configuration as entries with their lines, in the file's order.
 *
 * libeconf reads the values, as it does for others who use it. It forgives much that would make a
 * setting something else than what stands in the file: it glues a line without "=" to the value
 * above, drops a repeated key, cuts a value at "#", takes quotes off. So each file is walked first,
 * and what is stray is refused. Comments libeconf never sees.
 */

#include "proto/compiler.h"

#include <stddef.h>

#define CONFIG_FILE_MAX_BYTES (1024 * 1024)

struct config_entry {
        char *section; /* "Store default" */
        char *key;     /* NULL: the section's header itself */
        char *value;   /* "" if empty; NULL for a header */
        size_t line;   /* from 1 */
};

struct config_file {
        char *path; /* as given */
        struct config_entry *entries;
        size_t n_entries;
};

enum {
        CONFIG_FILE_E_ABSENT = 1,
        CONFIG_FILE_E_INVALID = 2,
};

/**
 * config_file_read() - read one file
 * @out: config_file_free() it; written on success only
 * @out_fault: "FILE:LINE: what is wrong", for the administrator; written on CONFIG_FILE_E_INVALID
 * only; free() it
 *
 * Return: 0, CONFIG_FILE_E_ABSENT, CONFIG_FILE_E_INVALID (also where it may not be read), or
 * -ENOMEM.
 */
int config_file_read(const char *path, struct config_file **out, char **out_fault);

/** config_file_free() - takes NULL; Return: NULL */
struct config_file *config_file_free(struct config_file *file);
DEFINE_CLEANUP(struct config_file *, config_file_free)
