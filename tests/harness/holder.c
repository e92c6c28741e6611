/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Holder - an application with many peers, told on standard input what to do: `holder SOCKET DER...`
 *
 *      ask N           ask about the first N peers:
 *                      good N bad N errors N code C slowest MICROSECONDS
 *      holds           how many of the verdicts in hand stand: holds N
 *      repeat N        ask about all peers and look at their verdicts, N times: repeated same|other
 *
 * C is the last enum uatrust_code. Verdicts in hand are the last ones given.
 */

#include "harness/must.h"

#include <uatrust/uatrust.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

struct peer {
        struct uatrust_request *request;
        struct uatrust_verdict *verdict; /* NULL: none was given yet */
};

struct holder {
        struct uatrust_client *client;
        struct peer *peers;
        size_t n_peers;
};

struct tally {
        size_t good, bad, errors;
        int code;
        int64_t slowest_us;
};

static int64_t now_us(void)
{
        struct timespec now;

        clock_gettime(CLOCK_MONOTONIC, &now);
        return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}

static void ask(struct holder *holder, struct peer *peer, struct tally *tally)
{
        struct uatrust_verdict *verdict;
        int64_t start_us = now_us();
        int r = uatrust_validate(holder->client, peer->request, &verdict, NULL);
        int64_t took_us = now_us() - start_us;

        if (took_us > tally->slowest_us)
                tally->slowest_us = took_us;
        if (r) {
                tally->errors++;
                tally->code = r;
                return;
        }

        tally->good += uatrust_verdict_is_trusted(verdict);
        tally->bad += !uatrust_verdict_is_trusted(verdict);
        uatrust_verdict_free(peer->verdict);
        peer->verdict = verdict;
}

static void ask_some(struct holder *holder, size_t n)
{
        struct tally tally = { 0 };

        for (size_t i = 0; i < n && i < holder->n_peers; i++)
                ask(holder, &holder->peers[i], &tally);
        printf("good %zu bad %zu errors %zu code %d slowest %lld\n", tally.good, tally.bad,
               tally.errors, tally.code, (long long)tally.slowest_us);
}

static void count_holds(const struct holder *holder)
{
        size_t n = 0;

        for (size_t i = 0; i < holder->n_peers; i++)
                n += uatrust_verdict_holds(holder->peers[i].verdict);
        printf("holds %zu\n", n);
}

static void repeat(struct holder *holder, size_t n)
{
        bool is_same = true;

        for (size_t i = 0; i < n * holder->n_peers; i++) {
                struct peer *peer = &holder->peers[i % holder->n_peers];
                struct uatrust_verdict *verdict = NULL;

                is_same = is_same && uatrust_verdict_holds(peer->verdict) &&
                          !uatrust_validate(holder->client, peer->request, &verdict, NULL) &&
                          verdict == peer->verdict;
                uatrust_verdict_free(verdict);
        }
        printf("repeated %s\n", is_same ? "same" : "other");
}

static void obey(struct holder *holder)
{
        char word[16];
        size_t n;

        while (scanf("%15s", word) == 1) {
                if (!strcmp(word, "holds")) {
                        count_holds(holder);
                        continue;
                }
                must(scanf("%zu", &n) == 1, "%s: how many?", word);
                if (!strcmp(word, "ask"))
                        ask_some(holder, n);
                else
                        repeat(holder, n);
        }
}

int main(int argc, char **argv)
{
        struct holder holder = { .client = uatrust_client_new() };

        must(argc > 2, "usage: holder SOCKET DER...");
        setvbuf(stdout, NULL, _IOLBF, 0);
        holder.n_peers = (size_t)argc - 2;
        holder.peers = must_calloc(holder.n_peers, sizeof(*holder.peers));
        uatrust_client_set_socket(holder.client, argv[1], NULL);
        for (size_t i = 0; i < holder.n_peers; i++) {
                struct uatrust_request *request = uatrust_request_new(UATRUST_PURPOSE_CLIENT);

                must(!uatrust_request_add_file(request, argv[i + 2], NULL), "%s", argv[i + 2]);
                holder.peers[i].request = request;
        }

        obey(&holder);
        for (size_t i = 0; i < holder.n_peers; i++) {
                uatrust_verdict_free(holder.peers[i].verdict);
                uatrust_request_free(holder.peers[i].request);
        }
        free(holder.peers);
        uatrust_client_free(holder.client);
        return 0;
}
