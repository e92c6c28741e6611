/* SPDX-License-Identifier: Apache-2.0 */
#include "service/peers.h"

#include "harness/must.h"
#include "harness/test.h"
#include "harness/world.h"
#include "pki/ossl.h"
#include "proto/message_peers.h"
#include "proto/names.h"
#include "proto/status.h"
#include "service/caller.h"
#include "service/executor.h"
#include "service/host_clock.h"
#include "service/peer_lanes.h"
#include "service/peer_list.h"
#include "service/quota.h"
#include "service/stores.h"
#include "trust/change.h"
#include "trust/snapshot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOW_S  MINT_NOW_S
#define DAY_S  MINT_DAY_S
#define N_LEAF 4

static const struct mint_cert ROOT = { .ca = true, .subject = "CN=Root" };
static const struct mint_cert LEAVES[N_LEAF] = {
        { .subject = "CN=Leaf 0", .issuer = &ROOT, .key = "p256-0" },
        { .subject = "CN=Leaf 1", .issuer = &ROOT, .key = "p256-1" },
        { .subject = "CN=Leaf 2", .issuer = &ROOT, .key = "p256-2" },
        { .subject = "CN=Brief", .issuer = &ROOT, .key = "p256-3", .not_after_s = NOW_S + 100 },
};

/* -- peers whose clock and jobs the test drives --------------------------------------------------- */

struct job {
        executor_run_fn run;
        executor_done_fn done;
        void *userdata;
};

struct fixture {
        struct executor executor;
        struct quota *quota;
        struct stores stores;
        struct store_state *state;
        struct world *world;
        struct peers *peers;
        struct job jobs[8];
        size_t n_jobs;
        int64_t now_s;
        bool is_full; /* the executor takes nothing */
};

static struct fixture fixture;
static struct caller caller = { .ref = REF_INIT, .uid = 1000 };
static struct caller *asking; /* who registers and unregisters */
static struct mint_der ders[N_LEAF];

static int queue_job(void *executor, uid_t lane, executor_run_fn run, executor_done_fn done,
                     void *userdata)
{
        (void)executor;
        assert_int_equal(lane, 1000);
        if (fixture.is_full)
                return -ENOMEM;
        assert_true(fixture.n_jobs < ARRAY_SIZE(fixture.jobs));
        fixture.jobs[fixture.n_jobs++] = (struct job){ run, done, userdata };
        return 0;
}

static void end_job(struct job job)
{
        memmove(fixture.jobs, fixture.jobs + 1, --fixture.n_jobs * sizeof(*fixture.jobs));
        job.done(job.userdata);
}

static void run_jobs(void)
{
        while (fixture.n_jobs > 0) {
                fixture.jobs[0].run(fixture.jobs[0].userdata);
                end_job(fixture.jobs[0]);
        }
}

static int64_t tell_time(void)
{
        return fixture.now_s;
}

static const struct host_clock CLOCK = { .now_s = tell_time };

static int set_up(void **state)
{
        static const char *const SOURCES[] = { "/nowhere", NULL };
        struct peers_config config = {
                .agent_id = "0123456789abcdef0123456789abcdef",
                .stores = &fixture.stores,
                .executor = &fixture.executor,
                .clock = &CLOCK,
        };
        size_t handle;

        (void)state;
        fixture = (struct fixture){ .executor = { queue_job, NULL }, .now_s = NOW_S };
        fixture.world = world_new();
        asking = &caller;
        must(stores_add(&fixture.stores, "default", SOURCES, &handle) == 0, "stores_add");
        fixture.state = stores_at(&fixture.stores, handle);
        must(quota_new(&fixture.quota) == 0, "quota_new");
        config.quota = fixture.quota;
        must(peers_new(&config, &fixture.peers) == 0, "peers_new");
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        fixture.peers = peers_free(fixture.peers);
        run_jobs();
        fixture.quota = quota_free(fixture.quota);
        stores_deinit(&fixture.stores);
        world_free(fixture.world);
        return 0;
}

