/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/ask.h"

#include "harness/must.h"
#include "proto/base64.h"
#include "proto/buf.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void ask_init(struct ask *ask, const char *path)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };

        must(strlen(path) < sizeof(address.sun_path), "%s is short enough", path);
        memcpy(address.sun_path, path, strlen(path));
        *ask = (struct ask){ .received = must_calloc(1, ASK_REPLY_MAX) };
        ask->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        must(ask->fd >= 0 && connect(ask->fd, (struct sockaddr *)&address, sizeof(address)) == 0,
             "connect %s", path);
}

void ask_deinit(struct ask *ask)
{
        close(ask->fd);
        free(ask->received);
}

void ask_send(struct ask *ask, const char *data, size_t n)
{
        while (n) {
                ssize_t sent = send(ask->fd, data, n, MSG_NOSIGNAL);

                must(sent > 0, "send");
                data += sent;
                n -= (size_t)sent;
        }
}

static void receive_more(struct ask *ask)
{
        ssize_t n;

        must(ask->n < ASK_REPLY_MAX, "the reply is short enough");
        n = recv(ask->fd, ask->received + ask->n, ASK_REPLY_MAX - ask->n, 0);
        must(n > 0, "receive");
        ask->n += (size_t)n;
}

const char *ask_receive(struct ask *ask, size_t *out_n)
{
        const char *frame, *end;

        if (ask->start == ask->n)
                ask->start = ask->n = 0;

        for (size_t scanned = ask->start;; scanned = ask->n) {
                if (scanned == ask->n)
                        receive_more(ask);
                end = memchr(ask->received + scanned, '\0', ask->n - scanned);
                if (end)
                        break;
        }

        frame = ask->received + ask->start;
        ask->start = (size_t)(end - ask->received) + 1;
        if (out_n)
                *out_n = (size_t)(end - frame);
        return frame;
}

size_t ask_receive_all(struct ask *ask)
{
        size_t n_frames = 0;

        ask->start = ask->n = 0;
        receive_more(ask);
        for (size_t i = 0; i < ask->n; i++)
                n_frames += ask->received[i] == '\0';

        ask->n = 0;
        return n_frames;
}

char *ask_frame(const struct ask_validate *question, size_t *out_n)
{
        struct buf buf = BUF_NULL;
        char *text;

        buf_add_text(&buf, "{\"method\":\"org.uatrust.agent1.Validate\",\"parameters\":{"
                           "\"certificates\":[\"");
        base64_encode(question->der, question->n_der, &buf);
        buf_printf(&buf, "\"],\"purpose\":\"client\",\"store\":\"%s\"", question->store);
        if (question->application_uri)
                buf_printf(&buf, ",\"applicationUri\":\"%s\"", question->application_uri);

        buf_add_text(&buf, ",\"securityPolicyUri\":"
                           "\"http://opcfoundation.org/UA/SecurityPolicy#Basic256Sha256\"}}");
        *out_n = buf.n + 1;
        must(buf_take_text(&buf, &text) == 0, "a question");
        return text;
}

void ask_must_be_good(const char *reply)
{
        must(strstr(reply, "\"statusName\":\"Good\""), "the answer is %s", reply);
}

size_t ask_der_bytes(const uint8_t *der, size_t n)
{
        size_t n_object;

        must(n > 4 && der[0] == 0x30 && der[1] == 0x82, "a certificate");
        n_object = ((size_t)der[2] << 8 | der[3]) + 4;
        must(n_object <= n, "a whole certificate");
        return n_object;
}
