/* SPDX-License-Identifier: Apache-2.0 */
#include "service/waiting.h"

#include "base/clock.h"
#include "base/vec.h"
#include "proto/names.h"
#include "service/caller.h"
#include "service/quota.h"

#include <errno.h>
#include <string.h>

struct waiting {
        struct quota *quota;
        waiting_ask_fn ask;
        void *userdata;
        VEC(struct waiter *) waiters; /* in order of arrival; those that were put anew are out */
};

/* One question. Once put anew it is a mere handle. */
struct waiter {
        struct service_pending pending;
        struct waiting *waiting;
        size_t store;
        int64_t deadline_ns;
        struct service_call call; /* its in and caller are our own */
        service_reply_fn reply;   /* the door's */
        void *userdata;
        struct service_pending *inner; /* after the wait: who answers later */
        /* while the question is put anew: its last reply may come at once */
        bool is_asking, is_answered;
};

static void leave_queue(struct waiter *waiter)
{
        struct waiting *waiting = waiter->waiting;

        for (size_t i = 0; i < waiting->waiters.n; i++) {
                struct waiter **at = waiting->waiters.items + i;

                if (*at != waiter)
                        continue;
                quota_give(waiting->quota, waiter->call.caller, QUOTA_CALLS, 1);
                waiting->waiters.n--;
                memmove(at, at + 1, (waiting->waiters.n - i) * sizeof(*at));
                return;
        }
}

static struct waiter *waiter_free(struct waiter *waiter)
{
        if (!waiter)
                return NULL;

        leave_queue(waiter);
        if (waiter->call.in)
                schema_deinit(message_get_method(waiter->call.method)->in, (void *)waiter->call.in);
        free((void *)waiter->call.in);
        caller_unref((struct caller *)waiter->call.caller);
        free(waiter);
        return NULL;
}

DEFINE_CLEANUP(struct waiter *, waiter_free)

static void on_cancel(struct service_pending *pending)
{
        struct waiter *waiter = CONTAINER_OF(pending, struct waiter, pending);

        service_cancel(waiter->inner);
        waiter_free(waiter);
}

static void on_pause(struct service_pending *pending)
{
        struct waiter *waiter = CONTAINER_OF(pending, struct waiter, pending);

        if (waiter->inner)
                service_pause(waiter->inner);
}

static void on_resume(struct service_pending *pending)
{
        struct waiter *waiter = CONTAINER_OF(pending, struct waiter, pending);

        if (waiter->inner)
                service_resume(waiter->inner);
}

/* The door's function comes last: it may end the connection, and with it this waiter. */
static void on_reply(const struct service_reply *reply, void *userdata)
{
        struct waiter *waiter = userdata;
        service_reply_fn forward = waiter->reply;
        void *forward_to = waiter->userdata;

        if (!reply->continues && waiter->is_asking)
                waiter->is_answered = true;
        else if (!reply->continues)
                waiter_free(waiter);
        forward(reply, forward_to);
}

static int make_waiter(struct waiting *waiting, size_t store, const struct service_call *call,
                       struct waiter **out)
{
        const struct schema *schema = message_get_method(call->method)->in;
        CLEANUP(waiter_freep) struct waiter *waiter = calloc(1, sizeof(*waiter));
        CLEANUP(freep) void *in = malloc(schema->size_bytes);
        int r;

        if (!waiter || !in)
                return -ENOMEM;

        waiter->pending = (struct service_pending){ on_cancel, on_pause, on_resume };
        waiter->waiting = waiting;
        waiter->store = store;
        waiter->deadline_ns = clock_monotonic_ns() + NAMES_STORE_WAIT_MS * INT64_C(1000000);
        waiter->call.method = call->method; /* whose copy is to be freed */
        waiter->reply = call->reply;
        waiter->userdata = call->userdata;

        r = schema_copy(schema, call->in, in);
        if (r)
                return r;

        waiter->call = *call;
        waiter->call.in = TAKE(in);
        waiter->call.caller = caller_ref(call->caller);
        waiter->call.reply = on_reply;
        waiter->call.userdata = waiter;
        *out = TAKE(waiter);
        return 0;
}

static int enqueue(struct waiting *waiting, struct waiter *waiter, const char **out_limit)
{
        int r;

        if (waiting->waiters.n >= WAITING_MAX)
                return -EBUSY;

        r = VEC_RESERVE(&waiting->waiters, 1);
        if (!r)
                r = quota_take(waiting->quota, waiter->call.caller, QUOTA_CALLS, 1, out_limit);
        if (!r)
                waiting->waiters.items[waiting->waiters.n++] = waiter;
        return r;
}

struct service_pending *waiting_add(struct waiting *waiting, size_t store,
                                    const struct service_call *call)
{
        CLEANUP(waiter_freep) struct waiter *waiter = NULL;
        const char *limit;
        int r;

        r = make_waiter(waiting, store, call, &waiter);
        if (!r)
                r = enqueue(waiting, waiter, &limit);
        if (!r)
                return &TAKE(waiter)->pending;

        if (r == QUOTA_E_EXCEEDED)
                service_call_refuse(call, STATUS_E_QUOTA_EXCEEDED, limit, NULL);
        else
                service_call_refuse(call, STATUS_E_BUSY, NULL, NULL);
        return NULL;
}

static void put_anew(struct waiter *waiter, const char *reason)
{
        leave_queue(waiter);
        waiter->is_asking = true;
        waiter->inner = waiter->waiting->ask(&waiter->call, waiter->store, reason,
                                             waiter->waiting->userdata);
        waiter->is_asking = false;
        if (waiter->is_answered)
                waiter_free(waiter);
}

/* Answering may end connections, and with them other waiters: each time the first that is left. */
void waiting_end(struct waiting *waiting, size_t store, const char *reason)
{
        size_t i = 0;

        while (i < waiting->waiters.n) {
                if (waiting->waiters.items[i]->store == store) {
                        put_anew(waiting->waiters.items[i], reason);
                        i = 0;
                } else {
                        i++;
                }
        }
}

void waiting_tick(struct waiting *waiting, int64_t now_ns)
{
        while (waiting->waiters.n > 0 && waiting->waiters.items[0]->deadline_ns <= now_ns)
                put_anew(waiting->waiters.items[0], "is still being read");
}

int waiting_new(struct quota *quota, waiting_ask_fn ask, void *userdata, struct waiting **out)
{
        struct waiting *waiting = calloc(1, sizeof(*waiting));

        if (!waiting)
                return -ENOMEM;

        *waiting = (struct waiting){ .quota = quota, .ask = ask, .userdata = userdata };
        *out = waiting;
        return 0;
}

struct waiting *waiting_free(struct waiting *waiting)
{
        if (!waiting)
                return NULL;

        while (waiting->waiters.n > 0)
                waiter_free(waiting->waiters.items[waiting->waiters.n - 1]);
        VEC_FREE(&waiting->waiters);
        free(waiting);
        return NULL;
}