/* The world as it is now is the store's next generation. */
static void publish_settling(int64_t settle_ms)
{
        struct snapshot *snap = world_build(fixture.world), *before;
        struct change *change;

        must(change_between(fixture.state->snap, snap, &change) == 0, "change_between");
        change->settle_ms = settle_ms;
        before = fixture.state->snap;
        fixture.state->snap = snap;
        fixture.state->generation++;
        peers_note(fixture.peers, fixture.state->handle, before, change);
        snapshot_unref(before);
        change_unref(change);
}

static void publish(void)
{
        publish_settling(0);
}

static void publish_good_world(void)
{
        static const struct mint_crl CRL = { .issuer = &ROOT };

        world_add_cert(fixture.world, ROLE_TRUSTED, "root", &ROOT);
        world_add_crl(fixture.world, ROLE_TRUSTED, "crl", &CRL);
        publish();
}

static void revoke(size_t i)
{
        struct mint_crl_entry entry = { .cert = &LEAVES[i] };
        struct mint_crl crl = { .issuer = &ROOT,
                                .number = "02",
                                .this_update_s = NOW_S - DAY_S / 2,
                                .next_update_s = NOW_S + 30 * DAY_S,
                                .entries = &entry,
                                .n_entries = 1 };

        world_add_crl(fixture.world, ROLE_TRUSTED, "revocation", &crl);
        publish();
}

/* -- a watch ---------------------------------------------------------------------------------------- */

struct watch {
        struct service_pending *pending;
        char id[33];
        char news[512]; /* "a:revoked BadCertificateRevoked," */
        int64_t seq;
        bool pauses;  /* after each news */
        bool cancels; /* at the first */
};

static void on_watch_reply(const struct service_reply *reply, void *userdata)
{
        const struct message_watch_peers_reply *out = reply->out;
        struct watch *watch = userdata;
        size_t n = strlen(watch->news);

        assert_true(reply->continues);
        if (out->watch_id) {
                snprintf(watch->id, sizeof(watch->id), "%s", out->watch_id);
                return;
        }
        assert_true(out->news->seq > watch->seq);
        watch->seq = out->news->seq;
        assert_int_equal(out->news->verdict.trusted,
                         strcmp(out->news->cause, NAMES_CAUSE_GOOD) == 0);
        assert_int_equal(out->news->verdict.generation, fixture.state->generation);
        snprintf(watch->news + n, sizeof(watch->news) - n, "%s:%s %s,", out->news->key,
                 out->news->cause, out->news->verdict.status_name);
        if (watch->pauses)
                watch->pending->pause(watch->pending);
        if (watch->cancels)
                watch->pending->cancel(watch->pending);
}

static void open_watch(struct watch *watch)
{
        struct message_nothing in = { 0 };

        *watch = (struct watch){ .pending = NULL };
        watch->pending = peers_watch(fixture.peers, &(struct service_call){
                                                            .method = MESSAGE_WATCH_PEERS,
                                                            .caller = &caller,
                                                            .in = &in,
                                                            .wants_more = true,
                                                            .reply = on_watch_reply,
                                                            .userdata = watch,
                                                    });
        assert_int_equal(strlen(watch->id), 32);
}

static void close_watch(struct watch *watch)
{
        watch->pending->cancel(watch->pending);
        assert_int_equal(peers_count(fixture.peers), 0);
        assert_int_equal(quota_count(fixture.quota, 1000, QUOTA_PEERS), 0);
}

/* What was told since, or not. */
static void assert_news(struct watch *watch, const char *news)
{
        assert_string_equal(watch->news, news);
        watch->news[0] = '\0';
}

/* -- registering ------------------------------------------------------------------------------------ */

struct heard {
        size_t n; /* replies */
        enum status_error error;
        char subject[128];
        char states[512]; /* "a:good," */
};

