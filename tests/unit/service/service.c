/* SPDX-License-Identifier: Apache-2.0 */
#include "service/service.h"

#include "harness/must.h"
#include "harness/test.h"
#include "harness/world.h"
#include "proto/names.h"
#include "service/caller.h"
#include "service/executor.h"
#include "trust/change.h"
#include "trust/snapshot.h"

#include <string.h>

static const struct mint_cert ROOT = { .ca = true, .subject = "CN=Root" };
static const struct mint_cert LEAF = { .subject = "CN=Leaf", .issuer = &ROOT };

/* P-384 costs more than may be spent on the loop thread: a question about this leaf becomes a job. */
static const struct mint_cert DEAR_ROOT = { .ca = true, .subject = "CN=Dear", .key = "p384-ca" };
static const struct mint_cert DEAR_LEAF = { .subject = "CN=Dear leaf",
                                            .key = "p384-leaf",
                                            .issuer = &DEAR_ROOT };

/* -- a service whose clock and jobs the test drives ------------------------------------------------ */

struct job {
        executor_run_fn run;
        executor_done_fn done;
        void *userdata;
};

static struct job queued[8];
static size_t n_queued;
static int64_t now_s;

static int queue_job(void *executor, uid_t lane, executor_run_fn run, executor_done_fn done,
                     void *userdata)
{
        (void)executor;
        (void)lane;
        assert_true(n_queued < ARRAY_SIZE(queued));
        queued[n_queued++] = (struct job){ run, done, userdata };
        return 0;
}

static void run_job(void)
{
        struct job job;

        assert_true(n_queued > 0);
        job = queued[0];
        memmove(queued, queued + 1, --n_queued * sizeof(*queued));
        job.run(job.userdata);
        job.done(job.userdata);
}

static int64_t tell_time(void)
{
        return now_s;
}

struct fixture {
        struct executor executor;
        struct service *service;
        struct world *world;
        struct snapshot *snap;
        size_t store;
};

static struct fixture fixture;
static struct caller caller = { .ref = REF_INIT, .uid = 1000, .pid = 1 };

static int set_up(void **state)
{
        static const char *const SOURCES[] = { "/nowhere", NULL };
        struct service_config config = {
                .agent_id = "0123456789abcdef0123456789abcdef",
                .executor = &fixture.executor,
                .now_s = tell_time,
        };

        (void)state;
        now_s = MINT_NOW_S;
        n_queued = 0;
        fixture = (struct fixture){ .executor = { queue_job, NULL }, .world = world_new() };
        must(service_new(&config, &fixture.service) == 0, "service_new");
        must(service_add_store(fixture.service, "default", SOURCES, &fixture.store) == 0, "add");
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        fixture.service = service_free(fixture.service);
        while (n_queued > 0)
                run_job();
        snapshot_unref(fixture.snap);
        world_free(fixture.world);
        return 0;
}

/* The world as it is now becomes the store's picture. */
static void publish(void)
{
        struct snapshot *snap = world_build(fixture.world);
        struct change *change;

        must(change_between(fixture.snap, snap, &change) == 0, "change_between");
        must(service_publish(fixture.service, fixture.store, snap, change) == 0, "publish");
        change_unref(change);
        snapshot_unref(fixture.snap);
        fixture.snap = snap;
}

static void publish_good_world(void)
{
        static const struct mint_crl CRL = { .issuer = &ROOT };

        world_add_cert(fixture.world, ROLE_TRUSTED, "root", &ROOT);
        world_add_crl(fixture.world, ROLE_TRUSTED, "crl", &CRL);
        publish();
}

/* -- asking ------------------------------------------------------------------------------------------ */

struct heard {
        size_t n; /* replies */
        enum status_error error;
        char subject[64];
        uint32_t status;
        int64_t generation, valid_until;
        bool has_event_id;
        struct service_stamp stamp;
        char kinds[256]; /* of events, with their generation: "state 1,changed 2," */
};

static void on_reply(const struct service_reply *reply, void *userdata)
{
        struct heard *heard = userdata;
        const struct message_validate_reply *out = reply->out;

        heard->n++;
        heard->stamp = reply->stamp;
        heard->error = reply->error ? reply->error->error : STATUS_OK;
        if (reply->error) {
                snprintf(heard->subject, sizeof(heard->subject), "%s",
                         reply->error->subject ? reply->error->subject : "");
                return;
        }
        heard->status = (uint32_t)out->verdict.status_code;
        heard->generation = out->verdict.generation;
        heard->valid_until = out->verdict.valid_until;
        heard->has_event_id = out->verdict.audit_event_id != NULL;
}

