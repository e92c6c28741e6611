/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Unseen - certificates that were never asked about: `bench-unseen AGENT DATA A B N`. A and B are stores of DATA, and of
 * the agent by the same names: the same CA with a CRL of a few entries and of a million. The peer is what an application
 * does without an agent: it has CAs and CRLs in an X509_STORE, parses each certificate and calls X509_verify_cert() with
 * CRL checks for the whole chain.
 *
 * Each of the first N certificates of DATA/unseen.der but the very first is asked about once, of one of the two stores; the peer judges
 * all of them with A's CRL, and a few with B's. In turns of TURN. Prints JSON: medians.
 */

#include "bench/ask.h"
#include "bench/files.h"
#include "bench/sample.h"
#include "harness/must.h"

#include <openssl/x509_vfy.h>

#define TURN  50
#define LARGE 5 /* judgements by the peer with B's CRL */

struct unseen {
        const uint8_t *der;
        size_t n_der;
        char *frame;
        size_t n_frame;
};

struct run {
        struct ask ask;
        const char *store[2];
        X509_STORE *peer[2];
        struct samples agent[2], openssl[2];
        struct unseen *list;
        size_t n;
};

static X509 *read_cert(const char *folder, const char *store, const char *name)
{
        char path[4096];
        uint8_t *der;
        const uint8_t *p;
        size_t n;
        X509 *cert;

        snprintf(path, sizeof(path), "%s/%s/%s", folder, store, name);
        p = der = files_read(path, &n);
        cert = d2i_X509(NULL, &p, (long)n);
        must(cert, "read %s", path);
        free(der);
        return cert;
}

static X509_CRL *read_crl(const char *folder, const char *store, const char *name)
{
        char path[4096];
        uint8_t *der;
        const uint8_t *p;
        size_t n;
        X509_CRL *crl;

        snprintf(path, sizeof(path), "%s/%s/%s", folder, store, name);
        p = der = files_read(path, &n);
        crl = d2i_X509_CRL(NULL, &p, (long)n);
        must(crl, "read %s", path);
        free(der);
        return crl;
}

static X509_STORE *open_peer(const char *folder, const char *name)
{
        X509_STORE *store = X509_STORE_new();
        X509 *root = read_cert(folder, name, "issuers/certs/root.der");
        X509 *ca = read_cert(folder, name, "trusted/certs/ca.der");
        X509_CRL *root_crl = read_crl(folder, name, "issuers/crl/root.crl");
        X509_CRL *ca_crl = read_crl(folder, name, "trusted/crl/ca.crl");

        must(store && X509_STORE_add_cert(store, root) == 1 &&
                     X509_STORE_add_cert(store, ca) == 1 &&
                     X509_STORE_add_crl(store, root_crl) == 1 &&
                     X509_STORE_add_crl(store, ca_crl) == 1 &&
                     X509_STORE_set_flags(store,
                                          X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL) == 1,
             "an X509_STORE of %s", name);
        X509_free(root);
        X509_free(ca);
        X509_CRL_free(root_crl);
        X509_CRL_free(ca_crl);
        return store;
}

static void ask_agent(struct run *run, const struct unseen *unseen, struct samples *samples)
{
        uint64_t start_ns = sample_now_ns(), end_ns;
        const char *reply;

        ask_send(&run->ask, unseen->frame, unseen->n_frame);
        reply = ask_receive(&run->ask, NULL);
        end_ns = sample_now_ns();
        ask_must_be_good(reply);
        samples_add(samples, end_ns - start_ns);
}

static void ask_peer(X509_STORE *store, const struct unseen *unseen, struct samples *samples)
{
        uint64_t start_ns = sample_now_ns();
        const uint8_t *p = unseen->der;
        X509 *cert = d2i_X509(NULL, &p, (long)unseen->n_der);
        X509_STORE_CTX *ctx = X509_STORE_CTX_new();

        must(cert && ctx && X509_STORE_CTX_init(ctx, store, cert, NULL) == 1, "a context");
        must(X509_verify_cert(ctx) == 1, "OpenSSL says %s",
             X509_verify_cert_error_string(X509_STORE_CTX_get_error(ctx)));
        X509_STORE_CTX_free(ctx);
        X509_free(cert);
        samples_add(samples, sample_now_ns() - start_ns);
}

static void read_unseen(struct run *run, const char *folder, size_t n_wanted)
{
        char path[4096], uri[64];
        size_t n, n_all;
        const uint8_t *der;

        snprintf(path, sizeof(path), "%s/unseen.der", folder);
        der = files_read(path, &n_all);
        n = ask_der_bytes(der, n_all);
        must(n_wanted <= n_all / n, "so many certificates");
        run->list = must_calloc(n_wanted, sizeof(*run->list));
        for (run->n = 0; run->n < n_wanted; run->n++) {
                struct unseen *unseen = &run->list[run->n];
                struct ask_validate question = { .store = run->store[run->n / TURN % 2],
                                                 .application_uri = uri,
                                                 .n_der = n };

                snprintf(uri, sizeof(uri), "urn:plant.example.com:pump:%zu", 10000000 + run->n);
                question.der = unseen->der = der + run->n * n;
                unseen->n_der = n;
                unseen->frame = ask_frame(&question, &unseen->n_frame);
        }
}

/* Turn by turn: A, B, A, B, ... from the agent, each followed by the peer. */
static void run_turns(struct run *run)
{
        for (size_t turn = 0; (turn + 1) * TURN <= run->n; turn++) {
                const struct unseen *list = run->list + turn * TURN;

                for (size_t i = 0; i < TURN; i++)
                        if (turn || i) /* others ask about the first */
                                ask_agent(run, &list[i], &run->agent[turn % 2]);

                for (size_t i = 0; i < TURN; i++)
                        ask_peer(run->peer[0], &list[i], &run->openssl[0]);

                if (turn < LARGE)
                        ask_peer(run->peer[1], &list[0], &run->openssl[1]);
        }
}

int main(int argc, char **argv)
{
        struct run run = { 0 };

        must(argc == 6, "usage: bench-unseen AGENT DATA STORE-A STORE-B N");
        ask_init(&run.ask, argv[1]);
        run.peer[0] = open_peer(argv[2], run.store[0] = argv[3]);
        run.peer[1] = open_peer(argv[2], run.store[1] = argv[4]);
        read_unseen(&run, argv[2], strtoul(argv[5], NULL, 10));
        run_turns(&run);
        printf("{\"small_ns\":%lu,\"small_p99_ns\":%lu,\"large_ns\":%lu,\"large_p99_ns\":%lu,"
               "\"openssl_small_ns\":%lu,\"openssl_small_p99_ns\":%lu,\"openssl_large_ns\":%lu}\n",
               samples_at(&run.agent[0], 0.5), samples_at(&run.agent[0], 0.99),
               samples_at(&run.agent[1], 0.5), samples_at(&run.agent[1], 0.99),
               samples_at(&run.openssl[0], 0.5), samples_at(&run.openssl[0], 0.99),
               samples_at(&run.openssl[1], 0.5));
        return 0;
}
