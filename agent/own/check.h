/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Check - the verb check: what of an existing PKI folder our rules would refuse, and why, before an
 * application is moved to the agent. The folder is read as the agent reads a source, and nothing is
 * changed.
 */

/** check_run() - Return: the exit code; VERB_EXIT_NOT_GOOD: something would be refused */
int check_run(int argc, char **argv);
