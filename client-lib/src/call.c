/* SPDX-License-Identifier: Apache-2.0 */
#include "call.h"

#include "connection.h"
#include "error.h"
#include "proto/call.h"
#include "proto/compiler.h"
#include "proto/names.h"
#include "proto/schema.h"
#include "reply.h"

#include <errno.h>

DEFINE_CLEANUP(struct uatrust_call *, uatrust_call_free)

static struct uatrust_call *call_of(struct slot *slot)
{
        return CONTAINER_OF(slot, struct uatrust_call, slot);
}

/*
 * What becomes of it.
 */

/* It is not sent again, but perhaps the same question is asked again. */
static void put_message_away(struct uatrust_call *call)
{
        if (call->key.is_all && call->slot.message.n)
                call->key.message = call->slot.message;
        else
                buf_deinit(&call->slot.message);
        call->slot.message = (struct buf)BUF_NULL;
}

static void end(struct uatrust_call *call)
{
        call->state = CALL_DONE;
        put_message_away(call);
        if (call->callback)
                task_put(&call->client->tasks, &call->task);
}

static void on_failure(struct slot *slot, int r, const char *path)
{
        struct uatrust_call *call = call_of(slot);

        if (call->client->is_closed)
                client_report_closed(&call->error);
        else
                reply_report_failure(&call->error, r, path);
        end(call);
}

static void put(struct uatrust_call *call)
{
        call->slot.n_sent = 0;
        call->slot.deadline_us = client_deadline_us(call->client);
        if (call->method->is_registration && call->slot.deadline_us != ENGINE_NEVER)
                call->slot.deadline_us += NAMES_STORE_WAIT_MS * UINT64_C(1000);
        pipeline_put(call->pipeline, &call->slot);
}

static int encode(struct uatrust_call *call, const void *in)
{
        buf_reset(&call->slot.message);
        call_encode(call->asked->name, 0, call->asked->in, in, &call->slot.message);
        return buf_error(&call->slot.message);
}

/* Return: PAGING_MORE; or an enum uatrust_code. */
static int put_again(struct uatrust_call *call, const struct call_method *asked,
                     const struct paging *paging)
{
        call->asked = asked;
        if (encode(call, paging->in))
                return error_report_errno(&call->error, -ENOMEM, NULL);

        put(call);
        return PAGING_MORE;
}

/* Return: 0: the value is whole; PAGING_MORE; or an enum uatrust_code. */
static int ask_rest(struct uatrust_call *call)
{
        const struct call_rest *rest = call->method->rest;
        CLEANUP(freep) void *in = NULL;

        if (!rest)
                return 0;

        in = calloc(1, rest->method->in->size_bytes);
        if (!in)
                return error_report_errno(&call->error, -ENOMEM, NULL);
        if (!rest->get(call->value, in))
                return 0;

        paging_deinit(&call->rest);
        if (paging_init(&call->rest, rest->method->in, rest->method->out, in))
                return error_report_errno(&call->error, -ENOMEM, NULL);
        return put_again(call, rest->method, &call->rest);
}

/* One reply of several; Return: as of ask_rest(). */
static int take(struct uatrust_call *call, void *reply)
{
        bool is_rest = call->asked != call->method;
        struct paging *paging = is_rest ? &call->rest : &call->paging;
        int r = call->asked->take(paging, reply, &call->error);

        if (r)
                return r == PAGING_MORE ? put_again(call, call->asked, paging) : r;

        if (!is_rest)
                call->value = TAKE(paging->all);
        else if (call->method->rest->add(call->value, paging->all))
                return error_report_errno(&call->error, -ENOMEM, NULL);
        return ask_rest(call);
}

/* What the value lacks is gone since: the store has changed. Return: as of ask_rest(). */
static int begin_anew(struct uatrust_call *call)
{
        int r;

        uatrust_error_free(TAKE(call->error));
        reply_free_value(call->method->out, TAKE(call->value));
        r = paging_restart(&call->paging, &call->error);
        return r == PAGING_MORE ? put_again(call, call->method, &call->paging) : r;
}

/* Was it known what this reply says? */
static bool recall(struct uatrust_call *call, const char *text, size_t n)
{
        struct uatrust_client *client = call->client;

        if (!call->key.bytes)
                return false;

        put_message_away(call);
        call->held = held_recall(client->held, client->calls.path, &call->key, text, n);
        return call->held;
}

static int on_reply(struct slot *slot, const char *text, size_t n, bool is_early)
{
        struct uatrust_call *call = call_of(slot);
        struct reply reply;
        int r = 0;

        if (!is_early && recall(call, text, n)) {
                end(call);
                return 0;
        }

        reply_read(text, n, call->asked->out, &reply);
        if (reply.value && (reply.continues || is_early)) {
                reply_free_value(call->asked->out, TAKE(reply.value));
                error_report(&call->error, STATUS_E_PROTOCOL, NULL, "is out of turn");
                reply.is_garbled = true;
        } else if (!reply.value) {
                call->error = reply.error;
                if (call->asked != call->method &&
                    uatrust_error_get_code(reply.error) == UATRUST_E_NO_SUCH_CERTIFICATE)
                        r = begin_anew(call);
        } else if (!call->method->take) {
                call->value = reply.value;
        } else {
                r = take(call, reply.value);
        }

        if (r != PAGING_MORE)
                end(call);
        return reply.is_garbled ? CONNECTION_E_GARBLED : 0;
}

