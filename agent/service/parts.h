/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Parts - what the service is made of, made in the order in which they need each other. Who answers
 * which call is service/service's.
 */

#include "service/answers.h"
#include "service/host_clock.h"
#include "service/stores.h"
#include "service/tally.h"
#include "service/waiting.h"

struct admin;
struct audit;
struct feed;
struct history;
struct judge;
struct notices;
struct peers;
struct quota;
struct reading;
struct recorder;
struct service_config;
struct warnings;

struct parts {
        char *agent_id;
        struct stores stores;
        struct feed *feed;
        struct history *history;
        struct answers answers;
        struct notices *notices;
        struct audit *audit;
        struct tally tally;
        struct host_clock clock;
        struct warnings *warnings;
        struct quota *quota;
        struct judge *judge;
        struct peers *peers;
        struct reading *reading;
        struct recorder *recorder;
        struct waiting *waiting;
        struct admin *admin;
};

/**
 * parts_init() - make them all
 * @config: outlives them
 * @ask:    puts a call that waited for a store once more
 * @parts:  zero; parts_deinit() it, also after a failure; stays where it is until then
 *
 * Return: 0 or -ENOMEM.
 */
int parts_init(struct parts *parts, const struct service_config *config, waiting_ask_fn ask,
               void *userdata);

void parts_deinit(struct parts *parts);
