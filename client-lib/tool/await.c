/* SPDX-License-Identifier: Apache-2.0 */
#include "await.h"

#include "verb.h"

#include <uatrust/async.h>

#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

/* For poll(). */
static int milliseconds_until(uint64_t moment_us)
{
        struct timespec now;
        uint64_t now_us;

        clock_gettime(CLOCK_MONOTONIC, &now);
        now_us = (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
        if (moment_us == UINT64_MAX)
                return -1;
        if (moment_us <= now_us)
                return 0;
        return moment_us - now_us > INT_MAX ? INT_MAX : (int)((moment_us - now_us + 999) / 1000);
}

int await_news(struct uatrust_client *client)
{
        struct pollfd fds[] = {
                { uatrust_get_fd(client), (short)uatrust_get_events(client), 0 },
                { STDOUT_FILENO, 0, 0 },
        };

        if (poll(fds, 2, milliseconds_until(uatrust_get_timeout(client))) <= 0 || !fds[1].revents)
                return VERB_EXIT_OK;

        raise(SIGPIPE);
        return VERB_EXIT_OUTPUT;
}