static void on_event_reply(const struct service_reply *reply, void *userdata)
{
        const struct message_monitor_reply *out = reply->out;
        struct heard *heard = userdata;
        size_t n = strlen(heard->kinds);

        heard->n++;
        assert_true(reply->continues);
        snprintf(heard->kinds + n, sizeof(heard->kinds) - n, "%s %d,", out->event.kind,
                 (int)out->event.generation);
}

struct question {
        struct message_validate in;
        struct schema_bytes certificate;
        struct mint_der der;
};

static struct question question_about(const struct mint_cert *spec)
{
        struct question question = { .der = mint_cert(spec) };

        schema_init(&message_validate_schema, &question.in);
        question.in.purpose = (char *)"client";
        question.certificate = (struct schema_bytes){ question.der.data, question.der.n };
        question.in.n_certificates = 1;
        return question;
}

static struct service_pending *ask(struct question *question, struct heard *heard)
{
        *heard = (struct heard){ 0 };
        question->in.certificates = &question->certificate;
        return service_call(fixture.service, &(struct service_call){ .method = MESSAGE_VALIDATE,
                                                                     .caller = &caller,
                                                                     .in = &question->in,
                                                                     .reply = on_reply,
                                                                     .userdata = heard });
}

static struct heard ask_now(const struct mint_cert *spec)
{
        struct question question = question_about(spec);
        struct heard heard;

        assert_null(ask(&question, &heard));
        assert_int_equal(heard.n, 1);
        mint_der_deinit(&question.der);
        return heard;
}

/* -- tests ------------------------------------------------------------------------------------------- */

static void a_verdict_names_the_generation_that_judged_it(void **state)
{
        struct heard heard;

        (void)state;
        publish_good_world();
        heard = ask_now(&LEAF);
        assert_int_equal(heard.error, STATUS_OK);
        assert_int_equal(heard.status, STATUS_GOOD);
        assert_int_equal(heard.generation, 1);

        world_block(fixture.world, &LEAF);
        publish();
        heard = ask_now(&LEAF);
        assert_int_equal(heard.status, STATUS_CERTIFICATE_UNTRUSTED);
        assert_int_equal(heard.generation, 2);
}

static void a_kept_verdict_ends_with_its_time(void **state)
{
        struct heard heard;

        (void)state;
        publish_good_world();
        heard = ask_now(&LEAF);
        assert_int_equal(heard.valid_until, MINT_NOW_S + 30 * MINT_DAY_S + 1);
        assert_true(service_stamp_holds(fixture.service, &heard.stamp));

        now_s = heard.valid_until - 1;
        assert_int_equal(ask_now(&LEAF).status, STATUS_GOOD);
        assert_true(service_stamp_holds(fixture.service, &heard.stamp));

        now_s = heard.valid_until;
        assert_int_equal(ask_now(&LEAF).status, STATUS_CERTIFICATE_REVOCATION_UNKNOWN);
        assert_false(service_stamp_holds(fixture.service, &heard.stamp));
}

static void a_new_generation_voids_what_was_stamped(void **state)
{
        struct heard heard;

        (void)state;
        publish_good_world();
        heard = ask_now(&LEAF);
        world_add_cert(fixture.world, ROLE_ISSUERS, "dear", &DEAR_ROOT);
        publish();
        assert_false(service_stamp_holds(fixture.service, &heard.stamp));
}

static void a_stepped_clock_voids_it_too(void **state)
{
        struct heard heard;

        (void)state;
        publish_good_world();
        heard = ask_now(&LEAF);
        assert_int_equal(service_clock_stepped(fixture.service), 0);
        assert_false(service_stamp_holds(fixture.service, &heard.stamp));
        assert_int_equal(ask_now(&LEAF).generation, 2);
}

static void only_what_is_not_plainly_good_is_audited(void **state)
{
        static const struct mint_cert STRANGER = { .subject = "CN=Stranger", .key = "p256-s" };
        struct heard heard;

        (void)state;
        publish_good_world();
        assert_false(ask_now(&LEAF).has_event_id);

        heard = ask_now(&STRANGER);
        assert_int_equal(heard.status, STATUS_CERTIFICATE_UNTRUSTED);
        assert_true(heard.has_event_id);
        assert_false(heard.stamp.is_keepable);
}

static void a_question_waits_for_the_first_picture(void **state)
{
        struct question question = question_about(&LEAF);
        struct heard heard;

        (void)state;
        assert_non_null(ask(&question, &heard));
        assert_int_equal(heard.n, 0);
        publish_good_world();
        assert_int_equal(heard.n, 1);
        assert_int_equal(heard.status, STATUS_GOOD);
        mint_der_deinit(&question.der);
}

static void a_question_that_waits_can_be_cancelled(void **state)
{
        struct question question = question_about(&LEAF);
        struct heard heard;

        (void)state;
        service_cancel(ask(&question, &heard));
        publish_good_world();
        assert_int_equal(heard.n, 0);
        mint_der_deinit(&question.der);
}

