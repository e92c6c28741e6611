/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Judge - how a Validate call becomes a verdict: read the request, look among the verdicts that are
 * known, ask the engine with a small budget, and where that does not suffice have a job ask it with
 * the whole one; likewise for a caller who has used up his part of the loop's time.
 *
 * Spec: OPC 10000-4 6.1.3. The judgement itself is the engine's.
 */

#include "proto/compiler.h"
#include "service/service_call.h"

struct answers;
struct audit;
struct executor;
struct host_clock;
struct judge;
struct quota;
struct store_state;
struct stores;

/* Units that a judgement may cost on the loop thread: about half a millisecond. */
#define JUDGE_INLINE_UNITS 20

/* What a judgement costs beside what the engine counts: reading the certificate. */
#define JUDGE_READ_UNITS 1

/* Presented bytes beyond which even reading is left to a job. */
#define JUDGE_INLINE_BYTES (32 * 1024)

/*
 * A verdict whose generation, or time, went by while it was made is made anew so many times, then
 * Busy.
 */
#define JUDGE_ATTEMPTS_MAX 3

struct judge_config {
        const char *agent_id;
        const struct stores *stores;
        struct audit *audit;           /* gives EventIds */
        const struct answers *answers; /* told of every verdict that is replied */
        struct quota *quota;           /* of calls in flight, and of the loop's time */
        const struct executor *executor;
        const struct host_clock *clock;
};

/**
 * judge_new() - @config is copied, what it points to must outlive the judge; Return: 0 or -ENOMEM
 */
int judge_new(const struct judge_config *config, struct judge **out);

/**
 * judge_free() - calls with a job under way get no reply; the jobs' ends may come later and find
 * nobody
 */
struct judge *judge_free(struct judge *judge);

/**
 * judge_call() - answer one Validate call
 * @state: a store with a snapshot
 * @call:  borrowed; copied where a job needs it
 *
 * Return: NULL if it was answered; else what cancels it.
 */
struct service_pending *judge_call(struct judge *judge, const struct store_state *state,
                                   const struct service_call *call);

/** judge_forget() - the store's generation went by: its verdicts need not be kept */
void judge_forget(struct judge *judge, const struct store_state *state);

DEFINE_CLEANUP(struct judge *, judge_free)
