/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Inspect - the verb own check: what is wrong with the certificate and key in use, and with their
 * files. Nothing is changed.
 */

/** inspect_run() - Return: the exit code; VERB_EXIT_NOT_GOOD: there are errors */
int inspect_run(int argc, char **argv);
