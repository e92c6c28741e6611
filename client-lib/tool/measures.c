/* SPDX-License-Identifier: Apache-2.0 */
#include "measures.h"

#include "openmetrics.h"

#include <uatrust/reading.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct measures {
        struct uatrust_info *info;
        struct uatrust_statistics *statistics;
        struct uatrust_stores *stores;
        struct uatrust_weakenings *weakenings;
        struct uatrust_freshness **freshness; /* of the stores that told it */
        size_t n_freshness;
};

#define GAUGE(suffix, text)                                                                        \
        {                                                                                          \
                "uatrust_" suffix, "gauge", text                                                   \
        }
#define COUNTER(suffix, text)                                                                      \
        {                                                                                          \
                "uatrust_" suffix, "counter", text                                                 \
        }

/* -- asking -- */

static bool is_left_out(int code)
{
        return code == UATRUST_E_PERMISSION_DENIED || code == UATRUST_E_STORE_NOT_READY ||
               code == UATRUST_E_NO_SUCH_STORE;
}

static int ask_store(struct uatrust_client *client, const struct uatrust_store *store,
                     struct measures *measures, struct uatrust_error **error)
{
        int code;

        if (!uatrust_store_is_ready(store))
                return 0;

        code = uatrust_get_freshness(client, uatrust_store_get_name(store),
                                     &measures->freshness[measures->n_freshness], error);
        if (!code) {
                measures->n_freshness++;
        } else if (is_left_out(code)) {
                uatrust_error_free(*error);
                *error = NULL;
                code = 0;
        }
        return code;
}

static int ask_stores(struct uatrust_client *client, struct measures *measures,
                      struct uatrust_error **error)
{
        size_t n = 0;
        int code = 0;

        while (uatrust_stores_get_store(measures->stores, n))
                n++;
        measures->freshness = calloc(n + 1, sizeof(*measures->freshness));
        if (!measures->freshness)
                return UATRUST_E_NO_MEMORY;

        for (size_t i = 0; i < n && !code; i++)
                code = ask_store(client, uatrust_stores_get_store(measures->stores, i), measures,
                                 error);
        return code;
}

int measures_ask(struct uatrust_client *client, struct measures **out, struct uatrust_error **error)
{
        struct measures *measures = calloc(1, sizeof(*measures));
        int code;

        if (!measures)
                return UATRUST_E_NO_MEMORY;

        code = uatrust_get_info(client, &measures->info, error);
        if (!code)
                code = uatrust_get_statistics(client, &measures->statistics, error);
        if (!code)
                code = uatrust_list_stores(client, &measures->stores, error);
        if (!code)
                code = uatrust_list_weakenings(client, &measures->weakenings, error);
        if (!code)
                code = ask_stores(client, measures, error);
        if (code)
                measures_free(measures);
        else
                *out = measures;
        return code;
}

void measures_free(struct measures *measures)
{
        if (!measures)
                return;

        for (size_t i = 0; i < measures->n_freshness; i++)
                uatrust_freshness_free(measures->freshness[i]);
        free(measures->freshness);
        uatrust_weakenings_free(measures->weakenings);
        uatrust_stores_free(measures->stores);
        uatrust_statistics_free(measures->statistics);
        uatrust_info_free(measures->info);
        free(measures);
}

/* -- the agent -- */

static void write_plain(FILE *file, const struct openmetrics_family *family, int64_t value)
{
        openmetrics_begin(file, family);
        openmetrics_sample(file, family, &(struct openmetrics_labels){ 0 }, value);
}

static void write_up(FILE *file, bool is_up)
{
        static const struct openmetrics_family UP = GAUGE("up", "Whether the agent answers.");

        write_plain(file, &UP, is_up);
}

static void write_info(FILE *file, const struct uatrust_info *info)
{
        static const struct openmetrics_family BUILD =
                GAUGE("build_info", "Which agent answers; always 1.");

        openmetrics_begin(file, &BUILD);
        openmetrics_sample(
                file, &BUILD,
                &(struct openmetrics_labels){ { { "version", uatrust_info_get_version(info) } } },
                1);
}

typedef int64_t (*statistic_fn)(const struct uatrust_statistics *statistics);

