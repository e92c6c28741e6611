/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Core - a service with one store, "default", whose clock and jobs the test drives; asked and
 * answering in the words of the wire:
 *
 *      struct core *core = core_new(NULL);
 *      world_add_cert(core->world, ROLE_TRUSTED, "default/trusted/certs/ca", &CA);
 *      core_publish(core);
 *      core_ask(core, MESSAGE_LIST_STORES, "{}")       the reply, with all jobs run
 *
 * What cannot be made stops the test.
 */

#include "proto/message.h"
#include "service/caller.h"
#include "service/executor.h"
#include "service/service.h"

#include <stddef.h>
#include <stdint.h>

#define CORE_AGENT_ID "0123456789abcdef0123456789abcdef"

#define CORE_JOBS_MAX 256

struct lane;
struct snapshot;
struct world;

struct core_job {
        executor_run_fn run;
        executor_done_fn done;
        void *userdata;
};

struct core_asked;

struct core {
        struct executor executor;
        struct service *service;
        struct world *world;
        struct snapshot *snap; /* published last */
        size_t store;
        struct caller caller; /* who asks: uid 1000 at the client socket */
        struct core_job jobs[CORE_JOBS_MAX];
        size_t n_jobs;

        /* the last reply, {"parameters":...} or {"error":...}, and how many there were */
        char *reply;
        size_t n_replies;
        struct core_asked *asked; /* all calls so far */
};

/** core_new() - the clock says MINT_NOW_S; @lane: as in struct service_config; outlives the core */
struct core *core_new(const struct lane *lane);

/** core_free() - runs what jobs are left; takes NULL, returns NULL */
struct core *core_free(struct core *core);

/** core_publish() - the world as it is now becomes the store's picture */
void core_publish(struct core *core);

/** core_set_time() - what the clock says from now on */
void core_set_time(int64_t now_s);

/**
 * core_begin() - make a call
 * @parameters: in JSON
 *
 * Return: as service_call().
 */
struct service_pending *core_begin(struct core *core, enum message_method method,
                                   const char *parameters);

/** core_run_job() - the oldest one; false if there is none */
bool core_run_job(struct core *core);

/** core_ask() - make a call and run all jobs; Return: the last reply, as in struct core; borrowed */
const char *core_ask(struct core *core, enum message_method method, const char *parameters);
