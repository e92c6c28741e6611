/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Blocks - the certificates that an administrator has blocked, for people and tools: one row a file
 * that says so, in the order of what is blocked. A cursor is "ID/ORIGIN", the last row of the page
 * before.
 */

#include "service/service_call.h"

struct store_state;

/** blocks_list() - answer ListBlocks of a store with a snapshot */
void blocks_list(const struct store_state *state, const char *agent_id,
                 const struct service_call *call);