/* Each a family of one sample. */
static void write_single(FILE *file, const struct uatrust_statistics *statistics)
{
        static const struct {
                struct openmetrics_family family;
                statistic_fn get;
        } SINGLE[] = {
                { GAUGE("start_time_seconds", "When the agent started, since 1970."),
                  uatrust_statistics_get_since },
                { COUNTER("generations", "New states of stores."),
                  uatrust_statistics_get_generations },
                { COUNTER("audit_events", "Audit events, folded ones included."),
                  uatrust_statistics_get_audit_events },
                { COUNTER("rejected_records", "Refused certificates that were recorded."),
                  uatrust_statistics_get_rejected_records },
                { GAUGE("connections", "Clients at the sockets."),
                  uatrust_statistics_get_connections },
                { GAUGE("subscribers", "Subscribers of changes; the bus is one."),
                  uatrust_statistics_get_subscribers },
                { GAUGE("watched_peers", "Peers of open sessions that are watched."),
                  uatrust_statistics_get_watched_peers },
        };

        for (size_t i = 0; i < sizeof(SINGLE) / sizeof(SINGLE[0]); i++)
                write_plain(file, &SINGLE[i].family, SINGLE[i].get(statistics));
}

typedef const struct uatrust_count *(*count_fn)(const struct uatrust_statistics *statistics,
                                                size_t i);

/* What is counted by name. */
static void write_counts(FILE *file, const struct uatrust_statistics *statistics)
{
        static const struct {
                struct openmetrics_family family;
                const char *label;
                count_fn get;
        } COUNTS[] = {
                { COUNTER("requests", "Calls, by method."), "method",
                  uatrust_statistics_get_request },
                { COUNTER("verdicts", "Verdicts, by status."), "status",
                  uatrust_statistics_get_verdict },
                { COUNTER("refusals", "Calls that were refused, by error."), "error",
                  uatrust_statistics_get_refusal },
        };
        const struct uatrust_count *count;

        for (size_t i = 0; i < sizeof(COUNTS) / sizeof(COUNTS[0]); i++) {
                openmetrics_begin(file, &COUNTS[i].family);
                for (size_t k = 0; (count = COUNTS[i].get(statistics, k)); k++)
                        openmetrics_sample(
                                file, &COUNTS[i].family,
                                &(struct openmetrics_labels){
                                        { { COUNTS[i].label, uatrust_count_get_name(count) } } },
                                uatrust_count_get_count(count));
        }
}

static void write_answers(FILE *file, const struct uatrust_statistics *statistics)
{
        static const struct openmetrics_family ANSWERS =
                COUNTER("answers", "Verdicts, by where they came from.");
        static const struct {
                const char *from;
                statistic_fn get;
        } ROWS[] = {
                { "reply", uatrust_statistics_get_kept },
                { "memory", uatrust_statistics_get_cached },
                { "judgement", uatrust_statistics_get_judged_inline },
                { "job", uatrust_statistics_get_judged_in_jobs },
        };

        openmetrics_begin(file, &ANSWERS);
        for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++)
                openmetrics_sample(file, &ANSWERS,
                                   &(struct openmetrics_labels){ { { "from", ROWS[i].from } } },
                                   ROWS[i].get(statistics));
}

/* The agent counts each answer once; a histogram's buckets have those of all before them. */
static void write_latencies(FILE *file, const struct uatrust_statistics *statistics)
{
        static const struct openmetrics_family DURATION = { "uatrust_answer_duration_seconds",
                                                            "histogram",
                                                            "How long answers took, by door." };
        const struct uatrust_latency *latency, *next;
        int64_t n = 0;

        openmetrics_begin(file, &DURATION);
        for (size_t i = 0; (latency = uatrust_statistics_get_latency(statistics, i)); i++) {
                struct openmetrics_label door = { "door", uatrust_latency_get_door(latency) };
                int64_t below_us = uatrust_latency_get_below_microseconds(latency);

                n += uatrust_latency_get_count(latency);
                openmetrics_bucket(file, &DURATION, &door, below_us, n);
                next = uatrust_statistics_get_latency(statistics, i + 1);
                if (next && !strcmp(uatrust_latency_get_door(next), door.value))
                        continue;
                if (below_us != INT64_MAX)
                        openmetrics_bucket(file, &DURATION, &door, INT64_MAX, n);
                n = 0;
        }
}

/* -- stores -- */

