/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Lists - what the agent holds, for people and tools: stores, certificates, CRLs, files that could
 * not be read. Long lists come in pages of NAMES_PAGE_MAX; the cursor is a value, not a place, so
 * that a page asked for after a change goes on where the last one ended.
 */

#include "service/service_call.h"

struct stores;
struct store_state;

/** lists_stores() - answer ListStores: those that the caller may read */
void lists_stores(const struct stores *stores, const char *agent_id,
                  const struct service_call *call);

/** lists_certificates() - answer ListCertificates of a store with a snapshot */
void lists_certificates(const struct store_state *state, const char *agent_id,
                        const struct service_call *call);

/**
 * lists_crls() - answer ListCrls of a store with a snapshot; states are those of the moment @now_s
 */
void lists_crls(const struct store_state *state, const char *agent_id, int64_t now_s,
                const struct service_call *call);
