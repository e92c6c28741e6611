/* SPDX-License-Identifier: Apache-2.0 */
#include "registering.h"

#include "call.h"
#include "proto/compiler.h"
#include "proto/names.h"
#include "reply.h"
#include "telling.h"

#include <string.h>

enum {
        BATCH_MAX = 256, /* peers in one RegisterPeers, or keys */
        BATCH_MAX_BYTES =
                NAMES_CALL_MAX_BYTES / 2, /* of what they hold; names and quotes come on top */
        BATCH_MAX_VALUES = NAMES_CALL_VALUES_MAX / 2,
        PEER_VALUES = 16, /* of one, but for certificates and names to suppress */
};

/* Between two tries to register, and before those that were refused are tried again. */
#define PAUSE_US   UINT64_C(100000)
#define REFUSED_US UINT64_C(1000000)

static const struct call_method register_peers = {
        .name = NAMES_AGENT_INTERFACE ".RegisterPeers",
        .in = &message_register_peers_schema,
        .out = &message_register_peers_reply_schema,
        .is_registration = true,
};

static const struct call_method unregister_peers = {
        .name = NAMES_AGENT_INTERFACE ".UnregisterPeers",
        .in = &message_unregister_peers_schema,
        .out = &message_nothing_schema,
        .is_registration = true,
};

static size_t count_bytes(const struct message_peer *m)
{
        const char *const texts[] = { m->key, m->store, m->security_policy_uri, m->application_uri,
                                      m->host_name };
        size_t n = 0;

        for (size_t i = 0; i < m->n_certificates; i++)
                n += 4 * (m->certificates[i].n / 3 + 1);
        for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
                n += texts[i] ? strlen(texts[i]) : 0;
        return n;
}

/* How many of the fresh ones go into one call. */
static size_t measure_batch(const struct uatrust_watch *watch)
{
        size_t n = 0, n_bytes = 0, n_values = 0;

        for (const struct peer *peer = watch->peers.lists[PEER_FRESH].first;
             peer && n < watch->n_batch; peer = peer->next) {
                n_bytes += count_bytes(&peer->m);
                n_values += PEER_VALUES + peer->m.n_certificates + peer->m.n_suppress;
                if (n && (n_bytes > BATCH_MAX_BYTES || n_values > BATCH_MAX_VALUES))
                        break;
                n++;
        }
        return n;
}

/* Whoever is asked about is in the list of those that wait for the answer if asking is set. */
static void ask(struct uatrust_watch *watch, const struct call_method *method, const void *in,
                uatrust_call_fn on_answer)
{
        struct uatrust_call *call = uatrust_call_new(watch->client, on_answer, watch);

        if (!call_start(call, method, in, NULL)) {
                watch->asking = call;
                return;
        }

        uatrust_call_free(call);
        watch->ask_us = engine_now_us() + PAUSE_US;
}

/* News that came before the state they follow is what counts. */
static void take_states(struct uatrust_watch *watch, struct message_register_peers_reply *reply)
{
        for (size_t i = 0; !telling_is_over(watch) && i < reply->n_states; i++) {
                const struct message_peer_state *state = &reply->states[i];
                struct peer *peer = peers_find(&watch->peers, state->key);
                struct message_peer_news early;

                if (!peer || peer->state != PEER_SENT)
                        continue;

                peers_move(&watch->peers, peer, PEER_WATCHED);
                early = peer->early;
                schema_init(&message_peer_news_schema, &peer->early);
                if (early.key && early.seq > state->seq)
                        telling_message(watch, peer, &early);
                else
                        telling_state(watch, peer, state);
                schema_deinit(&message_peer_news_schema, &early);
        }
}

/* One of a batch is to blame: it is looked for by halves, and must be refused twice. */
static void take_refusal(struct uatrust_watch *watch, const struct uatrust_error *error)
{
        struct peer_list *sent = &watch->peers.lists[PEER_SENT];
        struct peer *peer = sent->first;

        if (sent->n > 1)
                watch->n_batch = sent->n / 2;
        else
                watch->ask_us = engine_now_us() + PAUSE_US;

        if (sent->n == 1 && peer->was_refused) {
                watch->ask_us = 0;
                watch->retry_us = engine_now_us() + REFUSED_US;
                peers_move(&watch->peers, peer, PEER_REFUSED);
                telling_refusal(watch, peer, error);
                return;
        }
        if (sent->n == 1)
                peer->was_refused = true;
        peers_move_all(&watch->peers, PEER_SENT, PEER_FRESH);
}

