/* SPDX-License-Identifier: Apache-2.0 */
#include "service/judge.h"

#include "base/clock.h"
#include "base/vec.h"
#include "engine/validate.h"
#include "engine/verdict.h"
#include "pki/decode.h"
#include "proto/names.h"
#include "service/access.h"
#include "service/answers.h"
#include "service/audit.h"
#include "service/caller.h"
#include "service/executor.h"
#include "service/host_clock.h"
#include "service/quota.h"
#include "service/report.h"
#include "service/request.h"
#include "service/stores.h"
#include "service/verdicts.h"
#include "trust/snapshot.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct judge {
        struct judge_config config;
        struct verdicts *verdicts;
        VEC(struct job *) jobs; /* under way, cancelled ones too */
};

/*
 * A judgement on its way through the executor. Between submit and on_done only the job's thread
 * touches it.
 */
struct job {
        struct service_pending pending;
        struct judge *judge;      /* NULL: the judge is gone */
        struct service_call call; /* its in and caller are our own */
        bool is_cancelled;
        unsigned int n_attempts;

        size_t store;
        int64_t generation;
        struct snapshot *snap;
        struct request request;
        struct terms terms;

        struct verdict verdict;
        int r; /* of the judgement: 0, DECODE_E_*, or a negative errno */
};

int judge_new(const struct judge_config *config, struct judge **out)
{
        CLEANUP(judge_freep) struct judge *judge = calloc(1, sizeof(*judge));
        int r;

        if (!judge)
                return -ENOMEM;

        judge->config = *config;
        r = verdicts_new(&judge->verdicts);
        if (r)
                return r;

        *out = TAKE(judge);
        return 0;
}

struct judge *judge_free(struct judge *judge)
{
        if (!judge)
                return NULL;

        for (size_t i = 0; i < judge->jobs.n; i++)
                judge->jobs.items[i]->judge = NULL;
        VEC_FREE(&judge->jobs);
        verdicts_free(judge->verdicts);
        free(judge);
        return NULL;
}

void judge_forget(struct judge *judge, const struct store_state *state)
{
        verdicts_forget(judge->verdicts, state->name);
}

/* -- answers ------------------------------------------------------------------------------------ */

/* What was asked, of which store, and how the verdict about it was come by. */
struct question {
        const struct service_call *call;
        const struct store_state *state;
        const struct request *request;
        enum answers_how how;
};

/* An answer for another moment than now is told to nobody. */
static bool is_recorded(const struct question *question)
{
        return question->request->at_s == SCHEMA_INT_ABSENT;
}

/* @known: without auditEventId, which each answer has of its own. */
static void answer(const struct judge *judge, const struct question *question,
                   const struct message_verdict *known)
{
        const struct service_call *call = question->call;
        const struct store_state *state = question->state;
        const struct message_validate *in = call->in;
        char event_id[AUDIT_EVENT_ID_SIZE] = "";
        struct message_validate_reply out = { .verdict = *known };

        if (known->trusted && state->is_in_doubt) {
                service_call_refuse(call, STATUS_E_STORE_IN_DOUBT, state->name, state->reason);
                return;
        }
        if (is_recorded(question)) {
                audit_verdict(judge->config.audit, known, call->caller, in->context, event_id);
                out.verdict.audit_event_id = *event_id ? event_id : NULL;
                answers_tell(judge->config.answers, &(struct answers_item){
                                                            .how = question->how,
                                                            .state = state,
                                                            .caller = call->caller,
                                                            .is_presented = !call->is_named,
                                                            .in = call->in,
                                                            .verdict = &out.verdict,
                                                    });
        }

        service_call_reply(
                call, &(struct service_reply){
                              .out = &out,
                              .stamp = { .is_keepable = is_recorded(question) && !*event_id,
                                         .store = state->handle,
                                         .generation = known->generation,
                                         .valid_until_s = known->valid_until == SCHEMA_INT_ABSENT
                                                                  ? INT64_MAX
                                                                  : known->valid_until } });
}

/* What kept a judgement from being made. */
static void refuse(const struct service_call *call, int r)
{
        if (r == DECODE_E_TOO_MANY)
                service_call_refuse(call, STATUS_E_TOO_LARGE, "10 certificates", NULL);
        else if (r == DECODE_E_CERT_TOO_LARGE)
                service_call_refuse(call, STATUS_E_TOO_LARGE, "65536 bytes a certificate", NULL);
        else if (r == DECODE_E_REQUEST_TOO_LARGE)
                service_call_refuse(call, STATUS_E_TOO_LARGE, "262144 bytes of certificates", NULL);
        else
                service_call_refuse(call, STATUS_E_BUSY, NULL, NULL);
}

/*
 * A verdict of the store's generation in force: said, and kept unless it was asked for another
 * moment.
 */
