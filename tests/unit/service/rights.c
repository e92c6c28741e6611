/* SPDX-License-Identifier: Apache-2.0 */
#include "service/rights.h"

#include "base/clock.h"
#include "harness/must.h"
#include "harness/test.h"
#include "harness/world.h"
#include "proto/message_admin.h"
#include "proto/names.h"
#include "service/caller.h"
#include "service/executor.h"
#include "service/quota.h"
#include "service/service.h"
#include "trust/change.h"
#include "trust/snapshot.h"

#include <string.h>

static const struct mint_cert ROOT = { .ca = true, .subject = "CN=Root" };
static const struct mint_cert LEAF = { .subject = "CN=Leaf", .issuer = &ROOT };
static const struct mint_crl CRL = { .issuer = &ROOT };

/* -- a service with an open store, and one that the test binds to callers ------------------------ */

enum {
        READER = 1001,
        WRITER = 1002,
};

static struct caller stranger = { .ref = REF_INIT, .uid = 1000 };
static struct caller reads = { .ref = REF_INIT, .uid = READER };
static struct caller writes = { .ref = REF_INIT, .uid = WRITER, .door = CALLER_DOOR_BUS };
static struct caller asks = { .ref = REF_INIT, .uid = 1000, .door = CALLER_DOOR_BUS };
static struct caller admin = { .ref = REF_INIT, .uid = 1000, .door = CALLER_DOOR_ADMIN };

/* So much spent lasts for longer than a test. */
#define ALL_UNITS (30 * NAMES_USER_UNITS_PER_S)

struct job {
        executor_run_fn run;
        executor_done_fn done;
        void *userdata;
};

static struct job queued[512];
static size_t n_queued;

static int queue_job(void *executor, uid_t lane, executor_run_fn run, executor_done_fn done,
                     void *userdata)
{
        (void)executor;
        (void)lane;
        must(n_queued < ARRAY_SIZE(queued), "too many jobs");
        queued[n_queued++] = (struct job){ run, done, userdata };
        return 0;
}

static void run_jobs(void)
{
        size_t n = n_queued;

        n_queued = 0;
        for (size_t i = 0; i < n; i++) {
                queued[i].run(queued[i].userdata);
                queued[i].done(queued[i].userdata);
        }
}

static int64_t tell_time(void)
{
        return MINT_NOW_S;
}

static struct fixture {
        struct executor executor;
        struct service *service;
        struct world *world;
        size_t open, bound;
        struct mint_der leaf;
} fixture;

static void publish(size_t store)
{
        struct snapshot *snap = world_build(fixture.world);
        struct change *change;

        must(change_between(NULL, snap, &change) == 0, "change_between");
        must(service_publish(fixture.service, store, snap, change) == 0, "publish");
        change_unref(change);
        snapshot_unref(snap);
}

/* Readers= and Writers= of the second store; @uid: 0 for none of them. */
static void bind_to(uid_t reader, uid_t writer)
{
        CLEANUP(access_unrefp) struct access *access = NULL;

        must(access_new(&access) == 0, "access_new");
        if (reader)
                must(access_add_user(access, ACCESS_READERS, reader) == 0, "reader");
        if (writer)
                must(access_add_user(access, ACCESS_WRITERS, writer) == 0, "writer");
        must(service_set_access(fixture.service, fixture.bound, access) == 0, "access");
}

