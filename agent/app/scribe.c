/* SPDX-License-Identifier: Apache-2.0 */
#include "app/scribe.h"

#include "base/clock.h"
#include "base/vec.h"
#include "loop/timer.h"
#include "loop/work.h"
#include "service/recorder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NS_PER_MS INT64_C(1000000)
#define NEVER_NS  INT64_MAX

struct job {
        struct scribe *scribe; /* NULL: gone; nobody wants to know how it went */
        char *root;
        VEC(struct rejected_batch *) batches;
        struct rejected_list *before;
        bool has_run;

        struct rejected_outcome outcome; /* of the last batch */
        int r;
};

struct scribe {
        struct scribe_config config;
        char *root;
        struct loop_timer *timer;
        int64_t new_ns, counts_ns; /* when these are due, or NEVER_NS */
        int64_t written_ns;        /* the last job's begin */
        struct job *job;           /* that runs */
};

/* -- jobs -------------------------------------------------------------------------------------- */

static struct job *job_free(struct job *job)
{
        if (!job)
                return NULL;

        for (size_t i = 0; i < job->batches.n; i++)
                rejected_batch_free(job->batches.items[i]);
        VEC_FREE(&job->batches);
        rejected_list_unref(job->before);
        rejected_outcome_deinit(&job->outcome);
        free(job->root);
        free(job);
        return NULL;
}

DEFINE_CLEANUP(struct job *, job_free)

static int job_new(const char *root, struct job **out)
{
        CLEANUP(job_freep) struct job *job = calloc(1, sizeof(*job));

        if (!job)
                return -ENOMEM;

        job->outcome = (struct rejected_outcome)REJECTED_OUTCOME_NULL;
        job->root = strdup(root);
        if (!job->root)
                return -ENOMEM;

        *out = TAKE(job);
        return 0;
}

static void on_run(void *userdata)
{
        struct job *job = userdata;

        job->has_run = true;
        for (size_t i = 0; i < job->batches.n; i++) {
                rejected_outcome_deinit(&job->outcome);
                job->outcome = (struct rejected_outcome)REJECTED_OUTCOME_NULL;
                job->r = rejected_write(job->root, job->before, job->batches.items[i],
                                        &job->outcome);
        }
}

static void plan(struct scribe *scribe);

/* A job that was cancelled before it began is what is left at the end of the agent: it is done now. */
static void on_done(bool is_cancelled, void *userdata)
{
        CLEANUP(job_freep) struct job *job = userdata;
        struct scribe *scribe = job->scribe;

        if (is_cancelled && !job->has_run)
                on_run(job);
        if (!scribe)
                return;

        scribe->job = NULL;
        recorder_settle(scribe->config.recorder, scribe->config.store,
                        job->r ? NULL : &job->outcome, job->r);
        plan(scribe);
}

static int submit(struct scribe *scribe, struct job *job)
{
        struct work_task task = { .run = on_run, .done = on_done, .userdata = job };

        return work_submit(scribe->config.work, scribe->config.lane, &task, NULL);
}

/* Return: 1: something is in @job now; 0: nothing is to be done; or -ENOMEM. */
static int take(struct scribe *scribe, bool wants_counts, struct job *job)
{
        struct rejected_batch *batch;
        struct rejected_list *before;
        int r;

        r = VEC_RESERVE(&job->batches, 1);
        if (!r)
                r = recorder_take(scribe->config.recorder, scribe->config.store, wants_counts,
                                  &batch, &before);
        if (r != 1)
                return r;

        batch->lane = scribe->config.lane;
        job->batches.items[job->batches.n++] = batch;
        rejected_list_unref(job->before);
        job->before = before;
        return 1;
}

/* -- when -------------------------------------------------------------------------------------- */

/* Taking wakes us again if not all was taken, so what is due is forgotten before. */
static void write_down(struct scribe *scribe)
{
        CLEANUP(job_freep) struct job *job = NULL;
        int64_t now_ns = clock_monotonic_ns();
        bool wants_counts = now_ns >= scribe->counts_ns;
        int r;

        scribe->new_ns = NEVER_NS;
        if (wants_counts)
                scribe->counts_ns = NEVER_NS;
        scribe->written_ns = now_ns;

        r = job_new(scribe->root, &job);
        if (!r)
                r = take(scribe, wants_counts, job);
        if (r == 1) {
                job->scribe = scribe;
                r = submit(scribe, job);
                if (!r)
                        scribe->job = TAKE(job);
        }
        if (r < 0)
                recorder_settle(scribe->config.recorder, scribe->config.store, NULL, r);
        plan(scribe);
}

static void on_due(struct loop_timer *timer, void *userdata)
{
        (void)timer;
        write_down(userdata);
}

/* One job at a time: what is due meanwhile comes after it. */
static void plan(struct scribe *scribe)
{
        int64_t due_ns = scribe->new_ns < scribe->counts_ns ? scribe->new_ns : scribe->counts_ns;
        int64_t left_ns;

        if (scribe->job || due_ns == NEVER_NS) {
                loop_timer_stop(scribe->timer);
                return;
        }

        left_ns = due_ns - clock_monotonic_ns();
        loop_timer_start(scribe->timer, left_ns > 0 ? (uint64_t)(left_ns / NS_PER_MS) + 1 : 0);
}

static void on_wake(bool is_new, void *userdata)
{
        struct scribe *scribe = userdata;
        int64_t now_ns;

        if ((is_new ? scribe->new_ns : scribe->counts_ns) != NEVER_NS)
                return;

        now_ns = clock_monotonic_ns();
        if (is_new)
                scribe->new_ns = scribe->written_ns + SCRIBE_NEW_MS * NS_PER_MS;
        else
                scribe->counts_ns = now_ns + SCRIBE_COUNTS_MS * NS_PER_MS;
        plan(scribe);
}

/* -- life -------------------------------------------------------------------------------------- */

int scribe_new(const struct scribe_config *config, struct scribe **out)
{
        CLEANUP(scribe_freep) struct scribe *scribe = calloc(1, sizeof(*scribe));
        const struct recorder_writer writer = { on_wake, scribe };
        int r;

        if (!scribe)
                return -ENOMEM;

        scribe->config = *config;
        scribe->new_ns = scribe->counts_ns = NEVER_NS;
        scribe->root = strdup(config->root);
        if (!scribe->root)
                return -ENOMEM;

        r = loop_timer_new(config->loop, on_due, scribe, &scribe->timer);
        if (!r)
                r = recorder_open(config->recorder, config->store, &writer);
        if (r)
                return r;

        *out = TAKE(scribe);
        return 0;
}

/* All that waits, by one job of which nobody hears. Where there is no memory for it, it is lost. */
static void write_rest(struct scribe *scribe)
{
        CLEANUP(job_freep) struct job *job = NULL;
        int r;

        if (job_new(scribe->root, &job))
                return;

        do
                r = take(scribe, true, job);
        while (r == 1);
        if (job->batches.n > 0 && submit(scribe, job) == 0)
                TAKE(job);
}

struct scribe *scribe_free(struct scribe *scribe)
{
        if (!scribe)
                return NULL;

        if (scribe->job)
                scribe->job->scribe = NULL;
        if (scribe->root)
                write_rest(scribe);
        recorder_close(scribe->config.recorder, scribe->config.store);
        loop_timer_free(scribe->timer);
        free(scribe->root);
        free(scribe);
        return NULL;
}
