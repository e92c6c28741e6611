/* SPDX-License-Identifier: Apache-2.0 */
#include "loop/work.h"

#include "harness/test.h"
#include "loop/loop.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#define JOBS_MAX 2000

/* What one test sees; jobs note in it the order in which they came home. */
struct scene {
        struct loop *loop;
        struct work *work;
        pthread_t loop_thread;
        atomic_uint n_running, n_running_max, n_run;
        unsigned int done[JOBS_MAX];
        unsigned int n_done, n_cancelled;
};

struct job {
        struct scene *scene;
        unsigned int number;
        unsigned int sleep_ms;
        bool submits_another, frees_work;
};

static struct scene scene;

static int set_up(void **state)
{
        scene = (struct scene){ .loop_thread = pthread_self() };
        *state = &scene;
        assert_int_equal(loop_new(&scene.loop), 0);
        assert_int_equal(work_new(scene.loop, &scene.work), 0);
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        work_free(scene.work);
        loop_free(scene.loop);
        return 0;
}

static void run(void *userdata)
{
        struct job *job = userdata;
        unsigned int n = atomic_fetch_add(&job->scene->n_running, 1) + 1;
        unsigned int seen = atomic_load(&job->scene->n_running_max);

        while (n > seen && !atomic_compare_exchange_weak(&job->scene->n_running_max, &seen, n))
                ;
        usleep(job->sleep_ms * 1000);
        atomic_fetch_add(&job->scene->n_run, 1);
        atomic_fetch_sub(&job->scene->n_running, 1);
}

static void done(bool is_cancelled, void *userdata);

static struct work_job *submit(uint64_t key, struct job job)
{
        struct job *copy = malloc(sizeof(*copy));
        struct work_task task = { .run = run, .done = done, .userdata = copy };
        struct work_job *handle = NULL;

        assert_non_null(copy);
        *copy = job;
        copy->scene = &scene;
        assert_int_equal(work_submit(scene.work, key, &task, &handle), 0);
        return handle;
}

static void done(bool is_cancelled, void *userdata)
{
        struct job *job = userdata;

        assert_true(pthread_equal(pthread_self(), job->scene->loop_thread));
        scene.n_cancelled += is_cancelled;
        scene.done[scene.n_done++] = job->number;
        if (job->submits_another)
                submit(1, (struct job){ .number = 1000 });
        if (job->frees_work)
                scene.work = work_free(scene.work);
        free(job);
}

static void one_lane_keeps_order_and_runs_one_job(void **state)
{
        (void)state;
        for (unsigned int i = 0; i < 20; i++)
                submit(7, (struct job){ .number = i, .sleep_ms = i % 2 });
        loop_run(scene.loop);

        assert_int_equal(scene.n_done, 20);
        assert_int_equal(scene.n_running_max, 1);
        for (unsigned int i = 0; i < 20; i++)
                assert_int_equal(scene.done[i], i);
}

static void lanes_run_side_by_side(void **state)
{
        (void)state;
        for (unsigned int i = 0; i < 4; i++)
                submit(i, (struct job){ .number = i, .sleep_ms = 50 });
        loop_run(scene.loop);

        assert_int_equal(scene.n_done, 4);
        assert_true(scene.n_running_max >= 2);
}

static void a_thousand_jobs_of_one_do_not_delay_another(void **state)
{
        unsigned int place = 0;

        (void)state;
        for (unsigned int i = 0; i < 1000; i++)
                submit(1, (struct job){ .number = i });
        submit(2, (struct job){ .number = 5000 });
        loop_run(scene.loop);

        while (scene.done[place] != 5000)
                place++;
        assert_true(place < 20);
}

static void a_completion_may_submit_to_its_own_lane(void **state)
{
        (void)state;
        submit(1, (struct job){ .number = 0, .submits_another = true });
        submit(1, (struct job){ .number = 1, .submits_another = true });
        loop_run(scene.loop);

        assert_int_equal(scene.n_done, 4);
        assert_int_equal(scene.n_running_max, 1);
        assert_int_equal(scene.done[1], 1);
        assert_int_equal(scene.done[3], 1000);
}

static void a_cancelled_job_comes_home_and_says_so(void **state)
{
        struct work_job *waiting;

        (void)state;
        submit(1, (struct job){ .number = 0, .sleep_ms = 20 });
        waiting = submit(1, (struct job){ .number = 1 });
        submit(1, (struct job){ .number = 2 });
        work_cancel(waiting);
        work_cancel(waiting);
        loop_run(scene.loop);

        assert_int_equal(scene.n_done, 3);
        assert_int_equal(scene.n_cancelled, 1);
        assert_int_equal(scene.n_run, 2);
}

static void ending_waits_for_what_runs_and_cancels_all(void **state)
{
        (void)state;
        for (unsigned int i = 0; i < 100; i++)
                submit(i % 10, (struct job){ .number = i, .sleep_ms = 20 });
        usleep(5000);
        scene.work = work_free(scene.work);
        assert_int_equal(scene.n_done, 0); /* never from within a call */
        scene.loop = loop_free(scene.loop);

        assert_int_equal(scene.n_done, 100);
        assert_int_equal(scene.n_cancelled, 100);
        assert_true(scene.n_run <= 10);
}

static void a_completion_may_end_everything(void **state)
{
        (void)state;
        for (unsigned int i = 0; i < 12; i++)
                submit(i % 3, (struct job){ .number = i, .frees_work = i == 0 });
        work_cancel(submit(0, (struct job){ .number = 12 }));
        loop_run(scene.loop);

        assert_null(scene.work);
        assert_int_equal(scene.n_done, 13);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(one_lane_keeps_order_and_runs_one_job),
                TEST(lanes_run_side_by_side),
                TEST(a_thousand_jobs_of_one_do_not_delay_another),
                TEST(a_completion_may_submit_to_its_own_lane),
                TEST(a_cancelled_job_comes_home_and_says_so),
                TEST(ending_waits_for_what_runs_and_cancels_all),
                TEST(a_completion_may_end_everything),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