static void on_registered(struct uatrust_call *call, void *userdata)
{
        struct message_register_peers_reply *reply = NULL;
        struct uatrust_error *error = NULL;
        struct uatrust_watch *watch = userdata;
        int r;

        telling_begin(watch);
        r = call_finish(call, register_peers.out, (void **)&reply, &error);
        uatrust_call_free(TAKE(watch->asking));
        task_put(&watch->client->tasks, &watch->task);
        if (!r) {
                watch->n_batch = watch->n_batch * 2 < BATCH_MAX ? watch->n_batch * 2 : BATCH_MAX;
                take_states(watch, reply);
                peers_move_all(&watch->peers, PEER_SENT, PEER_FRESH);
        } else if (r < UATRUST_E_UNREACHABLE && r != UATRUST_E_BUSY) {
                take_refusal(watch, error);
        } else {
                peers_move_all(&watch->peers, PEER_SENT, PEER_FRESH);
                watch->ask_us = engine_now_us() + PAUSE_US;
        }
        telling_end(watch);
        reply_free_value(register_peers.out, reply);
        uatrust_error_free(error);
}

static void ask_to_register(struct uatrust_watch *watch)
{
        struct message_register_peers in = { .watch_id = watch->id };
        struct message_peer *borrowed;
        size_t n = measure_batch(watch);

        borrowed = calloc(n, sizeof(*borrowed));
        if (!borrowed) {
                watch->ask_us = engine_now_us() + PAUSE_US;
                return;
        }

        in.peers = borrowed;
        for (struct peer *peer = watch->peers.lists[PEER_FRESH].first; in.n_peers < n;
             peer = peer->next)
                borrowed[in.n_peers++] = peer->m;
        ask(watch, &register_peers, &in, on_registered);
        for (; watch->asking && n; n--)
                peers_move(&watch->peers, watch->peers.lists[PEER_FRESH].first, PEER_SENT);
        free(borrowed);
}

/* A watch that the agent does not know has no peers either. */
static void on_unregistered(struct uatrust_call *call, void *userdata)
{
        struct uatrust_watch *watch = userdata;
        int r = uatrust_call_finish(call, NULL);

        uatrust_call_free(TAKE(watch->asking));
        task_put(&watch->client->tasks, &watch->task);
        if (!r || r == UATRUST_E_BAD_REQUEST) {
                peers_forget(&watch->peers, PEER_LEAVING);
                return;
        }

        peers_move_all(&watch->peers, PEER_LEAVING, PEER_REMOVED);
        watch->ask_us = engine_now_us() + PAUSE_US;
}

static void ask_to_unregister(struct uatrust_watch *watch)
{
        char *keys[BATCH_MAX];
        struct message_unregister_peers in = { .watch_id = watch->id, .keys = keys };

        for (struct peer *peer = watch->peers.lists[PEER_REMOVED].first;
             peer && in.n_keys < BATCH_MAX; peer = peer->next)
                keys[in.n_keys++] = peer->m.key;
        ask(watch, &unregister_peers, &in, on_unregistered);
        for (; watch->asking && in.n_keys; in.n_keys--)
                peers_move(&watch->peers, watch->peers.lists[PEER_REMOVED].first, PEER_LEAVING);
}

/* First those that are no more: the key of one may be another's by now. */
void registering_go_on(struct uatrust_watch *watch)
{
        const struct peer_list *lists = watch->peers.lists;
        uint64_t now_us = engine_now_us();

        if (!watch->id || watch->asking || now_us < watch->ask_us)
                return;

        if (now_us >= watch->retry_us)
                peers_move_all(&watch->peers, PEER_REFUSED, PEER_FRESH);
        if (lists[PEER_REMOVED].n)
                ask_to_unregister(watch);
        else if (lists[PEER_FRESH].n)
                ask_to_register(watch);
}

void registering_begin(struct uatrust_watch *watch)
{
        watch->n_batch = BATCH_MAX;
        watch->ask_us = 0;
        peers_renew(&watch->peers);
}

uint64_t registering_due_us(const struct uatrust_watch *watch)
{
        const struct peer_list *lists = watch->peers.lists;
        uint64_t due_us = lists[PEER_HELD].n ? watch->held_us : ENGINE_NEVER;

        if (!watch->id || watch->asking || watch->task.tasks)
                return watch->task.tasks ? ENGINE_NEVER : due_us;

        if (lists[PEER_REFUSED].n && watch->retry_us < due_us)
                due_us = watch->retry_us;
        if ((lists[PEER_FRESH].n || lists[PEER_REMOVED].n) && watch->ask_us < due_us)
                due_us = watch->ask_us;
        return due_us;
}