static void on_reply(const struct service_reply *reply, void *userdata)
{
        const struct message_register_peers_reply *out = reply->out;
        struct heard *heard = userdata;

        heard->n++;
        if (reply->error) {
                heard->error = reply->error->error;
                snprintf(heard->subject, sizeof(heard->subject), "%s",
                         reply->error->subject ? reply->error->subject : "");
                return;
        }
        for (size_t i = 0; i < out->n_states; i++) {
                size_t n = strlen(heard->states);

                snprintf(heard->states + n, sizeof(heard->states) - n, "%s:%s,", out->states[i].key,
                         out->states[i].cause);
        }
}

static void on_done(const struct service_reply *reply, void *userdata)
{
        struct heard *heard = userdata;

        heard->n++;
        heard->error = reply->error ? reply->error->error : STATUS_OK;
}

static struct message_peer peer_of(const char *key, size_t leaf, struct schema_bytes *bytes)
{
        struct message_peer peer;

        *bytes = (struct schema_bytes){ ders[leaf].data, ders[leaf].n };
        schema_init(&message_peer_schema, &peer);
        peer.key = (char *)key;
        peer.purpose = (char *)"client";
        peer.certificates = bytes;
        peer.n_certificates = 1;
        return peer;
}

static struct service_pending *register_peers(const char *id, struct message_peer *list, size_t n,
                                              struct heard *heard)
{
        struct message_register_peers in = { (char *)id, list, n };

        *heard = (struct heard){ .n = 0 };
        return peers_register(fixture.peers, &(struct service_call){
                                                     .method = MESSAGE_REGISTER_PEERS,
                                                     .caller = asking,
                                                     .in = &in,
                                                     .reply = on_reply,
                                                     .userdata = heard,
                                             });
}

/* Keys "a", "b", ... are the leaves in order. */
static struct service_pending *begin_registering(const struct watch *watch, const char *keys,
                                                 struct heard *heard)
{
        struct message_peer list[N_LEAF];
        struct schema_bytes bytes[N_LEAF];
        char names[N_LEAF][2] = { "", "", "", "" };
        size_t n = strlen(keys);

        for (size_t i = 0; i < n; i++) {
                names[i][0] = keys[i];
                list[i] = peer_of(names[i], (size_t)(keys[i] - 'a'), &bytes[i]);
        }
        return register_peers(watch->id, list, n, heard);
}

static void register_now(const struct watch *watch, const char *keys, const char *states)
{
        struct heard heard;

        begin_registering(watch, keys, &heard);
        run_jobs();
        assert_int_equal(heard.n, 1);
        assert_int_equal(heard.error, STATUS_OK);
        assert_string_equal(heard.states, states);
}

static enum status_error unregister(const struct watch *watch, const char *key)
{
        struct message_unregister_peers in = { (char *)watch->id, (char *[]){ (char *)key }, 1 };
        struct heard heard = { .n = 0 };

        peers_unregister(fixture.peers, &(struct service_call){
                                                .method = MESSAGE_UNREGISTER_PEERS,
                                                .caller = asking,
                                                .in = &in,
                                                .reply = on_done,
                                                .userdata = &heard,
                                        });
        assert_int_equal(heard.n, 1);
        return heard.error;
}

/* -- tests ------------------------------------------------------------------------------------------ */

static void just_who_is_concerned_is_told(void **state)
{
        struct watch watch;

        (void)state;
        publish_good_world();
        open_watch(&watch);
        register_now(&watch, "abd", "a:good,b:good,d:good,");
        assert_news(&watch, "");

        revoke(1);
        run_jobs();
        assert_news(&watch, "b:revoked BadCertificateRevoked,");

        world_remove(fixture.world, "revocation");
        publish();
        run_jobs();
        assert_news(&watch, "b:good Good,");

        world_block(fixture.world, &LEAVES[0]);
        publish();
        run_jobs();
        assert_news(&watch, "a:blocked BadCertificateUntrusted,");
        close_watch(&watch);
}

