/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Calls scenes - a real agent, a client of the library, and many calls that are under way at a time.
 */

#include "harness/plant.h"
#include "harness/test.h"

#include <uatrust/async.h>

enum {
        MANY = 64,
        WAIT_MS = 20000,
};

struct fixture {
        struct plant *plant;
        struct uatrust_client *client;
        struct uatrust_request *good, *bad;
        size_t n_done, n_good, n_bad, n_errors;
        enum uatrust_code last;
        size_t next; /* of asked, in order */
};

struct asked {
        struct fixture *fixture;
        struct uatrust_call *call;
        size_t number;
};

/* For cmocka. */
int calls_set_up(void **state);
int calls_tear_down(void **state);

/* Hears of a call, whose userdata is a struct asked. Even numbers ask about the good one. */
void on_verdict(struct uatrust_call *call, void *userdata);

/* Starts asked[@number]. */
void ask_one(struct fixture *fixture, struct asked *asked, size_t number, uatrust_call_fn fn);

/* Starts @n calls that are heard of by on_verdict(), and counts from 0 again. */
void ask(struct fixture *fixture, struct asked *asked, size_t n);

/* Return: did so many get an answer in time? */
bool run_until(struct fixture *fixture, size_t n_done);

#define CALLS_TEST(fn) cmocka_unit_test_setup_teardown(fn, calls_set_up, calls_tear_down)
