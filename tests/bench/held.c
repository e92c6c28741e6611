/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Held - verdicts through libuatrust: `bench-held AGENT ECHO FOLDER STORE UNSEEN MOVED ROUNDS`. AGENT and ECHO are
 * sockets, UNSEEN is a file of certificates. In each round the echo answers a frame of the same size ALONE times, and a
 * client asks the same question as often: it holds the verdict, but the page beside its socket, a link in the folder
 * MOVED, has moved on, so that nothing ever stands. Another one asks LOOKS times for what it holds by the agent's own
 * page, and whether that still stands; at the end both once more where a system call would be the end. That client holds
 * verdicts about PEERS certificates, and before, in each round, the store in FOLDER changes: one comes or goes that
 * concerns none of them. Once somebody else has asked about all PEERS, it asks again about each, and so does one that
 * holds nothing. Prints JSON: quantiles of all rounds, or their medians.
 */

#include "bench/ask.h"
#include "bench/files.h"
#include "bench/sample.h"
#include "bench/strict.h"
#include "front/page.h"
#include "harness/must.h"

#include <uatrust/uatrust.h>

#include <unistd.h>

#define ALONE   1000
#define PEERS   64
#define LOOKS   10000
#define WAIT_NS (UINT64_C(5) * 1000 * 1000 * 1000)
#define FAR     (INT64_C(1) << 52) /* a generation that the agent does not come to */

/* An application with so many peers; all clients ask the same. */
struct held {
        const char *socket;
        struct ask_validate questions[PEERS];
        struct uatrust_client *client;
        struct uatrust_request *requests[PEERS];
        struct uatrust_verdict *verdicts[PEERS]; /* the last ones */
};

static void validate(struct held *held, size_t i)
{
        struct uatrust_verdict *verdict = NULL;
        int r = uatrust_validate(held->client, held->requests[i], &verdict, NULL);

        must(r == UATRUST_OK && uatrust_verdict_is_trusted(verdict), "a good verdict: %d", r);
        uatrust_verdict_free(held->verdicts[i]);
        held->verdicts[i] = verdict;
}

static struct uatrust_request *make_request(const struct ask_validate *question)
{
        struct uatrust_request *request = uatrust_request_new(UATRUST_PURPOSE_CLIENT);

        must(request, "a request");
        uatrust_request_set_store(request, question->store);
        uatrust_request_set_security_policy_uri(
                request, "http://opcfoundation.org/UA/SecurityPolicy#Basic256Sha256");
        uatrust_request_add_certificate(request, question->der, question->n_der);
        return request;
}

static void open_client(struct held *held)
{
        held->client = uatrust_client_new();
        must(held->client, "a client");
        must(uatrust_client_set_socket(held->client, held->socket, NULL) == UATRUST_OK,
             "its socket");
        uatrust_client_set_timeout(held->client, 5000);
        for (size_t i = 0; i < PEERS; i++) {
                held->requests[i] = make_request(&held->questions[i]);
                held->verdicts[i] = NULL;
                validate(held, i);
        }
}

/* A page that has moved on, beside a link to the agent's socket. */
static void open_moved(struct held *held, const char *folder)
{
        static char link[4096], page[4096];
        const char *store = held->questions[0].store;
        struct page_writer *writer;

        snprintf(link, sizeof(link), "%s/socket", folder);
        snprintf(page, sizeof(page), "%s/page", folder);
        must(symlink(held->socket, link) == 0, "%s", link);
        held->socket = link;
        open_client(held);
        must(page_writer_new(page, uatrust_verdict_get_agent_id(held->verdicts[0]), &writer) == 0 &&
                     page_writer_set(writer, store, FAR) == 0,
             "%s", page);
        page_writer_set_lease(writer, INT64_MAX);
}

/*
 * What moves the agent's own page on.
 */

static void change_store(const char *folder, const struct ask_validate *other, bool comes)
{
        char beside[4096], path[4096];

        snprintf(beside, sizeof(beside), "%s/trusted/certs/.other", folder);
        snprintf(path, sizeof(path), "%s/trusted/certs/other.der", folder);
        if (comes)
                files_write(folder, "trusted/certs/.other", other->der, other->n_der);
        must((comes ? rename(beside, path) : unlink(path)) == 0, "%s changes", path);
}

static int64_t ask_generation(struct ask *raw, const char *frame, size_t n_frame)
{
        static const char NAME[] = "\"generation\":";
        const char *reply, *at;

        ask_send(raw, frame, n_frame);
        reply = ask_receive(raw, NULL);
        ask_must_be_good(reply);
        at = strstr(reply, NAME);
        must(at, "a generation in %s", reply);
        return strtoll(at + strlen(NAME), NULL, 10);
}

