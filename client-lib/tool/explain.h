/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Explain - a verdict for people who want to know why: the chain as a tree, every step, and what to do.
 */

struct uatrust_verdict;

/** explain_print() - to stdout */
void explain_print(const struct uatrust_verdict *verdict);
