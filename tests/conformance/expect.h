/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Expect - holds a verdict against a row, and against what is true of every verdict.
 */

#include <stdbool.h>

struct row;
struct stage;
struct terms;
struct verdict;

/** expect_compare() - is @verdict what @row expects? Return: NULL, or what is different, to free() */
char *expect_compare(struct stage *stage, const struct row *row, const struct verdict *verdict);

/**
 * expect_shape() - is it a verdict as OPC 10000-4 Table 106 has them, whatever it says?
 *
 * Findings in the table's order, the first error decides, nothing suppressed that may not be, the wire status and the
 * audit event type of its step, an end after the moment of judgement. Return: as above.
 */
char *expect_shape(const struct row *row, const struct terms *terms, const struct verdict *verdict);

/** expect_same() - the same status, findings and chain? Sentences, which may tell times, are not compared */
bool expect_same(const struct verdict *a, const struct verdict *b);

/** expect_print() - the verdict for the log of a failed test */
void expect_print(const struct verdict *verdict);
