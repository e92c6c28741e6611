/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/fake_loop.h"

#include "harness/must.h"

#include <poll.h>

#define NS_PER_MS INT64_C(1000000)
#define NS_PER_S  INT64_C(1000000000)
#define BEGIN_NS  (1000 * NS_PER_S)
#define NEVER_NS  INT64_MAX

/* What is done at one moment is not more, or it is done for ever. */
#define AT_ONCE_MAX 100000

struct loop_timer {
        loop_timer_fn fn;
        void *userdata;
        int64_t due_ns;
        struct loop_timer *next;
};

struct loop_fd {
        struct pollfd fd;
        loop_fd_fn fn;
        void *userdata;
        struct loop_fd *next;
};

struct work_job {
        struct work_task task;
        bool is_cancelled;
        struct work_job *next;
};

static struct {
        int64_t now_ns;
        struct loop_timer *timers;
        struct loop_fd *fds;
        struct work_job *jobs; /* the first is the one that runs, if any does */
        bool is_running;
        unsigned int n_at_once;
} fake;

/* -- base/clock -------------------------------------------------------------------------------- */

int64_t clock_monotonic_ns(void)
{
        return fake.now_ns;
}

int64_t clock_realtime_ns(void)
{
        return fake.now_ns;
}

int64_t clock_realtime_s(void)
{
        return fake.now_ns / NS_PER_S;
}

/* -- loop/timer -------------------------------------------------------------------------------- */

int loop_timer_new(struct loop *loop, loop_timer_fn fn, void *userdata, struct loop_timer **out)
{
        struct loop_timer *timer = must_calloc(1, sizeof(*timer));

        (void)loop;
        *timer = (struct loop_timer){ fn, userdata, NEVER_NS, fake.timers };
        *out = fake.timers = timer;
        return 0;
}

struct loop_timer *loop_timer_free(struct loop_timer *timer)
{
        struct loop_timer **at = &fake.timers;

        if (!timer)
                return NULL;

        while (*at != timer)
                at = &(*at)->next;
        *at = timer->next;
        free(timer);
        return NULL;
}

void loop_timer_start(struct loop_timer *timer, uint64_t delay_ms)
{
        timer->due_ns = fake.now_ns + (int64_t)delay_ms * NS_PER_MS;
}

void loop_timer_stop(struct loop_timer *timer)
{
        timer->due_ns = NEVER_NS;
}

bool loop_timer_is_started(const struct loop_timer *timer)
{
        return timer->due_ns != NEVER_NS;
}

/* -- loop/fd ----------------------------------------------------------------------------------- */

int loop_fd_new(struct loop *loop, int fd, loop_fd_fn fn, void *userdata, struct loop_fd **out)
{
        struct loop_fd *handle = must_calloc(1, sizeof(*handle));

        (void)loop;
        *handle = (struct loop_fd){ { .fd = fd }, fn, userdata, fake.fds };
        *out = fake.fds = handle;
        return 0;
}

struct loop_fd *loop_fd_free(struct loop_fd *handle)
{
        struct loop_fd **at = &fake.fds;

        if (!handle)
                return NULL;

        while (*at != handle)
                at = &(*at)->next;
        *at = handle->next;
        free(handle);
        return NULL;
}

int loop_fd_select(struct loop_fd *handle, unsigned int events)
{
        must((events & ~(unsigned int)LOOP_FD_READABLE) == 0, "only reading is waited for here");
        handle->fd.events = events ? POLLIN : 0;
        return 0;
}

/* -- loop/work --------------------------------------------------------------------------------- */

int work_submit(struct work *work, uint64_t key, const struct work_task *task,
                struct work_job **out)
{
        struct work_job *job = must_calloc(1, sizeof(*job)), **at = &fake.jobs;

        (void)work;
        assert_int_equal(key, FAKE_LOOP_LANE);
        job->task = *task;
        while (*at)
                at = &(*at)->next;
        *at = job;
        if (out)
                *out = job;
        return 0;
}

void work_cancel(struct work_job *job)
{
        job->is_cancelled = true;
}

static void run_job(void)
{
        struct work_job *job = fake.jobs;

        fake.is_running = true;
        if (!job->is_cancelled)
                job->task.run(job->task.userdata);
        fake.is_running = false;
        fake.jobs = job->next;
        job->task.done(job->is_cancelled, job->task.userdata);
        free(job);
}

/* -- time -------------------------------------------------------------------------------------- */

void fake_loop_begin(void)
{
        fake.now_ns = BEGIN_NS;
        fake.n_at_once = 0;
}

void fake_loop_end(void)
{
        for (struct work_job *job = fake.jobs; job; job = job->next)
                work_cancel(job);
        while (fake.jobs)
                run_job();
        assert_null(fake.timers);
        assert_null(fake.fds);
}

static struct loop_timer *find_next_timer(void)
{
        struct loop_timer *next = fake.timers;

        for (struct loop_timer *timer = next; timer; timer = timer->next)
                if (timer->due_ns < next->due_ns)
                        next = timer;
        return next;
}

static struct loop_fd *find_readable(void)
{
        struct loop_fd *handle = fake.fds;

        while (handle && (handle->fd.events == 0 || poll(&handle->fd, 1, 0) != 1))
                handle = handle->next;
        return handle;
}

bool fake_loop_go_on(int64_t end_ns)
{
        struct loop_timer *timer = find_next_timer();
        struct loop_fd *readable = find_readable();
        int64_t next_ns = timer ? timer->due_ns : NEVER_NS;

        must(fake.n_at_once++ < AT_ONCE_MAX, "it never rests");
        if (next_ns <= fake.now_ns) {
                loop_timer_stop(timer);
                timer->fn(timer, timer->userdata);
        } else if (fake.jobs && !fake.is_running) {
                run_job();
        } else if (readable) {
                readable->fn(readable, LOOP_FD_READABLE, readable->userdata);
        } else {
                if (fake.now_ns == end_ns)
                        return false;
                fake.now_ns = next_ns < end_ns ? next_ns : end_ns;
                fake.n_at_once = 0;
        }
        return true;
}

void fake_loop_pass(unsigned int ms)
{
        int64_t end_ns = fake.now_ns + ms * NS_PER_MS;

        while (fake_loop_go_on(end_ns))
                ;
}

void fake_loop_miss(unsigned int ms)
{
        fake.now_ns += ms * NS_PER_MS;
}