/* The caller forgot it before. */
static void on_dropped(struct slot *slot)
{
        struct uatrust_call *call = call_of(slot);
        struct uatrust_client *client = call->client;

        buf_deinit(&slot->message);
        uatrust_error_free(call->error);
        if (call->method)
                reply_free_value(call->method->out, call->value);
        paging_deinit(&call->paging);
        paging_deinit(&call->rest);
        held_key_deinit(&call->key);
        uatrust_verdict_free(call->held);
        free(call);
        client_unref(client);
}

static const struct slot_rules rules = { on_reply, on_failure, on_dropped };

static void run(struct task *task)
{
        struct uatrust_call *call = CONTAINER_OF(task, struct uatrust_call, task);

        call->callback(call, call->userdata);
}

/*
 * Life.
 */

struct uatrust_call *uatrust_call_new(struct uatrust_client *client, uatrust_call_fn callback,
                                      void *userdata)
{
        struct uatrust_call *call = calloc(1, sizeof(*call));

        if (!client || !call) {
                free(call);
                return NULL;
        }

        call->slot.rules = &rules;
        call->task.run = run;
        call->client = client_ref(client);
        call->callback = callback;
        call->userdata = userdata;
        return call;
}

void uatrust_call_free(struct uatrust_call *call)
{
        if (!call)
                return;

        call->callback = NULL;
        task_take(&call->task);
        if (call->state == CALL_WAITS && call->pipeline != &call->own) {
                pipeline_cancel(call->pipeline, &call->slot);
                return;
        }

        if (call->pipeline == &call->own)
                pipeline_deinit(&call->own);
        on_dropped(&call->slot);
}

bool uatrust_call_is_done(const struct uatrust_call *call)
{
        return call && call->state >= CALL_DONE;
}

/*
 * Asking.
 */

static int check_new(const struct uatrust_call *call, struct uatrust_error **error)
{
        if (!call)
                return error_report(error, STATUS_E_NO_MEMORY, NULL, NULL);
        if (call->state != CALL_NEW)
                return error_report(error, STATUS_E_INVALID_ARGUMENT, "call", "is started already");
        return call->client->is_closed ? client_report_closed(error) : 0;
}

int call_start_done(struct uatrust_call *call, const struct call_method *method,
                    struct uatrust_error **error)
{
        int r = check_new(call, error);

        if (r)
                return r;

        call->method = method;
        end(call);
        return 0;
}

int call_start(struct uatrust_call *call, const struct call_method *method, const void *in,
               struct uatrust_error **error)
{
        int r = check_new(call, error);

        if (r)
                return r;

        engine_enter(&call->client->engine);
        call->method = call->asked = method;
        if ((!call->slot.message.n && encode(call, in)) ||
            (method->take && paging_init(&call->paging, method->in, method->out, in))) {
                call->method = NULL;
                paging_deinit(&call->paging);
                return error_report(error, STATUS_E_NO_MEMORY, NULL, NULL);
        }

        call->pipeline =
                method->is_registration ? &call->client->registrations : &call->client->calls;
        if (method->is_admin) {
                call->pipeline = &call->own;
                pipeline_init(&call->own, &call->client->engine, &call->client->admin_door, false);
        }
        call->state = CALL_WAITS;
        put(call);
        return 0;
}

int call_start_question(struct uatrust_call *call, const struct call_method *method, const void *in,
                        struct held_key *key, struct uatrust_error **error)
{
        int r = check_new(call, error);

        if (r)
                return r;

        call->key = *key;
        *key = (struct held_key)HELD_KEY_NULL;
        call->slot.message = call->key.message;
        call->key.message = (struct buf)BUF_NULL;
        return call_start(call, method, in, error);
}

/* Return: 0: it is done; or an enum uatrust_code. */
static int wait_for(struct uatrust_call *call, struct uatrust_error **error)
{
        struct engine *engine = &call->client->engine;
        int r = 0;

        engine_enter(engine);
        while (!r && call->state == CALL_WAITS) {
                if (call->client->is_closed)
                        return client_report_closed(error);
                r = engine_step(engine, ENGINE_NEVER);
        }
        return r ? error_report_errno(error, r, NULL) : 0;
}

int call_finish(struct uatrust_call *call, const struct schema *schema, void **out,
                struct uatrust_error **error)
{
        enum uatrust_code code;
        int r;

        if (!call)
                return error_report(error, STATUS_E_NO_MEMORY, NULL, NULL);
        if (call->state == CALL_NEW || call->state == CALL_FINISHED ||
            (schema && schema != call->method->out))
                return error_report(error, STATUS_E_INVALID_ARGUMENT, "call",
                                    "is not one to finish so");

        r = wait_for(call, error);
        if (r)
                return r;

        call->state = CALL_FINISHED;
        task_take(&call->task);
        if (call->error) {
                code = uatrust_error_get_code(call->error);
                if (error)
                        *error = TAKE(call->error);
                return (int)code;
        }
        if (out)
                *out = TAKE(call->value);
        return 0;
}

int call_ask(struct uatrust_client *client, const struct call_method *method, const void *in,
             void **out, struct uatrust_error **error)
{
        CLEANUP(uatrust_call_freep)
        struct uatrust_call *call = uatrust_call_new(client, NULL, NULL);
        int r;

        r = call_start(call, method, in, error);
        return r ? r : call_finish(call, method->out, out, error);
}

int uatrust_call_finish(struct uatrust_call *call, struct uatrust_error **error)
{
        return call_finish(call, NULL, NULL, error);
}
