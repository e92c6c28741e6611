/* SPDX-License-Identifier: Apache-2.0 */
#include "service/recorder.h"

#include "harness/mint.h"
#include "harness/must.h"
#include "harness/test.h"
#include "pki/cert.h"
#include "pki/ossl.h"
#include "proto/hex.h"
#include "proto/message_trust.h"
#include "proto/status.h"
#include "service/access.h"
#include "service/answers.h"
#include "service/caller.h"
#include "service/notices.h"
#include "service/stores.h"

#include <string.h>

#define NOW_S INT64_C(1900000000)
#define S_NS  INT64_C(1000000000)

/* -- a recorder, and answers about numbered certificates --------------------------------------- */

struct scene {
        struct stores stores;
        struct store_state *state;
        struct notices *notices;
        struct recorder *recorder;
        size_t n_woken_new, n_woken_counts;
        struct rejected_batch *batch; /* the last taken */
        struct rejected_list *before;
        size_t n_certificate_bytes;
};

static struct scene scene;
static int64_t now_s, now_ns;

static int64_t tell_time(void)
{
        return now_s;
}

static int64_t tell_monotonic(void)
{
        return now_ns;
}

static void on_wake(bool is_new, void *userdata)
{
        struct scene *woken = userdata;

        if (is_new)
                woken->n_woken_new++;
        else
                woken->n_woken_counts++;
}

static void make_hash(size_t number, uint8_t out[32])
{
        must(ossl_sha256((struct bytes){ (const uint8_t *)&number, sizeof(number) }, out) == 0,
             "hash");
}

/* Certificate @number was refused to user @uid. */
static void refuse_with(size_t number, uid_t uid, bool is_presented, bool is_trusted)
{
        static uint8_t der[256 * 1024];
        char hex[65];
        uint8_t sha256[32];
        struct schema_bytes certificate = { der, scene.n_certificate_bytes };
        struct message_chain_element leaf = { .sha256 = hex };
        struct message_finding finding = { .severity = (char *)"error",
                                           .status_code = STATUS_CERTIFICATE_UNTRUSTED,
                                           .message = (char *)"no" };
        struct message_validate in = { .certificates = &certificate,
                                       .n_certificates = 1,
                                       .purpose = (char *)"client" };
        struct message_verdict verdict = { .trusted = is_trusted,
                                           .status_name = (char *)"BadCertificateUntrusted",
                                           .status_code = STATUS_CERTIFICATE_UNTRUSTED,
                                           .findings = &finding,
                                           .n_findings = 1,
                                           .chain = &leaf,
                                           .n_chain = 1 };
        const struct caller caller = { .uid = uid };

        make_hash(number, sha256);
        hex_encode(sha256, 32, hex);
        recorder_on_answer(&(struct answers_item){ .how = ANSWERS_JUDGED_INLINE,
                                                   .state = scene.state,
                                                   .caller = &caller,
                                                   .is_presented = is_presented,
                                                   .in = &in,
                                                   .verdict = &verdict },
                           scene.recorder);
}

static void refuse(size_t number, uid_t uid)
{
        refuse_with(number, uid, true, false);
}

static void drop_batch(void)
{
        scene.batch = rejected_batch_free(scene.batch);
        scene.before = rejected_list_unref(scene.before);
}

/* Return: items taken; SIZE_MAX: there was nothing to do */
static size_t take(bool wants_counts)
{
        int r;

        drop_batch();
        r = recorder_take(scene.recorder, scene.state->handle, wants_counts, &scene.batch,
                          &scene.before);
        assert_in_range(r, 0, 1);
        return r ? scene.batch->items.n : SIZE_MAX;
}

