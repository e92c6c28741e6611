/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Repeat - the same request again and again: `bench-repeat AGENT ECHO STORE UNSEEN ROUNDS`. AGENT and ECHO are sockets,
 * UNSEEN a file of certificates of which the first is asked about. In each round both are asked alone (one request
 * after its reply) and in a row (WINDOW requests under way). Prints JSON: medians of all requests, of all rounds' rates.
 */

#include "bench/ask.h"
#include "bench/files.h"
#include "bench/sample.h"
#include "harness/must.h"

#define ALONE  1000
#define IN_ROW 20000
#define WINDOW 64 /* the calls that a connection may have under way */

struct side {
        struct ask ask;
        struct samples alone;
        struct samples in_row; /* ns a round */
};

static void run_alone(struct side *side, const char *frame, size_t n_frame)
{
        for (size_t i = 0; i < ALONE; i++) {
                uint64_t start_ns = sample_now_ns();

                ask_send(&side->ask, frame, n_frame);
                ask_receive(&side->ask, NULL);
                samples_add(&side->alone, sample_now_ns() - start_ns);
        }
}

/* @frames: WINDOW of them, one behind another */
static void run_in_row(struct side *side, const char *frames, size_t n_frame)
{
        uint64_t start_ns = sample_now_ns();
        size_t n_sent = WINDOW;

        ask_send(&side->ask, frames, WINDOW * n_frame);
        for (size_t n_received = 0; n_received < IN_ROW;) {
                size_t n = ask_receive_all(&side->ask);

                n_received += n;
                if (n > IN_ROW - n_sent)
                        n = IN_ROW - n_sent;

                ask_send(&side->ask, frames, n * n_frame);
                n_sent += n;
        }
        samples_add(&side->in_row, sample_now_ns() - start_ns);
}

static double rate(struct side *side)
{
        return (double)IN_ROW * 1e9 / (double)samples_at(&side->in_row, 0.5);
}

static char *make_frames(const char *frame, size_t n_frame)
{
        char *frames = must_calloc(WINDOW, n_frame);

        for (size_t i = 0; i < WINDOW; i++)
                memcpy(frames + i * n_frame, frame, n_frame);

        return frames;
}

int main(int argc, char **argv)
{
        struct side agent = { 0 }, echo = { 0 };
        struct ask_validate question = { 0 };
        size_t n_frame, n_unseen;
        uint8_t *unseen;
        char *frame, *frames;

        must(argc == 6, "usage: bench-repeat AGENT ECHO STORE UNSEEN ROUNDS");
        unseen = files_read(argv[4], &n_unseen);
        question.store = argv[3];
        question.der = unseen;
        question.n_der = ask_der_bytes(unseen, n_unseen);
        frame = ask_frame(&question, &n_frame);
        frames = make_frames(frame, n_frame);
        ask_init(&agent.ask, argv[1]);
        ask_init(&echo.ask, argv[2]);
        ask_send(&agent.ask, frame, n_frame);
        ask_must_be_good(ask_receive(&agent.ask, NULL));

        for (unsigned long i = 0; i < strtoul(argv[5], NULL, 10); i++) {
                run_alone(&echo, frame, n_frame);
                run_alone(&agent, frame, n_frame);
                run_in_row(&echo, frames, n_frame);
                run_in_row(&agent, frames, n_frame);
        }

        printf("{\"agent_ns\":%lu,\"agent_p99_ns\":%lu,\"echo_ns\":%lu,\"echo_p99_ns\":%lu,"
               "\"agent_rate\":%.0f,\"echo_rate\":%.0f,\"request_bytes\":%zu}\n",
               samples_at(&agent.alone, 0.5), samples_at(&agent.alone, 0.99),
               samples_at(&echo.alone, 0.5), samples_at(&echo.alone, 0.99), rate(&agent),
               rate(&echo), n_frame);
        return 0;
}