static void a_store_that_cannot_be_read_is_an_error(void **state)
{
        struct question question = question_about(&LEAF);
        struct heard waiting, heard;

        (void)state;
        assert_non_null(ask(&question, &waiting));
        assert_int_equal(service_set_not_ready(fixture.service, fixture.store, "gone"), 0);
        assert_int_equal(waiting.error, STATUS_E_STORE_NOT_READY);

        heard = ask_now(&LEAF);
        assert_int_equal(heard.error, STATUS_E_STORE_NOT_READY);
        assert_string_equal(heard.subject, "default");

        publish_good_world();
        assert_int_equal(ask_now(&LEAF).status, STATUS_GOOD);
        mint_der_deinit(&question.der);
}

static void in_doubt_nothing_is_good(void **state)
{
        static const struct mint_cert STRANGER = { .subject = "CN=Stranger", .key = "p256-s" };
        struct heard before;

        (void)state;
        publish_good_world();
        before = ask_now(&LEAF);
        service_set_doubt(fixture.service, fixture.store, "a change could not be read");

        assert_int_equal(ask_now(&LEAF).error, STATUS_E_STORE_IN_DOUBT);
        assert_false(service_stamp_holds(fixture.service, &before.stamp));
        assert_int_equal(ask_now(&STRANGER).status, STATUS_CERTIFICATE_UNTRUSTED);
        assert_true(service_has_doubt(fixture.service));

        service_set_doubt(fixture.service, fixture.store, NULL);
        assert_int_equal(ask_now(&LEAF).status, STATUS_GOOD);
}

static void another_moment_leaves_no_trace(void **state)
{
        struct question question = question_about(&LEAF);
        struct heard heard;

        (void)state;
        publish_good_world();
        question.in.at = MINT_NOW_S - 10 * MINT_YEAR_S;
        assert_null(ask(&question, &heard));
        assert_int_equal(heard.status, STATUS_CERTIFICATE_TIME_INVALID);
        assert_false(heard.has_event_id);
        assert_false(heard.stamp.is_keepable);
        assert_int_equal(ask_now(&LEAF).status, STATUS_GOOD);
        mint_der_deinit(&question.der);
}

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

struct refusal {
        const char *what;
        void (*spoil)(struct message_validate *in);
        enum status_error error;
        const char *subject;
};

static void spoil_purpose(struct message_validate *in)
{
        in->purpose = (char *)"queen";
}

static void spoil_store(struct message_validate *in)
{
        in->store = (char *)"elsewhere";
}

static void spoil_policy(struct message_validate *in)
{
        in->security_policy_uri = (char *)"http://opcfoundation.org/UA/SecurityPolicy#Basic999";
}

static void spoil_user_uri(struct message_validate *in)
{
        in->purpose = (char *)"user";
        in->application_uri = (char *)"urn:a";
}

static void spoil_https(struct message_validate *in)
{
        in->purpose = (char *)"https";
}

static void spoil_certificates(struct message_validate *in)
{
        in->n_certificates = 0;
}

static void spoil_number(struct message_validate *in)
{
        static struct schema_bytes many[NAMES_CERTIFICATES_MAX + 1];

        for (size_t i = 0; i < ARRAY_SIZE(many); i++)
                many[i] = in->certificates[0];
        in->certificates = many;
        in->n_certificates = ARRAY_SIZE(many);
}

static void spoil_size(struct message_validate *in)
{
        static uint8_t large[NAMES_CERTIFICATES_MAX_BYTES + 1];
        static struct schema_bytes one = { large, sizeof(large) };

        in->certificates = &one;
}

static char *suppressed[1];

static void spoil_suppress(struct message_validate *in)
{
        suppressed[0] = (char *)"BadCertificateRevoked";
        in->suppress = suppressed;
        in->n_suppress = 1;
}

static void spoil_may_suppress(struct message_validate *in)
{
        suppressed[0] = (char *)"BadCertificateRevocationUnknown";
        in->suppress = suppressed;
        in->n_suppress = 1;
}

static void spoil_host(struct message_validate *in)
{
        in->host_name = (char *)"";
}

static const struct refusal REFUSALS[] = {
        { "an unknown purpose", spoil_purpose, STATUS_E_BAD_REQUEST, "purpose" },
        { "an unknown store", spoil_store, STATUS_E_NO_SUCH_STORE, "elsewhere" },
        { "an unknown policy", spoil_policy, STATUS_E_BAD_REQUEST, "securityPolicyUri" },
        { "a user's URI", spoil_user_uri, STATUS_E_BAD_REQUEST, "applicationUri" },
        { "https without a host", spoil_https, STATUS_E_BAD_REQUEST, "hostName" },
        { "an empty host", spoil_host, STATUS_E_BAD_REQUEST, "hostName" },
        { "no certificate", spoil_certificates, STATUS_E_BAD_REQUEST, "certificates" },
        { "too many certificates", spoil_number, STATUS_E_TOO_LARGE, "10 certificates" },
        { "too many bytes", spoil_size, STATUS_E_TOO_LARGE, "262144 bytes of certificates" },
        { "what may never be suppressed", spoil_suppress, STATUS_E_BAD_REQUEST, "suppress" },
        { "what this store does not let", spoil_may_suppress, STATUS_E_BAD_REQUEST, "suppress" },
};