static void conclude(struct judge *judge, const struct question *question,
                     const struct verdict *verdict)
{
        struct message_verdict message;
        const struct message_verdict *kept;
        int r;

        r = report_verdict(verdict, question->state, judge->config.agent_id, &message);
        if (!r && is_recorded(question)) {
                kept = verdicts_keep(judge->verdicts, &question->request->key,
                                     verdict->valid_until_s, &message);
                r = kept ? 0 : -ENOMEM;
                if (kept)
                        answer(judge, question, kept);
        } else if (!r) {
                answer(judge, question, &message);
        }
        if (r)
                refuse(question->call, r);
        schema_deinit(&message_verdict_schema, &message);
}

/* -- judgement ---------------------------------------------------------------------------------- */

static struct terms make_terms(const struct judge *judge, const struct request *request)
{
        struct terms terms = { .budget_units = VALIDATE_BUDGET_UNITS };

        if (request->at_s != SCHEMA_INT_ABSENT) {
                terms.now_s = terms.at_least_s = request->at_s;
                return terms;
        }

        terms.now_s = terms.at_least_s = judge->config.clock->now_s();
        if (terms.at_least_s < judge->config.clock->at_least_s)
                terms.at_least_s = judge->config.clock->at_least_s;
        return terms;
}

/*
 * Reads the certificates and judges them: any thread. Return: 0, DECODE_E_*, -ENOMEM; or
 * @out_needs_more.
 */
static int judge_bytes(const struct snapshot *snap, const struct message_validate *in,
                       const struct request *request, const struct terms *terms,
                       struct verdict *out, bool *out_needs_more)
{
        CLEANUP(decode_chain_deinit) struct decode_chain chain = DECODE_CHAIN_NULL;
        struct bytes elements[NAMES_CERTIFICATES_MAX];
        int r;

        for (size_t i = 0; i < in->n_certificates; i++)
                elements[i] = (struct bytes){ in->certificates[i].data, in->certificates[i].n };

        r = decode_message_chain(elements, in->n_certificates, &chain);
        if (r)
                return r;

        r = engine_validate(snap, &chain, &request->profile, terms, out);
        *out_needs_more = r == VALIDATE_E_BUDGET;
        return *out_needs_more ? 0 : r;
}

/*
 * On the loop thread. Return: false if it would take too long, in which case nothing was answered.
 */
static bool judge_now(struct judge *judge, const struct store_state *state,
                      const struct service_call *call, const struct request *request)
{
        CLEANUP(verdict_deinit) struct verdict verdict = { 0 };
        struct terms terms = make_terms(judge, request);
        bool needs_more = false;
        int r;

        if (request->n_bytes > JUDGE_INLINE_BYTES ||
            !quota_has_units(judge->config.quota, call->caller, clock_monotonic_ns()))
                return false;

        terms.budget_units = JUDGE_INLINE_UNITS;
        r = judge_bytes(state->snap, call->in, request, &terms, &verdict, &needs_more);
        quota_spend(judge->config.quota, call->caller,
                    JUDGE_READ_UNITS + (needs_more ? JUDGE_INLINE_UNITS : verdict.cost_units),
                    clock_monotonic_ns());
        if (needs_more)
                return false;

        if (r)
                refuse(call, r);
        else
                conclude(judge, &(struct question){ call, state, request, ANSWERS_JUDGED_INLINE },
                         &verdict);
        return true;
}

/* -- jobs --------------------------------------------------------------------------------------- */

static struct job *job_free(struct job *job)
{
        if (!job)
                return NULL;

        schema_deinit(&message_validate_schema, (void *)job->call.in);
        free((void *)job->call.in);
        caller_unref((struct caller *)job->call.caller);
        snapshot_unref(job->snap);
        verdict_deinit(&job->verdict);
        free(job);
        return NULL;
}

DEFINE_CLEANUP(struct job *, job_free);

static void on_cancel(struct service_pending *pending)
{
        struct job *job = CONTAINER_OF(pending, struct job, pending);

        job->is_cancelled = true;
}

static void on_run(void *userdata)
{
        struct job *job = userdata;
        bool needs_more;

        job->r = judge_bytes(job->snap, job->call.in, &job->request, &job->terms, &job->verdict,
                             &needs_more);
}

static void on_done(void *userdata);

/* Has the job judge by the store's picture in force. Return: 0 or a negative errno. */
static int submit(struct judge *judge, const struct store_state *state, struct job *job)
{
        struct message_error error;
        int r;

        r = request_read(job->call.in, state, &job->request, &error);
        if (r)
                return r < 0 ? r : -EINVAL;

        snapshot_unref(job->snap);
        job->snap = snapshot_ref(state->snap);
        job->store = state->handle;
        job->generation = state->generation;
        job->terms = make_terms(judge, &job->request);
        job->n_attempts++;
        return judge->config.executor->submit(judge->config.executor->executor,
                                              job->call.caller->uid, on_run, on_done, job);
}

