/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Engine - the engine as a door: `engine STORE AGENTID GENERATION` reads a Validate call's parameters in JSON from each
 * line of its input and writes the reply's as a line. It has the store's files, the request's reading and the words of
 * the wire in common with the agent, but no service, no cache, no queue and no connection.
 */

#include "engine/validate.h"
#include "engine/verdict.h"
#include "harness/must.h"
#include "pki/decode.h"
#include "pki/ossl.h"
#include "proto/buf.h"
#include "proto/json.h"
#include "proto/message.h"
#include "service/report.h"
#include "service/request.h"
#include "service/stores.h"
#include "store/layout.h"
#include "store/picture.h"
#include "store/store.h"
#include "trust/settings.h"

#include <time.h>

static int64_t now_ns(clockid_t clock)
{
        struct timespec now;

        must(clock_gettime(clock, &now) == 0, "clock");
        return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static void read_store(const char *path, struct store_result *out)
{
        struct store_source source = { .name = "default",
                                       .path = path,
                                       .layout = layout_default() };
        struct store_config config = { .sources = &source, .n_sources = 1 };
        struct store_hints hints = { .is_all = true };
        struct store_now now = { now_ns(CLOCK_REALTIME), now_ns(CLOCK_MONOTONIC) };
        struct settings *settings;

        must(settings_new(&settings) == 0, "settings");
        config.settings = settings;
        must(store_refresh(&config, NULL, &hints, &now, out) == 0 && !out->not_ready, "read %s",
             path);
        settings_unref(settings);
}

static void decode_presented(const struct message_validate *in, struct decode_chain *out)
{
        struct bytes elements[DECODE_CHAIN_MAX];

        must(in->n_certificates <= DECODE_CHAIN_MAX, "too many certificates");
        for (size_t i = 0; i < in->n_certificates; i++)
                elements[i] = (struct bytes){ in->certificates[i].data, in->certificates[i].n };

        must(decode_message_chain(elements, in->n_certificates, out) == 0, "decode the chain");
}

static void answer(const struct message_validate *in, const struct store_state *state,
                   const char *agent_id)
{
        CLEANUP(buf_deinit) struct buf line = BUF_NULL;
        struct message_validate_reply reply = { 0 };
        struct decode_chain chain = DECODE_CHAIN_NULL;
        struct verdict verdict = { 0 };
        struct message_error error;
        struct request request;
        struct terms terms = { .budget_units = VALIDATE_BUDGET_UNITS };

        must(request_read(in, state, &request, &error) == 0, "the request is refused");
        terms.now_s = request.at_s == SCHEMA_INT_ABSENT ? time(NULL) : request.at_s;
        terms.at_least_s = terms.now_s;
        decode_presented(in, &chain);
        must(engine_validate(state->snap, &chain, &request.profile, &terms, &verdict) == 0,
             "validate");
        schema_init(&message_validate_reply_schema, &reply);
        must(report_verdict(&verdict, state, agent_id, &reply.verdict) == 0, "report");
        json_encode(&message_validate_reply_schema, &reply, &line);
        must(!buf_error(&line), "encode");
        printf("%.*s\n", (int)line.n, (const char *)line.data);
        fflush(stdout);
        schema_deinit(&message_validate_reply_schema, &reply);
        verdict_deinit(&verdict);
        decode_chain_deinit(&chain);
}

static void answer_line(const char *line, size_t n, const struct store_state *state,
                        const char *agent_id)
{
        struct message_validate in;
        struct json_object *value;
        struct json_error error;

        must(json_parse(line, n, SIZE_MAX, &value, &error) == 0, "parse");
        must(json_decode(value, &message_validate_schema, &in, &error) == 0, "decode");
        answer(&in, state, agent_id);
        schema_deinit(&message_validate_schema, &in);
        json_free(value);
}

int main(int argc, char **argv)
{
        struct store_result result = STORE_RESULT_NULL;
        struct store_state state = { .name = (char *)"default" };
        char *line = NULL;
        size_t n_room = 0;
        ssize_t n;

        must(argc == 4 && ossl_init() == 0, "engine STORE AGENTID GENERATION");
        read_store(argv[1], &result);
        state.snap = picture_get_snapshot(result.picture);
        state.generation = strtoll(argv[3], NULL, 10);
        while ((n = getline(&line, &n_room, stdin)) > 0)
                answer_line(line, (size_t)n, &state, argv[2]);

        free(line);
        store_result_deinit(&result);
        ossl_deinit();
        return 0;
}
