/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Peers - sessions that are watched: `bench-peers AGENT FOLDER STORE UNSEEN N_PEERS TIMES all|some`. N_PEERS peers are
 * registered over WATCHES connections, with the certificates of UNSEEN in turn. TIMES times each EACH'th of these is
 * blocked by a file of FOLDER/blocked, written beside its place, then renamed, and good again when it is removed.
 * Measured from either until the last of their peers was told, which are spread over all there are. `all`: that file
 * is half broken, so that all peers are judged again; `some`: just those have to be. Prints JSON.
 */

#include "bench/ask.h"
#include "bench/files.h"
#include "bench/sample.h"
#include "harness/must.h"
#include "proto/base64.h"
#include "proto/buf.h"

#include <poll.h>
#include <stdbool.h>
#include <time.h>
#include <unistd.h>

#define WATCHES  10
#define EACH     100
#define PART     200
#define QUIET_NS (INT64_C(80) * 1000 * 1000) /* longer than changes in a row are gathered */
#define WAIT_MS  5000
#define WATCH    "{\"method\":\"org.uatrust.agent1.WatchPeers\",\"more\":true}"

struct peers {
        const char *socket, *folder, *store;
        uint8_t *der; /* certificates, one behind another */
        size_t n_der, der_bytes, n_certs;
        size_t n_peers,
                n_blocked; /* how many of the peers have one of the certificates to be blocked */
        struct ask watches[WATCHES];
        char ids[WATCHES][33];
        bool touches_all;
        struct samples blocked, good;
};

static void open_watch(struct peers *peers, size_t i)
{
        const char *reply, *id;

        ask_init(&peers->watches[i], peers->socket);
        ask_send(&peers->watches[i], WATCH, sizeof(WATCH));
        reply = ask_receive(&peers->watches[i], NULL);
        id = strstr(reply, "\"watchId\":\"");
        must(id, "the answer is %s", reply);
        snprintf(peers->ids[i], sizeof(peers->ids[i]), "%.32s", id + strlen("\"watchId\":\""));
}

static void add_peer(const struct peers *peers, size_t i, struct buf *out)
{
        buf_printf(out,
                   "{\"key\":\"session "
                   "%zu\",\"purpose\":\"client\",\"store\":\"%s\",\"certificates\":[\"",
                   i, peers->store);
        base64_encode(peers->der + i % peers->n_certs * peers->der_bytes, peers->der_bytes, out);
        buf_add_text(out, "\"]}");
}

static size_t count_good(const char *reply)
{
        static const char GOOD[] = "\"cause\":\"good\"";
        size_t n = 0;

        for (const char *at = strstr(reply, GOOD); at; at = strstr(at + 1, GOOD))
                n++;
        return n;
}

/* Peers @first to @first + PART - 1 with watch @i. */
static void register_part(struct peers *peers, struct ask *ask, size_t i, size_t first)
{
        struct buf call = BUF_NULL;
        const char *reply;

        buf_printf(&call,
                   "{\"method\":\"org.uatrust.agent1.RegisterPeers\",\"parameters\":{\"watchId\":"
                   "\"%s\",\"peers\":[",
                   peers->ids[i]);
        for (size_t k = 0; k < PART; k++) {
                if (k > 0)
                        buf_add_byte(&call, ',');
                add_peer(peers, first + k, &call);
                peers->n_blocked += (first + k) % peers->n_certs % EACH == 0;
        }
        buf_add_text(&call, "]}}");
        buf_add_byte(&call, '\0');
        must(!buf_error(&call), "a call");
        ask_send(ask, (const char *)call.data, call.n);
        reply = ask_receive(ask, NULL);
        must(count_good(reply) == PART, "the answer is %.200s", reply);
        buf_deinit(&call);
}

static void register_all(struct peers *peers)
{
        struct ask ask;

        ask_init(&ask, peers->socket);
        for (size_t i = 0; i < WATCHES; i++)
                open_watch(peers, i);
        for (size_t i = 0; i < peers->n_peers / PART; i++)
                register_part(peers, &ask, i % WATCHES, i * PART);
        ask_deinit(&ask);
}

/* Return: when all news had come. */
static uint64_t await_news(struct peers *peers)
{
        struct pollfd fds[WATCHES];
        size_t n_told = 0;

        for (size_t i = 0; i < WATCHES; i++)
                fds[i] = (struct pollfd){ .fd = peers->watches[i].fd, .events = POLLIN };
        while (n_told < peers->n_blocked) {
                must(poll(fds, WATCHES, WAIT_MS) > 0, "%zu of %zu peers were told", n_told,
                     peers->n_blocked);
                for (size_t i = 0; i < WATCHES; i++)
                        if (fds[i].revents)
                                n_told += ask_receive_all(&peers->watches[i]);
        }
        must(n_told == peers->n_blocked, "%zu of %zu peers were told", n_told, peers->n_blocked);
        return sample_now_ns();
}

static void write_blocked(const struct peers *peers)
{
        struct buf blocked = BUF_NULL;

        for (size_t i = 0; i < peers->n_certs; i += EACH)
                buf_add(&blocked, peers->der + i * peers->der_bytes, peers->der_bytes);
        if (peers->touches_all)
                buf_add(&blocked, peers->der, peers->der_bytes / 2);
        must(!buf_error(&blocked), "a file");
        files_write(peers->folder, "blocked/.peers", blocked.data, blocked.n);
        buf_deinit(&blocked);
}

static void change(struct peers *peers)
{
        char hidden[4096], name[4096];
        uint64_t start_ns;

        snprintf(hidden, sizeof(hidden), "%s/blocked/.peers", peers->folder);
        snprintf(name, sizeof(name), "%s/blocked/peers.der", peers->folder);
        write_blocked(peers);
        nanosleep(&(struct timespec){ .tv_nsec = QUIET_NS }, NULL);

        start_ns = sample_now_ns();
        must(rename(hidden, name) == 0, "rename to %s", name);
        samples_add(&peers->blocked, await_news(peers) - start_ns);
        nanosleep(&(struct timespec){ .tv_nsec = QUIET_NS }, NULL);

        start_ns = sample_now_ns();
        must(unlink(name) == 0, "unlink %s", name);
        samples_add(&peers->good, await_news(peers) - start_ns);
}

int main(int argc, char **argv)
{
        struct peers peers = { 0 };
        size_t n;

        must(argc == 8, "usage: bench-peers AGENT FOLDER STORE UNSEEN N_PEERS TIMES all|some");
        peers.socket = argv[1];
        peers.folder = argv[2];
        peers.store = argv[3];
        peers.der = files_read(argv[4], &peers.n_der);
        peers.der_bytes = ask_der_bytes(peers.der, peers.n_der);
        peers.n_certs = peers.n_der / peers.der_bytes;
        peers.n_peers = strtoul(argv[5], NULL, 10);
        n = strtoul(argv[6], NULL, 10);
        peers.touches_all = strcmp(argv[7], "all") == 0;

        register_all(&peers);
        for (size_t i = 0; i < n; i++)
                change(&peers);
        printf("{\"told\":%zu,\"p50_ns\":%lu,\"p99_ns\":%lu,\"good_p50_ns\":%lu,\"good_p99_ns\":%"
               "lu}\n",
               peers.n_blocked, samples_at(&peers.blocked, 0.5), samples_at(&peers.blocked, 0.99),
               samples_at(&peers.good, 0.5), samples_at(&peers.good, 0.99));
        return 0;
}
