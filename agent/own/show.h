/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Show - the verb show: what files hold, as a person reads it. Nothing is judged: whether a
 * certificate is trusted is the agent's to say. Of a private key nothing is read but its head.
 */

/** show_run() - Return: the exit code */
int show_run(int argc, char **argv);
