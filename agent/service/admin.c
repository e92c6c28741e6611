/* SPDX-License-Identifier: Apache-2.0 */
#include "service/admin.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/vec.h"
#include "proto/message_admin.h"
#include "proto/names.h"
#include "service/admin_audit.h"
#include "service/caller.h"
#include "service/lane.h"
#include "service/stores.h"
#include "service/transaction.h"
#include "service/update_call.h"
#include "store/update.h"
#include "trust/snapshot.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct admin {
        struct admin_config config;
        struct transactions *transactions;
        VEC(struct order *) orders; /* under way, those that nobody waits for too */
};

/* An update on its way through the store's lane. */
struct order {
        struct service_pending pending;
        struct admin *admin;      /* NULL: it is gone */
        struct service_call call; /* without in; the caller is our own */
        bool is_cancelled;
        size_t store;
        struct update_request *request;
        bool is_dry_run;
        struct transaction *transaction; /* ApplyUpdate: borrowed, applying; else NULL */
        char *subject;                   /* thumbprint or serial number that was named, or NULL */
        char *reason;                    /* or NULL */
};

int admin_new(const struct admin_config *config, struct admin **out)
{
        CLEANUP(admin_freep) struct admin *admin = calloc(1, sizeof(*admin));
        int r;

        if (!admin)
                return -ENOMEM;

        admin->config = *config;
        r = transactions_new(&admin->transactions);
        if (r)
                return r;

        *out = TAKE(admin);
        return 0;
}

struct admin *admin_free(struct admin *admin)
{
        if (!admin)
                return NULL;

        for (size_t i = 0; i < admin->orders.n; i++)
                admin->orders.items[i]->admin = NULL;
        VEC_FREE(&admin->orders);
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

/* -- orders ------------------------------------------------------------------------------------- */

static struct order *order_free(struct order *order)
{
        if (!order)
                return NULL;

        caller_unref((struct caller *)order->call.caller);
        update_request_unref(order->request);
        free(order->subject);
        free(order->reason);
        free(order);
        return NULL;
}

DEFINE_CLEANUP(struct order *, order_free)

static void on_cancel(struct service_pending *pending)
{
        CONTAINER_OF(pending, struct order, pending)->is_cancelled = true;
}

static int copy_text(char **out, const char *text)
{
        *out = text ? strdup(text) : NULL;
        return text && !*out ? -ENOMEM : 0;
}

/* What a call names, if it names something: for the error that there is no such thing. */
static const char *find_subject(const struct service_call *call)
{
        static const char *const FIELDS[] = { "thumbprint", "serialNumber" };
        const struct schema *in = message_get_method(call->method)->in;

        for (size_t i = 0; i < ARRAY_SIZE(FIELDS); i++) {
                const struct schema_field *field = schema_find_field(in, FIELDS[i]);
                const char *text = field ? *(char **)((char *)call->in + field->offset) : NULL;

                if (text)
                        return text;
        }
        return NULL;
}

static int make_order(struct admin *admin, const struct service_call *call, size_t store,
                      struct order **out)
{
        CLEANUP(order_freep) struct order *order = calloc(1, sizeof(*order));
        int r;

        if (!order)
                return -ENOMEM;
        r = copy_text(&order->subject, find_subject(call));
        if (r)
                return r;

        order->pending.cancel = on_cancel;
        order->admin = admin;
        order->call = *call;
        order->call.in = NULL;
        order->call.caller = caller_ref(call->caller);
        order->store = store;
        *out = TAKE(order);
        return 0;
}

static void forget_order(struct admin *admin, const struct order *order)
{
        size_t i = 0;

        while (admin->orders.items[i] != order)
                i++;
        admin->orders.items[i] = admin->orders.items[--admin->orders.n];
}

/* Is an update of that store under way, that may change it? */
static bool is_changing(const struct admin *admin, size_t store)
{
        for (size_t i = 0; i < admin->orders.n; i++)
                if (admin->orders.items[i]->store == store && !admin->orders.items[i]->is_dry_run)
                        return true;
        return false;
}

/* -- outcomes ----------------------------------------------------------------------------------- */

static void tell(struct admin *admin, const struct order *order, const struct store_state *state,
                 const struct update_outcome *outcome)
{
        const struct admin_audit audit = { .method = order->call.method,
                                           .caller = order->call.caller,
                                           .store = state->name,
                                           .generation = state->generation,
                                           .reason = order->reason,
                                           .subject = order->subject,
                                           .n_added = outcome->added.n,
                                           .n_removed = outcome->removed.n,
                                           .time_s = admin->config.now_s() };

        if (outcome->has_changed && !order->is_dry_run)
                admin_audit_tell(&audit, admin->config.notices, admin->config.log);
}

static void answer(const struct admin *admin, const struct order *order,
                   const struct store_state *state, const struct update_outcome *outcome)
{
        struct message_update_reply out;
        int r;

        schema_init(&message_update_reply_schema, &out);
        r = update_call_report(outcome, state, admin->config.agent_id, &out.update);
        if (r)
                refuse_busy(&order->call);
        else
                service_call_answer(&order->call, &out);
        schema_deinit(&message_update_reply_schema, &out);
}

/* The store may be gone, or the caller; what was done is told in any case. */
static void conclude(struct admin *admin, const struct order *order,
                     const struct update_outcome *outcome)
{
        const struct store_state *state = stores_at(admin->config.stores, order->store);
        struct message_error error = MESSAGE_ERROR_NULL;
        struct update_asked asked = { order->call.method, order->subject,
                                      state ? state->name : "" };

        if (update_call_judge(outcome, &asked, &error)) {
                if (!order->is_cancelled)
                        refuse(&order->call, &error);
                message_error_deinit(&error);
                return;
        }
        if (!state) {
                if (!order->is_cancelled)
                        service_call_refuse(&order->call, STATUS_E_NO_SUCH_STORE, NULL, NULL);
                return;
        }

        tell(admin, order, state, outcome);
        if (!order->is_cancelled)
                answer(admin, order, state, outcome);
}

/* An update in parts is over once it was tried, but for a dry run, or where it may be tried again. */
static void release(const struct order *order, const struct update_outcome *outcome)
{
        bool is_over = outcome && outcome->status != UPDATE_BUSY && !order->is_dry_run;

        if (!order->transaction)
                return;

        transaction_set_applying(order->transaction, false, clock_monotonic_ns());
        if (is_over)
                transaction_end(order->transaction);
}

static void on_updated(const struct update_outcome *outcome, int r, void *userdata)
{
        CLEANUP(order_freep) struct order *order = userdata;
        struct admin *admin = order->admin;

        if (!admin)
                return;

        forget_order(admin, order);
        release(order, outcome);
        if (outcome)
                conclude(admin, order, outcome);
        else if (order->is_cancelled)
                return;
        else if (r == -ECANCELED)
                service_call_refuse(&order->call, STATUS_E_NO_SUCH_STORE, NULL, NULL);
        else
                refuse_busy(&order->call);
}

/* Takes @order to the lane. Return: what cancels its reply; NULL: it was refused. */
static struct service_pending *submit(struct admin *admin, struct order *order)
{
        const struct lane *lane = admin->config.lane;
        int r;

