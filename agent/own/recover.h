/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Recover - the verb own recover: finish, or undo, what an interrupted run left; the other verbs that
 * change anything begin with it themselves.
 */

/** recover_run() - Return: the exit code */
int recover_run(int argc, char **argv);
