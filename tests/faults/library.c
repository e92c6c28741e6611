/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Library - for each of a row of things that a program does with the library, and each allocation
 * that it makes for it: that one fails. Then it says so, or has the same outcome as ever, and leaks
 * nothing. The agent is the test itself, which answers by name and allocates nothing.
 */

#include "faults/fail.h"
#include "harness/must.h"
#include "harness/tree.h"
#include "proto/compiler.h"

#include <uatrust/admin.h>
#include <uatrust/news.h>

#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define ALLOCATIONS_MAX 2000
#define WAIT_MS         5000
#define N_CONNECTIONS   32

#define VERDICT(code)                                                                              \
        "{\"trusted\":false,\"statusCode\":" code ",\"statusName\":\"BadCertificateRevoked\","     \
        "\"wireStatusCode\":0,\"wireStatusName\":\"x\",\"findings\":[],\"notChecked\":[],"         \
        "\"chain\":[],\"store\":\"default\",\"agentId\":\"cc\",\"generation\":7}"
#define STORES(next)                                                                               \
        "{\"parameters\":{\"store\":\"default\",\"agentId\":\"cc\",\"generation\":1,\"crls\":[{"   \
        "\"sha256\":\"a\",\"issuer\":\"CN=CA\",\"thisUpdate\":1,\"isDelta\":false,\"entries\":1,"  \
        "\"state\":\"current\",\"list\":\"issuers\",\"origins\":[\"a\"]}]" next "}}"

#define GOOD                                                                                       \
        "{\"trusted\":true,\"statusCode\":0,\"statusName\":\"Good\",\"wireStatusCode\":0,"         \
        "\"wireStatusName\":\"Good\",\"findings\":[],\"notChecked\":[],\"chain\":[],"              \
        "\"store\":\"default\",\"agentId\":\"cc\",\"generation\":7,\"validUntil\":null,"           \
        "\"auditEventId\":null}"

static const struct {
        const char *word, *reply;
} answers[] = {
        { "\"purpose\":\"server\"", "{\"parameters\":{\"verdict\":" GOOD "}}" },
        { ".Validate\"", "{\"parameters\":{\"verdict\":" VERDICT("2149384192") "}}" },
        { "\"after\":\"a\"", STORES("") },
        { ".ListCrls\"", STORES(",\"next\":\"a\"") },
        { ".Block\"", "{\"parameters\":{\"update\":{\"changed\":true,\"store\":\"default\","
                      "\"agentId\":\"cc\",\"generation\":2,\"added\":[\"a\"],\"removed\":[],"
                      "\"fallen\":[]}}}" },
        { ".Monitor\"",
          "{\"parameters\":{\"event\":{\"kind\":\"state\",\"store\":\"default\","
          "\"agentId\":\"cc\",\"generation\":5,\"added\":[\"a\"],\"removed\":[],"
          "\"broken\":[],\"healed\":[],\"affectedIssuers\":[]}},\"continues\":true}" },
        { ".WatchPeers\"", "{\"parameters\":{\"watchId\":\"id\"},\"continues\":true}" },
        { ".UnregisterPeers\"", "{\"parameters\":{}}" },
        { ".RegisterPeers\"", "{\"parameters\":{\"states\":[{\"key\":\"k\",\"seq\":1,\"cause\":"
                              "\"good\",\"statusName\":\"Good\",\"statusCode\":0,\"store\":"
                              "\"default\",\"generation\":1}]}}" },
};

static const char news[] = "{\"parameters\":{\"news\":{\"key\":\"k\",\"seq\":2,\"cause\":"
                           "\"revoked\",\"verdict\":" VERDICT("2149384192") "}},"
                                                                            "\"continues\":true}";

static struct uatrust_client *knowing; /* what is asked about known, and how it is answered */
static struct uatrust_request *known;
static struct tree *tree;
static char *path;
static int listener, fds[N_CONNECTIONS], n_fds;
static int watch_fd = -1; /* the last one that watches */

/*
 * The agent.
 */

static void answer(int fd, const char *message)
{
        for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
                if (!strstr(message, answers[i].word))
                        continue;
                (void)!send(fd, answers[i].reply, strlen(answers[i].reply) + 1, MSG_NOSIGNAL);
                if (!strcmp(answers[i].word, ".WatchPeers\""))
                        watch_fd = fd;
                if (!strcmp(answers[i].word, ".RegisterPeers\""))
                        (void)!send(watch_fd, news, sizeof(news), MSG_NOSIGNAL);
                return;
        }
        must(false, "%s", message);
}

