/* SPDX-License-Identifier: Apache-2.0 */
#include "peer.h"

#include "proto/names.h"
#include "siphash.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

enum {
        BUCKETS_MIN = 16,
};

static void peer_free(struct peer *peer)
{
        if (!peer)
                return;

        schema_deinit(&message_peer_schema, &peer->m);
        schema_deinit(&message_peer_news_schema, &peer->early);
        free(peer);
}

DEFINE_CLEANUP(struct peer *, peer_free)

/*
 * Lists.
 */

static void take_out(struct peer_list *list, struct peer *peer)
{
        *(peer->before ? &peer->before->next : &list->first) = peer->next;
        *(peer->next ? &peer->next->before : &list->last) = peer->before;
        list->n--;
}

static void put_last(struct peer_list *list, struct peer *peer)
{
        peer->next = NULL;
        peer->before = list->last;
        *(list->last ? &list->last->next : &list->first) = peer;
        list->last = peer;
        list->n++;
}

static void put_first(struct peer_list *list, struct peer *peer)
{
        peer->before = NULL;
        peer->next = list->first;
        *(list->first ? &list->first->before : &list->last) = peer;
        list->first = peer;
        list->n++;
}

void peers_move(struct peers *peers, struct peer *peer, enum peer_state state)
{
        take_out(&peers->lists[peer->state], peer);
        peer->state = state;
        put_last(&peers->lists[state], peer);
}

void peers_move_all(struct peers *peers, enum peer_state from, enum peer_state to)
{
        struct peer *peer;

        while ((peer = peers->lists[from].last)) {
                take_out(&peers->lists[from], peer);
                peer->state = to;
                put_first(&peers->lists[to], peer);
        }
}

void peers_forget(struct peers *peers, enum peer_state state)
{
        struct peer *peer;

        while ((peer = peers->lists[state].first)) {
                take_out(&peers->lists[state], peer);
                peer_free(peer);
        }
}

/*
 * By key.
 */

static struct peer **find(const struct peers *peers, const char *key)
{
        uint64_t hash = siphash(peers->secret, key, strlen(key));
        struct peer **at = &peers->buckets[hash & (peers->n_buckets - 1)];

        while (*at && strcmp((*at)->m.key, key) != 0)
                at = &(*at)->next_of_bucket;
        return at;
}

struct peer *peers_find(const struct peers *peers, const char *key)
{
        return peers->n_buckets ? *find(peers, key) : NULL;
}

static int grow(struct peers *peers)
{
        struct peers grown = *peers;

        if (peers->n < peers->n_buckets)
                return 0;

        grown.n_buckets = peers->n_buckets ? 2 * peers->n_buckets : BUCKETS_MIN;
        grown.buckets = calloc(grown.n_buckets, sizeof(struct peer *));
        if (!grown.buckets)
                return -ENOMEM;

        for (size_t i = 0; i < peers->n_buckets; i++) {
                while (peers->buckets[i]) {
                        struct peer *peer = peers->buckets[i];

                        peers->buckets[i] = peer->next_of_bucket;
                        peer->next_of_bucket = NULL;
                        *find(&grown, peer->m.key) = peer;
                }
        }
        free(peers->buckets);
        peers->buckets = grown.buckets;
        peers->n_buckets = grown.n_buckets;
        return 0;
}

static void take_from_bucket(struct peers *peers, struct peer *peer)
{
        *find(peers, peer->m.key) = peer->next_of_bucket;
        peer->next_of_bucket = NULL;
        peers->n--;
}

/*
 * Peers.
 */

void peers_init(struct peers *peers)
{
        *peers = (struct peers){ .n = 0 };
        (void)!getrandom(peers->secret, sizeof(peers->secret), GRND_NONBLOCK);
}

void peers_deinit(struct peers *peers)
{
        for (enum peer_state state = 0; state < PEER_STATES; state++)
                peers_forget(peers, state);
        free(peers->buckets);
}

int peers_add(struct peers *peers, const struct message_peer *m, void *userdata)
{
        CLEANUP(peer_freep) struct peer *peer = calloc(1, sizeof(*peer));
        struct peer *former;

        if (!peer)
                return -ENOMEM;

        schema_init(&message_peer_schema, &peer->m);
        schema_init(&message_peer_news_schema, &peer->early);
        if (schema_copy(&message_peer_schema, m, &peer->m) || grow(peers))
                return -ENOMEM;

        peer->userdata = userdata;
        peer->cause = NAMES_CAUSE_GOOD;
        former = *find(peers, m->key);
        if (former) {
                take_from_bucket(peers, former);
                take_out(&peers->lists[former->state], former);
                peer_free(former);
        }
        *find(peers, m->key) = peer;
        peers->n++;
        put_last(&peers->lists[PEER_FRESH], TAKE(peer));
        return 0;
}

void peers_remove(struct peers *peers, struct peer *peer)
{
        take_from_bucket(peers, peer);
        if (peer->state == PEER_SENT || peer->state == PEER_WATCHED || peer->state == PEER_HELD) {
                peers_move(peers, peer, PEER_REMOVED);
                return;
        }

        take_out(&peers->lists[peer->state], peer);
        peer_free(peer);
}

void peers_renew(struct peers *peers)
{
        peers_forget(peers, PEER_REMOVED);
        peers_forget(peers, PEER_LEAVING);
        peers_move_all(peers, PEER_REFUSED, PEER_FRESH);
        peers_move_all(peers, PEER_SENT, PEER_FRESH);
        peers_move_all(peers, PEER_HELD, PEER_FRESH);
        peers_move_all(peers, PEER_WATCHED, PEER_FRESH);
        for (struct peer *peer = peers->lists[PEER_FRESH].first; peer; peer = peer->next) {
                peer->was_refused = false;
                schema_deinit(&message_peer_news_schema, &peer->early);
        }
}

void peer_take_early(struct peer *peer, struct message_peer_news *news)
{
        if (peer->early.key && peer->early.seq > news->seq)
                return;

        schema_deinit(&message_peer_news_schema, &peer->early);
        peer->early = *news;
        schema_init(&message_peer_news_schema, news);
}
