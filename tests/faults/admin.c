/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Admin - for each of a row of calls that change trust, or read it, and each allocation that the service makes for it:
 * that one fails. Then the answer is Busy, or the same as ever; there is one, and nothing leaks.
 */

#include "faults/fail.h"
#include "harness/core.h"
#include "harness/fake_lane.h"
#include "harness/must.h"
#include "harness/world.h"
#include "proto/buf.h"
#include "proto/call.h"
#include "proto/compiler.h"
#include "proto/json.h"

#include <stdio.h>
#include <string.h>

#define ALLOCATIONS_MAX 5000
#define VALUES_MAX      1000

static struct fail *fail;
static char *reply_text;
static size_t n_replies;
static bool is_armed, was_out;

static void arm(int64_t left)
{
        is_armed = left != FAIL_NEVER;
        was_out = false;
        fail->left = left;
}

/* What comes after the reply, as writing it down, does not fail. */
static void disarm(void)
{
        was_out = was_out || (is_armed && fail->left < 0);
        is_armed = false;
        fail->left = FAIL_NEVER;
}

/* -- a lane that is done at once, without memory ------------------------------------------------ */

static struct {
        lane_updated_fn done; /* NULL: nothing is under way */
        void *userdata;
} under_way;

static int update(void *app, size_t store, const struct update_request *request,
                  lane_updated_fn done, void *userdata)
{
        (void)app;
        (void)store;
        (void)request;
        under_way.done = done;
        under_way.userdata = userdata;
        return 0;
}

static void end_update(void)
{
        static struct update_thumbprint added[2];
        struct update_outcome outcome = UPDATE_OUTCOME_NULL;
        lane_updated_fn done = under_way.done;

        if (!done)
                return;
        outcome.has_changed = true;
        outcome.added.items = added;
        outcome.added.n = ARRAY_SIZE(added);
        under_way.done = NULL;
        done(&outcome, 0, under_way.userdata);
}

static int queue_job(void *executor, uid_t lane, executor_run_fn run, executor_done_fn done,
                     void *userdata)
{
        (void)executor;
        (void)lane;
        run(userdata);
        /* Never before submit() returns, as far as anybody can tell: nothing looks between. */
        done(userdata);
        return 0;
}

/* -- calls -------------------------------------------------------------------------------------- */

static void on_reply(const struct service_reply *reply, void *userdata)
{
        const struct schema_method *method = message_get_method(*(enum message_method *)userdata);
        struct buf text = BUF_NULL;

        disarm();
        if (reply->error)
                call_reply_encode_error(reply->error, &text);
        else
                call_reply_encode(method->out, reply->out, false, &text);
        free(reply_text);
        reply_text = must_strdup((const char *)text.data);
        n_replies++;
        buf_deinit(&text);
}

static void call(struct fake_lane *lane, enum message_method method, const char *parameters,
                 int64_t left)
{
        const struct schema *schema = message_get_method(method)->in;
        char *text = fake_lane_expand(parameters);
        void *in = must_calloc(1, schema->size_bytes);
        struct json_object *values;
        struct json_error error;
        struct caller *caller;

        must(json_parse(text, strlen(text), VALUES_MAX, &values, &error) == 0, "%s", text);
        must(json_decode(values, schema, in, &error) == 0, "%s: %s", error.field, error.reason);
        json_free(values);
        must(caller_new(&lane->core->caller, &caller) == 0, "caller_new");

        n_replies = 0;
        arm(left);
        service_call(lane->core->service, &(struct service_call){ .method = method,
                                                                  .caller = caller,
                                                                  .in = in,
                                                                  .reply = on_reply,
                                                                  .userdata = &method });
        end_update();
        disarm();
        must(n_replies == 1, "%zu replies", n_replies);
        caller_unref(caller);
        schema_deinit(schema, in);
        free(in);
        free(text);
}

