/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Config rows - all sections and keys of a configuration, each with where it stands: those of the
 * main file, then of its drop-ins in order of name. A key of a later file takes the place of the
 * same key of an earlier one. What they mean is not known here.
 */

#include "base/vec.h"

#include <stdbool.h>

struct config_entry;
struct config_file;

struct config_row {
        const struct config_file *file;
        const struct config_entry *entry; /* without a key: a section's header */
};

struct config_rows {
        VEC(struct config_file *) files; /* in order of precedence, the weakest first */
        VEC(struct config_row) list;     /* in order of first mention */
};

enum {
        CONFIG_ROWS_E_INVALID = 1,
};

/**
 * config_rows_read() - read a file and the .conf files of FILE.d
 * @may_lack:  that the main file is not there is like an empty file
 * @rows:      empty; config_rows_deinit() it, also on failure
 * @out_fault: written on CONFIG_ROWS_E_INVALID only; free() it
 *
 * Return: 0, CONFIG_ROWS_E_INVALID, or -ENOMEM.
 */
int config_rows_read(struct config_rows *rows, const char *path, bool may_lack, char **out_fault);

/** config_rows_find() - a key of a section, "Store default"; NULL: its header. NULL if not there */
const struct config_row *config_rows_find(const struct config_rows *rows, const char *section,
                                          const char *key);

/** config_row_name() - the name of a section "@kind NAME"; NULL if it is of another kind */
const char *config_row_name(const struct config_row *row, const char *kind);

void config_rows_deinit(struct config_rows *rows);
