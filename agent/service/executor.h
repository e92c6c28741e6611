/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Executor - how the service has work done off the loop thread without knowing a loop. App gives it
 * one.
 */

#include <sys/types.h>

/**
 * executor_run_fn - the work: on some thread, on frozen inputs and a result that nobody else looks
 * at meanwhile
 */
typedef void (*executor_run_fn)(void *userdata);

/**
 * executor_done_fn - afterwards, on the loop thread; called exactly once for each job that was
 * taken
 */
typedef void (*executor_done_fn)(void *userdata);

struct executor {
        /**
         * submit() - take a job
         * @lane: jobs of one lane run one after another in order, lanes share the threads
         *        fairly; the caller's uid
         *
         * Return: 0; or a negative errno, in which case neither function will be called.
         */
        int (*submit)(void *executor, uid_t lane, executor_run_fn run, executor_done_fn done,
                      void *userdata);
        void *executor;
};