static const struct row {
        enum message_method method;
        const char *in;    /* %s: of an update in parts that was begun */
        const char *reply; /* how it begins */
} rows[] = {
        { MESSAGE_ADD_CERTIFICATE, "{'data':'$C','reason':'why'}", "{'parameters':{'update':" },
        { MESSAGE_ADD_CRL, "{'data':'$R'}", "{'parameters':{'update':" },
        { MESSAGE_REMOVE_CERTIFICATE, "{'thumbprint':'$T'}", "{'parameters':{'update':" },
        { MESSAGE_TRUST_REJECTED, "{'thumbprint':'$S'}", "{'parameters':{'update':" },
        { MESSAGE_BLOCK, "{'thumbprint':'$S','reason':'stolen'}", "{'parameters':{'update':" },
        { MESSAGE_UNBLOCK, "{'issuerThumbprint':'$S','serialNumber':'fe'}",
          "{'parameters':{'update':" },
        { MESSAGE_UPDATE_TRUST_LIST, "{'trustedCertificates':['$C','$C'],'trustedCrls':['$R']}",
          "{'parameters':{'update':" },
        { MESSAGE_UPDATE_TRUST_LIST, "{'trustedCertificates':['$H']}", "{'error':" },
        { MESSAGE_BEGIN_UPDATE, "{'lists':['trustedCrls'],'reason':'why'}",
          "{'parameters':{'updateId':" },
        { MESSAGE_ADD_TO_UPDATE, "{'updateId':'%s','list':'trustedCrls','data':'$R'}",
          "{'parameters':{}}" },
        { MESSAGE_APPLY_UPDATE, "{'updateId':'%s'}", "{'parameters':{'update':" },
        { MESSAGE_CANCEL_UPDATE, "{'updateId':'%s'}", "{'parameters':{}}" },
        { MESSAGE_GET_CERTIFICATE, "{'thumbprint':'$T'}", "{'parameters':{'store':" },
        { MESSAGE_READ_TRUST_LIST, "{'lists':['trustedCertificates']}", "{'parameters':{'store':" },
        { MESSAGE_READ_TRUST_LIST, "{}", "{'error':'org.uatrust.agent1.Conflict'" },
        { MESSAGE_LIST_BLOCKS, "{}", "{'parameters':{'store':" },
};

/* Return: did an allocation fail? */
static bool run_row(const struct row *row, int64_t left, size_t *n_wrong)
{
        struct fake_lane *lane = fake_lane_new();
        char *expected = fake_lane_expand(row->reply), *in = must_strdup(row->in);

        lane->lane.update = update;
        lane->core->executor.submit = queue_job;
        world_block(lane->core->world, &FAKE_LANE_LEAF);
        core_publish(lane->core);
        if (strstr(row->in, "%s")) {
                const char *head = strstr(row->in, "%s");

                call(lane, MESSAGE_BEGIN_UPDATE, "{'lists':['trustedCrls']}", FAIL_NEVER);
                free(in);
                must(asprintf(&in, "%.*s%.32s%s", (int)(head - row->in), row->in,
                              strstr(reply_text, "Id\":\"") + strlen("Id\":\""), head + 2) > 0,
                     "asprintf");
        }

        call(lane, row->method, in, left);
        if (strncmp(reply_text, expected, strlen(expected)) != 0 &&
            !(was_out && strstr(reply_text, "agent1.Busy"))) {
                (*n_wrong)++;
                printf("%s, allocation %lld failing: %s\n", message_get_method(row->method)->name,
                       (long long)left, reply_text);
        }
        free(in);
        free(expected);
        fake_lane_free(lane);
        return was_out;
}

int main(void)
{
        size_t n_wrong = 0;

        fail = fail_get ? fail_get() : NULL;
        must(fail, "libfail.so is not preloaded");
        setvbuf(stdout, NULL, _IOLBF, 0);
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                int64_t n = 0;

                run_row(&rows[i], FAIL_NEVER, &n_wrong);
                while (n < ALLOCATIONS_MAX && run_row(&rows[i], n, &n_wrong))
                        n++;
                printf("%s: %lld allocations, each failed once\n",
                       message_get_method(rows[i].method)->name, (long long)n);
        }
        free(reply_text);
        return n_wrong ? 1 : 0;
}
