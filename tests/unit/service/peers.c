/* SPDX-License-Identifier: Apache-2.0 */
#include "service/peers.h"

#include "harness/must.h"
#include "harness/peers_scene.h"
#include "harness/test.h"
#include "trust/snapshot.h"

#include <string.h>

static void break_root(void)
{
        world_remove(fixture.world, "root");
        world_add_broken(fixture.world, ROLE_TRUSTED, "root", "it cannot be read");
}

static void just_who_is_concerned_is_told(void **state)
{
        struct watch watch;

        (void)state;
        watch_good(&watch, "abd");
        assert_news(&watch, "");

        revoke(1);
        run_jobs();
        assert_news(&watch, "b:revoked BadCertificateRevoked,");

        world_remove(fixture.world, "revocation");
        publish_and_hear(&watch, "b:good Good,");

        world_block(fixture.world, &LEAVES[0]);
        publish_and_hear(&watch, "a:blocked BadCertificateUntrusted,");
        close_watch(&watch);
}

static void whom_a_change_does_not_touch_is_not_judged_again(void **state)
{
        struct watch watch;

        (void)state;
        watch_good(&watch, "ab");

        world_add_cert(fixture.world, ROLE_TRUSTED, "other", &LEAVES[2]);
        publish();
        assert_int_equal(fixture.n_jobs, 0);

        world_remove(fixture.world, "other");
        publish();
        assert_int_equal(fixture.n_jobs, 0);

        world_add_broken(fixture.world, ROLE_TRUSTED, "broken", "it cannot be read");
        publish();
        assert_int_equal(fixture.n_jobs, 1);
        run_jobs();
        assert_news(&watch, "");
        close_watch(&watch);
}

static void a_peer_expires_at_its_second(void **state)
{
        struct watch watch;

        (void)state;
        watch_good(&watch, "ad");
        assert_int_equal(peers_due_s(fixture.peers), NOW_S + 101);

        fixture.now_s = NOW_S + 100;
        peers_run_due(fixture.peers);
        run_jobs();
        assert_news(&watch, "");

        fixture.now_s = NOW_S + 101;
        peers_run_due(fixture.peers);
        run_jobs();
        assert_news(&watch, "d:expired BadCertificateTimeInvalid,");
        assert_int_equal(peers_due_s(fixture.peers), NOW_S + 30 * DAY_S + 1);
        close_watch(&watch);
}

static void a_crl_out_of_date_and_a_broken_file_are_unknown(void **state)
{
        struct snapshot *known;
        struct watch watch;

        (void)state;
        publish_good_world();
        known = world_build(fixture.world);
        open_watch(&watch);
        register_now(&watch, "a", "a:good,");

        fixture.now_s = NOW_S + 40 * DAY_S;
        peers_run_due(fixture.peers);
        run_jobs();
        assert_news(&watch, "a:unknown BadCertificateRevocationUnknown,");

        fixture.now_s = NOW_S;
        break_root();
        publish();
        fixture.state->snap->known = known;
        run_jobs();
        assert_news(&watch, "a:unknown BadCertificateChainIncomplete,");

        world_remove(fixture.world, "root");
        publish_and_hear(&watch, "a:untrusted BadCertificateChainIncomplete,");
        close_watch(&watch);
}

static void a_store_that_cannot_say_is_unknown(void **state)
{
        struct snapshot *snap;
        struct watch watch;

        (void)state;
        open_watch(&watch);
        register_now(&watch, "a", "a:unknown,");

        publish_good_world();
        run_jobs();
        assert_news(&watch, "a:good Good,");

        fixture.state->is_in_doubt = true;
        peers_note(fixture.peers, fixture.state->handle, NULL, NULL);
        run_jobs();
        assert_news(&watch, "a:unknown BadSecurityChecksFailed,");

        fixture.state->is_in_doubt = false;
        peers_note(fixture.peers, fixture.state->handle, NULL, NULL);
        run_jobs();
        assert_news(&watch, "a:good Good,");

        snap = fixture.state->snap;
        fixture.state->snap = NULL;
        peers_note(fixture.peers, fixture.state->handle, NULL, NULL);
        assert_news(&watch, "a:unknown BadSecurityChecksFailed,");
        fixture.state->snap = snap;
        close_watch(&watch);
}

