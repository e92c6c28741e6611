/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Install - the verb own install: a CA's answer takes its place, with the key that it is for: the one
 * that waits for it, or the one in use.
 */

/** install_run() - Return: the exit code; VERB_EXIT_NOT_GOOD: the answer is refused */
int install_run(int argc, char **argv);