static int set_up(void **state)
{
        static const char *const SOURCES[] = { "/nowhere", NULL };
        struct service_config config = {
                .agent_id = "0123456789abcdef0123456789abcdef",
                .executor = &fixture.executor,
                .now_s = tell_time,
        };

        (void)state;
        n_queued = 0;
        fixture = (struct fixture){ .executor = { queue_job, NULL }, .world = world_new() };
        must(service_new(&config, &fixture.service) == 0, "service_new");
        must(service_add_store(fixture.service, "default", SOURCES, &fixture.open) == 0, "add");
        must(service_add_store(fixture.service, "bound", SOURCES, &fixture.bound) == 0, "add");
        bind_to(READER, WRITER);

        world_add_cert(fixture.world, ROLE_TRUSTED, "root", &ROOT);
        world_add_crl(fixture.world, ROLE_TRUSTED, "crl", &CRL);
        fixture.leaf = mint_cert(&LEAF);
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        fixture.service = service_free(fixture.service);
        run_jobs();
        world_free(fixture.world);
        mint_der_deinit(&fixture.leaf);
        return 0;
}

static int set_up_published(void **state)
{
        set_up(state);
        publish(fixture.open);
        publish(fixture.bound);
        return 0;
}

/* -- asking -------------------------------------------------------------------------------------- */

struct heard {
        size_t n; /* replies */
        enum status_error error;
        struct service_stamp stamp;
        char text[256]; /* names of stores; events with store and generation */
};

static void note(struct heard *heard, const char *what, const char *store, int generation)
{
        size_t n = strlen(heard->text);

        snprintf(heard->text + n, sizeof(heard->text) - n, "%s %s %d,", what, store, generation);
}

static void on_reply(const struct service_reply *reply, void *userdata)
{
        struct heard *heard = userdata;

        heard->n++;
        heard->stamp = reply->stamp;
        heard->error = reply->error ? reply->error->error : STATUS_OK;
}

static void on_stores(const struct service_reply *reply, void *userdata)
{
        const struct message_list_stores_reply *out = reply->out;
        struct heard *heard = userdata;

        for (size_t i = 0; i < out->n_stores; i++)
                note(heard, "store", out->stores[i].name, (int)out->stores[i].generation);
}

static void on_event(const struct service_reply *reply, void *userdata)
{
        const struct message_monitor_reply *out = reply->out;
        struct heard *heard = userdata;

        heard->n++;
        if (reply->error)
                note(heard, status_error_get(reply->error->error)->text, "-", reply->continues);
        else
                note(heard, out->event.kind, out->event.store, (int)out->event.generation);
}

static struct service_pending *validate(const struct caller *caller, char *store,
                                        struct heard *heard)
{
        struct schema_bytes certificate = { fixture.leaf.data, fixture.leaf.n };
        struct message_validate in;

        schema_init(&message_validate_schema, &in);
        in.certificates = &certificate;
        in.n_certificates = 1;
        in.purpose = (char *)"client";
        in.store = store;
        *heard = (struct heard){ 0 };
        return service_call(fixture.service, &(struct service_call){ .method = MESSAGE_VALIDATE,
                                                                     .caller = caller,
                                                                     .in = &in,
                                                                     .reply = on_reply,
                                                                     .userdata = heard });
}

static struct service_pending *monitor(const struct caller *caller, char *store,
                                       struct heard *heard)
{
        struct message_monitor in = { .stores = store ? &store : NULL, .n_stores = store != NULL };

        *heard = (struct heard){ 0 };
        return service_call(fixture.service, &(struct service_call){ .method = MESSAGE_MONITOR,
                                                                     .caller = caller,
                                                                     .in = &in,
                                                                     .wants_more = true,
                                                                     .reply = on_event,
                                                                     .userdata = heard });
}

static enum status_error change(const struct caller *caller, char *store, bool is_authorized,
                                enum access_decision *out)
{
        struct message_block_object in;
        struct heard heard = { 0 };
        struct service_call call = { .method = MESSAGE_BLOCK,
                                     .caller = caller,
                                     .in = &in,
                                     .is_authorized = is_authorized,
                                     .reply = on_reply,
                                     .userdata = &heard };

        schema_init(&message_block_object_schema, &in);
        in.store = store;
        *out = service_decide(fixture.service, &call);
        service_call(fixture.service, &call);
        return heard.error;
}

static char bound[] = "bound";

/* -- tests --------------------------------------------------------------------------------------- */

