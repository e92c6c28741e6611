/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Statistics - the method of that name: the tally, in words.
 */

#include "service/service_call.h"

#include <stdint.h>

struct tally;

/* What others count, at this moment. */
struct statistics_others {
        const char *agent_id;
        int64_t subscribers, watched_peers, audit_events, rejected_records;
};

/** statistics_call() - answer one Statistics call */
void statistics_call(const struct tally *tally, const struct statistics_others *others,
                     const struct service_call *call);
