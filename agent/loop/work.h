/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Work - jobs for libuv's worker threads, ordered by lanes.
 *
 * A job takes frozen inputs and returns a value: it runs on a worker, touches nothing that the loop
 * thread owns, and its completion is called on the loop thread. Jobs of one lane (one key) run one
 * at a time in the order of submission; a lane has at most one job in libuv's queue, so that a
 * user's thousand jobs delay another user's one by a single job of each lane that is busy. A
 * store's lane is a key, too: serial by the same rule.
 *
 * Not here: a bound on how much is queued (whoever submits counts), and priorities.
 */

#include "proto/compiler.h"

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct work;
struct work_job;

/** work_run_fn - the work itself, on a worker thread */
typedef void (*work_run_fn)(void *userdata);

/**
 * work_done_fn - on the loop thread, exactly once for each job, never from within a call of this
 * module
 * @is_cancelled: who submitted may be gone: free @userdata and touch nothing else. run() may or may
 * not have run
 */
typedef void (*work_done_fn)(bool is_cancelled, void *userdata);

struct work_task {
        work_run_fn run;
        work_done_fn done;
        void *userdata; /* owned by the job until done() */
};

/** work_new() - a set of lanes, none busy; Return: 0 or -ENOMEM */
int work_new(struct loop *loop, struct work **out);

/**
 * work_free() - cancel every job
 * @work: may be NULL
 *
 * Does not wait: the done() calls come later, at the latest from loop_free().
 *
 * Return: NULL
 */
struct work *work_free(struct work *work);
DEFINE_CLEANUP(struct work *, work_free)

/**
 * work_submit() - queue a job behind the others of its lane
 * @key:  the lane: a user id, a store's number; lanes come and go with their jobs
 * @task: copied
 * @out:  NULL if it will not be cancelled alone; borrowed, valid until done() is called
 *
 * Return: 0 or -ENOMEM; then done() is not called and the userdata stays the caller's
 */
int work_submit(struct work *work, uint64_t key, const struct work_task *task,
                struct work_job **out);

/**
 * work_cancel() - done() will be called with is_cancelled; a job that has begun to run is not
 * interrupted
 */
void work_cancel(struct work_job *job);
