/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Clients - many that ask at a time: `bench-clients AGENT ECHO STORE UNSEEN CLIENTS REQUESTS ROUNDS`. AGENT and ECHO are
 * sockets, the first certificate of UNSEEN is asked about. In each round both answer REQUESTS requests of CLIENTS
 * connections, each of which has one under way. Prints JSON: quantiles of all requests, medians of all rounds' rates.
 */

#include "bench/ask.h"
#include "bench/files.h"
#include "bench/sample.h"
#include "harness/must.h"

#include <sys/epoll.h>
#include <sys/resource.h>

#define EVENTS  64
#define WAIT_MS 5000

struct client {
        struct ask ask;
        uint64_t asked_ns;
};

struct side {
        struct client *clients;
        int epoll_fd;
        struct samples requests;
        struct samples rounds; /* ns a round */
};

struct run {
        char *frame;
        size_t n_frame, n_clients, n_requests;
};

static void open_side(struct side *side, const char *path, size_t n)
{
        side->clients = must_calloc(n, sizeof(*side->clients));
        side->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
        must(side->epoll_fd >= 0, "epoll");
        for (size_t i = 0; i < n; i++) {
                struct client *client = &side->clients[i];
                struct epoll_event event = { .events = EPOLLIN, .data.ptr = client };

                ask_init(&client->ask, path);
                must(epoll_ctl(side->epoll_fd, EPOLL_CTL_ADD, client->ask.fd, &event) == 0,
                     "epoll");
        }
}

static void ask_again(const struct run *run, struct client *client)
{
        client->asked_ns = sample_now_ns();
        ask_send(&client->ask, run->frame, run->n_frame);
}

static void run_round(const struct run *run, struct side *side)
{
        struct epoll_event events[EVENTS];
        uint64_t start_ns = sample_now_ns();
        size_t n_asked = run->n_clients;

        for (size_t i = 0; i < run->n_clients; i++)
                ask_again(run, &side->clients[i]);

        for (size_t n_answered = 0; n_answered < run->n_requests;) {
                int n = epoll_wait(side->epoll_fd, events, EVENTS, WAIT_MS);

                must(n > 0, "%zu of %zu requests were answered", n_answered, run->n_requests);
                n_answered += (size_t)n;
                for (int i = 0; i < n; i++) {
                        struct client *client = events[i].data.ptr;

                        ask_receive(&client->ask, NULL);
                        samples_add(&side->requests, sample_now_ns() - client->asked_ns);
                        if (n_asked++ < run->n_requests)
                                ask_again(run, client);
                }
        }
        samples_add(&side->rounds, sample_now_ns() - start_ns);
}

static void must_be_good(const struct run *run, struct client *client)
{
        ask_again(run, client);
        ask_must_be_good(ask_receive(&client->ask, NULL));
}

static double rate(const struct run *run, struct side *side)
{
        return (double)run->n_requests * 1e9 / (double)samples_at(&side->rounds, 0.5);
}

static void allow_descriptors(void)
{
        struct rlimit limit;

        must(getrlimit(RLIMIT_NOFILE, &limit) == 0, "limit of descriptors");
        limit.rlim_cur = limit.rlim_max;
        must(setrlimit(RLIMIT_NOFILE, &limit) == 0, "limit of descriptors");
}

int main(int argc, char **argv)
{
        struct ask_validate question = { 0 };
        struct side agent = { 0 }, echo = { 0 };
        struct run run = { 0 };
        size_t n_unseen;

        must(argc == 8, "usage: bench-clients AGENT ECHO STORE UNSEEN CLIENTS REQUESTS ROUNDS");
        question.store = argv[3];
        question.der = files_read(argv[4], &n_unseen);
        question.n_der = ask_der_bytes(question.der, n_unseen);
        run.frame = ask_frame(&question, &run.n_frame);
        run.n_clients = strtoul(argv[5], NULL, 10);
        run.n_requests = strtoul(argv[6], NULL, 10);
        must(run.n_clients > 0 && run.n_requests >= run.n_clients, "a request a client");
        allow_descriptors();
        open_side(&agent, argv[1], run.n_clients);
        open_side(&echo, argv[2], run.n_clients);
        must_be_good(&run, &agent.clients[0]);
        for (unsigned long i = 0; i < strtoul(argv[7], NULL, 10); i++) {
                run_round(&run, &echo);
                run_round(&run, &agent);
        }

        printf("{\"agent_ns\":%lu,\"agent_p99_ns\":%lu,\"agent_rate\":%.0f,\"echo_ns\":%lu,"
               "\"echo_p99_ns\":%lu,\"echo_rate\":%.0f}\n",
               samples_at(&agent.requests, 0.5), samples_at(&agent.requests, 0.99),
               rate(&run, &agent), samples_at(&echo.requests, 0.5),
               samples_at(&echo.requests, 0.99), rate(&run, &echo));
        return 0;
}
