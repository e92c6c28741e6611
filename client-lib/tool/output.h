/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Output - text for people: safe to show, in columns that fit the terminal, coloured where that is
 * wanted.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum output_colour {
        OUTPUT_PLAIN,
        OUTPUT_GOOD,
        OUTPUT_BAD,
        OUTPUT_WARN,
        OUTPUT_FAINT,
        OUTPUT_BOLD,
};

/** output_init() - take the user's locale, see to stdin, stdout and stderr; call once, first */
void output_init(void);

/** output_has_unicode() - may ticks and tree lines be printed? */
bool output_has_unicode(void);

/**
 * output_colour() - what follows on stdout is of this colour; nothing unless it is a terminal, and
 * with NO_COLOR
 */
void output_colour(enum output_colour colour);

/**
 * output_text() - @text, as "?" what moves the cursor or turns the line around: certificates hold
 * what their makers like
 */
void output_text(FILE *file, const char *text);

/** output_json_string() - to stdout, with its quotes, in UTF-8 whatever the locale */
void output_json_string(const char *text);

/** output_json() - to stdout, and free @json; NULL, as it is where memory ran short: null */
void output_json(char *json);

/** output_time() - seconds since 1970 as 2026-11-21T08:00:00Z; Return: @out */
const char *output_time(int64_t time_s, char out[32]);

/*
 * Tables. All cells are text; the first row holds the headings. Where the terminal is too narrow,
 * what is widest is cut, then what stands last.
 */

enum {
        OUTPUT_COLUMNS_MAX = 10,
};

struct output_table {
        size_t n_columns;
        char **cells; /* row by row */
        size_t n_cells;
        bool has_failed; /* memory ran short */
};

/** output_table_add() - the next cell; copied */
void output_table_add(struct output_table *table, const char *text);
void output_table_add_number(struct output_table *table, int64_t number);

/** output_table_print() - to stdout, and free what the table holds */
void output_table_print(struct output_table *table);