/* As if what was taken had been written. */
static void settle(void)
{
        struct rejected_outcome outcome = REJECTED_OUTCOME_NULL;

        must(rejected_list_new(&outcome.list) == 0, "list");
        for (size_t i = 0; i < scene.batch->items.n; i++) {
                struct rejected_item *item = &scene.batch->items.items[i];
                struct rejected_file *file;
                struct rejected_record *record;

                must(rejected_record_new(&item->note, &record) == 0, "record");
                must(rejected_list_add(outcome.list, record->sha256, &file) == 0, "add");
                file->has_cert = file->has_note = true;
                file->record = record;
        }
        recorder_settle(scene.recorder, scene.state->handle, &outcome, 0);
}

static int64_t count_of(size_t number)
{
        uint8_t sha256[32];

        make_hash(number, sha256);
        return recorder_find(scene.recorder, scene.state->handle, sha256).count;
}

static int set_up(void **state)
{
        static const char *const SOURCES[] = { "/nowhere", NULL };
        struct recorder_writer writer = { on_wake, &scene };
        size_t handle;

        (void)state;
        must(ossl_init() == 0, "ossl_init");
        scene = (struct scene){ .n_certificate_bytes = 100 };
        now_s = NOW_S;
        now_ns = 5 * S_NS;
        must(stores_add(&scene.stores, "default", SOURCES, &handle) == 0, "stores_add");
        scene.state = stores_at(&scene.stores, handle);
        must(notices_new(&scene.notices) == 0, "notices_new");
        must(recorder_new(&(struct recorder_config){ .stores = &scene.stores,
                                                     .notices = scene.notices,
                                                     .now_s = tell_time,
                                                     .monotonic_ns = tell_monotonic },
                          &scene.recorder) == 0,
             "recorder_new");
        must(recorder_open(scene.recorder, handle, &writer) == 0, "recorder_open");
        assert_int_equal(scene.n_woken_new, 1);
        assert_int_equal(take(false), 0); /* the first look */
        settle();
        scene.n_woken_new = 0;
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        drop_batch();
        recorder_free(scene.recorder);
        notices_free(scene.notices);
        stores_deinit(&scene.stores);
        return 0;
}

/* -- tests ------------------------------------------------------------------------------------- */

static void a_refusal_is_queued_and_the_writer_woken(void **state)
{
        (void)state;
        assert_int_equal(take(true), SIZE_MAX);
        refuse(1, 1000);
        assert_int_equal(scene.n_woken_new, 1);
        assert_int_equal(take(false), 1);
        assert_int_equal(scene.batch->items.items[0].n_certificates, 1);
        assert_int_equal(scene.batch->max, REJECTED_MAX);
        assert_int_equal(scene.batch->now_s, NOW_S);
        assert_int_equal(take(true), SIZE_MAX);
}

static void repeats_are_counted_and_written_in_their_own_time(void **state)
{
        (void)state;
        for (int i = 0; i < 1000; i++)
                refuse(1, 1000);
        assert_int_equal(scene.n_woken_new, 1);
        assert_int_equal(count_of(1), 1000);
        assert_int_equal(take(false), 1);
        assert_int_equal(scene.batch->items.items[0].note.count, 1000);
        settle();

        for (int i = 0; i < 7; i++)
                refuse(1, 1001);
        assert_int_equal(scene.n_woken_new, 1);
        assert_int_equal(scene.n_woken_counts, 1);
        assert_int_equal(count_of(1), 1007);
        assert_int_equal(take(false), SIZE_MAX);
        assert_int_equal(take(true), 1);
        assert_int_equal(scene.batch->items.items[0].note.count, 7);
        assert_int_equal(scene.batch->items.items[0].n_certificates, 0);
}

