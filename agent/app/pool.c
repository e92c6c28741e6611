/* SPDX-License-Identifier: Apache-2.0 */
#include "app/pool.h"

#include "loop/work.h"
#include "proto/compiler.h"

#include <errno.h>

struct errand {
        executor_run_fn run;
        executor_done_fn done;
        void *userdata;
};

static void on_run(void *userdata)
{
        struct errand *errand = userdata;

        errand->run(errand->userdata);
}

/* Cancelled or not: the service gets its own back. */
static void on_done(bool is_cancelled, void *userdata)
{
        CLEANUP(freep) struct errand *errand = userdata;

        (void)is_cancelled;
        errand->done(errand->userdata);
}

static int submit(void *executor, uid_t lane, executor_run_fn run, executor_done_fn done,
                  void *userdata)
{
        CLEANUP(freep) struct errand *errand = malloc(sizeof(*errand));
        struct work_task task = { .run = on_run, .done = on_done, .userdata = errand };
        int r;

        if (!errand)
                return -ENOMEM;

        *errand = (struct errand){ run, done, userdata };
        r = work_submit(executor, lane, &task, NULL);
        if (r)
                return r;

        TAKE(errand);
        return 0;
}

struct executor pool_executor(struct work *work)
{
        return (struct executor){ .submit = submit, .executor = work };
}
