/* SPDX-License-Identifier: Apache-2.0 */
#include "door.h"

#include "connection.h"
#include "proto/names.h"

#include <stdio.h>
#include <stdlib.h>

const char *door_get_environment(const char *name)
{
        const char *value = secure_getenv(name);

        return value && *value ? value : NULL;
}

static int try_path(const char *path, struct connection *out, char tried[DOOR_PATH_MAX])
{
        if (snprintf(tried, DOOR_PATH_MAX, "%s", path) >= DOOR_PATH_MAX)
                return CONNECTION_E_BAD_PATH;
        return connection_open(path, out);
}

int door_open(const struct door *door, struct connection *out, char tried[DOOR_PATH_MAX])
{
        const char *run_dir = door_get_environment("XDG_RUNTIME_DIR");
        const char *path = door->path ? door->path : door_get_environment(door->variable);
        char users[DOOR_PATH_MAX], ignored[DOOR_PATH_MAX], hosts[128];
        int r;

        if (path)
                return try_path(path, out, tried);

        snprintf(hosts, sizeof(hosts), NAMES_RUN_DIR "/%s", door->name);
        r = try_path(hosts, out, tried);
        if (r != CONNECTION_E_ABSENT || !run_dir)
                return r;

        if (snprintf(users, sizeof(users), "%s/uatrust/%s", run_dir, door->name) >=
            (int)sizeof(users))
                return CONNECTION_E_BAD_PATH;
        r = try_path(users, out, ignored);
        if (r && r != CONNECTION_E_ABSENT)
                snprintf(tried, DOOR_PATH_MAX, "%s", users);
        return r;
}
