/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Complain - what is wrong, in one line on stderr: "uatrust: FILE or --option: what". Control
 * characters, which certificates and file names may hold, become "?".
 */

#include "proto/compiler.h"

#include <stdio.h>

/** complain() - print a line as printf() does; Return: @code, so that a verb can end with it */
int complain(int code, const char *format, ...) PRINTF(2, 3);

/**
 * complain_usage() - the same for wrong arguments, and point to --help
 * @verb: its whole name, as "uatrust own create"
 *
 * Return: VERB_EXIT_USAGE.
 */
int complain_usage(const char *verb, const char *format, ...) PRINTF(2, 3);

/** complain_file() - "PATH: strerror(@error)"; Return: the exit code that fits this errno, > 0 */
int complain_file(const char *path, int error);

/** complain_code() - the exit code that fits an errno of a file, > 0 */
int complain_code(int error);

/** complain_warn() - "uatrust: warning: ..." */
void complain_warn(const char *format, ...) PRINTF(1, 2);

/** print_text() - @text to @file, control characters and what is not UTF-8 as "?" */
void print_text(FILE *file, const char *text);
