/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Journal text - a journal as a value, and as the text of its file: a line "uatrust-journal 1"; a
 * line for each file, of directory and name in hex and the SHA-256 before and after, "-" for no
 * file; a line "end", their number and the SHA-256 of all lines before.
 */

#include "base/vec.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

#define JOURNAL_TEXT_OPS_MAX 400000

enum {
        JOURNAL_TEXT_E_DAMAGED = 1, /* no such text, or it leads out of the folder */
};

/* One file; if it neither was nor is to be, nothing is done. */
struct journal_op {
        char *dir; /* below the folder */
        char *name;
        bool has_before, has_after;
        uint8_t before[32], after[32]; /* SHA-256 of the content */
};

struct journal {
        VEC(struct journal_op) ops;
};

#define JOURNAL_NULL                                                                               \
        {                                                                                          \
                VEC_NULL                                                                           \
        }

void journal_deinit(struct journal *journal);
void journal_op_deinit(struct journal_op *op);

/** journal_add() - one file more, of which all is known; takes what @op owns, also on failure */
int journal_add(struct journal *journal, struct journal_op *op);

/** journal_text_write() - append it; Return: 0 or -ENOMEM */
int journal_text_write(const struct journal *journal, struct buf *out);

/**
 * journal_text_read() - read it wholly or not at all
 * @out: JOURNAL_NULL; journal_deinit() it, also after a failure
 *
 * Return: 0, JOURNAL_TEXT_E_DAMAGED, or -ENOMEM.
 */
int journal_text_read(const char *text, size_t n, struct journal *out);
