/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Service scenes - a service of one store in a world, whose clock and jobs the test drives. */

#include "harness/world.h"
#include "service/caller.h"
#include "service/executor.h"
#include "service/service.h"

extern const struct mint_cert ROOT, LEAF;

/* P-384 costs more than may be spent on the loop thread: a question about this leaf becomes a job. */
extern const struct mint_cert DEAR_ROOT, DEAR_LEAF;

struct job {
        executor_run_fn run;
        executor_done_fn done;
        void *userdata;
};

extern struct job queued[8];
extern size_t n_queued;
extern int64_t now_s;

struct fixture {
        struct executor executor;
        struct service *service;
        struct world *world;
        struct snapshot *snap;
        size_t store;
};

extern struct fixture fixture;
extern struct caller caller;

/* For cmocka. */
int service_set_up(void **state);
int service_tear_down(void **state);

/* The one that was queued first. */
void run_job(void);

/* The world as it is now becomes the store's picture. */
void publish(void);
void publish_good_world(void);

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

struct question {
        struct message_validate in;
        struct schema_bytes certificate;
        struct mint_der der;
};

/* Where replies are heard: userdata is a struct heard. */
void on_reply(const struct service_reply *reply, void *userdata);
void on_event_reply(const struct service_reply *reply, void *userdata);

struct question question_about(const struct mint_cert *spec);
struct service_pending *ask(struct question *question, struct heard *heard);
struct heard ask_now(const struct mint_cert *spec);
