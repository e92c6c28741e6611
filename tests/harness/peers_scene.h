/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Peers scenes - service/peers of one store in a world, whose clock and jobs the test drives, and a watch. */

#include "harness/world.h"
#include "proto/message_peers.h"
#include "proto/status.h"
#include "service/caller.h"
#include "service/executor.h"
#include "service/peers.h"
#include "service/quota.h"
#include "service/stores.h"

#define NOW_S  MINT_NOW_S
#define DAY_S  MINT_DAY_S
#define N_LEAF 4

extern const struct mint_cert ROOT, LEAVES[N_LEAF];
extern struct mint_der ders[N_LEAF];

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

extern struct fixture fixture;
extern struct caller caller;
extern struct caller *asking; /* who registers and unregisters */

/* For cmocka: of a group, then of each test. */
int peers_make_leaves(void **state);
int peers_free_leaves(void **state);
int peers_set_up(void **state);
int peers_tear_down(void **state);

/* What the executor was given: the first without its work, or all. */
void end_job(struct job job);
void run_jobs(void);

/* The world as it is now is the store's next generation. */
void publish_settling(int64_t settle_ms);
void publish(void);
void publish_good_world(void);
void revoke(size_t i);

struct watch {
        struct service_pending *pending;
        char id[33];
        char news[512]; /* "a:revoked BadCertificateRevoked," */
        int64_t seq;
        bool pauses;  /* after each news */
        bool cancels; /* at the first */
};

void open_watch(struct watch *watch);
void close_watch(struct watch *watch);

/* What was told since, or not. */
void assert_news(struct watch *watch, const char *news);

struct heard {
        size_t n; /* replies */
        enum status_error error;
        char subject[128];
        char states[512]; /* "a:good," */
};

struct message_peer peer_of(const char *key, size_t leaf, struct schema_bytes *bytes);
struct service_pending *register_peers(const char *id, struct message_peer *list, size_t n,
                                       struct heard *heard);

/* Keys "a", "b", ... are the leaves in order. */
struct service_pending *begin_registering(const struct watch *watch, const char *keys,
                                          struct heard *heard);
void register_now(const struct watch *watch, const char *keys, const char *states);

/* The good world is published, and a watch opened for these, who all are good. */
void watch_good(struct watch *watch, const char *keys);

/* What was told once the world as it is now was published. */
void publish_and_hear(struct watch *watch, const char *news);

enum status_error unregister(const struct watch *watch, const char *key);
