/* SPDX-License-Identifier: Apache-2.0 */
#include "service/statistics.h"

#include "proto/message_peers.h"
#include "service/answers.h"
#include "service/tally.h"

/* Rows point to texts that outlive the reply. What never happened has no row. */
struct rows {
        struct message_count requests[TALLY_METHODS], verdicts[STATUS_CODES],
                refusals[TALLY_ERRORS];
        struct message_latency latencies[TALLY_DOORS * TALLY_LATENCIES];
};

static void add_count(struct message_count *rows, size_t *n, const char *name, int64_t count)
{
        if (count > 0)
                rows[(*n)++] = (struct message_count){ .name = (char *)name, .count = count };
}

static void add_counts(const struct tally *tally, struct rows *rows,
                       struct message_statistics_reply *out)
{
        for (int i = 0; i < TALLY_METHODS; i++)
                if (tally->requests[i] > 0)
                        add_count(rows->requests, &out->n_requests, message_get_method(i)->name,
                                  tally->requests[i]);
        for (size_t i = 0; i < STATUS_CODES; i++)
                add_count(rows->verdicts, &out->n_verdicts, status_code_at(i), tally->verdicts[i]);
        for (int i = 1; i < TALLY_ERRORS; i++)
                if (tally->refusals[i] > 0)
                        add_count(rows->refusals, &out->n_refusals, status_error_get(i)->varlink,
                                  tally->refusals[i]);
        out->requests = rows->requests;
        out->verdicts = rows->verdicts;
        out->refusals = rows->refusals;
}

static void add_latencies(const struct tally *tally, struct rows *rows,
                          struct message_statistics_reply *out)
{
        static const char *const DOORS[TALLY_DOORS] = {
                [CALLER_DOOR_CLIENT] = "client",
                [CALLER_DOOR_ADMIN] = "admin",
                [CALLER_DOOR_BUS] = "bus",
        };

        for (size_t door = 0; door < TALLY_DOORS; door++)
                for (size_t i = 0; i < TALLY_LATENCIES; i++)
                        if (tally->latencies[door][i] > 0)
                                rows->latencies[out->n_latencies++] = (struct message_latency){
                                        .door = (char *)DOORS[door],
                                        .below_microseconds = tally_latency_us(i),
                                        .count = tally->latencies[door][i],
                                };
        out->latencies = rows->latencies;
}

void statistics_call(const struct tally *tally, const struct statistics_others *others,
                     const struct service_call *call)
{
        struct rows rows;
        struct message_statistics_reply out = {
                .agent_id = (char *)others->agent_id,
                .since = tally->since_s,
                .cached = tally->answers[ANSWERS_KNOWN],
                .kept = tally->answers[ANSWERS_KEPT],
                .judged_inline = tally->answers[ANSWERS_JUDGED_INLINE],
                .judged_in_jobs = tally->answers[ANSWERS_JUDGED_BY_JOB],
                .generations = tally->generations,
                .connections = tally->connections,
                .subscribers = others->subscribers,
                .watched_peers = others->watched_peers,
                .audit_events = others->audit_events,
                .rejected_records = others->rejected_records,
        };

        add_counts(tally, &rows, &out);
        add_latencies(tally, &rows, &out);
        service_call_answer(call, &out);
}