/* Return: false: there is nothing to say */
typedef bool (*store_fn)(const struct uatrust_store *store, int64_t *out);

static bool get_ready(const struct uatrust_store *store, int64_t *out)
{
        *out = uatrust_store_is_ready(store);
        return true;
}

static bool get_generation(const struct uatrust_store *store, int64_t *out)
{
        *out = uatrust_store_get_generation(store);
        return true;
}

static bool get_crls(const struct uatrust_store *store, int64_t *out)
{
        *out = uatrust_store_get_crls(store);
        return true;
}

static bool get_broken(const struct uatrust_store *store, int64_t *out)
{
        *out = uatrust_store_get_broken(store);
        return true;
}

static void write_stores(FILE *file, const struct uatrust_stores *stores)
{
        static const struct {
                struct openmetrics_family family;
                store_fn get;
        } ROWS[] = {
                { GAUGE("store_ready", "Whether the store can be judged by."), get_ready },
                { GAUGE("store_generation", "Number of its state, since the agent started."),
                  get_generation },
                { GAUGE("store_crls", "Revocation lists in it."), get_crls },
                { GAUGE("store_broken_files", "Files that count for nothing."), get_broken },
                { GAUGE("store_problems", "Warnings that stand."), uatrust_store_get_problems },
                { GAUGE("store_last_update_timestamp_seconds", "When its lists changed last."),
                  uatrust_store_get_last_update_time },
                { GAUGE("store_soonest_expiry_timestamp_seconds",
                        "Last second of the certificate or revocation list that runs out first."),
                  uatrust_store_get_soonest_expiry },
        };
        const struct uatrust_store *store;
        int64_t value;

        for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
                openmetrics_begin(file, &ROWS[i].family);
                for (size_t k = 0; (store = uatrust_stores_get_store(stores, k)); k++)
                        if (ROWS[i].get(store, &value))
                                openmetrics_sample(
                                        file, &ROWS[i].family,
                                        &(struct openmetrics_labels){
                                                { { "store", uatrust_store_get_name(store) } } },
                                        value);
        }
}

static void write_certificates(FILE *file, const struct uatrust_stores *stores)
{
        static const struct openmetrics_family CERTIFICATES =
                GAUGE("store_certificates", "Certificates in a list.");
        static const struct {
                const char *list;
                int64_t (*get)(const struct uatrust_store *store);
        } LISTS[] = {
                { "trusted", uatrust_store_get_trusted },
                { "issuers", uatrust_store_get_issuers },
                { "own", uatrust_store_get_own },
                { "rejected", uatrust_store_get_rejected },
        };
        const struct uatrust_store *store;

        openmetrics_begin(file, &CERTIFICATES);
        for (size_t k = 0; (store = uatrust_stores_get_store(stores, k)); k++)
                for (size_t i = 0; i < sizeof(LISTS) / sizeof(LISTS[0]); i++)
                        openmetrics_sample(file, &CERTIFICATES,
                                           &(struct openmetrics_labels){
                                                   { { "store", uatrust_store_get_name(store) },
                                                     { "list", LISTS[i].list } } },
                                           LISTS[i].get(store));
}

static void write_weakenings(FILE *file, const struct measures *measures)
{
        static const struct openmetrics_family WEAKENINGS =
                GAUGE("store_weakenings", "Settings that make checking weaker.");
        const struct uatrust_weakening *weakening;

        openmetrics_begin(file, &WEAKENINGS);
        for (size_t k = 0; k < measures->n_freshness; k++) {
                const char *name = uatrust_freshness_get_store(measures->freshness[k]);
                int64_t n = 0;

                for (size_t i = 0;
                     (weakening = uatrust_weakenings_get_weakening(measures->weakenings, i)); i++)
                        n += !strcmp(uatrust_weakening_get_store(weakening), name);
                openmetrics_sample(file, &WEAKENINGS,
                                   &(struct openmetrics_labels){ { { "store", name } } }, n);
        }
}

/* -- what runs out -- */

