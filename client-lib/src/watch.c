/* SPDX-License-Identifier: Apache-2.0 */
#include "client.h"
#include "error.h"
#include "news.h"
#include "proto/call.h"
#include "proto/compiler.h"
#include "proto/names.h"
#include "registering.h"
#include "reply.h"
#include "request.h"
#include "telling.h"

#include <string.h>

/*
 * What the agent tells.
 */

static void begin(struct uatrust_watch *watch, char *id)
{
        watch->id = id;
        watch->told = 0;
        registering_begin(watch);
        stream_confirm(&watch->stream);
}

/* News of one that is not registered is of another that had its key. */
static void take_news(struct uatrust_watch *watch, struct message_peer_news *news)
{
        struct peer *peer = peers_find(&watch->peers, news->key);

        if (peer && peer->state == PEER_SENT)
                peer_take_early(peer, news);
        if (!peer || (peer->state != PEER_WATCHED && peer->state != PEER_HELD) ||
            news->seq <= peer->seq)
                return;

        peers_move(&watch->peers, peer, PEER_WATCHED);
        telling_message(watch, peer, news);
}

/* Return: 0, or an enum uatrust_code: it is of no use. */
static int take_message(struct uatrust_watch *watch, const char *text, size_t n,
                        struct uatrust_error **error)
{
        struct message_watch_peers_reply *message;
        struct reply reply;
        int r = 0;

        reply_read(text, n, &message_watch_peers_reply_schema, &reply);
        if (!reply.value) {
                *error = reply.error;
                return (int)uatrust_error_get_code(reply.error);
        }

        message = reply.value;
        if (!watch->id && message->watch_id)
                begin(watch, TAKE(message->watch_id));
        else if (watch->id && message->news)
                take_news(watch, message->news);
        else
                r = error_report(error, STATUS_E_PROTOCOL, "watchId", "is out of turn");
        reply_free_value(&message_watch_peers_reply_schema, message);
        return r;
}

static void take_messages(struct uatrust_watch *watch)
{
        while (!telling_is_over(watch)) {
                struct uatrust_error *error = NULL;
                const char *text;
                size_t n;
                int r;

                r = stream_next(&watch->stream, &text, &n);
                if (r == STREAM_E_NOTHING)
                        return;

                if (r) {
                        telling_forget(watch);
                        reply_report_failure(&error, r, watch->stream.path);
                        telling_trouble(watch, error);
                } else if (take_message(watch, text, n, &error)) {
                        telling_break(watch);
                        telling_trouble(watch, error);
                }
        }
}

static void tell_whole(struct uatrust_watch *watch)
{
        const struct peer_list *lists = watch->peers.lists;

        if (watch->is_whole || !watch->id || lists[PEER_FRESH].n || lists[PEER_SENT].n ||
            lists[PEER_REFUSED].n)
                return;

        watch->is_whole = true;
        watch->callback(watch, NULL, NULL, watch->userdata);
}

static void run(struct task *task)
{
        struct uatrust_watch *watch = CONTAINER_OF(task, struct uatrust_watch, task);

        telling_begin(watch);
        take_messages(watch);
        if (!telling_is_over(watch) && watch->peers.lists[PEER_HELD].n &&
            engine_now_us() >= watch->held_us)
                telling_held(watch);
        if (!telling_is_over(watch))
                registering_go_on(watch);
        if (!telling_is_over(watch))
                tell_whole(watch);
        telling_end(watch);
}

static void on_news(struct stream *stream)
{
        struct uatrust_watch *watch = CONTAINER_OF(stream, struct uatrust_watch, stream);

        task_put(&watch->client->tasks, &watch->task);
}

/*
 * The timer.
 */

static uint64_t get_due(const struct link *link)
{
        return registering_due_us(CONTAINER_OF(link, struct uatrust_watch, timer));
}

