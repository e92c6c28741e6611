/* SPDX-License-Identifier: Apache-2.0 */

/* What costs so much that a service has it judged by a job. */

#include "harness/service_scene.h"
#include "harness/test.h"
#include "service/service.h"

#include <errno.h>
#include <string.h>

static void publish_dear_world(void)
{
        static const struct mint_crl CRL = { .issuer = &DEAR_ROOT };

        world_add_cert(fixture.world, ROLE_TRUSTED, "root", &DEAR_ROOT);
        world_add_crl(fixture.world, ROLE_TRUSTED, "crl", &CRL);
        publish();
}

static void what_costs_much_is_judged_by_a_job(void **state)
{
        struct question question = question_about(&DEAR_LEAF);
        struct heard heard;

        (void)state;
        publish_dear_world();
        assert_non_null(ask(&question, &heard));
        assert_int_equal(heard.n, 0);
        run_job();
        assert_int_equal(heard.n, 1);
        assert_int_equal(heard.status, STATUS_GOOD);

        assert_null(ask(&question, &heard));
        assert_int_equal(heard.status, STATUS_GOOD);
        mint_der_deinit(&question.der);
}

static void a_job_of_an_old_generation_is_judged_anew(void **state)
{
        struct question question = question_about(&DEAR_LEAF);
        struct heard heard;

        (void)state;
        publish_dear_world();
        assert_non_null(ask(&question, &heard));
        world_remove(fixture.world, "root");
        publish();
        run_job();
        assert_int_equal(heard.n, 0);
        run_job();
        assert_int_equal(heard.n, 1);
        assert_int_equal(heard.generation, 2);
        assert_int_not_equal(heard.status, STATUS_GOOD);
        mint_der_deinit(&question.der);
}

/* Jobs wait for others of their user: a certificate, or what speaks for it, may run out meanwhile. */
static void a_job_whose_time_is_over_is_judged_anew(void **state)
{
        struct question question = question_about(&DEAR_LEAF);
        struct heard heard;

        (void)state;
        publish_dear_world();
        assert_non_null(ask(&question, &heard));
        now_s = MINT_NOW_S + 30 * MINT_DAY_S + 1;
        run_job();
        assert_int_equal(heard.n, 0);
        run_job();
        assert_int_equal(heard.n, 1);
        assert_int_equal(heard.status, STATUS_CERTIFICATE_REVOCATION_UNKNOWN);
        mint_der_deinit(&question.der);
}

static void a_store_that_never_rests_makes_it_busy(void **state)
{
        struct question question = question_about(&DEAR_LEAF);
        struct heard heard;

        (void)state;
        publish_dear_world();
        assert_non_null(ask(&question, &heard));
        for (int i = 0; i < 3; i++) {
                assert_int_equal(heard.n, 0);
                assert_int_equal(service_clock_stepped(fixture.service), 0);
                run_job();
        }
        assert_int_equal(heard.n, 1);
        assert_int_equal(heard.error, STATUS_E_BUSY);
        mint_der_deinit(&question.der);
}

static int refuse_job(void *executor, uid_t lane, executor_run_fn run, executor_done_fn done,
                      void *userdata)
{
        (void)executor, (void)lane, (void)run, (void)done, (void)userdata;
        return -ENOMEM;
}

/* Also of another moment, at which nothing that was judged runs out. */
static void a_job_that_cannot_be_done_anew_makes_it_busy(void **state)
{
        static const int64_t moments_s[] = { SCHEMA_INT_ABSENT, MINT_NOW_S };
        struct question question = question_about(&DEAR_LEAF);
        const struct executor executor = fixture.executor;
        struct heard heard;

        (void)state;
        publish_dear_world();
        for (size_t i = 0; i < ARRAY_SIZE(moments_s); i++) {
                question.in.at = moments_s[i];
                assert_non_null(ask(&question, &heard));
                assert_int_equal(service_clock_stepped(fixture.service), 0);
                fixture.executor.submit = refuse_job;
                run_job();
                assert_int_equal(heard.n, 1);
                assert_int_equal(heard.error, STATUS_E_BUSY);
                fixture.executor = executor;
        }
        mint_der_deinit(&question.der);
}

static void a_cancelled_job_answers_nobody(void **state)
{
        struct question question = question_about(&DEAR_LEAF);
        struct heard heard;

        (void)state;
        publish_dear_world();
        service_cancel(ask(&question, &heard));
        run_job();
        assert_int_equal(heard.n, 0);
        mint_der_deinit(&question.der);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, service_set_up, service_tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(what_costs_much_is_judged_by_a_job),
                TEST(a_job_of_an_old_generation_is_judged_anew),
                TEST(a_job_whose_time_is_over_is_judged_anew),
                TEST(a_store_that_never_rests_makes_it_busy),
                TEST(a_job_that_cannot_be_done_anew_makes_it_busy),
                TEST(a_cancelled_job_answers_nobody),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
