/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/role.h"

#include "proto/names.h"

#include <string.h>

static const char *const NAMES[ROLE_N] = {
        [ROLE_TRUSTED] = NAMES_LIST_TRUSTED, [ROLE_ISSUERS] = NAMES_LIST_ISSUERS,
        [ROLE_OWN] = NAMES_LIST_OWN,         [ROLE_REJECTED] = NAMES_LIST_REJECTED,
        [ROLE_BLOCKED] = NAMES_LIST_BLOCKED,
};

const char *role_name(enum role role)
{
        return NAMES[role];
}

bool role_find(const char *name, enum role *out)
{
        for (int role = 0; role < ROLE_N; role++) {
                if (strcmp(name, NAMES[role]) == 0) {
                        *out = role;
                        return true;
                }
        }
        return false;
}

bool role_is_judged(enum role role)
{
        return role == ROLE_TRUSTED || role == ROLE_ISSUERS || role == ROLE_BLOCKED;
}
