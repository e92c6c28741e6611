/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Varlink scenes - a Varlink door, its clients, and in place of the service one that the test plays. */

#include "front/varlink.h"
#include "harness/test.h"
#include "harness/tree.h"
#include "loop/loop.h"
#include "loop/timer.h"
#include "proto/names.h"
#include "service/quota.h"
#include "service/service.h"
#include "service/service_call.h"

#define AGENT "org.uatrust.agent1."

/*
 * The service is this test's own: what the store of a question is named decides how it answers.
 * "now": at once; "later": when the test says so; a Monitor gets a state at once and events when
 * the test says so.
 */
struct service {
        struct service_pending pending;
        struct quota *quota;
        struct service_call call; /* the last one; its in struct is gone */
        uid_t uid;
        enum caller_door door;
        unsigned int n_calls, n_kept, n_cancelled, n_paused, n_resumed;
        bool is_pending, is_paused;
        struct service_stamp stamp; /* of what is answered next */
};

struct scene {
        struct tree *tree;
        char *path;
        struct loop *loop;
        struct loop_timer *guard;
        struct varlink *varlink;
        struct service service;
        size_t n_connections;
};

extern struct scene scene;

/* An event, to the Monitor that waits. */
void tell(const char *kind, bool continues);

/* To the question that waits. */
void answer(const char *status_name);

/* For cmocka. */
int set_up(void **state);
int set_up_impatient(void **state);
int tear_down(void **state);

/* One round of the loop, and no waiting for more than 20 ms. */
void turn(void);

int dial(void);
void say_bytes(int fd, const void *data, size_t n);
void say(int fd, const char *message);

/*
 * The next message, NULL at the end of the stream; "" if there is none within some rounds of the
 * loop.
 */
char *hear(int fd);

/* The next message is this one, begins so, is none, is the end of the stream. */
void expect_reply(int fd, const char *expected);
void expect_start(int fd, const char *expected);
void expect_silence(int fd);
void expect_end(int fd);

#define VALIDATE(store)                                                                            \
        "{\"method\":\"" AGENT                                                                     \
        "Validate\",\"parameters\":{\"certificates\":[],\"purpose\":\"client\",\"store\":\"" store \
        "\"}}"
#define MONITOR       "{\"method\":\"" AGENT "Monitor\",\"more\":true}"
#define VERDICT       "{\"parameters\":{\"verdict\":{\"trusted\":false,\"statusCode\":0,"
#define ERROR(name)   "{\"error\":\"" AGENT name "\",\"parameters\":"
#define SERVICE(name) "{\"error\":\"org.varlink.service." name "\",\"parameters\":"