        order->is_dry_run = order->request->is_dry_run;
        r = VEC_PUSH(&admin->orders, order);
        if (!r) {
                r = lane->update(lane->app, order->store, order->request, on_updated, order);
                if (r)
                        forget_order(admin, order);
        }
        if (!r)
                return &order->pending;

        if (r != -EBUSY)
                log_warning(admin->config.log, "an update could not be begun: %s", strerror(-r));
        release(order, NULL);
        refuse_busy(&order->call);
        order_free(order);
        return NULL;
}

/* -- calls about a store ------------------------------------------------------------------------ */

static struct service_pending *update(struct admin *admin, const struct store_state *state,
                                      const struct service_call *call)
{
        CLEANUP(message_error_deinit) struct message_error error = MESSAGE_ERROR_NULL;
        CLEANUP(order_freep) struct order *order = NULL;
        int r;

        r = make_order(admin, call, state->handle, &order);
        if (!r)
                r = update_call_read(call, state->snap, admin->config.now_s(), &order->request,
                                     &error);
        if (!r)
                r = copy_text(&order->reason, update_call_reason(call));
        if (!r)
                return submit(admin, TAKE(order));

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
                if (!update_call_list(in->lists[i], &list)) {
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
        if (!update_call_list(in->list, &list) ||
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

/*
 * Whether its lists are as they were is known as long as nothing else is on its way to change them:
 * then it has to be tried again. Return: false: it was refused.
 */
static bool may_apply(const struct admin *admin, const struct transaction *transaction,
                      const struct store_state *state, const struct service_call *call)
{
        enum update_list list;

        if (!state) {
                service_call_refuse(call, STATUS_E_NO_SUCH_STORE, NULL, NULL);
                return false;
        }
        if (!state->snap) {
                service_call_refuse(call, STATUS_E_STORE_NOT_READY, state->name, state->reason);
                return false;
        }
        if (is_changing(admin, state->handle)) {
                refuse_busy(call);
                return false;
        }
        if (transaction_is_stale(transaction, state->snap, &list)) {
                service_call_refuse(call, STATUS_E_CONFLICT, update_call_list_name(list), NULL);
                return false;
        }
        return true;
}

static struct service_pending *apply(struct admin *admin, const struct service_call *call)
{
        CLEANUP(order_freep) struct order *order = NULL;
        const struct message_apply_update *in = call->in;
        struct transaction *transaction = find(admin, in->update_id, call);
        const struct store_state *state;
        int r;

        if (!transaction)
                return NULL;
        state = stores_at(admin->config.stores, transaction_get_store(transaction));
        if (!may_apply(admin, transaction, state, call))
                return NULL;

        r = make_order(admin, call, state->handle, &order);
        if (!r)
                r = copy_text(&order->reason, transaction_get_reason(transaction));
        if (r) {
                refuse_busy(call);
                return NULL;
        }

        order->transaction = transaction;
        order->request = update_request_ref(transaction_get_request(transaction));
        order->request->is_dry_run = in->dry_run;
        transaction_set_applying(transaction, true, clock_monotonic_ns());
        return submit(admin, TAKE(order));
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

static void reload(const struct admin *admin, const struct service_call *call)
{
        CLEANUP(freep) char *fault = NULL;
        int r = admin->config.lane->reload(admin->config.lane->app, &fault);

        if (r == -ENOMEM)
                refuse_busy(call);
        else if (r)
                refuse_field(call, "configuration", fault ? fault : strerror(-r));
        else
                service_call_answer(call, &(struct message_nothing){ 0 });
}

struct service_pending *admin_call(struct admin *admin, const struct store_state *state,
                                   const struct service_call *call)
{
        if (!admin->config.lane) {
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
                reload(admin, call);
                return NULL;
        default:
                return update(admin, state, call);
        }
}
