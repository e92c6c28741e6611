/* SPDX-License-Identifier: Apache-2.0 */
#include "service/admin.h"

#include "base/clock.h"
#include "proto/message_admin.h"
#include "service/caller.h"
#include "service/lane.h"
#include "service/order.h"
#include "service/stores.h"
#include "service/transaction.h"
#include "service/update_call.h"

#include <errno.h>
#include <stdlib.h>

struct admin {
        struct admin_config config;
        struct transactions *transactions;
        struct orders *orders;
};

int admin_new(const struct admin_config *config, struct admin **out)
{
        CLEANUP(admin_freep) struct admin *admin = calloc(1, sizeof(*admin));
        int r;

        if (!admin)
                return -ENOMEM;

        admin->config = *config;
        r = transactions_new(&admin->transactions);
        if (!r)
                r = orders_new(&(struct orders_config){ .agent_id = config->agent_id,
                                                        .stores = config->stores,
                                                        .executor = config->executor,
                                                        .lane = config->lane,
                                                        .peers = config->peers,
                                                        .audit = config->audit,
                                                        .log = config->log,
                                                        .now_s = config->now_s },
                               &admin->orders);
        if (r)
                return r;

        *out = TAKE(admin);
        return 0;
}

struct admin *admin_free(struct admin *admin)
{
        if (!admin)
                return NULL;

        orders_free(admin->orders);
        transactions_free(admin->transactions);
        free(admin);
        return NULL;
}

bool admin_tick(struct admin *admin)
{
        return transactions_forget(admin->transactions, clock_monotonic_ns()) > 0;
}

/* -- refusals ----------------------------------------------------------------------------------- */

static void refuse(const struct service_call *call, const struct message_error *error)
{
        service_call_refuse(call, error->error, error->subject, error->reason);
}

static void refuse_field(const struct service_call *call, const char *field, const char *reason)
{
        service_call_refuse(call, STATUS_E_BAD_REQUEST, field, reason);
}

static void refuse_busy(const struct service_call *call)
{
        service_call_refuse(call, STATUS_E_BUSY, NULL, NULL);
}

/* -- calls about a store ------------------------------------------------------------------------ */

static struct service_pending *update(struct admin *admin, const struct store_state *state,
                                      const struct service_call *call)
{
        CLEANUP(message_error_deinit) struct message_error error = MESSAGE_ERROR_NULL;
        CLEANUP(update_request_unrefp) struct update_request *request = NULL;
        int r;

        r = update_call_read(call, state->snap, admin->config.now_s(), &request, &error);
        if (!r)
                return orders_place(admin->orders,
                                    &(struct order_what){ .call = call,
                                                          .state = state,
                                                          .request = request,
                                                          .reason = update_call_reason(call) });

        if (r == UPDATE_CALL_E_REFUSED)
                refuse(call, &error);
        else
                refuse_busy(call);
        return NULL;
}

/* -- updates in parts --------------------------------------------------------------------------- */

static bool read_lists(const struct service_call *call, unsigned int *out)
{
        const struct message_begin_update *in = call->in;
        enum update_list list;

        *out = 0;
        for (size_t i = 0; i < in->n_lists; i++) {
                if (!update_list_find(in->lists[i], &list)) {
                        refuse_field(call, "lists", "holds a name of no list of a trust list");
                        return false;
                }
                *out |= 1u << list;
        }
        if (*out == 0)
                refuse_field(call, "lists", "names no list");
        return *out != 0;
}

static void begin(struct admin *admin, const struct store_state *state,
                  const struct service_call *call)
{
        CLEANUP(message_error_deinit) struct message_error error = MESSAGE_ERROR_NULL;
        const struct message_begin_update *in = call->in;
        struct transaction_begin what = { .caller = call->caller,
                                          .state = state,
                                          .reason = in->reason,
                                          .now_ns = clock_monotonic_ns() };
        struct transaction *transaction;
        int r;

        if (!read_lists(call, &what.lists))
                return;
        if (update_call_check_reason(in->reason, &error)) {
                refuse(call, &error);
                return;
        }

        r = transaction_begin(admin->transactions, &what, &transaction);
        if (r == TRANSACTION_E_TOO_MANY) {
                service_call_refuse(call, STATUS_E_QUOTA_EXCEEDED,
                                    "4 open updates a user, 16 in all", NULL);
        } else if (r) {
                refuse_busy(call);
        } else {
                admin->config.lane->tick(admin->config.lane->app);
                service_call_answer(call,
                                    &(struct message_begin_update_reply){
                                            .update_id = (char *)transaction_get_id(transaction) });
        }
}

/* The update that a call goes on with; NULL: it was refused. */
static struct transaction *find(struct admin *admin, const char *id,
                                const struct service_call *call)
{
        struct transaction *transaction =
                transaction_find(admin->transactions, id, call->caller, clock_monotonic_ns());

        if (!transaction)
                refuse_field(call, "updateId", "is of no update that you have begun");
        if (transaction && transaction_is_applying(transaction)) {
                refuse_busy(call);
                return NULL;
        }
        return transaction;
}

