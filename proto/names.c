/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/names.h"

#include <stddef.h>
#include <string.h>

bool names_is_store(const char *name)
{
        size_t n;

        if (!name)
                return false;

        n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");
        return n > 0 && n <= NAMES_STORE_NAME_MAX_BYTES && !name[n];
}
