/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Admin - the calls of org.uatrust.admin1: changes of what this host trusts. Each becomes a request
 * to the store's lane and is answered when it is in force: the new generation was announced before.
 * A caller that is gone by then has changed the store all the same.
 *
 * Who may make them is decided before (service/access).
 *
 * Each update that changed something is a TrustListUpdatedAuditEvent of OPC 10000-12, with who did
 * it and why, told by service/audit.
 */

#include "proto/compiler.h"
#include "service/service_call.h"

#include <stdbool.h>
#include <stdint.h>

struct admin;
struct audit;
struct executor;
struct lane;
struct log;
struct peers;
struct store_state;
struct stores;

struct admin_config {
        const char *agent_id;
        const struct stores *stores;
        const struct executor *executor;
        const struct lane *lane;   /* NULL: nothing can be changed */
        const struct peers *peers; /* whose sessions fall */
        struct audit *audit;
        const struct log *log;
        int64_t (*now_s)(void);
};

/** admin_new() - @config is copied, what it points to outlives it; Return: 0 or -ENOMEM */
int admin_new(const struct admin_config *config, struct admin **out);

/** admin_free() - no call is pending any more; updates may end later and find nobody */
struct admin *admin_free(struct admin *admin);

/**
 * admin_call() - answer one call of org.uatrust.admin1
 * @state: the store that it is about, with a snapshot; NULL of AddToUpdate, ApplyUpdate,
 *         CancelUpdate and Reload
 *
 * Return: NULL if it was answered; else what cancels the reply.
 */
struct service_pending *admin_call(struct admin *admin, const struct store_state *state,
                                   const struct service_call *call);

/**
 * admin_find_store() - the store of the update in parts that a call goes on with
 *
 * Return: its name, borrowed; NULL: it goes on with none, there is no such update of this caller,
 * or its store is gone.
 */
const char *admin_find_store(const struct admin *admin, const struct service_call *call);

/** admin_tick() - forget updates in parts that nobody uses; Return: are some still open? */
bool admin_tick(struct admin *admin);

DEFINE_CLEANUP(struct admin *, admin_free)
