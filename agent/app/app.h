/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * App - puts the agent together and runs it: configuration, stores, service, doors, signals.
 */

struct options;

/** app_check_config() - read the configuration and say what is wrong; Return: the exit code */
int app_check_config(const struct options *options);

/** app_run() - be the agent until SIGTERM or SIGINT; Return: the exit code of the process */
int app_run(const struct options *options);
