/* SPDX-License-Identifier: Apache-2.0 */
#include "service/reading.h"

#include "base/vec.h"
#include "pki/crl.h"
#include "proto/hex.h"
#include "proto/message_trust.h"
#include "proto/names.h"
#include "service/caller.h"
#include "service/executor.h"
#include "service/lane.h"
#include "service/pages.h"
#include "service/quota.h"
#include "service/stores.h"
#include "service/trust_list.h"
#include "store/read.h"
#include "store/sources.h"
#include "trust/entry.h"
#include "trust/snapshot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SHA256_DIGITS 64

struct reading {
        struct reading_config config;
        VEC(struct job *) jobs; /* under way, cancelled ones too */
};

/* Between submit and on_done only the job's thread touches it. */
struct job {
        struct service_pending pending;
        struct reading *reading;  /* NULL: it is gone */
        struct service_call call; /* without in; the caller is our own */
        bool is_cancelled;
        struct snapshot *snap;
        struct sources *sources; /* or NULL */

        struct trust_list_query query;  /* ReadTrustList */
        const struct snapshot_crl *crl; /* ReadCrl */
        size_t offset;

        struct message_read_trust_list_reply list;
        struct message_read_crl_reply part;
        const char *path; /* of what changed; borrowed from the snapshot */
        int r;
};

int reading_new(const struct reading_config *config, struct reading **out)
{
        struct reading *reading = calloc(1, sizeof(*reading));

        if (!reading)
                return -ENOMEM;

        reading->config = *config;
        *out = reading;
        return 0;
}

struct reading *reading_free(struct reading *reading)
{
        if (!reading)
                return NULL;

        for (size_t i = 0; i < reading->jobs.n; i++)
                reading->jobs.items[i]->reading = NULL;
        VEC_FREE(&reading->jobs);
        free(reading);
        return NULL;
}

static struct job *job_free(struct job *job)
{
        if (!job)
                return NULL;

        schema_deinit(&message_read_trust_list_reply_schema, &job->list);
        schema_deinit(&message_read_crl_reply_schema, &job->part);
        caller_unref((struct caller *)job->call.caller);
        sources_unref(job->sources);
        snapshot_unref(job->snap);
        free(job);
        return NULL;
}

DEFINE_CLEANUP(struct job *, job_free)

/* -- what is asked ------------------------------------------------------------------------------ */

static void refuse_query(const struct service_call *call, int r)
{
        if (r == TRUST_LIST_E_NO_LIST)
                service_call_refuse(call, STATUS_E_BAD_REQUEST, "lists",
                                    "holds a name of no list of a trust list");
        else if (r == TRUST_LIST_E_NO_PAGE)
                pages_refuse_limit(call);
        else
                pages_refuse_cursor(call);
}

/* Return: false: it was refused. */
static bool read_crl_call(const struct service_call *call, struct job *job)
{
        const struct message_read_crl *in = call->in;
        uint8_t sha256[32];

        if (strlen(in->sha256) != SHA256_DIGITS ||
            hex_decode(in->sha256, SHA256_DIGITS, sha256) != 0) {
                service_call_refuse(call, STATUS_E_BAD_REQUEST, "sha256", "is no SHA-256 in hex");
                return false;
        }

        job->crl = trust_list_find_crl(job->snap, sha256);
        if (!job->crl) {
                service_call_refuse(call, STATUS_E_NO_SUCH_CERTIFICATE, in->sha256, NULL);
                return false;
        }
        if (in->offset < 0 || (uint64_t)in->offset > job->crl->crl->n_der) {
                service_call_refuse(call, STATUS_E_BAD_REQUEST, "offset", "lies behind its end");
                return false;
        }
        job->offset = (size_t)in->offset;
        return true;
}

static bool read_call(const struct service_call *call, struct job *job)
{
        int r;

        if (call->method == MESSAGE_READ_CRL)
                return read_crl_call(call, job);

        r = trust_list_read_query(call->in, &job->query);
        if (r)
                refuse_query(call, r);
        return !r;
}

/* -- the job ------------------------------------------------------------------------------------ */

