/* SPDX-License-Identifier: Apache-2.0 */
#include "service/order.h"

#include "base/clock.h"
#include "base/vec.h"
#include "pki/cert.h"
#include "proto/message_admin.h"
#include "service/admin_audit.h"
#include "service/caller.h"
#include "service/catalog.h"
#include "service/executor.h"
#include "service/lane.h"
#include "service/peer_list.h"
#include "service/peer_question.h"
#include "service/peers.h"
#include "service/put.h"
#include "service/stores.h"
#include "service/transaction.h"
#include "service/update_call.h"
#include "store/update.h"
#include "trust/snapshot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct orders {
        struct orders_config config;
        VEC(struct order *) all; /* on their way, those that nobody waits for too */
};

struct order {
        struct service_pending pending;
        struct orders *orders;    /* NULL: they are gone */
        struct service_call call; /* without in; the caller is our own */
        bool is_cancelled;
        size_t store;
        char *store_name; /* it may be gone when the order ends */
        struct update_request *request;
        bool is_dry_run;
        struct transaction *transaction; /* borrowed, applying; else NULL */
        char *subject;                   /* thumbprint or serial number that was named, or NULL */
        char *reason;                    /* or NULL */

        /* Who falls: between submit and on_judged only the job's thread touches these. */
        struct peer_list *good; /* that were before */
        struct snapshot *after; /* the store as it is now, or would be */
        struct message_update_reply out;
};

int orders_new(const struct orders_config *config, struct orders **out)
{
        struct orders *orders = calloc(1, sizeof(*orders));

        if (!orders)
                return -ENOMEM;

        orders->config = *config;
        *out = orders;
        return 0;
}

struct orders *orders_free(struct orders *orders)
{
        if (!orders)
                return NULL;

        for (size_t i = 0; i < orders->all.n; i++)
                orders->all.items[i]->orders = NULL;
        VEC_FREE(&orders->all);
        free(orders);
        return NULL;
}

static struct order *order_free(struct order *order)
{
        if (!order)
                return NULL;

        schema_deinit(&message_update_reply_schema, &order->out);
        snapshot_unref(order->after);
        peer_list_free(order->good);
        caller_unref((struct caller *)order->call.caller);
        update_request_unref(order->request);
        free(order->store_name);
        free(order->subject);
        free(order->reason);
        free(order);
        return NULL;
}

DEFINE_CLEANUP(struct order *, order_free)

static void forget(struct orders *orders, const struct order *order)
{
        size_t i = 0;

        while (orders->all.items[i] != order)
                i++;
        orders->all.items[i] = orders->all.items[--orders->all.n];
}

static void on_cancel(struct service_pending *pending)
{
        CONTAINER_OF(pending, struct order, pending)->is_cancelled = true;
}

/* -- replies ------------------------------------------------------------------------------------ */

static void refuse(const struct order *order, enum status_error error, const char *subject,
                   const char *reason)
{
        if (!order->is_cancelled)
                service_call_refuse(&order->call, error, subject, reason);
}

/* The last thing that happens to an order. */
static void answer(struct orders *orders, struct order *order)
{
        forget(orders, order);
        if (!order->is_cancelled)
                service_call_answer(&order->call, &order->out);
        order_free(order);
}

/* -- who falls ---------------------------------------------------------------------------------- */

static int copy_text(char **out, const char *text)
{
        *out = text ? strdup(text) : NULL;
        return text && !*out ? -ENOMEM : 0;
}

static int copy_context(const struct message_context *from, struct message_context **out)
{
        CLEANUP(freep) struct message_context *copy = NULL;
        int r;

        if (!from)
                return 0;
        copy = malloc(sizeof(*copy));
        if (!copy)
                return -ENOMEM;
        r = schema_copy(&message_context_schema, from, copy);
        if (r)
                return r;

        *out = TAKE(copy);
        return 0;
}

static int report_fall(const struct peer_fall *fall, struct message_fallen_peer *out)
{
        const struct peer_question *question = fall->question;
        int r;

        schema_init(&message_fallen_peer_schema, out);
        out->uid = fall->uid;
        r = copy_context(question->in.context, &out->context);
        put_text(&out->key, fall->key, &r);
        put_text(&out->cause, cause_name(fall->cause), &r);
        put_text(&out->status_name, status_code_name(fall->status), &r);
        if (question->chain.certs.n > 0)
                put_name(&out->subject, &question->chain.certs.items[0]->subject, &r);
        else
                put_text(&out->subject, "", &r);
        return r;
}

/* Where memory is short, fewer are named: what was done is done. */
static void on_judge(void *userdata)
{
        CLEANUP(freep) struct peer_fall *falls = NULL;
        struct order *order = userdata;
        struct message_update *out = &order->out.update;
        size_t n = 0;

        if (peer_list_would_fall(order->good, order->after, &falls, &n))
                return;

        out->fallen = calloc(n + 1, sizeof(*out->fallen));
        for (size_t i = 0; out->fallen && i < n; i++)
                if (report_fall(&falls[i], &out->fallen[out->n_fallen++]))
                        return;
}

