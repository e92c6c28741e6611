/* SPDX-License-Identifier: Apache-2.0 */

/* Who registers peers with service/peers, which, how many, and what becomes of them. */

#include "harness/must.h"
#include "harness/peers_scene.h"
#include "harness/test.h"
#include "proto/names.h"
#include "service/peer_list.h"
#include "service/peers.h"
#include "trust/snapshot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void a_key_that_is_watched_already_is_replaced(void **state)
{
        struct message_peer peer;
        struct schema_bytes bytes;
        struct watch watch;
        struct heard heard;

        (void)state;
        watch_good(&watch, "ab");

        peer = peer_of("a", 2, &bytes);
        register_peers(watch.id, &peer, 1, &heard);
        run_jobs();
        assert_string_equal(heard.states, "a:good,");
        assert_int_equal(peers_count(fixture.peers), 2);
        assert_int_equal(quota_count(fixture.quota, 1000, QUOTA_PEERS), 2);

        revoke(0);
        run_jobs();
        assert_news(&watch, "");
        close_watch(&watch);
}

static void what_is_unregistered_is_told_no_more(void **state)
{
        struct watch watch;

        (void)state;
        watch_good(&watch, "ab");
        assert_int_equal(unregister(&watch, "a"), STATUS_OK);
        assert_int_equal(unregister(&watch, "never seen"), STATUS_OK);
        assert_int_equal(peers_count(fixture.peers), 1);

        world_remove(fixture.world, "root");
        publish_and_hear(&watch, "b:untrusted BadCertificateChainIncomplete,");
        close_watch(&watch);
}

static void a_watch_may_end_at_any_time(void **state)
{
        struct watch watch;
        struct heard heard;

        (void)state;
        publish_good_world();

        /* before its peers were judged: who registered them is told */
        open_watch(&watch);
        begin_registering(&watch, "ab", &heard);
        close_watch(&watch);
        assert_int_equal(heard.error, STATUS_E_BAD_REQUEST);
        run_jobs();
        assert_int_equal(heard.n, 1);

        /* while a job looks at its peers */
        open_watch(&watch);
        begin_registering(&watch, "ab", &heard);
        fixture.jobs[0].run(fixture.jobs[0].userdata);
        close_watch(&watch);
        open_watch(&watch);
        end_job(fixture.jobs[0]);
        close_watch(&watch);

        /* within its own news */
        open_watch(&watch);
        register_now(&watch, "ab", "a:good,b:good,");
        watch.cancels = true;
        world_remove(fixture.world, "root");
        publish();
        run_jobs();
        assert_int_equal(peers_count(fixture.peers), 0);
        assert_null(strchr(watch.news, ',')[1] ? watch.news : NULL);
}

static void who_registers_may_leave_before_the_reply(void **state)
{
        struct service_pending *pending;
        struct watch watch;
        struct heard heard;

        (void)state;
        publish_good_world();
        open_watch(&watch);
        pending = begin_registering(&watch, "ab", &heard);
        pending->cancel(pending);
        run_jobs();
        assert_int_equal(heard.n, 0);
        assert_int_equal(peers_count(fixture.peers), 2);

        revoke(0);
        run_jobs();
        assert_news(&watch, "a:revoked BadCertificateRevoked,");
        close_watch(&watch);
}

static void memory_that_runs_out_delays_no_more_than_that(void **state)
{
        struct watch watch;

        (void)state;
        watch_good(&watch, "ab");

        fixture.is_full = true;
        revoke(0);
        assert_int_equal(fixture.n_jobs, 0);
        assert_int_equal(peers_due_s(fixture.peers), NOW_S + 1);

        fixture.is_full = false;
        fixture.now_s = NOW_S + 1;
        peers_run_due(fixture.peers);
        run_jobs();
        assert_news(&watch, "a:revoked BadCertificateRevoked,");
        close_watch(&watch);
}

static void what_cannot_be_registered_is_refused_as_a_whole(void **state)
{
        static char long_key[258];
        static const struct {
                const char *key, *purpose, *store, *uri;
                size_t n_certificates;
                enum status_error error;
                const char *subject;
        } rows[] = {
                { "", "client", NULL, NULL, 1, STATUS_E_BAD_REQUEST, "peers[1].key" },
                { long_key, "client", NULL, NULL, 1, STATUS_E_BAD_REQUEST, "peers[1].key" },
                { "k", "friend", NULL, NULL, 1, STATUS_E_BAD_REQUEST, "peers[1].purpose" },
                { "k", "client", NULL, "", 1, STATUS_E_BAD_REQUEST, "peers[1].applicationUri" },
                { "k", "client", NULL, NULL, 0, STATUS_E_BAD_REQUEST, "peers[1].certificates" },
                { "k", "client", "plant", NULL, 1, STATUS_E_NO_SUCH_STORE, "plant" },
        };
        struct watch watch;

        (void)state;
        memset(long_key, 'k', sizeof(long_key) - 1);
        publish_good_world();
        open_watch(&watch);
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                struct schema_bytes bytes[2];
                struct message_peer list[2] = { peer_of("good", 0, &bytes[0]),
                                                peer_of(rows[i].key, 1, &bytes[1]) };
                struct heard heard;

                list[1].purpose = (char *)rows[i].purpose;
                list[1].store = (char *)rows[i].store;
                list[1].application_uri = (char *)rows[i].uri;
                list[1].n_certificates = rows[i].n_certificates;
                assert_null(register_peers(watch.id, list, 2, &heard));
                assert_int_equal(heard.error, rows[i].error);
                assert_string_equal(heard.subject, rows[i].subject);
                assert_int_equal(peers_count(fixture.peers), 0);
        }
        close_watch(&watch);
}