static int read_part(struct job *job)
{
        CLEANUP(freep) uint8_t *der = NULL;
        size_t n, n_part;
        int r;

        r = job->sources ? read_crl(job->sources, job->crl, &der, &n) : READ_E_CHANGED;
        if (r == READ_E_CHANGED) {
                job->path = job->crl->entries[0]->origin;
                return TRUST_LIST_E_CHANGED;
        }
        if (r)
                return r;

        n_part = n - job->offset < NAMES_PART_MAX_BYTES ? n - job->offset : NAMES_PART_MAX_BYTES;
        job->part.total = (int64_t)n;
        job->part.data.data = malloc(n_part + 1);
        if (!job->part.data.data)
                return -ENOMEM;
        memcpy(job->part.data.data, der + job->offset, n_part);
        job->part.data.n = n_part;
        return 0;
}

static void on_run(void *userdata)
{
        struct job *job = userdata;

        job->r = job->call.method == MESSAGE_READ_CRL
                         ? read_part(job)
                         : trust_list_gather(job->snap, job->sources, &job->query, &job->list,
                                             &job->path);
}

static void forget_job(struct reading *reading, const struct job *job)
{
        size_t i = 0;

        quota_give(reading->config.quota, job->call.caller, QUOTA_CALLS, 1);
        while (reading->jobs.items[i] != job)
                i++;
        reading->jobs.items[i] = reading->jobs.items[--reading->jobs.n];
}

static void on_done(void *userdata)
{
        CLEANUP(job_freep) struct job *job = userdata;

        if (!job->reading)
                return;
        forget_job(job->reading, job);
        if (job->is_cancelled)
                return;

        if (job->r == TRUST_LIST_E_CHANGED)
                service_call_refuse(&job->call, STATUS_E_CONFLICT, job->path, NULL);
        else if (job->r > 0)
                refuse_query(&job->call, job->r);
        else if (job->r < 0)
                service_call_refuse(&job->call, STATUS_E_BUSY, NULL, NULL);
        else if (job->call.method == MESSAGE_READ_CRL)
                service_call_answer(&job->call, &job->part);
        else
                service_call_answer(&job->call, &job->list);
}

static void on_cancel(struct service_pending *pending)
{
        CONTAINER_OF(pending, struct job, pending)->is_cancelled = true;
}

/* -- the call ----------------------------------------------------------------------------------- */

static int make_job(struct reading *reading, const struct store_state *state,
                    const struct service_call *call, struct job **out)
{
        CLEANUP(job_freep) struct job *job = calloc(1, sizeof(*job));
        const struct lane *lane = reading->config.lane;
        const struct sources *sources = lane ? lane->get_sources(lane->app, state->handle) : NULL;

        if (!job)
                return -ENOMEM;

        schema_init(&message_read_trust_list_reply_schema, &job->list);
        schema_init(&message_read_crl_reply_schema, &job->part);
        job->pending.cancel = on_cancel;
        job->reading = reading;
        job->call = *call;
        job->call.in = NULL;
        job->call.caller = caller_ref(call->caller);
        job->snap = snapshot_ref(state->snap);
        job->sources = sources ? sources_ref(sources) : NULL;
        job->list.generation = state->generation;
        job->list.store = strdup(state->name);
        job->list.agent_id = strdup(reading->config.agent_id);
        if (!job->list.store || !job->list.agent_id)
                return -ENOMEM;

        *out = TAKE(job);
        return 0;
}

static int submit(struct reading *reading, struct job *job, const char **out_limit)
{
        const struct executor *executor = reading->config.executor;
        int r;

        r = VEC_RESERVE(&reading->jobs, 1);
        if (!r)
                r = quota_take(reading->config.quota, job->call.caller, QUOTA_CALLS, 1, out_limit);
        if (r)
                return r;

        reading->jobs.items[reading->jobs.n++] = job;
        r = executor->submit(executor->executor, job->call.caller->uid, on_run, on_done, job);
        if (r)
                forget_job(reading, job);
        return r;
}

struct service_pending *reading_call(struct reading *reading, const struct store_state *state,
                                     const struct service_call *call)
{
        CLEANUP(job_freep) struct job *job = NULL;
        const char *limit;
        int r;

        r = make_job(reading, state, call, &job);
        if (!r && !read_call(call, job))
                return NULL;
        if (!r)
                r = submit(reading, job, &limit);
        if (!r)
                return &TAKE(job)->pending;

        if (r == QUOTA_E_EXCEEDED)
                service_call_refuse(call, STATUS_E_QUOTA_EXCEEDED, limit, NULL);
        else
                service_call_refuse(call, STATUS_E_BUSY, NULL, NULL);
        return NULL;
}