/* Until the agent judges by the new store, and has answers at hand for whoever asks again. */
static void move_on(const struct held *held, struct ask *raw, char *const frames[PEERS],
                    const size_t n_frames[PEERS])
{
        int64_t before = uatrust_verdict_get_generation(held->verdicts[0]);
        uint64_t start_ns = sample_now_ns();

        while (ask_generation(raw, frames[0], n_frames[0]) == before)
                must(sample_now_ns() - start_ns < WAIT_NS, "the page moves on");
        for (size_t i = 1; i < PEERS; i++)
                ask_generation(raw, frames[i], n_frames[i]);
}

/*
 * What is measured.
 */

static void ask_echo(struct ask *echo, const char *frame, size_t n_frame, struct samples *samples)
{
        for (int i = 0; i < ALONE; i++) {
                uint64_t start_ns = sample_now_ns();

                ask_send(echo, frame, n_frame);
                ask_receive(echo, NULL);
                samples_add(samples, sample_now_ns() - start_ns);
        }
}

static void ask_moved(struct held *moved, struct samples *samples)
{
        for (int i = 0; i < ALONE; i++) {
                uint64_t start_ns = sample_now_ns();

                validate(moved, 0);
                samples_add(samples, sample_now_ns() - start_ns);
        }
        must(!uatrust_verdict_holds(moved->verdicts[0]), "the page has moved on");
}

static void ask_about_peers(struct held *held, struct samples *samples)
{
        for (size_t i = 0; i < PEERS; i++) {
                int64_t before = uatrust_verdict_get_generation(held->verdicts[i]);
                uint64_t start_ns = sample_now_ns();

                validate(held, i);
                samples_add(samples, sample_now_ns() - start_ns);
                must(uatrust_verdict_get_generation(held->verdicts[i]) > before, "it was asked");
        }
}

static bool ask_again(void *userdata)
{
        for (int i = 0; i < LOOKS; i++)
                validate(userdata, 0);
        return true;
}

static bool look(void *userdata)
{
        const struct held *held = userdata;
        int n = 0;

        for (int i = 0; i < LOOKS; i++)
                n += uatrust_verdict_holds(held->verdicts[0]);
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
        struct held *held = must_calloc(1, sizeof(*held));

        *held = *(const struct held *)userdata;
        open_client(held);
        ask_again(held);
        return held;
}

static void print(struct samples *samples, const char *name)
{
        printf("\"%s_ns\":%lu,\"%s_p99_ns\":%lu,", name, samples_at(samples, 0.5), name,
               samples_at(samples, 0.99));
}

int main(int argc, char **argv)
{
        struct samples echoed = { 0 }, asked = { 0 }, of_peers = { 0 }, unheld = { 0 };
        struct samples again = { 0 }, looked = { 0 };
        struct held held = { 0 }, nothing, moved;
        struct ask_validate other;
        char *frames[PEERS];
        size_t n_frames[PEERS], n_unseen;
        struct ask echo, raw;
        uint8_t *unseen;

        must(argc == 8, "usage: bench-held AGENT ECHO FOLDER STORE UNSEEN MOVED ROUNDS");
        unseen = files_read(argv[5], &n_unseen);
        other = (struct ask_validate){ .store = argv[4], .n_der = ask_der_bytes(unseen, n_unseen) };
        must(n_unseen >= (PEERS + 1) * other.n_der, "enough certificates");
        other.der = unseen + PEERS * other.n_der;
        for (size_t i = 0; i < PEERS; i++) {
                held.questions[i] = other;
                held.questions[i].der = unseen + i * other.n_der;
                frames[i] = ask_frame(&held.questions[i], &n_frames[i]);
        }

        held.socket = argv[1];
        moved = nothing = held;
        open_client(&held);
        open_client(&nothing);
        uatrust_client_set_held_max(nothing.client, 0);
        open_moved(&moved, argv[6]);

        ask_init(&raw, argv[1]);
        ask_init(&echo, argv[2]);
        for (unsigned long i = 0; i < strtoul(argv[7], NULL, 10); i++) {
                change_store(argv[3], &other, i % 2 == 0);
                move_on(&held, &raw, frames, n_frames);
                ask_about_peers(&held, &of_peers);
                ask_about_peers(&nothing, &unheld);
                ask_echo(&echo, frames[0], n_frames[0], &echoed);
                ask_moved(&moved, &asked);
                measure(ask_again, &held, &again);
                measure(look, &held, &looked);
        }

        strict_must_hold(make_again, ask_again, &held);
        strict_must_hold(make_again, look, &held);
        printf("{");
        print(&echoed, "echo");
        print(&asked, "asked");
        print(&of_peers, "peers");
        print(&unheld, "unheld");
        printf("\"again_ns\":%.1f,\"holds_ns\":%.1f}\n", (double)samples_at(&again, 0.5) / 10,
               (double)samples_at(&looked, 0.5) / 10);
        return 0;
}
