/* SPDX-License-Identifier: Apache-2.0 */

/*
 * libuv CERTIFICATE - a session of a peer that is watched until it is to be cut, in libuv's loop.
 * Before the loop waits, on_prepare() asks the client what to wait for; after it has waited,
 * on_check() has it go on.
 */

#include <uatrust/news.h>
#include <uv.h>

#include <stdio.h>

struct bridge {
        struct uatrust_client *client;
        uv_prepare_t prepare;
        uv_check_t check;
        uv_timer_t timer;
        uv_poll_t poll;
};

/* They are there so that the loop wakes up. */
static void on_readable(uv_poll_t *poll, int status, int events)
{
        (void)poll;
        (void)status;
        (void)events;
}

static void on_time(uv_timer_t *timer)
{
        (void)timer;
}

/* The loop rounds down, hence one millisecond more. */
static void on_prepare(uv_prepare_t *prepare)
{
        struct bridge *bridge = prepare->data;
        uint64_t due_us = uatrust_get_timeout(bridge->client);
        uint64_t now_us = uv_hrtime() / 1000;

        if (due_us == UINT64_MAX)
                uv_timer_stop(&bridge->timer);
        else
                uv_timer_start(&bridge->timer, on_time,
                               due_us > now_us ? (due_us - now_us) / 1000 + 1 : 0, 0);
}

static void on_check(uv_check_t *check)
{
        uatrust_process(((struct bridge *)check->data)->client, NULL);
}

static int bridge_init(struct bridge *bridge, struct uatrust_client *client, uv_loop_t *loop)
{
        int fd = uatrust_get_fd(client);

        if (fd < 0 || uv_poll_init(loop, &bridge->poll, fd))
                return -1;

        bridge->client = client;
        uv_timer_init(loop, &bridge->timer);
        uv_prepare_init(loop, &bridge->prepare);
        uv_check_init(loop, &bridge->check);
        bridge->prepare.data = bridge->check.data = bridge;
        uv_poll_start(&bridge->poll, UV_READABLE, on_readable);
        uv_prepare_start(&bridge->prepare, on_prepare);
        return uv_check_start(&bridge->check, on_check);
}

static void bridge_close(struct bridge *bridge)
{
        uv_close((uv_handle_t *)&bridge->prepare, NULL);
        uv_close((uv_handle_t *)&bridge->check, NULL);
        uv_close((uv_handle_t *)&bridge->timer, NULL);
        uv_close((uv_handle_t *)&bridge->poll, NULL);
}

static void on_news(struct uatrust_watch *watch, const struct uatrust_news *news,
                    const struct uatrust_error *error, void *bridge)
{
        (void)watch;
        if (!news)
                printf("%s\n", error ? uatrust_error_get_text(error) : "watched");
        else
                printf("%s: %s%s\n", (char *)uatrust_news_get_peer(news),
                       uatrust_news_get_cause(news),
                       uatrust_news_asks_to_cut(news) ? ", the session is cut" : "");
        fflush(stdout);
        if (news && uatrust_news_asks_to_cut(news))
                bridge_close(bridge);
}

int main(int argc, char **argv)
{
        struct uatrust_client *client = uatrust_client_new();
        struct uatrust_request *request = uatrust_request_new(UATRUST_PURPOSE_CLIENT);
        struct bridge bridge;
        struct uatrust_watch *watch = uatrust_watch_new(client, on_news, &bridge);
        struct uatrust_error *error = NULL;

        if (argc != 2 || !client || bridge_init(&bridge, client, uv_default_loop()))
                return 1;
        if (uatrust_request_add_file(request, argv[1], &error) ||
            uatrust_watch_add(watch, "session 1", request, argv[1], &error)) {
                fprintf(stderr, "%s\n", uatrust_error_get_text(error));
                return 1;
        }

        uv_run(uv_default_loop(), UV_RUN_DEFAULT);
        uatrust_request_free(request);
        uatrust_watch_free(watch);
        uatrust_client_free(client);
        uv_loop_close(uv_default_loop());
        return 0;
}
