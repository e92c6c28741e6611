/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Page - is a held verdict still good? `bench-page AGENT PAGE STORE UNSEEN` asks for one verdict, then looks at the page
 * again and again, as whoever holds verdicts does before each use: the page, both coarse clocks, and the comparison.
 * At the end once more where a system call would be the end of the process. Prints JSON.
 */

#include "proto/page.h"

#include "bench/ask.h"
#include "bench/files.h"
#include "bench/sample.h"
#include "bench/strict.h"
#include "harness/must.h"

#include <time.h>

#define ROUNDS 200
#define LOOKS  10000

struct held {
        struct page_reader *reader;
        uint32_t slot;
        int64_t generation, valid_until_s;
};

static bool stands(const struct held *held)
{
        struct timespec monotonic, realtime;
        struct page_look look;

        page_look(held->reader, held->slot, &look);
        clock_gettime(CLOCK_MONOTONIC_COARSE, &monotonic);
        clock_gettime(CLOCK_REALTIME_COARSE, &realtime);
        return page_holds(
                &look, held->generation, held->valid_until_s,
                &(struct page_now){ .monotonic_ns = monotonic.tv_sec * INT64_C(1000000000) +
                                                    monotonic.tv_nsec,
                                    .realtime_s = realtime.tv_sec });
}

static int64_t number_in(const char *reply, const char *name)
{
        const char *at = strstr(reply, name);

        must(at, "%s in %s", name, reply);
        return strtoll(at + strlen(name), NULL, 10);
}

static void hold(struct held *held, const char *reply, const char *page, const char *store)
{
        const char *id = strstr(reply, "\"agentId\":\"");
        char agent_id[33] = "";
        int r = page_reader_open(page, &held->reader);

        must(id, "agentId in %s", reply);
        memcpy(agent_id, id + strlen("\"agentId\":\""), 32);
        must(r == 0, "open %s: %d", page, r);
        must(page_reader_find(held->reader, agent_id, store, &held->slot), "the store's slot");
        held->generation = number_in(reply, "\"generation\":");
        held->valid_until_s = number_in(reply, "\"validUntil\":");
}

static bool look(void *userdata)
{
        size_t n = 0;

        for (int i = 0; i < LOOKS; i++)
                n += stands(userdata);
        return n == LOOKS;
}

int main(int argc, char **argv)
{
        struct ask_validate question = { 0 };
        struct samples samples = { 0 };
        struct held held;
        struct ask ask;
        size_t n, n_der;
        char *frame;

        must(argc == 5, "usage: bench-page AGENT PAGE STORE UNSEEN");
        question.store = argv[3];
        question.der = files_read(argv[4], &n_der);
        question.n_der = ask_der_bytes(question.der, n_der);
        frame = ask_frame(&question, &n);
        ask_init(&ask, argv[1]);
        ask_send(&ask, frame, n);
        hold(&held, ask_receive(&ask, NULL), argv[2], argv[3]);
        for (int round = 0; round < ROUNDS; round++) {
                uint64_t start_ns = sample_now_ns();

                must(look(&held), "the verdict stands");
                samples_add(&samples, (sample_now_ns() - start_ns) * 10 / LOOKS);
        }

        strict_must_hold(NULL, look, &held);
        printf("{\"ns\":%.1f}\n", (double)samples_at(&samples, 0.5) / 10);
        return 0;
}
