/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/** create_run() - `uatrust own create`: a new key and a self-signed certificate; Return: the exit code */
int create_run(int argc, char **argv);
