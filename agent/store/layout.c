/* SPDX-License-Identifier: Apache-2.0 */
#include "store/layout.h"

#include "proto/compiler.h"

#include <string.h>

/* clang-format off */
static const struct layout_dir DEFAULT[] = {
        { "own/certs",      ROLE_OWN },
        { "own/crl",        ROLE_OWN },
        { "trusted/certs",  ROLE_TRUSTED },
        { "trusted/crl",    ROLE_TRUSTED },
        { "issuers/certs",  ROLE_ISSUERS },
        { "issuers/crl",    ROLE_ISSUERS },
        { "issuer/certs",   ROLE_ISSUERS },
        { "issuer/crl",     ROLE_ISSUERS },
        { "rejected",       ROLE_REJECTED },
        { "rejected/certs", ROLE_REJECTED },
        { "rejected/crl",   ROLE_REJECTED },
};
/* clang-format on */

static const char *const TEMPORARY_ENDINGS[] = {
        "~", ".tmp", ".temp", ".part", ".swp", ".swx", ".dpkg-new", ".dpkg-tmp",
};

const struct layout *layout_default(void)
{
        static const struct layout LAYOUT = { "default", DEFAULT, ARRAY_SIZE(DEFAULT) };

        return &LAYOUT;
}

bool layout_has_dir(const struct layout *layout, const char *path, const char *name)
{
        size_t n = strlen(path);

        for (size_t i = 0; i < layout->n_dirs; i++) {
                const char *other = layout->dirs[i].path;

                if (strncmp(other, path, n) == 0 && other[n] == '/' &&
                    strcmp(other + n + 1, name) == 0)
                        return true;
        }
        return false;
}

static bool ends_with(const char *name, const char *ending)
{
        size_t n = strlen(name), n_ending = strlen(ending);

        return n > n_ending && strcmp(name + n - n_ending, ending) == 0;
}

bool layout_is_temporary(const char *name)
{
        if (name[0] == '.' || name[0] == '#')
                return true;

        for (size_t i = 0; i < ARRAY_SIZE(TEMPORARY_ENDINGS); i++) {
                if (ends_with(name, TEMPORARY_ENDINGS[i]))
                        return true;
        }
        return false;
}