/* After that the store remembers nothing of files that cannot be read: see engine/cause. */
static void what_a_store_forgets_it_does_not_know(void **state)
{
        static const char *const SOURCES[] = { "/nowhere", NULL };
        struct watch watch;
        size_t handle, anew;

        (void)state;
        watch_good(&watch, "a");

        fixture.state->snap = snapshot_unref(fixture.state->snap);
        peers_note(fixture.peers, fixture.state->handle, NULL, NULL);
        assert_news(&watch, "a:unknown BadSecurityChecksFailed,");

        break_root();
        publish_and_hear(&watch, "a:unknown BadCertificateChainIncomplete,");

        world_remove(fixture.world, "root");
        publish_and_hear(&watch, "a:untrusted BadCertificateChainIncomplete,");

        world_add_cert(fixture.world, ROLE_TRUSTED, "root", &ROOT);
        publish_and_hear(&watch, "a:good Good,");

        /* as where a store gets other folders */
        handle = fixture.state->handle;
        must(stores_remove(&fixture.stores, handle), "stores_remove");
        must(stores_add(&fixture.stores, "default", SOURCES, &anew) == 0, "stores_add");
        fixture.state = stores_at(&fixture.stores, anew);
        peers_note(fixture.peers, handle, NULL, NULL);
        assert_news(&watch, "a:unknown BadSecurityChecksFailed,");
        break_root();
        publish_and_hear(&watch, "a:unknown BadCertificateChainIncomplete,");
        close_watch(&watch);
}

static void what_was_found_by_a_past_generation_is_told_to_nobody(void **state)
{
        struct watch watch;

        (void)state;
        watch_good(&watch, "ab");

        revoke(0);
        assert_int_equal(fixture.n_jobs, 1);
        fixture.jobs[0].run(fixture.jobs[0].userdata);
        world_remove(fixture.world, "revocation");
        publish();
        end_job(fixture.jobs[0]);
        assert_news(&watch, "");
        run_jobs();
        assert_news(&watch, "");
        close_watch(&watch);
}

static void no_change_falls_between_registering_and_news(void **state)
{
        struct watch watch;
        struct heard heard;

        (void)state;
        publish_good_world();
        open_watch(&watch);
        assert_non_null(begin_registering(&watch, "ab", &heard));
        fixture.jobs[0].run(fixture.jobs[0].userdata);
        revoke(0);
        end_job(fixture.jobs[0]);
        assert_int_equal(heard.n, 0);
        run_jobs();
        assert_string_equal(heard.states, "a:revoked,b:good,");
        assert_news(&watch, "");
        close_watch(&watch);
}

static void a_slow_reader_gets_the_last_state(void **state)
{
        struct watch watch;

        (void)state;
        watch_good(&watch, "abc");

        watch.pauses = true;
        world_remove(fixture.world, "root");
        publish();
        run_jobs();
        assert_int_equal(strlen(watch.news), strlen("a:untrusted BadCertificateChainIncomplete,"));
        watch.news[0] = '\0';

        world_add_cert(fixture.world, ROLE_TRUSTED, "root", &ROOT);
        revoke(2);
        run_jobs();
        watch.pauses = false;
        watch.pending->resume(watch.pending);
        run_jobs();
        assert_non_null(strstr(watch.news, "c:revoked BadCertificateRevoked,"));
        assert_null(strstr(watch.news, "untrusted"));
        close_watch(&watch);
}

static void a_source_that_settles_is_given_its_time(void **state)
{
        struct watch watch;

        (void)state;
        watch_good(&watch, "ab");

        world_remove(fixture.world, "root");
        publish_settling(1000);
        run_jobs();
        assert_news(&watch, "");
        assert_int_equal(peers_due_s(fixture.peers), NOW_S + 2);

        world_add_cert(fixture.world, ROLE_TRUSTED, "root", &ROOT);
        revoke(1);
        run_jobs();
        assert_news(&watch, "b:revoked BadCertificateRevoked,");
        assert_int_equal(unregister(&watch, "b"), STATUS_OK);

        fixture.now_s = NOW_S + 2;
        peers_run_due(fixture.peers);
        run_jobs();
        assert_news(&watch, "");

        world_remove(fixture.world, "root");
        publish_settling(1000);
        run_jobs();
        fixture.now_s = NOW_S + 4;
        peers_run_due(fixture.peers);
        run_jobs();
        assert_news(&watch, "a:untrusted BadCertificateChainIncomplete,");
        close_watch(&watch);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, peers_set_up, peers_tear_down)
                TEST(just_who_is_concerned_is_told),
                TEST(whom_a_change_does_not_touch_is_not_judged_again),
                TEST(a_peer_expires_at_its_second),
                TEST(a_crl_out_of_date_and_a_broken_file_are_unknown),
                TEST(a_store_that_cannot_say_is_unknown),
                TEST(what_a_store_forgets_it_does_not_know),
                TEST(what_was_found_by_a_past_generation_is_told_to_nobody),
                TEST(no_change_falls_between_registering_and_news),
                TEST(a_slow_reader_gets_the_last_state),
                TEST(a_source_that_settles_is_given_its_time),
        };

        return cmocka_run_group_tests(tests, peers_make_leaves, peers_free_leaves);
}
