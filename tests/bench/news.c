/* SPDX-License-Identifier: Apache-2.0 */

/*
 * News - from a file to those who have to know: `bench-news AGENT FOLDER STORE UNSEEN FIRST TIMES SUBSCRIBERS`.
 * TIMES times a certificate of UNSEEN, from the FIRST on, is put into FOLDER/trusted/certs: written beside its place, then renamed. Measured from there:
 * until one monitor was told, has asked anew and got the new verdict; until the last of SUBSCRIBERS monitors was told.
 * Prints JSON.
 */

#include "bench/ask.h"
#include "bench/files.h"
#include "bench/sample.h"
#include "harness/must.h"

#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define QUIET_NS (INT64_C(80) * 1000 * 1000) /* longer than changes in a row are gathered */
#define WAIT_MS  5000
#define EVENTS   64
#define CHANGED  "\"kind\":\"changed\""
#define ADDED    "\"added\":[\""
#define CALL                                                                                       \
        "{\"method\":\"org.uatrust.agent1.Monitor\",\"parameters\":{\"stores\":[\"%s\"]},"         \
        "\"more\":true}"

struct news {
        const char *folder;
        uint8_t *der; /* certificates, one behind another */
        size_t n_der;
        struct ask question;
        struct ask *monitors;
        size_t n_monitors;
        int epoll_fd;
        struct samples verdicts, last;
};

static void subscribe(struct news *news, const char *path, const char *store, size_t n)
{
        struct rlimit limit;
        char call[256];
        int n_call = snprintf(call, sizeof(call), CALL, store);

        must(getrlimit(RLIMIT_NOFILE, &limit) == 0, "limit of descriptors");
        limit.rlim_cur = limit.rlim_max;
        must(setrlimit(RLIMIT_NOFILE, &limit) == 0, "limit of descriptors");
        news->monitors = must_calloc(n, sizeof(*news->monitors));
        news->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
        must(news->epoll_fd >= 0, "epoll");
        for (news->n_monitors = 0; news->n_monitors < n; news->n_monitors++) {
                struct ask *ask = &news->monitors[news->n_monitors];
                struct epoll_event event = { .events = EPOLLIN, .data.ptr = ask };

                ask_init(ask, path);
                ask_send(ask, call, (size_t)n_call + 1);
                must(strstr(ask_receive(ask, NULL), "\"continues\":true"), "a state");
                must(epoll_ctl(news->epoll_fd, EPOLL_CTL_ADD, ask->fd, &event) == 0, "epoll");
        }
}

/* Other events may come in between: when the host's clock is set, every store gets a new generation. */
static void await_news(struct ask *ask)
{
        const char *event;

        do {
                event = ask_receive(ask, NULL);
                must(strstr(event, CHANGED), "the event is %s", event);
        } while (!strstr(event, ADDED));
}

/* Return: when the last of all monitors had its event. */
static uint64_t await_all(struct news *news)
{
        struct epoll_event events[EVENTS];

        for (size_t n_told = 0; n_told < news->n_monitors;) {
                int n = epoll_wait(news->epoll_fd, events, EVENTS, WAIT_MS);

                must(n > 0, "%zu of %zu monitors were told", n_told, news->n_monitors);
                for (int i = 0; i < n; i++)
                        await_news(events[i].data.ptr);

                n_told += (size_t)n;
        }

        return sample_now_ns();
}

static void ask(struct news *news, const struct ask_validate *question, bool is_good)
{
        size_t n;
        char *frame = ask_frame(question, &n);
        const char *reply;

        ask_send(&news->question, frame, n);
        reply = ask_receive(&news->question, NULL);
        if (is_good)
                ask_must_be_good(reply);
        else
                must(strstr(reply, "\"statusName\":\"BadCertificateUntrusted\""),
                     "the answer is %s", reply);
        free(frame);
}

static void change(struct news *news, size_t i, const struct ask_validate *question)
{
        char hidden[4096], name[4096];
        uint64_t start_ns;

        snprintf(hidden, sizeof(hidden), "%s/trusted/certs/.news-%zu", news->folder, i);
        snprintf(name, sizeof(name), "%s/trusted/certs/news-%zu.der", news->folder, i);
        ask(news, question, false);
        nanosleep(&(struct timespec){ .tv_nsec = QUIET_NS }, NULL);
        files_write(news->folder, hidden + strlen(news->folder) + 1, question->der,
                    question->n_der);

        start_ns = sample_now_ns();
        must(rename(hidden, name) == 0, "rename to %s", name);
        if (news->n_monitors > 1) {
                samples_add(&news->last, await_all(news) - start_ns);
                return;
        }

        await_all(news);
        ask(news, question, true);
        samples_add(&news->verdicts, sample_now_ns() - start_ns);
}

/* Another certificate each time; not the very first, about which other programs ask. */
static struct ask_validate question_of(const struct news *news, const char *store, size_t i)
{
        size_t n = ask_der_bytes(news->der, news->n_der);

        must((i + 2) * n <= news->n_der, "so many certificates");
        return (struct ask_validate){ .store = store, .der = news->der + (i + 1) * n, .n_der = n };
}

int main(int argc, char **argv)
{
        struct news news = { 0 };
        struct ask_validate question;
        struct samples *samples;
        size_t n, n_monitors, first;

        must(argc == 8, "usage: bench-news AGENT FOLDER STORE UNSEEN FIRST TIMES SUBSCRIBERS");
        first = strtoul(argv[5], NULL, 10);
        n = strtoul(argv[6], NULL, 10);
        n_monitors = strtoul(argv[7], NULL, 10);
        news.folder = argv[2];
        news.der = files_read(argv[4], &news.n_der);

        /* A question waits until the store is read; an event of that is not to be measured. */
        ask_init(&news.question, argv[1]);
        question = question_of(&news, argv[3], first);
        ask(&news, &question, false);
        subscribe(&news, argv[1], argv[3], n_monitors);
        for (size_t i = first; i < first + n; i++) {
                question = question_of(&news, argv[3], i);
                change(&news, i, &question);
        }

        samples = news.n_monitors > 1 ? &news.last : &news.verdicts;
        printf("{\"p50_ns\":%lu,\"p99_ns\":%lu,\"max_ns\":%lu}\n", samples_at(samples, 0.5),
               samples_at(samples, 0.99), samples_at(samples, 1));
        return 0;
}
