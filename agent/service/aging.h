/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Aging - answers GetFreshness: what engine/freshness says of a store now, in pages.
 */

#include "service/service_call.h"

struct host_clock;
struct store_state;

/** aging_call() - of a store with a snapshot. Cost: O(n) in its certificates */
void aging_call(const struct store_state *state, const char *agent_id,
                const struct host_clock *clock, const struct service_call *call);
