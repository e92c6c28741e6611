/* SPDX-License-Identifier: Apache-2.0 */
#include "service/judge.h"

#include "harness/must.h"
#include "harness/test.h"
#include "harness/world.h"
#include "service/answers.h"
#include "service/audit.h"
#include "service/caller.h"
#include "service/executor.h"
#include "service/host_clock.h"
#include "service/quota.h"
#include "service/stores.h"
#include "trust/snapshot.h"

/*
 * That every verdict is told, once, to those that keep account of them. What the verdicts are is
 * the engine's matter, and service.c's how they follow a store.
 */

static const struct mint_cert ROOT = { .ca = true, .subject = "CN=Root" };
static const struct mint_cert LEAF = { .subject = "CN=Leaf", .issuer = &ROOT };
static const struct mint_cert STRANGER = { .subject = "CN=Stranger" };

/* Too dear for the loop thread. */
static const struct mint_cert DEAR_ROOT = { .ca = true, .subject = "CN=Dear", .key = "p384-ca" };
static const struct mint_cert DEAR_LEAF = { .subject = "CN=Dear leaf",
                                            .key = "p384-leaf",
                                            .issuer = &DEAR_ROOT };

static struct caller caller = { .ref = REF_INIT, .uid = 1000, .pid = 1 };

struct told {
        size_t n;
        enum answers_how how;
        char status[64];
        bool has_event_id;
};

struct scene {
        struct world *world;
        struct stores stores;
        struct store_state *state;
        struct answers answers;
        struct quota *quota;
        struct executor executor;
        struct judge *judge;
        struct audit *audit;
        struct told told;
        size_t n_replies;
        struct {
                executor_run_fn run; /* NULL: none */
                executor_done_fn done;
                void *userdata;
        } job;
};

static struct scene scene;

static int64_t tell_time(void)
{
        return MINT_NOW_S;
}

static const struct host_clock CLOCK = { .now_s = tell_time };

static int take_job(void *executor, uid_t lane, executor_run_fn run, executor_done_fn done,
                    void *userdata)
{
        (void)executor;
        (void)lane;
        scene.job.run = run;
        scene.job.done = done;
        scene.job.userdata = userdata;
        return 0;
}

static void on_answer(const struct answers_item *item, void *userdata)
{
        struct told *told = userdata;

        told->n++;
        told->how = item->how;
        assert_ptr_equal(item->state, scene.state);
        assert_int_equal(item->caller->uid, caller.uid);
        assert_int_equal(item->in->n_certificates, 1);
        snprintf(told->status, sizeof(told->status), "%s", item->verdict->status_name);
        told->has_event_id = item->verdict->audit_event_id != NULL;
}

static void on_reply(const struct service_reply *reply, void *userdata)
{
        (void)reply;
        (void)userdata;
        scene.n_replies++;
}

static int set_up(void **state)
{
        static const struct mint_crl CRL = { .issuer = &ROOT }, DEAR_CRL = { .issuer = &DEAR_ROOT };
        static const char *const SOURCES[] = { "/nowhere", NULL };
        size_t handle;

        (void)state;
        scene = (struct scene){ .executor = { take_job, NULL }, .world = world_new() };
        world_add_cert(scene.world, ROLE_TRUSTED, "root", &ROOT);
        world_add_crl(scene.world, ROLE_TRUSTED, "crl", &CRL);
        world_add_cert(scene.world, ROLE_TRUSTED, "dear", &DEAR_ROOT);
        world_add_crl(scene.world, ROLE_TRUSTED, "dear-crl", &DEAR_CRL);
        must(stores_add(&scene.stores, "default", SOURCES, &handle) == 0, "stores_add");
        scene.state = stores_at(&scene.stores, handle);
        scene.state->snap = world_build(scene.world);
        scene.state->generation = 1;
        must(quota_new(&scene.quota) == 0, "quota_new");
        answers_listen(&scene.answers, on_answer, &scene.told);
        must(audit_new(&(struct audit_config){ .now_s = tell_time }, &scene.audit) == 0,
             "audit_new");
        must(judge_new(&(struct judge_config){ .agent_id = "0123456789abcdef0123456789abcdef",
                                               .stores = &scene.stores,
                                               .audit = scene.audit,
                                               .answers = &scene.answers,
                                               .quota = scene.quota,
                                               .executor = &scene.executor,
                                               .clock = &CLOCK },
                       &scene.judge) == 0,
             "judge_new");
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        judge_free(scene.judge);
        quota_free(scene.quota);
        audit_free(scene.audit);
        stores_deinit(&scene.stores);
        world_free(scene.world);
        return 0;
}

static void ask(const struct mint_der *der, int64_t at_s)
{
        struct schema_bytes certificate = { der->data, der->n };
        struct message_validate in;

        schema_init(&message_validate_schema, &in);
        in.certificates = &certificate;
        in.n_certificates = 1;
        in.purpose = (char *)"client";
        in.at = at_s;
        judge_call(scene.judge, scene.state,
                   &(struct service_call){ .method = MESSAGE_VALIDATE,
                                           .caller = &caller,
                                           .in = &in,
                                           .reply = on_reply });
        if (scene.job.run) {
                scene.job.run(scene.job.userdata);
                scene.job.run = NULL;
                scene.job.done(scene.job.userdata);
        }
}

/* -- tests ------------------------------------------------------------------------------------- */

static void every_verdict_is_told_once(void **state)
{
        static const struct {
                const struct mint_cert *leaf;
                enum answers_how how; /* the first time */
                const char *status;
                bool has_event_id;
        } ROWS[] = {
                { &LEAF, ANSWERS_JUDGED_INLINE, "Good", false },
                { &STRANGER, ANSWERS_JUDGED_INLINE, "BadCertificateUntrusted", true },
                { &DEAR_LEAF, ANSWERS_JUDGED_BY_JOB, "Good", false },
        };
        size_t n = 0;

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
                struct mint_der leaf = mint_cert(ROWS[i].leaf);

                for (int again = 0; again < 3; again++) {
                        ask(&leaf, SCHEMA_INT_ABSENT);
                        assert_int_equal(scene.told.n, ++n);
                        assert_int_equal(scene.n_replies, n);
                        assert_int_equal(scene.told.how, again ? ANSWERS_KNOWN : ROWS[i].how);
                        assert_string_equal(scene.told.status, ROWS[i].status);
                        assert_int_equal(scene.told.has_event_id, ROWS[i].has_event_id);
                }
                mint_der_deinit(&leaf);
        }
}

static void another_moment_is_told_to_nobody(void **state)
{
        struct mint_der leaf = mint_cert(&STRANGER);

        (void)state;
        ask(&leaf, MINT_NOW_S);
        mint_der_deinit(&leaf);
        assert_int_equal(scene.n_replies, 1);
        assert_int_equal(scene.told.n, 0);
}

static void in_doubt_there_is_no_verdict_to_tell(void **state)
{
        struct mint_der leaf = mint_cert(&LEAF);

        (void)state;
        scene.state->is_in_doubt = true;
        ask(&leaf, SCHEMA_INT_ABSENT);
        mint_der_deinit(&leaf);
        assert_int_equal(scene.n_replies, 1);
        assert_int_equal(scene.told.n, 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(every_verdict_is_told_once),
                TEST(another_moment_is_told_to_nobody),
                TEST(in_doubt_there_is_no_verdict_to_tell),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