static void a_watch_is_its_users_own(void **state)
{
        struct caller other_user = { .ref = REF_INIT, .uid = 1001 };
        struct caller other_door = { .ref = REF_INIT, .uid = 1000, .door = CALLER_DOOR_BUS };
        struct message_peer peer;
        struct schema_bytes bytes;
        struct watch watch;
        struct heard heard;

        (void)state;
        publish_good_world();
        open_watch(&watch);
        peer = peer_of("a", 0, &bytes);

        register_peers("0123", &peer, 1, &heard);
        assert_string_equal(heard.subject, "watchId");

        asking = &other_user;
        register_peers(watch.id, &peer, 1, &heard);
        assert_string_equal(heard.subject, "watchId");
        assert_int_equal(unregister(&watch, "a"), STATUS_E_BAD_REQUEST);

        asking = &other_door;
        register_peers(watch.id, &peer, 1, &heard);
        assert_string_equal(heard.subject, "watchId");
        close_watch(&watch);
}

static void as_many_as_a_user_may_have_and_one_more(void **state)
{
        struct watch watch;
        struct heard heard;

        (void)state;
        publish_good_world();
        open_watch(&watch);
        must(quota_take(fixture.quota, &caller, QUOTA_PEERS, NAMES_USER_PEERS_MAX - 1, NULL) == 0,
             "quota");

        assert_null(begin_registering(&watch, "ab", &heard));
        assert_int_equal(heard.error, STATUS_E_QUOTA_EXCEEDED);
        assert_string_equal(heard.subject, "20000 watched peers a user");
        register_now(&watch, "a", "a:good,");

        quota_give(fixture.quota, &caller, QUOTA_PEERS, NAMES_USER_PEERS_MAX - 1);
        close_watch(&watch);
}

static void as_many_bytes_as_a_user_may_have_and_one_more(void **state)
{
        static uint8_t content[NAMES_CERTIFICATES_MAX_BYTES];
        struct schema_bytes bytes = { content, sizeof(content) };
        struct message_peer peer;
        struct watch watch;
        struct heard heard;
        size_t i;

        (void)state;
        open_watch(&watch);
        for (i = 0; i < 1000; i++) {
                char key[8];

                snprintf(key, sizeof(key), "%zu", i);
                peer = peer_of(key, 0, &(struct schema_bytes){ 0 });
                peer.certificates = &bytes;
                register_peers(watch.id, &peer, 1, &heard);
                if (heard.error)
                        break;
        }
        assert_int_equal(heard.error, STATUS_E_QUOTA_EXCEEDED);
        assert_string_equal(heard.subject, "67108864 bytes of watched peers a user");
        assert_int_equal(i, NAMES_USER_PEERS_MAX_BYTES / sizeof(content) - 1);
        close_watch(&watch);
}

static void what_is_more_than_may_be_presented_is_untrusted(void **state)
{
        static uint8_t content[NAMES_CERTIFICATE_MAX_BYTES + 1] = { 0x30, 0x83, 0x00, 0xff, 0xfc };
        struct schema_bytes bytes = { content, sizeof(content) };
        struct message_peer peer = peer_of("a", 0, &(struct schema_bytes){ 0 });
        struct watch watch;
        struct heard heard;

        (void)state;
        content[2] = 0x01, content[3] = 0x00, content[4] = 0x00;
        publish_good_world();
        open_watch(&watch);
        peer.certificates = &bytes;
        register_peers(watch.id, &peer, 1, &heard);
        run_jobs();
        assert_string_equal(heard.states, "a:untrusted,");
        close_watch(&watch);
}

static void who_would_fall_is_known_before(void **state)
{
        struct peer_list *list;
        struct peer_fall *falls;
        struct snapshot *snap;
        struct watch watch;
        size_t n;

        (void)state;
        publish_good_world();
        revoke(2);
        open_watch(&watch);
        register_now(&watch, "abc", "a:good,b:good,c:revoked,");

        world_block(fixture.world, &LEAVES[1]);
        snap = world_build(fixture.world);
        must(peers_list_good(fixture.peers, fixture.state->handle, &list) == 0, "peers_list_good");
        must(peer_list_would_fall(list, snap, &falls, &n) == 0, "peer_list_would_fall");
        assert_int_equal(n, 1);
        assert_string_equal(falls[0].key, "b");
        assert_int_equal(falls[0].uid, 1000);
        assert_int_equal(falls[0].cause, CAUSE_BLOCKED);
        assert_int_equal(falls[0].status, STATUS_CERTIFICATE_UNTRUSTED);

        free(falls);
        peer_list_free(list);
        snapshot_unref(snap);
        close_watch(&watch);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, peers_set_up, peers_tear_down)
                TEST(a_key_that_is_watched_already_is_replaced),
                TEST(what_is_unregistered_is_told_no_more),
                TEST(a_watch_may_end_at_any_time),
                TEST(who_registers_may_leave_before_the_reply),
                TEST(memory_that_runs_out_delays_no_more_than_that),
                TEST(what_cannot_be_registered_is_refused_as_a_whole),
                TEST(a_watch_is_its_users_own),
                TEST(as_many_as_a_user_may_have_and_one_more),
                TEST(as_many_bytes_as_a_user_may_have_and_one_more),
                TEST(what_is_more_than_may_be_presented_is_untrusted),
                TEST(who_would_fall_is_known_before),
        };

        return cmocka_run_group_tests(tests, peers_make_leaves, peers_free_leaves);
}
