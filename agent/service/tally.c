/* SPDX-License-Identifier: Apache-2.0 */
#include "service/tally.h"

#include "proto/message.h"
#include "service/answers.h"

#include <assert.h>

int64_t tally_latency_us(size_t index)
{
        static const int64_t LATENCIES[TALLY_LATENCIES] = {
                5,     10,    20,    50,     100,    200,    500,     1000,    2000,     5000,
                10000, 20000, 50000, 100000, 200000, 500000, 1000000, 2000000, 10000000, INT64_MAX,
        };

        return LATENCIES[index];
}

void tally_request(struct tally *tally, enum message_method method)
{
        tally->requests[method]++;
}

void tally_reply(struct tally *tally, enum caller_door door, int64_t took_ns,
                 enum status_error error)
{
        size_t i = 0;

        if (error != STATUS_OK) {
                assert(error < TALLY_ERRORS);
                tally->refusals[error]++;
        }
        while (tally_latency_us(i) <= took_ns / 1000)
                i++;
        tally->latencies[door][i]++;
}

void tally_on_answer(const struct answers_item *item, void *userdata)
{
        struct tally *tally = userdata;
        const struct message_verdict *verdict = item->verdict;

        tally->answers[item->how]++;
        tally->verdicts[status_code_index(verdict ? (uint32_t)verdict->status_code : 0)]++;
        if (item->how == ANSWERS_KEPT)
                tally_request(tally, MESSAGE_VALIDATE);
}
