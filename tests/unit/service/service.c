/* SPDX-License-Identifier: Apache-2.0 */
#include "service/service.h"

#include "harness/service_scene.h"
#include "harness/test.h"
#include "proto/names.h"

#include <string.h>

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

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, service_set_up, service_tear_down)

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
                TEST(a_bad_request_is_told_by_field),
                TEST(a_monitor_sees_the_state_then_every_generation),
                TEST(a_monitor_wants_more),
                TEST(a_removed_store_is_unknown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
