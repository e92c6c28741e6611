/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Reading - ReadTrustList and ReadCrl: calls that read files once more, each as a job in the lane
 * of its user. What they reply is of the picture that was in force when they were asked.
 */

#include "proto/compiler.h"
#include "service/service_call.h"

struct executor;
struct lane;
struct quota;
struct reading;
struct store_state;

struct reading_config {
        const char *agent_id;
        struct quota *quota; /* counts them as QUOTA_CALLS */
        const struct executor *executor;
        const struct lane *lane; /* or NULL: no file can be read */
};

/** reading_new() - @config is copied, what it points to outlives it; Return: 0 or -ENOMEM */
int reading_new(const struct reading_config *config, struct reading **out);

/** reading_free() - calls under way get no reply; the jobs' ends may come later and find nobody */
struct reading *reading_free(struct reading *reading);

/**
 * reading_call() - answer ReadTrustList or ReadCrl of a store with a snapshot
 *
 * Return: NULL if it was answered; else what cancels it.
 */
struct service_pending *reading_call(struct reading *reading, const struct store_state *state,
                                     const struct service_call *call);

DEFINE_CLEANUP(struct reading *, reading_free)
