/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Report - the findings about one chain while they are collected: suppressed or not, in order, each
 * with its sentence. Failures of memory stick, so that a step adds what it finds and looks at
 * nothing.
 */

#include "base/vec.h"
#include "engine/verdict.h"
#include "proto/compiler.h"

struct cert;
struct name;

struct report {
        VEC(struct finding) findings;
        unsigned int suppress; /* enum suppress: what is let pass */
        int error;             /* the first -ENOMEM; then the findings are incomplete */
};

/* What is found, but for its sentence. */
struct report_item {
        enum step step;
        enum severity severity; /* SEVERITY_ERROR becomes SEVERITY_SUPPRESSED by may_suppress */
        uint32_t status;
        unsigned int may_suppress; /* enum suppress, one bit: lets it pass; 0: nothing does */
        const char *qualifier;     /* static, or NULL */
        const struct cert *cert;   /* that it is about; NULL: none */
        int chain_index;           /* of cert; -1: not in the chain */
        bool is_bare;              /* the sentence does not begin with the name of cert */
};

/** report_init() - @suppress: enum suppress, what is let pass */
void report_init(struct report *report, unsigned int suppress);

/** report_deinit() - drops what was not taken */
void report_deinit(struct report *report);

/**
 * report_add() - one more finding
 * @format: the rest of a sentence that begins with the name of item->cert, without a full stop; a
 *          whole one if is_bare or without cert. It becomes one line: control characters become "?"
 */
void report_add(struct report *report, const struct report_item *item, const char *format, ...)
        PRINTF(3, 4);

/** report_name() - a name for a sentence; Return: text to free(), NULL if report->error was set */
char *report_name(struct report *report, const struct name *name);

/** report_sort() - by step, then place in the chain; revocation before findRevocationList */
void report_sort(struct report *report);

/**
 * report_first_error() - of a sorted report the finding that decides, or NULL: nothing speaks
 * against it
 */
const struct finding *report_first_error(const struct report *report);

/** report_has_error() - is there any error, sorted or not? */
bool report_has_error(const struct report *report);

/** report_rank() - place of a step in the order in which findings decide; Return: 0..STEP_N-1 */
unsigned int report_rank(enum step step);
