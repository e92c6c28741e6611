/* SPDX-License-Identifier: Apache-2.0 */
#include "telling.h"

#include "news.h"
#include "proto/compiler.h"
#include "proto/names.h"
#include "proto/status.h"
#include "verdict.h"

#include <uatrust/news.h>

#include <stdio.h>
#include <string.h>

void telling_forget(struct uatrust_watch *watch)
{
        uatrust_call_free(TAKE(watch->asking));
        free(TAKE(watch->id));
        watch->is_whole = false;
}

void telling_break(struct uatrust_watch *watch)
{
        stream_break(&watch->stream);
        telling_forget(watch);
}

void telling_begin(struct uatrust_watch *watch)
{
        watch->is_running = true;
}

void telling_end(struct uatrust_watch *watch)
{
        watch->is_running = false;
        if (watch->is_gone)
                uatrust_watch_free(watch);
}

bool telling_is_over(const struct uatrust_watch *watch)
{
        return watch->is_gone || watch->client->is_closed;
}

void telling_trouble(struct uatrust_watch *watch, struct uatrust_error *error)
{
        int code = (int)uatrust_error_get_code(error);

        if (code != watch->told) {
                watch->told = code;
                watch->callback(watch, NULL, error, watch->userdata);
        }
        uatrust_error_free(error);
}

/* @error: why the agent does not watch this peer; NULL: it does. */
static void tell_peer(struct uatrust_watch *watch, struct peer *peer, struct uatrust_news *news,
                      const struct uatrust_error *error)
{
        int refusal = (int)uatrust_error_get_code(error);

        news->cause = news_find_cause(news->cause);
        news->peer = peer->userdata;
        snprintf(news->key, sizeof(news->key), "%s", peer->m.key);
        if (!strcmp(news->cause, peer->cause) && news->status_code == peer->status_code &&
            refusal == peer->refusal)
                return;

        peer->cause = news->cause;
        peer->status_code = news->status_code;
        peer->refusal = refusal;
        watch->callback(watch, news, error, watch->userdata);
}

void telling_state(struct uatrust_watch *watch, struct peer *peer,
                   const struct message_peer_state *state)
{
        struct uatrust_news news = {
                .cause = state->cause,
                .status_code = state->status_code,
                .status_name = state->status_name,
                .store = state->store,
                .generation = state->generation,
        };

        peer->seq = state->seq;
        if (!state->generation && !strcmp(news_find_cause(news.cause), NAMES_CAUSE_UNKNOWN)) {
                if (!watch->peers.lists[PEER_HELD].n)
                        watch->held_us = engine_now_us() + NAMES_STORE_WAIT_MS * UINT64_C(1000);
                peers_move(&watch->peers, peer, PEER_HELD);
                return;
        }
        tell_peer(watch, peer, &news, NULL);
}

void telling_message(struct uatrust_watch *watch, struct peer *peer,
                     struct message_peer_news *message)
{
        struct uatrust_verdict *verdict = verdict_new(&message->verdict);
        struct uatrust_news news = { .cause = message->cause, .verdict = verdict };

        if (!verdict) {
                telling_break(watch);
                return;
        }

        peer->seq = message->seq;
        news.status_code = verdict->m.status_code;
        news.status_name = verdict->m.status_name;
        news.store = verdict->m.store;
        news.generation = verdict->m.generation;
        tell_peer(watch, peer, &news, NULL);
        uatrust_verdict_free(verdict);
}

void telling_refusal(struct uatrust_watch *watch, struct peer *peer,
                     const struct uatrust_error *error)
{
        struct uatrust_news news = {
                .cause = NAMES_CAUSE_UNKNOWN,
                .status_code = STATUS_SECURITY_CHECKS_FAILED,
                .status_name = status_code_name(STATUS_SECURITY_CHECKS_FAILED),
                .store = peer->m.store,
        };

        tell_peer(watch, peer, &news, error);
}

void telling_held(struct uatrust_watch *watch)
{
        const struct peer_list *held = &watch->peers.lists[PEER_HELD];

        while (!telling_is_over(watch) && held->first) {
                struct peer *peer = held->first;

                peers_move(&watch->peers, peer, PEER_WATCHED);
                telling_refusal(watch, peer, NULL);
        }
}