static void what_is_none_of_its_business_is_not_recorded(void **state)
{
        struct recorder_settings settings = { REFUSAL_NEVER, REJECTED_MAX };
        struct access *access;

        (void)state;
        refuse_with(1, 1000, false, false); /* named by its thumbprint */
        refuse_with(1, 1000, true, true);
        recorder_on_answer(&(struct answers_item){ .how = ANSWERS_KEPT, .state = scene.state },
                           scene.recorder);

        must(access_new(&access) == 0, "access_new");
        must(access_add_user(access, ACCESS_RECORDERS, 2000) == 0, "access_add_user");
        scene.state->access = access;
        refuse(1, 1000);
        assert_int_equal(take(true), SIZE_MAX);
        refuse(1, 2000);
        assert_int_equal(take(true), 1);

        recorder_set(scene.recorder, scene.state->handle, &settings);
        refuse(2, 2000);
        assert_int_equal(take(true), SIZE_MAX);
        recorder_close(scene.recorder, scene.state->handle);
        refuse(2, 2000);
        assert_int_equal(take(true), SIZE_MAX);
}

static size_t count_queued(void)
{
        size_t n = 0, n_taken;

        while ((n_taken = take(true)) != SIZE_MAX)
                n += n_taken;
        return n;
}

static void a_users_records_come_from_a_bucket(void **state)
{
        (void)state;
        for (size_t i = 0; i < RECORDER_BURST; i++)
                refuse(i, 1000);
        assert_int_equal(count_queued(), RECORDER_BURST);
        refuse(1000, 1000);
        assert_int_equal(count_queued(), 0);

        refuse(1000, 1001);
        assert_int_equal(count_queued(), 1);

        now_ns += 60 * S_NS / RECORDER_PER_MINUTE;
        refuse(1001, 1000);
        refuse(1002, 1000);
        assert_int_equal(count_queued(), 1);

        now_ns += 3600 * S_NS;
        for (size_t i = 0; i < RECORDER_BURST + 1; i++)
                refuse(2000 + i, 1000);
        assert_int_equal(count_queued(), RECORDER_BURST);
}

static void users_without_number_are_no_way_around_it(void **state)
{
        (void)state;
        for (size_t i = 0; i < RECORDER_USERS_MAX + 100; i++)
                refuse(i, (uid_t)(1000 + i));
        assert_int_equal(count_queued(), RECORDER_USERS_MAX);

        now_ns += 60 * S_NS;
        refuse(5000, 5000);
        assert_int_equal(count_queued(), 1);
}

static void what_waits_is_bounded_in_bytes(void **state)
{
        const size_t n_fit = RECORDER_QUEUE_BYTES_MAX / (256 * 1024);

        (void)state;
        scene.n_certificate_bytes = 256 * 1024;
        for (size_t i = 0; i < n_fit + 3; i++)
                refuse(i, 1000);
        assert_int_equal(count_queued(), n_fit);
        refuse(100, 1000);
        assert_int_equal(count_queued(), 1);
}

static void what_waits_is_bounded_in_number(void **state)
{
        (void)state;
        for (size_t i = 0; i < RECORDER_QUEUE_MAX + 10; i++) {
                now_ns += S_NS;
                refuse(i, 1000);
        }
        assert_int_equal(count_queued(), RECORDER_QUEUE_MAX);
}

static void a_batch_is_bounded_and_the_rest_woken_for(void **state)
{
        (void)state;
        for (size_t i = 0; i < REJECTED_BATCH_MAX + 1; i++)
                refuse(i, (uid_t)(1000 + i));
        scene.n_woken_new = 0;
        assert_int_equal(take(false), REJECTED_BATCH_MAX);
        assert_int_equal(scene.n_woken_new, 1);
        assert_int_equal(take(false), 1);
        assert_int_equal(scene.n_woken_new, 1);
}

static void counts_do_not_hide_what_is_new(void **state)
{
        (void)state;
        refuse(1, 1000);
        assert_int_equal(take(false), 1);
        settle();
        refuse(1, 1000);
        refuse(2, 1000);
        scene.n_woken_counts = 0;
        assert_int_equal(take(false), 1);
        assert_int_equal(scene.batch->items.items[0].n_certificates, 1);
        assert_int_equal(scene.n_woken_counts, 1);
        assert_int_equal(take(true), 1);
}