static void a_bound_store_answers_its_readers_only(void **state)
{
        struct heard heard;

        (void)state;
        assert_null(validate(&stranger, NULL, &heard));
        assert_int_equal(heard.error, STATUS_OK);
        assert_null(validate(&stranger, bound, &heard));
        assert_int_equal(heard.error, STATUS_E_PERMISSION_DENIED);
        assert_null(validate(&reads, bound, &heard));
        assert_int_equal(heard.error, STATUS_OK);
        assert_null(validate(&admin, bound, &heard));
        assert_int_equal(heard.error, STATUS_OK);
}

static void lists_leave_out_what_the_caller_may_not_read(void **state)
{
        static const struct {
                const struct caller *caller;
                const char *text;
        } rows[] = {
                { &stranger, "store default 1," },
                { &reads, "store default 1,store bound 1," },
                { &writes, "store default 1,store bound 1," },
        };
        const struct message_nothing in = { 0 };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                struct heard heard = { 0 };

                service_call(fixture.service, &(struct service_call){ .method = MESSAGE_LIST_STORES,
                                                                      .caller = rows[i].caller,
                                                                      .in = &in,
                                                                      .reply = on_stores,
                                                                      .userdata = &heard });
                assert_string_equal(heard.text, rows[i].text);
        }
}

static void a_kept_reply_falls_with_the_right(void **state)
{
        struct heard heard;

        (void)state;
        validate(&reads, bound, &heard);
        assert_true(service_stamp_holds(fixture.service, &heard.stamp));
        bind_to(READER, WRITER);
        assert_true(service_stamp_holds(fixture.service, &heard.stamp));
        bind_to(0, WRITER);
        assert_false(service_stamp_holds(fixture.service, &heard.stamp));
        bind_to(WRITER, 0);
        validate(&reads, bound, &heard);
        assert_int_equal(heard.error, STATUS_E_PERMISSION_DENIED);
}

static void a_question_that_waits_is_judged_by_the_right_at_its_end(void **state)
{
        struct heard heard;

        (void)state;
        assert_non_null(validate(&reads, bound, &heard));
        assert_int_equal(quota_count(service_quota(fixture.service), READER, QUOTA_CALLS), 1);
        bind_to(WRITER, 0);
        publish(fixture.bound);
        assert_int_equal(heard.error, STATUS_E_PERMISSION_DENIED);
        assert_int_equal(quota_count(service_quota(fixture.service), READER, QUOTA_CALLS), 0);
}

static void a_job_is_judged_by_the_right_at_its_end(void **state)
{
        struct quota *quota = service_quota(fixture.service);
        struct heard heard;

        (void)state;
        quota_spend(quota, &reads, ALL_UNITS, clock_monotonic_ns());
        assert_non_null(validate(&reads, bound, &heard));
        assert_int_equal(quota_count(quota, READER, QUOTA_CALLS), 1);
        bind_to(WRITER, 0);
        run_jobs(); /* of the generation before */
        run_jobs();
        assert_int_equal(heard.error, STATUS_E_PERMISSION_DENIED);
        assert_int_equal(quota_count(quota, READER, QUOTA_CALLS), 0);
}

static void a_monitor_of_a_bound_store_is_its_readers(void **state)
{
        struct heard heard;

        (void)state;
        assert_null(monitor(&stranger, bound, &heard));
        assert_string_equal(heard.text, "permission denied - 0,");
        service_cancel(monitor(&reads, bound, &heard));
        assert_string_equal(heard.text, "state bound 1,");
}

static void a_monitor_of_all_sees_what_it_may(void **state)
{
        struct heard strangers, readers;
        struct service_pending *pending = monitor(&stranger, NULL, &strangers);

        (void)state;
        assert_string_equal(strangers.text, "state default 1,");
        service_cancel(monitor(&reads, NULL, &readers));
        assert_string_equal(readers.text, "state default 1,state bound 1,");

        publish(fixture.bound);
        bind_to(stranger.uid, 0);
        publish(fixture.bound);
        assert_string_equal(strangers.text, "state default 1,changed bound 3,changed bound 4,");
        service_cancel(pending);
}

