/* SPDX-License-Identifier: Apache-2.0 */
#include "app/config_access.h"

#include "proto/compiler.h"
#include "service/access.h"

#include <errno.h>
#include <grp.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEPARATORS " \t,"
#define UNIT       "unit:"

static const struct {
        const char *key;
        enum access_list list;
} keys[] = {
        { "Readers", ACCESS_READERS },
        { "Writers", ACCESS_WRITERS },
        { "Recorders", ACCESS_RECORDERS },
};

static int PRINTF(2, 3) refuse(char **out_reason, const char *format, ...)
{
        va_list arguments;
        int n;

        va_start(arguments, format);
        n = vasprintf(out_reason, format, arguments);
        va_end(arguments);
        return n < 0 ? -ENOMEM : CONFIG_ACCESS_E_BAD_VALUE;
}

/* The highest number is nobody's: (uid_t)-1. */
static bool read_number(const char *name, uint32_t *out)
{
        size_t n = strlen(name);
        uint64_t number = 0;

        if (n == 0 || n > 10 || strspn(name, "0123456789") != n)
                return false;

        for (size_t i = 0; i < n; i++)
                number = number * 10 + (uint64_t)(name[i] - '0');
        if (number >= UINT32_MAX)
                return false;

        *out = (uint32_t)number;
        return true;
}

static int add_user(struct access *access, enum access_list list, const char *name,
                    char **out_reason)
{
        const struct passwd *user;
        uint32_t number;

        if (read_number(name, &number))
                return access_add_user(access, list, number);

        errno = 0;
        user = getpwnam(name);
        if (!user && errno == ENOMEM)
                return -ENOMEM;
        return user ? access_add_user(access, list, user->pw_uid)
                    : refuse(out_reason, "there is no user \"%.64s\"", name);
}

static int add_group(struct access *access, enum access_list list, const char *name,
                     char **out_reason)
{
        const struct group *group;
        uint32_t number;

        if (read_number(name, &number))
                return access_add_group(access, list, number);

        errno = 0;
        group = getgrnam(name);
        if (!group && errno == ENOMEM)
                return -ENOMEM;
        return group ? access_add_group(access, list, group->gr_gid)
                     : refuse(out_reason, "there is no group \"%.64s\"", name);
}

static int add_unit(struct access *access, enum access_list list, const char *name,
                    char **out_reason)
{
        if (list != ACCESS_READERS)
                return refuse(out_reason, "a unit can be among the Readers= only");
        if (!strchr(name, '.') || strchr(name, '/'))
                return refuse(out_reason,
                              "a unit has its full name, such as ua-server.service, unlike "
                              "\"%.64s\"",
                              name);

        return access_add_unit(access, list, name);
}

static int add(struct access *access, enum access_list list, const char *name, char **out_reason)
{
        if (name[0] == '@')
                return add_group(access, list, name + 1, out_reason);
        if (strncmp(name, UNIT, strlen(UNIT)) == 0)
                return add_unit(access, list, name + strlen(UNIT), out_reason);

        return add_user(access, list, name, out_reason);
}

static int read_list(struct access *access, enum access_list list, const char *value,
                     char **out_reason)
{
        const char *at = value + strspn(value, SEPARATORS);
        int r = 0;

        access_set(access, list);
        while (*at && !r) {
                size_t n = strcspn(at, SEPARATORS);
                CLEANUP(freep) char *name = strndup(at, n);

                r = name ? add(access, list, name, out_reason) : -ENOMEM;
                at += n;
                at += strspn(at, SEPARATORS);
        }
        return r;
}

int config_access_set(struct access *access, const char *key, const char *value, char **out_reason)
{
        for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
                if (strcmp(key, keys[i].key) == 0)
                        return read_list(access, keys[i].list, value, out_reason);

        return CONFIG_ACCESS_E_UNKNOWN_KEY;
}