static void on_due(struct link *link, uint64_t now_us)
{
        struct uatrust_watch *watch = CONTAINER_OF(link, struct uatrust_watch, timer);

        (void)now_us;
        task_put(&watch->client->tasks, &watch->task);
}

/* The stream begins anew, too. */
static void on_fork(struct link *link)
{
        telling_forget(CONTAINER_OF(link, struct uatrust_watch, timer));
}

static const struct link_rules timer_rules = { NULL, get_due, on_due, on_fork };

/*
 * The API.
 */

void uatrust_watch_free(struct uatrust_watch *watch)
{
        if (!watch)
                return;

        if (watch->is_running) {
                watch->is_gone = true;
                return;
        }

        telling_forget(watch);
        task_take(&watch->task);
        link_deinit(&watch->timer);
        stream_deinit(&watch->stream);
        peers_deinit(&watch->peers);
        buf_deinit(&watch->call);
        client_unref(watch->client);
        free(watch);
}

struct uatrust_watch *uatrust_watch_new(struct uatrust_client *client, uatrust_watch_fn callback,
                                        void *userdata)
{
        struct uatrust_watch *watch;

        if (!client || !callback || client->is_closed)
                return NULL;
        watch = calloc(1, sizeof(*watch));
        if (!watch)
                return NULL;

        engine_enter(&client->engine);
        watch->client = client_ref(client);
        watch->callback = callback;
        watch->userdata = userdata;
        watch->task.run = run;
        peers_init(&watch->peers);
        link_init(&watch->timer, &client->engine, &timer_rules);
        stream_init(&watch->stream, &client->engine, &client->door);
        call_encode(NAMES_AGENT_INTERFACE ".WatchPeers", CALL_MORE, &message_nothing_schema,
                    &(struct message_nothing){ 0 }, &watch->call);
        if (buf_error(&watch->call)) {
                uatrust_watch_free(watch);
                return NULL;
        }

        stream_begin(&watch->stream, &watch->call, on_news);
        return watch;
}

static struct message_peer peer_of(const char *key, const struct message_validate *asked)
{
        return (struct message_peer){
                .key = (char *)key,
                .certificates = asked->certificates,
                .n_certificates = asked->n_certificates,
                .purpose = asked->purpose,
                .store = asked->store,
                .security_policy_uri = asked->security_policy_uri,
                .application_uri = asked->application_uri,
                .host_name = asked->host_name,
                .suppress = asked->suppress,
                .n_suppress = asked->n_suppress,
                .context = asked->context,
        };
}

int uatrust_watch_add(struct uatrust_watch *watch, const char *key,
                      const struct uatrust_request *request, void *peer,
                      struct uatrust_error **error)
{
        struct message_validate asked;
        struct message_peer m;
        int r;

        if (!watch)
                return error_report(error, STATUS_E_NO_MEMORY, NULL, NULL);
        if (watch->client->is_closed)
                return client_report_closed(error);
        if (!key || !key[0] || strlen(key) > NEWS_KEY_MAX_BYTES)
                return error_report(error, STATUS_E_INVALID_ARGUMENT, "key",
                                    "is not of 1 to 256 bytes");

        r = request_read(request, watch->client, &asked, error);
        if (r)
                return r;
        if (asked.at != SCHEMA_INT_ABSENT)
                return error_report(error, STATUS_E_INVALID_ARGUMENT, "at",
                                    "is not for peers that are watched");

        m = peer_of(key, &asked);
        if (peers_add(&watch->peers, &m, peer))
                return error_report(error, STATUS_E_NO_MEMORY, NULL, NULL);

        watch->is_whole = false;
        return 0;
}

void uatrust_watch_remove(struct uatrust_watch *watch, const char *key)
{
        struct peer *peer = watch && key ? peers_find(&watch->peers, key) : NULL;

        if (!peer)
                return;

        peers_remove(&watch->peers, peer);
        task_put(&watch->client->tasks, &watch->task);
}