static void a_monitor_ends_with_the_right(void **state)
{
        struct heard one, all, paused;
        struct service_pending *slow;

        (void)state;
        monitor(&reads, bound, &one);
        monitor(&reads, NULL, &all);
        slow = monitor(&reads, NULL, &paused);
        service_pause(slow);
        bind_to(WRITER, 0);
        assert_string_equal(one.text, "state bound 1,permission denied - 0,");
        assert_string_equal(all.text, "state default 1,state bound 1,permission denied - 0,");
        assert_string_equal(paused.text, all.text);

        publish(fixture.bound);
        publish(fixture.open);
        assert_int_equal(one.n, 2);
        assert_int_equal(all.n, 3);
}

static void a_change_is_allowed_denied_or_asked(void **state)
{
        static const struct {
                const char *what;
                const struct caller *caller;
                char *store;
                enum access_decision decision;
                bool may, may_authorized;
        } rows[] = {
                { "at the admin socket", &admin, bound, ACCESS_ALLOW, true, true },
                { "at the client socket", &stranger, bound, ACCESS_DENY, false, false },
                { "a reader", &reads, bound, ACCESS_DENY, false, false },
                { "a writer", &writes, bound, ACCESS_ALLOW, true, true },
                { "a writer, of another store", &writes, NULL, ACCESS_ASK, false, true },
                { "a user of the bus", &asks, NULL, ACCESS_ASK, false, true },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                enum access_decision decision;
                enum status_error error;

                error = change(rows[i].caller, rows[i].store, false, &decision);
                if (decision != rows[i].decision ||
                    (error == STATUS_E_PERMISSION_DENIED) == rows[i].may)
                        fail_msg("%s: decision %d, error %d", rows[i].what, decision, error);
                error = change(rows[i].caller, rows[i].store, true, &decision);
                if ((error == STATUS_E_PERMISSION_DENIED) == rows[i].may_authorized)
                        fail_msg("%s, authorized: error %d", rows[i].what, error);
        }
}

/*
 * However many questions one user has, on the loop he spends what his bucket holds; what he asks
 * beyond waits in his own lane, and there no more than so many.
 */
static void a_flood_leaves_the_loop_to_others(void **state)
{
        struct quota *quota = service_quota(fixture.service);
        struct heard heard;
        size_t n = 0;

        (void)state;
        quota_spend(quota, &reads, ALL_UNITS, clock_monotonic_ns());
        while (validate(&reads, bound, &heard))
                n++;
        assert_int_equal(heard.error, STATUS_E_QUOTA_EXCEEDED);
        assert_int_equal(n, NAMES_USER_CALLS_MAX);
        assert_int_equal(n_queued, NAMES_USER_CALLS_MAX);

        assert_null(validate(&stranger, NULL, &heard));
        assert_int_equal(heard.error, STATUS_OK);
        assert_int_equal(n_queued, NAMES_USER_CALLS_MAX);
}

#define TEST(function)  cmocka_unit_test_setup_teardown(function, set_up_published, tear_down)
#define FIRST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(a_bound_store_answers_its_readers_only),
                TEST(lists_leave_out_what_the_caller_may_not_read),
                TEST(a_kept_reply_falls_with_the_right),
                FIRST(a_question_that_waits_is_judged_by_the_right_at_its_end),
                TEST(a_job_is_judged_by_the_right_at_its_end),
                TEST(a_monitor_of_a_bound_store_is_its_readers),
                TEST(a_monitor_of_all_sees_what_it_may),
                TEST(a_monitor_ends_with_the_right),
                TEST(a_change_is_allowed_denied_or_asked),
                TEST(a_flood_leaves_the_loop_to_others),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