/* Questions are short: one comes as a whole, and only when the one before was answered. */
static void serve(void)
{
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
        char message[4096];

        if (fd >= 0) {
                must(n_fds < N_CONNECTIONS, "too many connections");
                fds[n_fds++] = fd;
        }
        for (int i = 0; i < n_fds; i++) {
                ssize_t n = recv(fds[i], message, sizeof(message), 0);

                if (n > 0) {
                        must(!message[n - 1], "half a question");
                        answer(fds[i], message);
                }
        }
}

static void hang_up(void)
{
        int fd;

        while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0)
                close(fd);
        while (n_fds)
                close(fds[--n_fds]);
        watch_fd = -1;
}

static int64_t now_ms(void)
{
        struct timespec now;

        clock_gettime(CLOCK_MONOTONIC, &now);
        return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

static struct uatrust_client *client_new(void)
{
        struct uatrust_client *client = uatrust_client_new();

        if (!client)
                return NULL;
        uatrust_client_set_timeout(client, WAIT_MS);
        if (!uatrust_client_set_socket(client, path, NULL) &&
            !uatrust_client_set_admin_socket(client, path, NULL))
                return client;

        uatrust_client_free(client);
        return NULL;
}

DEFINE_CLEANUP(struct uatrust_client *, uatrust_client_free)
DEFINE_CLEANUP(struct uatrust_call *, uatrust_call_free)
DEFINE_CLEANUP(struct uatrust_request *, uatrust_request_free)
DEFINE_CLEANUP(struct uatrust_monitor *, uatrust_monitor_free)
DEFINE_CLEANUP(struct uatrust_watch *, uatrust_watch_free)
DEFINE_CLEANUP(struct uatrust_change *, uatrust_change_free)

/* Return: 0, or the code of uatrust_process(). */
static int run_until_done(struct uatrust_client *client, const struct uatrust_call *call)
{
        int64_t end_ms = now_ms() + WAIT_MS;

        while (!uatrust_call_is_done(call) && now_ms() < end_ms) {
                int r = uatrust_process(client, NULL);

                if (r)
                        return r;
                serve();
        }
        return 0;
}

/*
 * What is done. Each returns what came of it, or the negative enum uatrust_code.
 */

static struct uatrust_request *request_new(void)
{
        struct uatrust_request *request = uatrust_request_new(UATRUST_PURPOSE_CLIENT);

        uatrust_request_add_certificate(request, "foo", 3);
        uatrust_request_set_application_uri(request, "urn:x");
        uatrust_request_add_suppress(request, "a");
        uatrust_request_set_context(request, "a", NULL, "b");
        return request;
}

static int64_t ask(struct uatrust_client *client, const struct uatrust_request *request)
{
        CLEANUP(uatrust_call_freep)
        struct uatrust_call *call = uatrust_call_new(client, NULL, NULL);
        struct uatrust_verdict *verdict;
        int64_t outcome;
        int r;

        r = uatrust_validate_start(call, request, NULL);
        if (!r)
                r = run_until_done(client, call);
        if (!r)
                r = uatrust_validate_finish(call, &verdict, NULL);
        if (r)
                return -r;

        outcome =
                uatrust_verdict_get_status_code(verdict) + uatrust_verdict_get_generation(verdict);
        uatrust_verdict_free(verdict);
        return outcome;
}

static int64_t validate(void)
{
        CLEANUP(uatrust_client_freep) struct uatrust_client *client = client_new();
        CLEANUP(uatrust_request_freep) struct uatrust_request *request = request_new();

        return ask(client, request);
}

/*
 * The call, and the words of the answer, are there already. They are not read while memory fails: json-c 0.16 loses a name
 * where an object of more than ten members cannot grow.
 */
static int64_t validate_again(void)
{
        return ask(knowing, known);
}

static void get_to_know(void)
{
        knowing = client_new();
        known = uatrust_request_new(UATRUST_PURPOSE_SERVER);
        uatrust_request_add_certificate(known, "foo", 3);
        must(validate_again() == 7, "a verdict");
        hang_up();
}

static int64_t list(void)
{
        CLEANUP(uatrust_client_freep) struct uatrust_client *client = client_new();
        CLEANUP(uatrust_call_freep)
        struct uatrust_call *call = uatrust_call_new(client, NULL, NULL);
        struct uatrust_crls *crls;
        int64_t n = 0;
        int r;

        r = uatrust_list_crls_start(call, NULL, NULL);
        if (!r)
                r = run_until_done(client, call);
        if (!r)
                r = uatrust_list_crls_finish(call, &crls, NULL);
        if (r)
                return -r;

        while (uatrust_crls_get_crl(crls, (size_t)n))
                n++;
        uatrust_crls_free(crls);
        return n;
}

static int64_t block(void)
{
        CLEANUP(uatrust_client_freep) struct uatrust_client *client = client_new();
        CLEANUP(uatrust_change_freep) struct uatrust_change *change = uatrust_change_new();
        CLEANUP(uatrust_call_freep)
        struct uatrust_call *call = uatrust_call_new(client, NULL, NULL);
        struct uatrust_update *update;
        int64_t outcome;
        int r;

        uatrust_change_set_reason(change, "why");
        r = uatrust_block_start(call, change, "aa", NULL);
        if (!r)
                r = run_until_done(client, call);
        if (!r)
                r = uatrust_change_finish(call, &update, NULL);
        if (r)
                return -r;

        outcome = uatrust_update_get_generation(update);
        uatrust_update_free(update);
        return outcome;
}

static int64_t monitor(void)
{
        static const char *const stores[] = { "default" };
        CLEANUP(uatrust_client_freep) struct uatrust_client *client = client_new();
        CLEANUP(uatrust_monitor_freep) struct uatrust_monitor *monitor = NULL;
        int64_t end_ms = now_ms() + WAIT_MS, outcome;
        struct uatrust_event *event;
        int r;

        r = uatrust_monitor_new(client, stores, 1, &monitor, NULL);
        if (r)
                return -r;

        do {
                r = uatrust_monitor_next(monitor, 0, &event, NULL);
                serve();
        } while (r == UATRUST_E_TIMED_OUT && now_ms() < end_ms);
        if (r)
                return -r;

        outcome = uatrust_event_get_generation(event);
        uatrust_event_free(event);
        return outcome;
}

static void on_news(struct uatrust_watch *watch, const struct uatrust_news *told,
                    const struct uatrust_error *error, void *userdata)
{
        int64_t *n_cuts = userdata;

        (void)watch;
        must(!error || uatrust_error_get_code(error) == UATRUST_E_NO_MEMORY, "%s",
             uatrust_error_get_text(error));
        if (told)
                *n_cuts += uatrust_news_asks_to_cut(told);
}

/* What goes wrong on the way is tried again by itself. */
static int64_t watch_peer(void)
{
        CLEANUP(uatrust_client_freep) struct uatrust_client *client = client_new();
        CLEANUP(uatrust_request_freep) struct uatrust_request *request = request_new();
        CLEANUP(uatrust_watch_freep) struct uatrust_watch *watch = NULL;
        int64_t end_ms = now_ms() + WAIT_MS, n_cuts = 0;
        int r = 0;

        watch = uatrust_watch_new(client, on_news, &n_cuts);
        r = uatrust_watch_add(watch, "k", request, NULL, NULL);
        while (!r && !n_cuts && now_ms() < end_ms) {
                uatrust_wait(client, 1, NULL);
                r = uatrust_process(client, NULL);
                serve();
        }
        if (!r) {
                uatrust_watch_remove(watch, "k");
                r = uatrust_process(client, NULL);
        }
        return r ? -r : n_cuts;
}

static const struct {
        const char *name;
        int64_t (*run)(void);
        int64_t expected;
} rows[] = {
        { "a question", validate, 2149384199 },
        { "a question asked again", validate_again, 7 },
        { "a list in pages", list, 2 },
        { "a change", block, 2 },
        { "an event", monitor, 5 },
        { "a watched peer", watch_peer, 1 },
};

/* Return: how often it came out wrong. */
static size_t run_out(size_t i, struct fail *fail)
{
        int64_t outcome = rows[i].run(), n = 0;
        size_t n_wrong = 0;

        hang_up();
        must(outcome == rows[i].expected, "%s: %lld", rows[i].name, (long long)outcome);
        for (bool was_out = true; was_out && n < ALLOCATIONS_MAX; n++) {
                fail->left = n;
                outcome = rows[i].run();
                was_out = fail->left < 0;
                fail->left = FAIL_NEVER;
                hang_up();
                if (outcome == rows[i].expected || (was_out && outcome == -UATRUST_E_NO_MEMORY))
                        continue;
                n_wrong++;
                printf("%s, allocation %lld failing: %lld\n", rows[i].name, (long long)n,
                       (long long)outcome);
        }
        printf("%s: %lld allocations, each failed once\n", rows[i].name, (long long)n - 1);
        return n_wrong;
}

int main(int argc, char **argv)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        struct fail *fail = fail_get ? fail_get() : NULL;
        size_t n_wrong = 0;

        must(fail, "libfail.so is not preloaded");
        setvbuf(stdout, NULL, _IOLBF, 0);
        tree = tree_new();
        path = tree_path(tree, "socket");
        snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
        listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
        must(!bind(listener, (struct sockaddr *)&address, sizeof(address)) && !listen(listener, 8),
             "%s", path);

        get_to_know();
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
                if (argc < 2 || strstr(rows[i].name, argv[1]))
                        n_wrong += run_out(i, fail);
        uatrust_request_free(known);
        uatrust_client_free(knowing);
        close(listener);
        free(path);
        tree_free(tree);
        return n_wrong ? 1 : 0;
}
