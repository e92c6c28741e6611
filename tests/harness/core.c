/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/core.h"

#include "harness/must.h"
#include "harness/world.h"
#include "proto/buf.h"
#include "proto/call.h"
#include "proto/json.h"
#include "proto/message.h"
#include "proto/names.h"
#include "trust/change.h"
#include "trust/snapshot.h"

#include <string.h>

#define VALUES_MAX 100000

static int64_t clock_s;

static int64_t tell_time(void)
{
        return clock_s;
}

void core_set_time(int64_t now_s)
{
        clock_s = now_s;
}

static int queue_job(void *executor, uid_t lane, executor_run_fn run, executor_done_fn done,
                     void *userdata)
{
        struct core *core = executor;

        (void)lane;
        must(core->n_jobs < CORE_JOBS_MAX, "more jobs than there is room for");
        core->jobs[core->n_jobs++] = (struct core_job){ run, done, userdata };
        return 0;
}

bool core_run_job(struct core *core)
{
        struct core_job job = core->jobs[0];

        if (core->n_jobs == 0)
                return false;

        memmove(core->jobs, core->jobs + 1, --core->n_jobs * sizeof(*core->jobs));
        job.run(job.userdata);
        job.done(job.userdata);
        return true;
}

struct core_asked {
        struct core *core;
        struct core_asked *next;
        const struct schema_method *method;
};

struct core *core_new(const struct lane *lane)
{
        static const char *const SOURCES[] = { "/nowhere", NULL };
        struct core *core = must_calloc(1, sizeof(*core));
        struct service_config config = { .agent_id = CORE_AGENT_ID,
                                         .executor = &core->executor,
                                         .lane = lane,
                                         .now_s = tell_time };

        clock_s = MINT_NOW_S;
        core->executor = (struct executor){ queue_job, core };
        core->caller = (struct caller){ .ref = REF_INIT, .uid = 1000, .pid = 1 };
        core->world = world_new();
        must(service_new(&config, &core->service) == 0, "service_new");
        must(service_add_store(core->service, NAMES_DEFAULT_STORE, SOURCES, &core->store) == 0,
             "service_add_store");
        return core;
}

struct core *core_free(struct core *core)
{
        if (!core)
                return NULL;

        core->service = service_free(core->service);
        while (core_run_job(core))
                ;
        snapshot_unref(core->snap);
        world_free(core->world);
        while (core->asked) {
                struct core_asked *next = core->asked->next;

                free(core->asked);
                core->asked = next;
        }
        free(core->reply);
        free(core);
        return NULL;
}

void core_publish(struct core *core)
{
        struct snapshot *snap = world_build(core->world);
        struct change *change;

        must(change_between(core->snap, snap, &change) == 0, "change_between");
        must(service_publish(core->service, core->store, snap, change) == 0, "service_publish");
        change_unref(change);
        snapshot_unref(core->snap);
        core->snap = snap;
}

/* The words of the wire, without the NUL at the end. */
static void on_reply(const struct service_reply *reply, void *userdata)
{
        struct core_asked *asked = userdata;
        struct buf text = BUF_NULL;

        if (reply->error)
                call_reply_encode_error(reply->error, &text);
        else
                call_reply_encode(asked->method->out, reply->out, reply->continues, &text);
        must(!buf_error(&text), "no memory for a reply");

        free(asked->core->reply);
        asked->core->reply = must_strdup((const char *)text.data);
        asked->core->n_replies++;
        buf_deinit(&text);
}

struct service_pending *core_begin(struct core *core, enum message_method method,
                                   const char *parameters)
{
        struct core_asked *asked = must_calloc(1, sizeof(*asked));
        const struct schema_method *row = message_get_method(method);
        struct service_pending *pending;
        struct caller *caller;
        struct json_object *values;
        struct json_error error;
        void *in;

        asked->core = core;
        asked->method = row;
        asked->next = core->asked;
        core->asked = asked;
        in = must_calloc(1, row->in->size_bytes);
        must(json_parse(parameters, strlen(parameters), VALUES_MAX, &values, &error) == 0, "%s",
             parameters);
        must(json_decode(values, row->in, in, &error) == 0, "%s: %s", error.field, error.reason);
        json_free(values);

        must(caller_new(&core->caller, &caller) == 0, "caller_new");
        pending =
                service_call(core->service,
                             &(struct service_call){ .method = method,
                                                     .caller = caller,
                                                     .in = in,
                                                     .wants_more = row->flags & SCHEMA_METHOD_MORE,
                                                     .reply = on_reply,
                                                     .userdata = asked });
        caller_unref(caller);
        schema_deinit(row->in, in);
        free(in);
        return pending;
}

const char *core_ask(struct core *core, enum message_method method, const char *parameters)
{
        size_t n_before = core->n_replies;

        core_begin(core, method, parameters);
        while (core->n_replies == n_before && core_run_job(core))
                ;
        must(core->n_replies == n_before + 1, "%s was not answered once",
             message_get_method(method)->name);
        return core->reply;
}