static void write_dates(FILE *file, const struct measures *measures)
{
        static const struct openmetrics_family CLOCK =
                GAUGE("clock_plausible", "Whether the clock of the host can be right.");
        static const struct openmetrics_family OUT_OF_DATE =
                GAUGE("store_out_of_date", "Whether its lists were not updated in time.");

        if (measures->n_freshness > 0)
                write_plain(file, &CLOCK,
                            uatrust_freshness_is_clock_plausible(measures->freshness[0]));

        openmetrics_begin(file, &OUT_OF_DATE);
        for (size_t k = 0; k < measures->n_freshness; k++)
                openmetrics_sample(file, &OUT_OF_DATE,
                                   &(struct openmetrics_labels){
                                           { { "store", uatrust_freshness_get_store(
                                                                measures->freshness[k]) } } },
                                   uatrust_freshness_is_out_of_date(measures->freshness[k]));
}

/* Of an authority; false: there is nothing to say. */
typedef bool (*authority_fn)(const struct uatrust_authority *authority, int64_t *out);

static bool get_current(const struct uatrust_authority *authority, int64_t *out)
{
        const char *state = uatrust_authority_get_state(authority);

        *out = !strcmp(state, "current") || !strcmp(state, "soonOutOfDate") ||
               uatrust_authority_is_in_grace(authority);
        return true;
}

static bool get_required(const struct uatrust_authority *authority, int64_t *out)
{
        *out = !strcmp(uatrust_authority_get_revocation_check(authority), "required");
        return true;
}

static void write_authorities(FILE *file, const struct measures *measures)
{
        static const struct {
                struct openmetrics_family family;
                authority_fn get;
        } ROWS[] = {
                { GAUGE("crl_current", "Whether a CA's revocation list can be judged by."),
                  get_current },
                { GAUGE("crl_required", "Whether one has to be there."), get_required },
                { GAUGE("crl_next_update_timestamp_seconds", "Last second at which it is current."),
                  uatrust_authority_get_next_update },
        };
        const struct uatrust_authority *authority;
        int64_t value;

        for (size_t r = 0; r < sizeof(ROWS) / sizeof(ROWS[0]); r++) {
                openmetrics_begin(file, &ROWS[r].family);
                for (size_t k = 0; k < measures->n_freshness; k++) {
                        const struct uatrust_freshness *store = measures->freshness[k];

                        for (size_t i = 0; (authority = uatrust_freshness_get_authority(store, i));
                             i++)
                                if (ROWS[r].get(authority, &value))
                                        openmetrics_sample(
                                                file, &ROWS[r].family,
                                                &(struct openmetrics_labels){
                                                        { { "store",
                                                            uatrust_freshness_get_store(store) },
                                                          { "list",
                                                            uatrust_authority_get_list(authority) },
                                                          { "ca", uatrust_authority_get_subject(
                                                                          authority) },
                                                          { "sha256", uatrust_authority_get_sha256(
                                                                              authority) } } },
                                                value);
                }
        }
}

static void write_expiries(FILE *file, const struct measures *measures)
{
        static const struct openmetrics_family EXPIRY =
                GAUGE("certificate_expiry_timestamp_seconds",
                      "Last second of a certificate that has expired or will soon.");
        const struct uatrust_expiry *expiry;

        openmetrics_begin(file, &EXPIRY);
        for (size_t k = 0; k < measures->n_freshness; k++) {
                const struct uatrust_freshness *store = measures->freshness[k];

                for (size_t i = 0; (expiry = uatrust_freshness_get_expiry(store, i)); i++)
                        openmetrics_sample(
                                file, &EXPIRY,
                                &(struct openmetrics_labels){
                                        { { "store", uatrust_freshness_get_store(store) },
                                          { "list", uatrust_expiry_get_list(expiry) },
                                          { "subject", uatrust_expiry_get_subject(expiry) },
                                          { "sha256", uatrust_expiry_get_sha256(expiry) } } },
                                uatrust_expiry_get_not_after(expiry));
        }
}

void measures_write(const struct measures *measures, FILE *file)
{
        write_up(file, measures != NULL);
        if (measures) {
                write_info(file, measures->info);
                write_single(file, measures->statistics);
                write_counts(file, measures->statistics);
                write_answers(file, measures->statistics);
                write_latencies(file, measures->statistics);
                write_stores(file, measures->stores);
                write_certificates(file, measures->stores);
                write_weakenings(file, measures);
                write_dates(file, measures);
                write_authorities(file, measures);
                write_expiries(file, measures);
        }
        openmetrics_end(file);
}
