/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Door - at which socket an agent is to be found.
 */

struct connection;

enum {
        DOOR_PATH_MAX = 4096,
};

struct door {
        char *path;           /* owned; NULL: as the environment says, else the default */
        const char *variable; /* of the environment */
        const char *name;     /* of the socket below a run directory */
};

/**
 * door_open() - connect
 * @tried: the path that a failure is about
 *
 * By default it is the host's agent. The user's own counts only where the host has none: not one
 * that is away for a moment.
 *
 * Return: as of connection_open().
 */
int door_open(const struct door *door, struct connection *out, char tried[DOOR_PATH_MAX]);

/**
 * door_get_environment() - Return: NULL also for a variable that is empty, or in set-user-id
 * programs
 */
const char *door_get_environment(const char *name);
