/* SPDX-License-Identifier: Apache-2.0 */

/*
 * epoll N - tells the next N things that happen to the stores of the agent, with a loop of epoll
 * that may have any other descriptors in it, too. The client's stays the same for ever, so that it
 * is put in once.
 */

#include <uatrust/news.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

static long n_left;

static void on_event(struct uatrust_monitor *monitor, const struct uatrust_event *event,
                     const struct uatrust_error *error, void *userdata)
{
        (void)monitor;
        (void)userdata;
        if (!event)
                printf("no news for now: %s\n", uatrust_error_get_text(error));
        else
                printf("%s: %s, generation %lld%s\n", uatrust_event_get_store(event),
                       uatrust_event_get_kind(event),
                       (long long)uatrust_event_get_generation(event),
                       uatrust_event_is_resync(event) ? "; what was known is void" : "");
        fflush(stdout);
        n_left--;
}

/* For epoll_wait(): milliseconds from now, rounded up; -1: no end. */
static int until(uint64_t due_us)
{
        struct timespec now;
        uint64_t now_us, left_ms;

        clock_gettime(CLOCK_MONOTONIC, &now);
        now_us = (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
        if (due_us == UINT64_MAX)
                return -1;

        left_ms = due_us > now_us ? (due_us - now_us + 999) / 1000 : 0;
        return left_ms > INT_MAX ? INT_MAX : (int)left_ms;
}

int main(int argc, char **argv)
{
        struct uatrust_client *client = uatrust_client_new();
        struct uatrust_monitor *monitor = NULL;
        struct epoll_event wanted = { .events = EPOLLIN }, ready;
        int loop = epoll_create1(EPOLL_CLOEXEC);

        n_left = argc == 2 ? strtol(argv[1], NULL, 10) : 0;
        if (!client || uatrust_monitor_new(client, NULL, 0, &monitor, NULL) ||
            epoll_ctl(loop, EPOLL_CTL_ADD, uatrust_get_fd(client), &wanted))
                return 1;

        uatrust_monitor_set_callback(monitor, on_event, NULL);
        while (n_left > 0) {
                epoll_wait(loop, &ready, 1, until(uatrust_get_timeout(client)));
                uatrust_process(client, NULL);
        }
        uatrust_monitor_free(monitor);
        uatrust_client_free(client);
        close(loop);
        return 0;
}
