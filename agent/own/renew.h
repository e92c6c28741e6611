/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Renew - the verb own renew: what is in use gets a successor of the same names and URI. What signed
 * itself is made anew; for what a CA signed there is a new request.
 */

/** renew_run() - Return: the exit code */
int renew_run(int argc, char **argv);
