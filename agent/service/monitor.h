/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Monitor - one caller's view of the feed: first the present state of the stores that were asked
 * for, then every event of theirs in order. While the caller's reader is too slow nothing is sent
 * and nothing is stored but which stores changed; afterwards each of these is one event of kind
 * resync.
 *
 * Who asked for all stores sees those that he may read, also ones that he may read later. Whoever
 * loses the right to a store that he sees gets PermissionDenied as the last reply.
 */

#include "service/service_call.h"

struct feed;
struct stores;

/**
 * monitor_call() - answer one Monitor call
 * @call: copied where needed; its stores, NULL for all that there are and will be, must exist, and
 *        be the caller's to read
 *
 * Return: what cancels it; NULL if it was refused.
 */
struct service_pending *monitor_call(struct feed *feed, const struct stores *stores,
                                     const char *agent_id, const struct service_call *call);
