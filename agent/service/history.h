/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * History - the last events of each store, for those who come late: Changes. A foreign agentId, a
 * generation that is not reached yet, or one whose successors are not all kept any more, gives one
 * event of kind resync. So does memory that ran out meanwhile.
 */

#include "proto/compiler.h"

#include <stddef.h>

struct history;
struct message_event;
struct service_call;
struct store_state;

#define HISTORY_EVENTS_MAX 256           /* of one store */
#define HISTORY_BYTES_MAX  (1024 * 1024) /* their texts */

/** history_new() - nothing has happened; Return: 0 or -ENOMEM */
int history_new(struct history **out);

/** history_free() - takes NULL, returns NULL */
struct history *history_free(struct history *history);
DEFINE_CLEANUP(struct history *, history_free)

/** history_note() - a store has a new generation, and @event, which is copied, tells of it */
void history_note(struct history *history, size_t store, const struct message_event *event);

/** history_forget() - the store is gone */
void history_forget(struct history *history, size_t store);

/** history_call() - answer Changes about a store */
void history_call(const struct history *history, const struct store_state *state,
                  const char *agent_id, const struct service_call *call);
