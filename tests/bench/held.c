/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Held - verdicts through libuatrust: `bench-held AGENT ECHO STORE UNSEEN ROUNDS`. AGENT and ECHO are sockets, the
 * first certificate of UNSEEN is asked about. In each round the echo answers a frame of the same size ALONE times, a
 * client that holds nothing asks as often, and one that does LOOKS times, also whether its verdict still holds. At the
 * end the latter two once more where a system call would be the end. Prints JSON: quantiles, or medians of all rounds.
 */

#include "bench/ask.h"
#include "bench/files.h"
#include "bench/sample.h"
#include "bench/strict.h"
#include "harness/must.h"

#include <uatrust/uatrust.h>

#define ALONE 1000
#define LOOKS 10000

struct held {
        const char *socket;
        struct ask_validate question;
        struct uatrust_client *client;
        struct uatrust_request *request;
        struct uatrust_verdict *verdict;
};

static struct uatrust_verdict *validate(const struct held *held)
{
        struct uatrust_verdict *verdict = NULL;
        int r = uatrust_validate(held->client, held->request, &verdict, NULL);

        must(r == UATRUST_OK && uatrust_verdict_is_trusted(verdict), "a good verdict: %d", r);
        return verdict;
}

static struct held make_held(const char *socket, const struct ask_validate *question)
{
        struct held held = {
                .socket = socket,
                .question = *question,
                .client = uatrust_client_new(),
                .request = uatrust_request_new(UATRUST_PURPOSE_CLIENT),
        };

        must(held.client && held.request, "a client");
        must(uatrust_client_set_socket(held.client, socket, NULL) == UATRUST_OK, "its socket");
        uatrust_client_set_timeout(held.client, 5000);
        uatrust_request_set_store(held.request, question->store);
        uatrust_request_set_security_policy_uri(
                held.request, "http://opcfoundation.org/UA/SecurityPolicy#Basic256Sha256");
        uatrust_request_add_certificate(held.request, question->der, question->n_der);
        held.verdict = validate(&held);
        return held;
}

static void ask_echo(struct ask *echo, const char *frame, size_t n, struct samples *samples)
{
        for (int i = 0; i < ALONE; i++) {
                uint64_t start_ns = sample_now_ns();

                ask_send(echo, frame, n);
                ask_receive(echo, NULL);
                samples_add(samples, sample_now_ns() - start_ns);
        }
}

static void ask_agent(const struct held *nothing, struct samples *samples)
{
        for (int i = 0; i < ALONE; i++) {
                uint64_t start_ns = sample_now_ns();

                uatrust_verdict_free(validate(nothing));
                samples_add(samples, sample_now_ns() - start_ns);
        }
}

static bool ask_again(void *userdata)
{
        for (int i = 0; i < LOOKS; i++)
                uatrust_verdict_free(validate(userdata));
        return true;
}

static bool look(void *userdata)
{
        const struct held *held = userdata;
        int n = 0;

        for (int i = 0; i < LOOKS; i++)
                n += uatrust_verdict_holds(held->verdict);
        return n == LOOKS;
}

/* In tenths of a nanosecond, as there are few of them. */
static void measure(bool (*once)(void *), struct held *held, struct samples *samples)
{
        uint64_t start_ns = sample_now_ns();

        must(once(held), "the verdict holds");
        samples_add(samples, (sample_now_ns() - start_ns) * 10 / LOOKS);
}

/* A client of the child's own, that has asked a few times: memory is there. */
static void *make_again(void *userdata)
{
        const struct held *like = userdata;
        struct held *held = must_calloc(1, sizeof(*held));

        *held = make_held(like->socket, &like->question);
        ask_again(held);
        return held;
}

int main(int argc, char **argv)
{
        struct samples echoed = { 0 }, asked = { 0 }, again = { 0 }, looked = { 0 };
        struct ask_validate question = { 0 };
        struct held held, nothing;
        struct ask echo;
        size_t n_frame, n_unseen;
        char *frame;

        must(argc == 6, "usage: bench-held AGENT ECHO STORE UNSEEN ROUNDS");
        question.store = argv[3];
        question.der = files_read(argv[4], &n_unseen);
        question.n_der = ask_der_bytes(question.der, n_unseen);
        frame = ask_frame(&question, &n_frame);
        ask_init(&echo, argv[2]);
        held = make_held(argv[1], &question);
        nothing = make_held(argv[1], &question);
        uatrust_client_set_held_max(nothing.client, 0);
        for (unsigned long i = 0; i < strtoul(argv[5], NULL, 10); i++) {
                ask_echo(&echo, frame, n_frame, &echoed);
                ask_agent(&nothing, &asked);
                measure(ask_again, &held, &again);
                measure(look, &held, &looked);
        }

        strict_must_hold(make_again, ask_again, &held);
        strict_must_hold(make_again, look, &held);
        printf("{\"echo_ns\":%lu,\"echo_p99_ns\":%lu,\"asked_ns\":%lu,\"asked_p99_ns\":%lu,"
               "\"again_ns\":%.1f,\"holds_ns\":%.1f}\n",
               samples_at(&echoed, 0.5), samples_at(&echoed, 0.99), samples_at(&asked, 0.5),
               samples_at(&asked, 0.99), (double)samples_at(&again, 0.5) / 10,
               (double)samples_at(&looked, 0.5) / 10);
        return 0;
}
