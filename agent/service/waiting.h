/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Waiting - questions about stores that are being read for the first time. Each waits until its
 * store has its first picture, or it is known why it has none, or its time is over; then it is put
 * anew. To its door it looks like any call that is answered later.
 */

#include "service/service_call.h"

#include <stdint.h>

struct quota;
struct waiting;

/* All together; beyond these, Busy. */
#define WAITING_MAX 1024

/**
 * waiting_ask_fn - the wait is over: answer the call, now or later
 * @store:  that it waited for
 * @reason: why that has no picture, for people, if it has none
 *
 * Return: as service_call().
 */
typedef struct service_pending *(*waiting_ask_fn)(const struct service_call *call, size_t store,
                                                  const char *reason, void *userdata);

/** waiting_new() - nobody waits; @quota: counts them as QUOTA_CALLS; Return: 0 or -ENOMEM */
int waiting_new(struct quota *quota, waiting_ask_fn ask, void *userdata, struct waiting **out);

/** waiting_free() - those that wait get no answer; takes NULL; Return: NULL */
struct waiting *waiting_free(struct waiting *waiting);

/**
 * waiting_add() - have a call wait for a store
 * @call: copied with all that it needs
 *
 * Return: what cancels it; NULL if it was refused.
 */
struct service_pending *waiting_add(struct waiting *waiting, size_t store,
                                    const struct service_call *call);

/** waiting_end() - put those that wait for the store */
void waiting_end(struct waiting *waiting, size_t store, const char *reason);

/** waiting_tick() - put those whose time is over; @now_ns: of the monotonic clock */
void waiting_tick(struct waiting *waiting, int64_t now_ns);