static void forget_job(struct judge *judge, const struct job *job)
{
        size_t i = 0;

        while (judge->jobs.items[i] != job)
                i++;
        judge->jobs.items[i] = judge->jobs.items[--judge->jobs.n];
        quota_give(judge->config.quota, job->call.caller, QUOTA_CALLS, 1);
}

/* By the picture of another generation, or for a time that is over? */
static bool is_past(const struct judge *judge, const struct store_state *state,
                    const struct job *job)
{
        bool is_about_now = job->request.at_s == SCHEMA_INT_ABSENT;

        return state->generation != job->generation ||
               (is_about_now && !job->r &&
                judge->config.clock->now_s() >= job->verdict.valid_until_s);
}

/*
 * The world may have moved on while the job waited and ran: what it found is said only if it still
 * holds.
 */
static void on_done(void *userdata)
{
        CLEANUP(job_freep) struct job *job = userdata;
        const struct store_state *state;
        struct judge *judge = job->judge;
        bool is_over;

        if (!judge)
                return;

        state = stores_at(judge->config.stores, job->store);
        if (job->is_cancelled) {
                forget_job(judge, job);
                return;
        }

        is_over = state && state->snap && is_past(judge, state, job);
        if (is_over && job->n_attempts < JUDGE_ATTEMPTS_MAX) {
                verdict_deinit(&job->verdict);
                job->verdict = (struct verdict){ 0 };
                job->r = submit(judge, state, job);
                if (!job->r) {
                        TAKE(job);
                        return;
                }
        }

        forget_job(judge, job);
        if (!state)
                service_call_refuse(&job->call, STATUS_E_NO_SUCH_STORE,
                                    ((const struct message_validate *)job->call.in)->store, NULL);
        else if (!state->snap)
                service_call_refuse(&job->call, STATUS_E_STORE_NOT_READY, state->name,
                                    state->reason);
        else if (!access_may_read(job->call.caller, state->access))
                service_call_refuse(&job->call, STATUS_E_PERMISSION_DENIED, NULL, NULL);
        else if (job->r)
                refuse(&job->call, job->r);
        else if (is_over)
                service_call_refuse(&job->call, STATUS_E_BUSY, NULL, NULL);
        else
                conclude(judge,
                         &(struct question){ &job->call, state, &job->request,
                                             ANSWERS_JUDGED_BY_JOB },
                         &job->verdict);
}

static int make_job(struct judge *judge, const struct service_call *call, struct job **out)
{
        CLEANUP(job_freep) struct job *job = calloc(1, sizeof(*job));
        void *in = malloc(sizeof(struct message_validate));
        int r;

        if (!job || !in) {
                free(in);
                return -ENOMEM;
        }

        r = schema_copy(&message_validate_schema, call->in, in);
        if (r) {
                free(in);
                return r;
        }

        job->pending.cancel = on_cancel;
        job->judge = judge;
        job->call = *call;
        job->call.in = in;
        job->call.caller = caller_ref(call->caller);
        *out = TAKE(job);
        return 0;
}

static struct service_pending *judge_later(struct judge *judge, const struct store_state *state,
                                           const struct service_call *call)
{
        CLEANUP(job_freep) struct job *job = NULL;
        const char *limit;
        int r;

        r = make_job(judge, call, &job);
        if (!r)
                r = VEC_RESERVE(&judge->jobs, 1);
        if (!r)
                r = quota_take(judge->config.quota, call->caller, QUOTA_CALLS, 1, &limit);
        if (r == QUOTA_E_EXCEEDED)
                service_call_refuse(call, STATUS_E_QUOTA_EXCEEDED, limit, NULL);
        else if (r)
                refuse(call, r);
        if (r)
                return NULL;

        judge->jobs.items[judge->jobs.n++] = job;
        r = submit(judge, state, job);
        if (r) {
                forget_job(judge, job);
                refuse(call, r);
                return NULL;
        }
        return &TAKE(job)->pending;
}

struct service_pending *judge_call(struct judge *judge, const struct store_state *state,
                                   const struct service_call *call)
{
        const struct message_verdict *known;
        struct message_error error;
        struct request request;
        int r;

        r = request_read(call->in, state, &request, &error);
        if (r == REQUEST_E_REFUSED)
                service_call_refuse(call, error.error, error.subject, error.reason);
        else if (r)
                refuse(call, r);
        if (r)
                return NULL;

        known = request.at_s == SCHEMA_INT_ABSENT
                        ? verdicts_find(judge->verdicts, &request.key, judge->config.clock->now_s())
                        : NULL;
        if (known) {
                answer(judge, &(struct question){ call, state, &request, ANSWERS_KNOWN }, known);
                return NULL;
        }

        return judge_now(judge, state, call, &request) ? NULL : judge_later(judge, state, call);
}
