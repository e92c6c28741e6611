/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Pause - how long an answer is waited for while others keep the agent busy: `bench-pause AGENT STORE UNSEEN SECONDS`.
 * Certificates of UNSEEN are asked about one after another, over and over; each is Good. Prints JSON.
 */

#include "bench/ask.h"
#include "bench/files.h"
#include "bench/sample.h"
#include "harness/must.h"

#define FRAMES 1000

struct frame {
        char *data;
        size_t n;
};

static void make_frames(struct frame *frames, const char *store, const uint8_t *der, size_t n_der)
{
        size_t n = ask_der_bytes(der, n_der);

        must(n_der >= FRAMES * n, "so many certificates");
        for (size_t i = 0; i < FRAMES; i++) {
                struct ask_validate question = { .store = store, .der = der + i * n, .n_der = n };

                frames[i].data = ask_frame(&question, &frames[i].n);
        }
}

int main(int argc, char **argv)
{
        static struct frame frames[FRAMES];
        struct samples samples = { 0 };
        struct ask ask;
        uint64_t start_ns, end_ns;
        uint8_t *der;
        size_t n_der;

        must(argc == 5, "usage: bench-pause AGENT STORE UNSEEN SECONDS");
        der = files_read(argv[3], &n_der);
        make_frames(frames, argv[2], der, n_der);
        ask_init(&ask, argv[1]);
        start_ns = sample_now_ns();
        end_ns = start_ns + strtoul(argv[4], NULL, 10) * UINT64_C(1000000000);
        for (size_t i = 0; start_ns < end_ns; i++) {
                const struct frame *frame = &frames[i % FRAMES];
                uint64_t before_ns = start_ns;

                ask_send(&ask, frame->data, frame->n);
                ask_must_be_good(ask_receive(&ask, NULL));
                start_ns = sample_now_ns();
                samples_add(&samples, start_ns - before_ns);
        }

        printf("{\"n\":%zu,\"p50_ns\":%lu,\"p99_ns\":%lu,\"p9999_ns\":%lu,\"max_ns\":%lu}\n",
               samples.n, samples_at(&samples, 0.5), samples_at(&samples, 0.99),
               samples_at(&samples, 0.9999), samples_at(&samples, 1));
        return 0;
}
