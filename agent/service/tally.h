/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Tally - what the service counts, over all doors and since its start: plain numbers, raised where
 * things happen. What is said of them is service/statistics'.
 */

#include "proto/message.h"
#include "proto/status.h"
#include "service/caller.h"

#include <stddef.h>
#include <stdint.h>

struct answers_item;

#define TALLY_METHODS   (MESSAGE_GET_INTERFACE_DESCRIPTION + 1)
#define TALLY_ERRORS    64 /* more than the highest enum status_error that a service gives */
#define TALLY_DOORS     (CALLER_DOOR_BUS + 1)
#define TALLY_LATENCIES 20

struct tally {
        int64_t since_s;
        int64_t requests[TALLY_METHODS];
        int64_t verdicts[STATUS_CODES]; /* by status_code_index() */
        int64_t refusals[TALLY_ERRORS];
        int64_t answers[4]; /* by enum answers_how */
        int64_t generations;
        int64_t connections; /* there are now, to the sockets */
        int64_t latencies[TALLY_DOORS][TALLY_LATENCIES];
};

/** tally_latency_us() - replies of that index took less, and not less than the index before */
int64_t tally_latency_us(size_t index);

void tally_request(struct tally *tally, enum message_method method);

/** tally_reply() - the only reply to a call; @error: STATUS_OK if there was none */
void tally_reply(struct tally *tally, enum caller_door door, int64_t took_ns,
                 enum status_error error);

/** tally_on_answer() - an answers_fn; @userdata: the tally */
void tally_on_answer(const struct answers_item *item, void *userdata);