static void on_judged(void *userdata)
{
        struct order *order = userdata;

        if (order->orders)
                answer(order->orders, order);
        else
                order_free(order);
}

/* -- what became of it -------------------------------------------------------------------------- */

static void tell(const struct orders *orders, const struct order *order,
                 const struct store_state *state, const struct update_outcome *outcome)
{
        const struct admin_audit audit = { .method = order->call.method,
                                           .caller = order->call.caller,
                                           .store = state->name,
                                           .generation = state->generation,
                                           .reason = order->reason,
                                           .subject = order->subject,
                                           .n_added = outcome->added.n,
                                           .n_removed = outcome->removed.n,
                                           .time_s = orders->config.now_s() };

        if (outcome->has_changed && !order->is_dry_run)
                admin_audit_tell(&audit, orders->config.audit);
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

/* Return: false: it was refused. */
static bool is_done(const struct order *order, const struct store_state *state,
                    const struct update_outcome *outcome, int r)
{
        CLEANUP(message_error_deinit) struct message_error error = MESSAGE_ERROR_NULL;
        const struct update_asked asked = { order->call.method, order->subject, order->store_name };

        if (!outcome && r != -ECANCELED)
                refuse(order, STATUS_E_BUSY, NULL, NULL);
        else if (!outcome || !state)
                refuse(order, STATUS_E_NO_SUCH_STORE, order->store_name, NULL);
        else if (update_call_judge(outcome, &asked, &error))
                refuse(order, error.error, error.subject, error.reason);
        else
                return true;
        return false;
}

/* Whose sessions fall is asked only if somebody is to hear it. Return: a job has the order. */
static bool judge_good(struct orders *orders, struct order *order,
                       const struct update_outcome *outcome)
{
        const struct executor *executor = orders->config.executor;

        if (!order->good || order->is_cancelled || !outcome->has_changed || !outcome->after)
                return false;

        order->after = snapshot_ref(outcome->after);
        return executor->submit(executor->executor, order->call.caller->uid, on_judge, on_judged,
                                order) == 0;
}

static void on_updated(const struct update_outcome *outcome, int r, void *userdata)
{
        CLEANUP(order_freep) struct order *order = userdata;
        struct orders *orders = order->orders;
        const struct store_state *state;

        if (!orders)
                return;

        release(order, outcome);
        state = stores_at(orders->config.stores, order->store);
        if (!is_done(order, state, outcome, r)) {
                forget(orders, order);
                return;
        }

        tell(orders, order, state, outcome);
        if (update_call_report(outcome, state, orders->config.agent_id, &order->out.update)) {
                refuse(order, STATUS_E_BUSY, NULL, NULL);
                forget(orders, order);
        } else if (judge_good(orders, order, outcome)) {
                TAKE(order);
        } else {
                answer(orders, TAKE(order));
        }
}

/* -- placing ------------------------------------------------------------------------------------ */

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

static int find_good(const struct orders *orders, const struct order *order, struct peer_list **out)
{
        if (peers_count(orders->config.peers) == 0)
                return 0;
        return peers_list_good(orders->config.peers, order->store, out);
}

static int make(struct orders *orders, const struct order_what *what, struct order **out)
{
        CLEANUP(order_freep) struct order *order = calloc(1, sizeof(*order));
        int r;

        if (!order)
                return -ENOMEM;

        schema_init(&message_update_reply_schema, &order->out);
        order->pending.cancel = on_cancel;
        order->orders = orders;
        order->call = *what->call;
        order->call.in = NULL;
        order->call.caller = caller_ref(what->call->caller);
        order->store = what->state->handle;
        order->request = update_request_ref(what->request);
        order->is_dry_run = what->request->is_dry_run;
        order->transaction = what->transaction;
        r = copy_text(&order->store_name, what->state->name);
        if (!r)
                r = copy_text(&order->subject, find_subject(what->call));
        if (!r)
                r = copy_text(&order->reason, what->reason);
        if (!r)
                r = find_good(orders, order, &order->good);
        if (r)
                return r;

        *out = TAKE(order);
        return 0;
}

static int submit(struct orders *orders, struct order *order)
{
        const struct lane *lane = orders->config.lane;
        int r;

        r = VEC_PUSH(&orders->all, order);
        if (r)
                return r;

        if (order->transaction)
                transaction_set_applying(order->transaction, true, clock_monotonic_ns());
        r = lane->update(lane->app, order->store, order->request, on_updated, order);
        if (r) {
                release(order, NULL);
                forget(orders, order);
        }
        return r;
}

struct service_pending *orders_place(struct orders *orders, const struct order_what *what)
{
        CLEANUP(order_freep) struct order *order = NULL;
        int r;

        r = make(orders, what, &order);
        if (!r)
                r = submit(orders, order);
        if (!r)
                return &TAKE(order)->pending;

        if (r != -EBUSY)
                catalog_tell(orders->config.log, CATALOG_UPDATE_NOT_BEGUN, NULL,
                             "an update could not be begun: %s", strerror(-r));
        service_call_refuse(what->call, STATUS_E_BUSY, NULL, NULL);
        return NULL;
}