static void add(struct admin *admin, const struct service_call *call)
{
        const struct message_add_to_update *in = call->in;
        struct transaction *transaction = find(admin, in->update_id, call);
        enum update_list list;
        int r;

        if (!transaction)
                return;
        if (!update_list_find(in->list, &list) ||
            !(transaction_get_request(transaction)->lists >> list & 1)) {
                refuse_field(call, "list", "is none of those that BeginUpdate named");
                return;
        }

        r = transaction_add(transaction, list, (struct bytes){ in->data.data, in->data.n });
        if (r == TRANSACTION_E_TOO_LARGE)
                service_call_refuse(call, STATUS_E_TOO_LARGE, "268435456 bytes an update", NULL);
        else if (r == TRANSACTION_E_TOO_LARGE_ALL)
                service_call_refuse(call, STATUS_E_QUOTA_EXCEEDED,
                                    "536870912 bytes of open updates", NULL);
        else if (r)
                refuse_busy(call);
        else
                service_call_answer(call, &(struct message_nothing){ 0 });
}

static void cancel(struct admin *admin, const struct service_call *call)
{
        const struct message_cancel_update *in = call->in;
        struct transaction *transaction = find(admin, in->update_id, call);

        if (!transaction)
                return;
        transaction_end(transaction);
        service_call_answer(call, &(struct message_nothing){ 0 });
}

static struct service_pending *refuse_store(const struct store_state *state,
                                            const struct service_call *call)
{
        if (state)
                service_call_refuse(call, STATUS_E_STORE_NOT_READY, state->name, state->reason);
        else
                service_call_refuse(call, STATUS_E_NO_SUCH_STORE, NULL, NULL);
        return NULL;
}

static struct service_pending *apply(struct admin *admin, const struct service_call *call)
{
        const struct message_apply_update *in = call->in;
        struct transaction *transaction = find(admin, in->update_id, call);
        const struct store_state *state;
        struct update_request *request;

        if (!transaction)
                return NULL;
        state = stores_at(admin->config.stores, transaction_get_store(transaction));
        if (!state || !state->snap)
                return refuse_store(state, call);

        request = transaction_get_request(transaction);
        request->is_dry_run = in->dry_run;
        return orders_place(admin->orders,
                            &(struct order_what){ .call = call,
                                                  .state = state,
                                                  .request = request,
                                                  .transaction = transaction,
                                                  .reason = transaction_get_reason(transaction) });
}

const char *admin_find_store(const struct admin *admin, const struct service_call *call)
{
        const struct schema *in = message_get_method(call->method)->in;
        const struct schema_field *field = schema_find_field(in, "updateId");
        const struct transaction *transaction = NULL;
        const struct store_state *state = NULL;

        if (field)
                transaction = transaction_find(admin->transactions,
                                               *(char **)((char *)call->in + field->offset),
                                               call->caller, clock_monotonic_ns());
        if (transaction)
                state = stores_at(admin->config.stores, transaction_get_store(transaction));
        return state ? state->name : NULL;
}

/* -- calls -------------------------------------------------------------------------------------- */

/* Touches nothing of the admin, which may be gone when it ends. */
struct reload {
        struct service_pending pending;
        struct service_call call; /* without in; the caller is our own */
        bool is_cancelled;
};

static void on_reload_cancel(struct service_pending *pending)
{
        CONTAINER_OF(pending, struct reload, pending)->is_cancelled = true;
}

static void on_reloaded(const char *fault, void *userdata)
{
        struct reload *reload = userdata;

        if (!reload->is_cancelled && fault)
                refuse_field(&reload->call, "configuration", fault);
        else if (!reload->is_cancelled)
                service_call_answer(&reload->call, &(struct message_nothing){ 0 });
        caller_unref((struct caller *)reload->call.caller);
        free(reload);
}

static struct service_pending *reload(const struct admin *admin, const struct service_call *call)
{
        const struct lane *lane = admin->config.lane;
        struct reload *reload = calloc(1, sizeof(*reload));

        if (!reload || lane->reload(lane->app, on_reloaded, reload)) {
                free(reload);
                refuse_busy(call);
                return NULL;
        }

        reload->pending.cancel = on_reload_cancel;
        reload->call = *call;
        reload->call.in = NULL;
        reload->call.caller = caller_ref(call->caller);
        return &reload->pending;
}

struct service_pending *admin_call(struct admin *admin, const struct store_state *state,
                                   const struct service_call *call)
{
        const struct lane *lane = admin->config.lane;

        if (!lane || (!lane->update && call->method != MESSAGE_RELOAD)) {
                service_call_refuse(call, STATUS_E_METHOD_NOT_IMPLEMENTED,
                                    message_get_method(call->method)->name, NULL);
                return NULL;
        }

        switch (call->method) {
        case MESSAGE_BEGIN_UPDATE:
                begin(admin, state, call);
                return NULL;
        case MESSAGE_ADD_TO_UPDATE:
                add(admin, call);
                return NULL;
        case MESSAGE_APPLY_UPDATE:
                return apply(admin, call);
        case MESSAGE_CANCEL_UPDATE:
                cancel(admin, call);
                return NULL;
        case MESSAGE_RELOAD:
                return reload(admin, call);
        default:
                return update(admin, state, call);
        }
}
