/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Write - puts rows on disk instead of running them, so that a running agent can be asked the same: a folder a row,
 * SUBJECT-NUMBER, with `store/` (its files), `config` (keys of the store, one a line), `cas` (a line for each
 * RevocationCheck= of a CA: SHA-256 and value), `call.json` (the parameters of Validate, with the row's moment) and
 * `verdict.json` (the engine's own, in the words of the wire). A row that no agent can be asked, since its world is not
 * one of files or its moment is not that of a call, has `skipped` with the reason instead.
 */

#include <stddef.h>

struct row;
struct stage;

/** write_rows() - stops the program if it cannot be done */
void write_rows(struct stage *stage, const char *folder, const char *subject,
                const struct row *rows, size_t n);