static void a_bad_request_is_told_by_field(void **state)
{
        (void)state;
        publish_good_world();
        for (size_t i = 0; i < ARRAY_SIZE(REFUSALS); i++) {
                struct question question = question_about(&LEAF);
                struct heard heard = { 0 };

                question.in.certificates = &question.certificate;
                REFUSALS[i].spoil(&question.in);
                assert_null(service_call(fixture.service,
                                         &(struct service_call){ .method = MESSAGE_VALIDATE,
                                                                 .caller = &caller,
                                                                 .in = &question.in,
                                                                 .reply = on_reply,
                                                                 .userdata = &heard }));
                if (heard.error != REFUSALS[i].error ||
                    strcmp(heard.subject, REFUSALS[i].subject) != 0)
                        fail_msg("%s: error %d, %s", REFUSALS[i].what, (int)heard.error,
                                 heard.subject);
                mint_der_deinit(&question.der);
        }
}

static void a_monitor_sees_the_state_then_every_generation(void **state)
{
        struct message_monitor in = { 0 };
        struct heard heard = { 0 };
        struct service_pending *pending;

        (void)state;
        publish_good_world();
        pending = service_call(fixture.service, &(struct service_call){ .method = MESSAGE_MONITOR,
                                                                        .caller = &caller,
                                                                        .in = &in,
                                                                        .wants_more = true,
                                                                        .reply = on_event_reply,
                                                                        .userdata = &heard });
        assert_non_null(pending);
        world_add_cert(fixture.world, ROLE_ISSUERS, "a", &DEAR_ROOT);
        publish();
        publish();
        world_remove(fixture.world, "a");
        publish();
        assert_string_equal(heard.kinds, "state 1,changed 2,changed 3,");

        service_pause(pending);
        assert_int_equal(service_clock_stepped(fixture.service), 0);
        assert_int_equal(service_clock_stepped(fixture.service), 0);
        assert_string_equal(heard.kinds, "state 1,changed 2,changed 3,");
        service_resume(pending);
        assert_string_equal(heard.kinds, "state 1,changed 2,changed 3,resync 5,");

        service_cancel(pending);
        assert_int_equal(service_clock_stepped(fixture.service), 0);
        assert_int_equal(heard.n, 4);
}

static void a_monitor_wants_more(void **state)
{
        struct message_monitor in = { 0 };
        struct heard heard = { 0 };

        (void)state;
        assert_null(service_call(fixture.service, &(struct service_call){ .method = MESSAGE_MONITOR,
                                                                          .caller = &caller,
                                                                          .in = &in,
                                                                          .reply = on_reply,
                                                                          .userdata = &heard }));
        assert_int_equal(heard.error, STATUS_E_EXPECTED_MORE);
}

static void a_removed_store_is_unknown(void **state)
{
        struct question question = question_about(&LEAF);
        struct heard heard;

        (void)state;
        assert_non_null(ask(&question, &heard));
        service_remove_store(fixture.service, fixture.store);
        assert_int_equal(heard.error, STATUS_E_NO_SUCH_STORE);
        assert_int_equal(ask_now(&LEAF).error, STATUS_E_NO_SUCH_STORE);
        mint_der_deinit(&question.der);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(a_verdict_names_the_generation_that_judged_it),
                TEST(a_kept_verdict_ends_with_its_time),
                TEST(a_new_generation_voids_what_was_stamped),
                TEST(a_stepped_clock_voids_it_too),
                TEST(only_what_is_not_plainly_good_is_audited),
                TEST(a_question_waits_for_the_first_picture),
                TEST(a_question_that_waits_can_be_cancelled),
                TEST(a_store_that_cannot_be_read_is_an_error),
                TEST(in_doubt_nothing_is_good),
                TEST(another_moment_leaves_no_trace),
                TEST(what_costs_much_is_judged_by_a_job),
                TEST(a_job_of_an_old_generation_is_judged_anew),
                TEST(a_job_whose_time_is_over_is_judged_anew),
                TEST(a_store_that_never_rests_makes_it_busy),
                TEST(a_cancelled_job_answers_nobody),
                TEST(a_bad_request_is_told_by_field),
                TEST(a_monitor_sees_the_state_then_every_generation),
                TEST(a_monitor_wants_more),
                TEST(a_removed_store_is_unknown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
