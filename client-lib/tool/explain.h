/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Explain - a verdict for people who want to know why: the chain as a tree, every step, and what to do.
 */

#include <stdbool.h>

struct uatrust_verdict;

/* What the request gave; what it did not give was not checked. */
struct explain_given {
        bool has_policy, has_host, has_uri;
};

/** explain_print() - to stdout */
void explain_print(const struct uatrust_verdict *verdict, const struct explain_given *given);
