/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Echo - what a Unix socket costs with libuv and nothing else: `bench-echo SOCKET N_REPLY` answers each frame with
 * one of N_REPLY bytes, its NUL counted. All frames that one read brings are answered by one write, as a program that
 * writes back what it read would do.
 */

#include "harness/must.h"

#include <uv.h>

#define READ_BYTES 65536
#define BURST      1024

static struct {
        uv_loop_t loop;
        uv_pipe_t server;
        char *reply;
        size_t n_reply;
        char received[READ_BYTES];
        uv_buf_t replies[BURST];
} echo;

static void on_closed(uv_handle_t *handle)
{
        free(handle);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *out)
{
        (void)handle;
        (void)suggested;
        *out = uv_buf_init(echo.received, sizeof(echo.received));
}

static void on_written(uv_write_t *write, int status)
{
        must(status == 0 || status == UV_ECANCELED || status == UV_EPIPE, "write: %s",
             uv_strerror(status));
        free(write);
}

/* uv_write() tries at once and waits for the rest. */
static void answer(uv_stream_t *stream, unsigned int n)
{
        uv_write_t *write = must_calloc(1, sizeof(*write));
        int r = uv_write(write, stream, echo.replies, n, on_written);

        must(r == 0, "write: %s", uv_strerror(r));
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
        const char *end = buf->base + n;
        unsigned int n_replies = 0;

        if (n < 0) {
                uv_close((uv_handle_t *)stream, on_closed);
                return;
        }

        for (const char *p = memchr(buf->base, '\0', (size_t)n); p;
             p = memchr(p + 1, '\0', (size_t)(end - p - 1)))
                n_replies++;

        for (; n_replies > BURST; n_replies -= BURST)
                answer(stream, BURST);

        if (n_replies)
                answer(stream, n_replies);
}

static void on_connection(uv_stream_t *server, int status)
{
        uv_pipe_t *peer = must_calloc(1, sizeof(*peer));

        must(status == 0 && uv_pipe_init(&echo.loop, peer, 0) == 0 &&
                     uv_accept(server, (uv_stream_t *)peer) == 0 &&
                     uv_read_start((uv_stream_t *)peer, on_alloc, on_read) == 0,
             "accept");
}

int main(int argc, char **argv)
{
        must(argc == 3, "usage: bench-echo SOCKET N_REPLY");
        echo.n_reply = strtoul(argv[2], NULL, 10);
        must(echo.n_reply > 0, "N_REPLY is a number");
        echo.reply = must_calloc(1, echo.n_reply);
        memset(echo.reply, 'x', echo.n_reply - 1);
        for (size_t i = 0; i < BURST; i++)
                echo.replies[i] = uv_buf_init(echo.reply, (unsigned int)echo.n_reply);

        must(uv_loop_init(&echo.loop) == 0 && uv_pipe_init(&echo.loop, &echo.server, 0) == 0 &&
                     uv_pipe_bind(&echo.server, argv[1]) == 0 &&
                     uv_listen((uv_stream_t *)&echo.server, 16, on_connection) == 0,
             "listen at %s", argv[1]);
        return uv_run(&echo.loop, UV_RUN_DEFAULT);
}
