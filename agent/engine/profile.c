/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/profile.h"

#include "proto/names.h"

#include <string.h>

static const char *const NAMES[PURPOSE_N] = {
        [PURPOSE_CLIENT] = NAMES_PURPOSE_CLIENT,
        [PURPOSE_SERVER] = NAMES_PURPOSE_SERVER,
        [PURPOSE_USER] = NAMES_PURPOSE_USER,
        [PURPOSE_HTTPS] = NAMES_PURPOSE_HTTPS,
};

const char *purpose_name(enum purpose purpose)
{
        return NAMES[purpose];
}

bool purpose_find(const char *name, enum purpose *out)
{
        for (int purpose = 0; purpose < PURPOSE_N; purpose++) {
                if (strcmp(name, NAMES[purpose]) == 0) {
                        *out = purpose;
                        return true;
                }
        }
        return false;
}
