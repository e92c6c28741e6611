/* SPDX-License-Identifier: Apache-2.0 */

/* poll CERTIFICATE... - asks about all of these at once, with poll() for a loop. */

#include <uatrust/async.h>

#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static int n_left, code;

static void on_verdict(struct uatrust_call *call, void *path)
{
        struct uatrust_verdict *verdict = NULL;
        struct uatrust_error *error = NULL;

        if (uatrust_validate_finish(call, &verdict, &error))
                printf("%s: could not ask: %s\n", (char *)path, uatrust_error_get_text(error));
        else
                printf("%s: %s\n", (char *)path, uatrust_verdict_get_status_name(verdict));

        code |= !verdict || !uatrust_verdict_is_trusted(verdict);
        n_left--;
        uatrust_verdict_free(verdict);
        uatrust_error_free(error);
        uatrust_call_free(call);
}

static void ask(struct uatrust_client *client, char *path)
{
        struct uatrust_request *request = uatrust_request_new(UATRUST_PURPOSE_CLIENT);
        struct uatrust_call *call = uatrust_call_new(client, on_verdict, path);
        struct uatrust_error *error = NULL;

        if (uatrust_request_add_file(request, path, &error) ||
            uatrust_validate_start(call, request, &error)) {
                printf("%s: %s\n", path, uatrust_error_get_text(error));
                code = 2;
                uatrust_call_free(call);
        } else {
                n_left++;
        }
        uatrust_error_free(error);
        uatrust_request_free(request);
}

/* For poll(): milliseconds from now, rounded up; -1: no end. */
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

        if (!client)
                return 2;

        for (int i = 1; i < argc; i++)
                ask(client, argv[i]);

        while (n_left) {
                struct pollfd fd = { uatrust_get_fd(client), (short)uatrust_get_events(client), 0 };

                poll(&fd, 1, until(uatrust_get_timeout(client)));
                uatrust_process(client, NULL);
        }
        uatrust_client_free(client);
        return code;
}