static void whom_a_change_does_not_touch_is_not_judged_again(void **state)
{
        struct watch watch;

        (void)state;
        publish_good_world();
        open_watch(&watch);
        register_now(&watch, "ab", "a:good,b:good,");

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
        publish_good_world();
        open_watch(&watch);
        register_now(&watch, "ad", "a:good,d:good,");
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
        world_remove(fixture.world, "root");
        world_add_broken(fixture.world, ROLE_TRUSTED, "root", "it cannot be read");
        publish();
        fixture.state->snap->known = known;
        run_jobs();
        assert_news(&watch, "a:unknown BadCertificateChainIncomplete,");

        world_remove(fixture.world, "root");
        publish();
        run_jobs();
        assert_news(&watch, "a:untrusted BadCertificateChainIncomplete,");
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
        publish_good_world();
        open_watch(&watch);
        register_now(&watch, "a", "a:good,");

        fixture.state->snap = snapshot_unref(fixture.state->snap);
        peers_note(fixture.peers, fixture.state->handle, NULL, NULL);
        assert_news(&watch, "a:unknown BadSecurityChecksFailed,");

        world_remove(fixture.world, "root");
        world_add_broken(fixture.world, ROLE_TRUSTED, "root", "it cannot be read");
        publish();
        run_jobs();
        assert_news(&watch, "a:unknown BadCertificateChainIncomplete,");

        world_remove(fixture.world, "root");
        publish();
        run_jobs();
        assert_news(&watch, "a:untrusted BadCertificateChainIncomplete,");

        world_add_cert(fixture.world, ROLE_TRUSTED, "root", &ROOT);
        publish();
        run_jobs();
        assert_news(&watch, "a:good Good,");

        /* as where a store gets other folders */
        handle = fixture.state->handle;
        must(stores_remove(&fixture.stores, handle), "stores_remove");
        must(stores_add(&fixture.stores, "default", SOURCES, &anew) == 0, "stores_add");
        fixture.state = stores_at(&fixture.stores, anew);
        peers_note(fixture.peers, handle, NULL, NULL);
        assert_news(&watch, "a:unknown BadSecurityChecksFailed,");
        world_remove(fixture.world, "root");
        world_add_broken(fixture.world, ROLE_TRUSTED, "root", "it cannot be read");
        publish();
        run_jobs();
        assert_news(&watch, "a:unknown BadCertificateChainIncomplete,");
        close_watch(&watch);
}

static void what_was_found_by_a_past_generation_is_told_to_nobody(void **state)
{
        struct watch watch;

        (void)state;
        publish_good_world();
        open_watch(&watch);
        register_now(&watch, "ab", "a:good,b:good,");

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
        publish_good_world();
        open_watch(&watch);
        register_now(&watch, "abc", "a:good,b:good,c:good,");

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
        publish_good_world();
        open_watch(&watch);
        register_now(&watch, "ab", "a:good,b:good,");

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

static void a_key_that_is_watched_already_is_replaced(void **state)
{
        struct message_peer peer;
        struct schema_bytes bytes;
        struct watch watch;
        struct heard heard;

        (void)state;
        publish_good_world();
        open_watch(&watch);
        register_now(&watch, "ab", "a:good,b:good,");

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
        publish_good_world();
        open_watch(&watch);
        register_now(&watch, "ab", "a:good,b:good,");
        assert_int_equal(unregister(&watch, "a"), STATUS_OK);
        assert_int_equal(unregister(&watch, "never seen"), STATUS_OK);
        assert_int_equal(peers_count(fixture.peers), 1);

        world_remove(fixture.world, "root");
        publish();
        run_jobs();
        assert_news(&watch, "b:untrusted BadCertificateChainIncomplete,");
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
        publish_good_world();
        open_watch(&watch);
        register_now(&watch, "ab", "a:good,b:good,");

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

/* -- what is refused -------------------------------------------------------------------------------- */

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

/* -- what would be ---------------------------------------------------------------------------------- */

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
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
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
        int r;

        for (size_t i = 0; i < N_LEAF; i++)
                ders[i] = mint_cert(&LEAVES[i]);
        r = cmocka_run_group_tests(tests, NULL, NULL);
        for (size_t i = 0; i < N_LEAF; i++)
                mint_der_deinit(&ders[i]);
        return r;
}
