/* SPDX-License-Identifier: Apache-2.0 */
#include "loop/work.h"

#include "loop/loop.h"

#include <uv.h>

#include <assert.h>
#include <errno.h>

struct lane;

struct work_job {
        uv_work_t request;
        struct work_task task;
        struct lane *lane;
        struct work_job *next;
        bool is_cancelled;
        bool is_queued; /* in libuv's hands */
};

/* A lane lives while it has jobs; the first of them is in libuv's hands. */
struct lane {
        struct work *work;
        uint64_t key;
        struct work_job *first, *last;
        struct lane *next;
};

struct work {
        struct loop *loop;
        struct lane *lanes; /* as many as are busy: few */
        bool is_freed;      /* ends with its last lane */
};

int work_new(struct loop *loop, struct work **out)
{
        struct work *work = calloc(1, sizeof(*work));

        if (!work)
                return -ENOMEM;

        work->loop = loop;
        *out = work;
        return 0;
}

static void free_lane(struct lane *lane)
{
        struct work *work = lane->work;
        struct lane **link = &work->lanes;

        while (*link != lane)
                link = &(*link)->next;
        *link = lane->next;
        free(lane);

        if (work->is_freed && !work->lanes)
                free(work);
}

static void on_run(uv_work_t *request)
{
        struct work_job *job = CONTAINER_OF(request, struct work_job, request);

        job->task.run(job->task.userdata);
}

static void on_done(uv_work_t *request, int status);

static void start(struct work_job *job)
{
        int r = uv_queue_work(loop_get_uv(job->lane->work->loop), &job->request, on_run, on_done);

        job->is_queued = true;
        assert(!r); /* it fails without a function to run only */
        (void)r;
}

/*
 * The first job of a lane is over. It stays first while done() is called, so that what done()
 * submits waits.
 */
static void finish_first(struct lane *lane)
{
        struct work_job *job = lane->first;

        job->task.done(job->is_cancelled, job->task.userdata);
        lane->first = job->next;
        free(job);
}

static void on_done(uv_work_t *request, int status)
{
        struct lane *lane = CONTAINER_OF(request, struct work_job, request)->lane;

        assert(!status || lane->first->is_cancelled);
        (void)status;
        lane->first->is_queued = false;

        do
                finish_first(lane);
        while (lane->first && lane->first->is_cancelled);

        if (lane->first)
                start(lane->first);
        else
                free_lane(lane);
}

static struct lane *find_lane(struct work *work, uint64_t key)
{
        struct lane *lane = work->lanes;

        while (lane && lane->key != key)
                lane = lane->next;

        return lane;
}

static struct lane *make_lane(struct work *work, uint64_t key)
{
        struct lane *lane = calloc(1, sizeof(*lane));

        if (!lane)
                return NULL;

        lane->work = work;
        lane->key = key;
        lane->next = work->lanes;
        work->lanes = lane;
        return lane;
}

int work_submit(struct work *work, uint64_t key, const struct work_task *task,
                struct work_job **out)
{
        CLEANUP(freep) struct work_job *job = calloc(1, sizeof(*job));
        struct lane *lane;

        assert(!work->is_freed);
        if (!job)
                return -ENOMEM;

        lane = find_lane(work, key);
        if (!lane)
                lane = make_lane(work, key);
        if (!lane)
                return -ENOMEM;

        job->task = *task;
        job->lane = lane;
        if (out)
                *out = job;

        if (lane->first) {
                lane->last->next = job;
                lane->last = TAKE(job);
                return 0;
        }

        lane->first = lane->last = TAKE(job);
        start(lane->first);
        return 0;
}

void work_cancel(struct work_job *job)
{
        if (job->is_cancelled)
                return;

        job->is_cancelled = true;
        if (job->is_queued)
                uv_cancel((uv_req_t *)&job->request); /* no harm if it runs already */
}

struct work *work_free(struct work *work)
{
        if (!work)
                return NULL;

        work->is_freed = true;
        for (struct lane *lane = work->lanes; lane; lane = lane->next)
                for (struct work_job *job = lane->first; job; job = job->next)
                        work_cancel(job);

        if (!work->lanes)
                free(work);
        return NULL;
}
