/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Change - how something is to be changed, as the caller filled it in.
 */

#include <uatrust/admin.h>

#include <stdbool.h>

struct uatrust_change {
        char *store, *list, *reason;
        bool is_dry_run;
        bool has_failed; /* memory ran short: nothing will be asked */
};