static void who_was_removed_may_come_again(void **state)
{
        (void)state;
        refuse(1, 1000);
        assert_int_equal(take(false), 1);
        settle();
        refuse(1, 1000);
        recorder_look(scene.recorder, scene.state->handle);
        assert_int_equal(take(false), 0);
        settle(); /* there is nothing any more */
        refuse(1, 1000);
        assert_int_equal(take(false), 1);
        assert_int_equal(scene.batch->items.items[0].n_certificates, 1);
        assert_int_equal(scene.batch->items.items[0].note.count, 1);
}

static void on_notice(const struct notice *notice, void *userdata)
{
        size_t *n = userdata;

        assert_non_null(notice->rejected);
        assert_string_equal(notice->rejected->store, "default");
        assert_int_equal(notice->rejected->count, 3);
        assert_string_equal(notice->rejected->subject, "CN=Stranger");
        ++*n;
}

/* Certificate @cert was written, as if for the first time. */
static void settle_new(const struct cert *cert)
{
        struct rejected_outcome outcome = REJECTED_OUTCOME_NULL;
        struct rejected_new added = { .cert = cert_ref(cert) };
        struct rejected_note note;

        schema_init(&rejected_note_schema, &note);
        note.sha256 = must_calloc(1, 65);
        hex_encode(cert->sha256, 32, note.sha256);
        note.status_name = must_strdup("BadCertificateUntrusted");
        note.reason = must_strdup("no");
        note.purpose = must_strdup("client");
        note.count = 3;
        must(rejected_record_new(&note, &added.record) == 0, "record");
        must(VEC_PUSH(&outcome.added, added) == 0, "push");
        recorder_settle(scene.recorder, scene.state->handle, &outcome, 0);
}

static void a_new_record_is_told_once_a_minute(void **state)
{
        static const struct mint_cert STRANGER = { .subject = "CN=Stranger" };
        struct mint_der der = mint_cert(&STRANGER);
        const struct cert *cert;
        struct notices_subscriber *subscriber;
        size_t n = 0;

        (void)state;
        must(cert_new((struct bytes){ der.data, der.n }, NULL, &cert) == 0, "cert_new");
        must(notices_subscribe(scene.notices, on_notice, &n, &subscriber) == 0, "subscribe");
        settle_new(cert);
        assert_int_equal(n, 1);
        now_ns += 60 * S_NS - 1;
        settle_new(cert);
        assert_int_equal(n, 1);
        now_ns += 1;
        settle_new(cert);
        assert_int_equal(n, 2);
        assert_int_equal(recorder_count_written(scene.recorder), 3);
        notices_unsubscribe(subscriber);
        cert_unref(cert);
        mint_der_deinit(&der);
}

static void a_failed_writing_forgets_nothing_that_was_known(void **state)
{
        struct rejected_outcome outcome = { .error = 28, .n_failed = 1 };

        (void)state;
        refuse(1, 1000);
        assert_int_equal(take(false), 1);
        settle();
        refuse(2, 1000);
        assert_int_equal(take(false), 1);
        recorder_settle(scene.recorder, scene.state->handle, &outcome, 0);
        refuse(3, 1000);
        assert_int_equal(take(false), 1);
        recorder_settle(scene.recorder, scene.state->handle, NULL, -12);
        assert_int_equal(count_of(1), 1);
        assert_int_equal(count_of(2), 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(a_refusal_is_queued_and_the_writer_woken),
                TEST(repeats_are_counted_and_written_in_their_own_time),
                TEST(what_is_none_of_its_business_is_not_recorded),
                TEST(a_users_records_come_from_a_bucket),
                TEST(users_without_number_are_no_way_around_it),
                TEST(what_waits_is_bounded_in_bytes),
                TEST(what_waits_is_bounded_in_number),
                TEST(a_batch_is_bounded_and_the_rest_woken_for),
                TEST(counts_do_not_hide_what_is_new),
                TEST(who_was_removed_may_come_again),
                TEST(a_new_record_is_told_once_a_minute),
                TEST(a_failed_writing_forgets_nothing_that_was_known),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
