/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/scripted.h"

#include "harness/must.h"
#include "harness/test.h"
#include "harness/tree.h"

#include <uatrust/async.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int scripted_set_up(void **state)
{
        static struct fixture fixture;
        char *path;

        fixture = (struct fixture){ .tree = tree_new(), .client = uatrust_client_new() };
        path = tree_path(fixture.tree, "socket");
        fixture.address.sun_family = AF_UNIX;
        snprintf(fixture.address.sun_path, sizeof(fixture.address.sun_path), "%s", path);
        fixture.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
        must(!bind(fixture.listener, (struct sockaddr *)&fixture.address,
                   sizeof(fixture.address)) &&
                     !listen(fixture.listener, 4),
             "%s", path);
        for (size_t i = 0; i < N_CONNECTIONS; i++)
                fixture.fds[i] = -1;
        fixture.request = uatrust_request_new(UATRUST_PURPOSE_CLIENT);
        uatrust_request_add_certificate(fixture.request, "foo", 3);
        uatrust_client_set_socket(fixture.client, path, NULL);
        uatrust_client_set_timeout(fixture.client, LIMIT_MS);
        uatrust_client_set_held_max(fixture.client, 0);
        free(path);
        *state = &fixture;
        return 0;
}

int scripted_tear_down(void **state)
{
        struct fixture *fixture = *state;

        uatrust_client_free(fixture->client);
        uatrust_request_free(fixture->request);
        for (size_t i = 0; i < N_CONNECTIONS; i++)
                close(fixture->fds[i]);
        close(fixture->listener);
        tree_free(fixture->tree);
        return 0;
}

void process(struct fixture *fixture)
{
        uatrust_wait(fixture->client, 20, NULL);
        assert_int_equal(uatrust_process(fixture->client, NULL), 0);
}

void accept_one(struct fixture *fixture, size_t i)
{
        int64_t end_ms = test_now_ms() + WAIT_MS;

        while (fixture->fds[i] < 0 && test_now_ms() < end_ms) {
                fixture->fds[i] = accept4(fixture->listener, NULL, NULL, SOCK_NONBLOCK);
                process(fixture);
        }
        assert_true(fixture->fds[i] >= 0);
}

void send_text(struct fixture *fixture, size_t i, const char *text)
{
        char copy[8192];
        size_t n = strlen(text);

        must(n < sizeof(copy), "text is too long");
        for (size_t at = 0; at < n; at++)
                copy[at] = text[at];
        for (size_t at = 0; at < n; at++)
                if (copy[at] == '\n')
                        copy[at] = '\0';
        assert_int_equal(send(fixture->fds[i], copy, n, MSG_NOSIGNAL), n);
}

void receive_word(struct fixture *fixture, size_t i, const char *word)
{
        static char data[1 << 16];
        int64_t end_ms = test_now_ms() + WAIT_MS;
        size_t n = 0;

        do {
                ssize_t n_read = read(fixture->fds[i], data + n, sizeof(data) - 1 - n);

                n += n_read > 0 ? (size_t)n_read : 0;
                data[n] = '\0';
                if (memmem(data, n, word, strlen(word)))
                        return;
                process(fixture);
        } while (test_now_ms() < end_ms);
        fail_msg("no %s", word);
}
