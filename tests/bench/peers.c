/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Peers - sessions that are watched: `bench-peers AGENT FOLDER STORE UNSEEN N_PEERS TIMES [CRL]`. N_PEERS peers are
 * registered over WATCHES connections, with the certificates of UNSEEN in turn. TIMES times each EACH'th of these is
 * refused and good again, and measured until the last of their peers was told, which are spread over all there are.
 * Without CRL, they are blocked by a file of FOLDER/blocked, written beside its place, then renamed, and removed again:
 * that concerns just these. With CRL, that takes the place of FOLDER/trusted/crl/ca.crl, and gives it back: all peers
 * are of this CA and have to be judged again. Prints JSON.
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
                n_bad; /* how many of the peers have one of the certificates to be refused */
        struct ask watches[WATCHES];
        char ids[WATCHES][33];
        uint8_t *crls
                [2]; /* the CA's own, and one in which each EACH'th is; NULL: a file of blocks */
        size_t n_crls[2];
        struct samples bad, good;
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
                peers->n_bad += (first + k) % peers->n_certs % EACH == 0;
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
        while (n_told < peers->n_bad) {
                must(poll(fds, WATCHES, WAIT_MS) > 0, "%zu of %zu peers were told", n_told,
                     peers->n_bad);
                for (size_t i = 0; i < WATCHES; i++)
                        if (fds[i].revents)
                                n_told += ask_receive_all(&peers->watches[i]);
        }
        must(n_told == peers->n_bad, "%zu of %zu peers were told", n_told, peers->n_bad);
        return sample_now_ns();
}

static void write_blocked(const struct peers *peers)
{
        struct buf blocked = BUF_NULL;

        for (size_t i = 0; i < peers->n_certs; i += EACH)
                buf_add(&blocked, peers->der + i * peers->der_bytes, peers->der_bytes);
        must(!buf_error(&blocked), "a file");
        files_write(peers->folder, "blocked/.peers", blocked.data, blocked.n);
        buf_deinit(&blocked);
}

/* From a rename or removal until all were told. */
static void measure(struct peers *peers, const char *from, const char *to, struct samples *samples)
{
        char hidden[4096], name[4096];
        uint64_t start_ns;

        snprintf(hidden, sizeof(hidden), "%s/%s", peers->folder, from ? from : "");
        snprintf(name, sizeof(name), "%s/%s", peers->folder, to);
        nanosleep(&(struct timespec){ .tv_nsec = QUIET_NS }, NULL);

        start_ns = sample_now_ns();
        must((from ? rename(hidden, name) : unlink(name)) == 0, "%s is replaced", name);
        samples_add(samples, await_news(peers) - start_ns);
}

static void change_blocks(struct peers *peers)
{
        write_blocked(peers);
        measure(peers, "blocked/.peers", "blocked/peers.der", &peers->bad);
        measure(peers, NULL, "blocked/peers.der", &peers->good);
}

static void change_crl(struct peers *peers)
{
        for (int i = 1; i >= 0; i--) {
                files_write(peers->folder, "trusted/crl/.ca", peers->crls[i], peers->n_crls[i]);
                measure(peers, "trusted/crl/.ca", "trusted/crl/ca.crl",
                        i ? &peers->bad : &peers->good);
        }
}

static void read_crls(struct peers *peers, const char *path)
{
        char own[4096];

        snprintf(own, sizeof(own), "%s/trusted/crl/ca.crl", peers->folder);
        peers->crls[0] = files_read(own, &peers->n_crls[0]);
        peers->crls[1] = files_read(path, &peers->n_crls[1]);
}

int main(int argc, char **argv)
{
        struct peers peers = { 0 };
        size_t n;

        must(argc == 7 || argc == 8,
             "usage: bench-peers AGENT FOLDER STORE UNSEEN N_PEERS TIMES [CRL]");
        peers.socket = argv[1];
        peers.folder = argv[2];
        peers.store = argv[3];
        peers.der = files_read(argv[4], &peers.n_der);
        peers.der_bytes = ask_der_bytes(peers.der, peers.n_der);
        peers.n_certs = peers.n_der / peers.der_bytes;
        peers.n_peers = strtoul(argv[5], NULL, 10);
        n = strtoul(argv[6], NULL, 10);
        if (argc == 8)
                read_crls(&peers, argv[7]);

        register_all(&peers);
        for (size_t i = 0; i < n; i++)
                (peers.crls[0] ? change_crl : change_blocks)(&peers);
        printf("{\"told\":%zu,\"p50_ns\":%lu,\"p99_ns\":%lu,\"good_p50_ns\":%lu,\"good_p99_ns\":%"
               "lu}\n",
               peers.n_bad, samples_at(&peers.bad, 0.5), samples_at(&peers.bad, 0.99),
               samples_at(&peers.good, 0.5), samples_at(&peers.good, 0.99));
        return 0;
}
