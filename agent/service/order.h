/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Order - an update on its way: through the store's lane, then past the sessions that fall by it,
 * and back to its caller in the words of the wire. A caller that is gone has no effect on it.
 *
 * What it has changed is told to the audit (service/admin_audit).
 */

#include "proto/compiler.h"
#include "service/service_call.h"

struct audit;
struct executor;
struct lane;
struct log;
struct order;
struct orders;
struct peers;
struct store_state;
struct stores;
struct transaction;
struct update_request;

struct orders_config {
        const char *agent_id;
        const struct stores *stores;
        const struct executor *executor;
        const struct lane *lane;
        const struct peers *peers; /* whose sessions fall */
        struct audit *audit;
        const struct log *log;
        int64_t (*now_s)(void);
};

/** orders_new() - @config is copied, what it points to outlives it; Return: 0 or -ENOMEM */
int orders_new(const struct orders_config *config, struct orders **out);

/** orders_free() - no call is pending any more; updates may end later and find nobody */
struct orders *orders_free(struct orders *orders);
DEFINE_CLEANUP(struct orders *, orders_free)

/* What is ordered; all borrowed but for the request, of which a reference is taken. */
struct order_what {
        const struct service_call *call;
        const struct store_state *state;
        const struct update_request *request;
        struct transaction *transaction; /* that is being applied by it, or NULL */
        const char *reason;              /* or NULL */
};

/** orders_place() - have it carried out; Return: what cancels its reply; NULL: it was refused */
struct service_pending *orders_place(struct orders *orders, const struct order_what *what);
