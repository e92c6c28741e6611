/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/peers_scene.h"

#include "harness/must.h"
#include "harness/test.h"
#include "proto/names.h"
#include "service/host_clock.h"
#include "trust/change.h"
#include "trust/snapshot.h"

#include <stdio.h>
#include <string.h>

const struct mint_cert ROOT = { .ca = true, .subject = "CN=Root" };
const struct mint_cert LEAVES[N_LEAF] = {
        { .subject = "CN=Leaf 0", .issuer = &ROOT, .key = "p256-0" },
        { .subject = "CN=Leaf 1", .issuer = &ROOT, .key = "p256-1" },
        { .subject = "CN=Leaf 2", .issuer = &ROOT, .key = "p256-2" },
        { .subject = "CN=Brief", .issuer = &ROOT, .key = "p256-3", .not_after_s = NOW_S + 100 },
};

struct fixture fixture;
struct caller caller = { .ref = REF_INIT, .uid = 1000 };
struct caller *asking;
struct mint_der ders[N_LEAF];

int peers_make_leaves(void **state)
{
        (void)state;
        for (size_t i = 0; i < N_LEAF; i++)
                ders[i] = mint_cert(&LEAVES[i]);
        return 0;
}

int peers_free_leaves(void **state)
{
        (void)state;
        for (size_t i = 0; i < N_LEAF; i++)
                mint_der_deinit(&ders[i]);
        return 0;
}

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

void end_job(struct job job)
{
        memmove(fixture.jobs, fixture.jobs + 1, --fixture.n_jobs * sizeof(*fixture.jobs));
        job.done(job.userdata);
}

void run_jobs(void)
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

int peers_set_up(void **state)
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

int peers_tear_down(void **state)
{
        (void)state;
        fixture.peers = peers_free(fixture.peers);
        run_jobs();
        fixture.quota = quota_free(fixture.quota);
        stores_deinit(&fixture.stores);
        world_free(fixture.world);
        return 0;
}

void publish_settling(int64_t settle_ms)
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

void publish(void)
{
        publish_settling(0);
}

void publish_good_world(void)
{
        static const struct mint_crl CRL = { .issuer = &ROOT };

        world_add_cert(fixture.world, ROLE_TRUSTED, "root", &ROOT);
        world_add_crl(fixture.world, ROLE_TRUSTED, "crl", &CRL);
        publish();
}

void revoke(size_t i)
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

void open_watch(struct watch *watch)
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

void close_watch(struct watch *watch)
{
        watch->pending->cancel(watch->pending);
        assert_int_equal(peers_count(fixture.peers), 0);
        assert_int_equal(quota_count(fixture.quota, 1000, QUOTA_PEERS), 0);
}

void assert_news(struct watch *watch, const char *news)
{
        assert_string_equal(watch->news, news);
        watch->news[0] = '\0';
}

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

struct message_peer peer_of(const char *key, size_t leaf, struct schema_bytes *bytes)
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

struct service_pending *register_peers(const char *id, struct message_peer *list, size_t n,
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

struct service_pending *begin_registering(const struct watch *watch, const char *keys,
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

void register_now(const struct watch *watch, const char *keys, const char *states)
{
        struct heard heard;

        begin_registering(watch, keys, &heard);
        run_jobs();
        assert_int_equal(heard.n, 1);
        assert_int_equal(heard.error, STATUS_OK);
        assert_string_equal(heard.states, states);
}

void watch_good(struct watch *watch, const char *keys)
{
        char states[sizeof(((struct heard *)NULL)->states)] = "";

        for (size_t i = 0; keys[i]; i++)
                snprintf(states + strlen(states), sizeof(states) - strlen(states), "%c:good,",
                         keys[i]);
        publish_good_world();
        open_watch(watch);
        register_now(watch, keys, states);
}

void publish_and_hear(struct watch *watch, const char *news)
{
        publish();
        run_jobs();
        assert_news(watch, news);
}

enum status_error unregister(const struct watch *watch, const char *key)
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
