/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Service config - what app gives the service to work with.
 */

#include <stdint.h>

struct executor;
struct lane;
struct log;

struct service_config {
        const char *agent_id; /* 32 hex digits; copied */
        const struct executor *executor;
        const struct lane *lane; /* NULL: no folder is known, nothing can be changed */
        const struct log *log;
        int64_t (*now_s)(void); /* the host's clock */
        /*
         * It is not earlier, whatever the clock says: the build's date, or service_at_least_s() of
         * an agent before this one.
         */
        int64_t at_least_s;
};
