/* SPDX-License-Identifier: Apache-2.0 */
#include "service/peer_table.h"

#include "pki/bytes.h"
#include "pki/ossl.h"
#include "service/peer_question.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS_MIN 16

static int hash_of(const char *key, uint64_t *out)
{
        uint8_t sha256[32];
        int r;

        r = ossl_sha256((struct bytes){ (const uint8_t *)key, strlen(key) }, sha256);
        if (r)
                return r;

        memcpy(out, sha256, sizeof(*out));
        return 0;
}

int peer_new(struct peer_question *question, struct peer **out)
{
        struct peer *peer = calloc(1, sizeof(*peer));
        uint64_t hash;
        int r = peer ? hash_of(question->key, &hash) : -ENOMEM;

        if (r) {
                free(peer);
                return r;
        }

        *peer = (struct peer){
                .n_refs = 1,
                .question = peer_question_ref(question),
                .store = PEER_NO_STORE,
                .footprint = footprint_everything(),
                .due_s = INT64_MAX,
                .hash = hash,
        };
        *out = peer;
        return 0;
}

struct peer *peer_ref(struct peer *peer)
{
        peer->n_refs++;
        return peer;
}

struct peer *peer_unref(struct peer *peer)
{
        if (!peer || --peer->n_refs > 0)
                return NULL;

        peer_question_unref(peer->question);
        free(peer);
        return NULL;
}

static struct peer **bucket_of(const struct peer_table *table, uint64_t hash)
{
        return &table->buckets[hash & (table->n_buckets - 1)];
}

static void link_in(struct peer_table *table, struct peer *peer)
{
        struct peer **bucket = bucket_of(table, peer->hash);

        peer->next_in_bucket = *bucket;
        *bucket = peer;
}

int peer_table_reserve(struct peer_table *table, size_t n_more)
{
        struct peer_table grown = *table;

        grown.n_buckets = BUCKETS_MIN;
        while (grown.n_buckets < table->n + n_more)
                grown.n_buckets *= 2;
        if (grown.n_buckets <= table->n_buckets)
                return 0;

        grown.buckets = calloc(grown.n_buckets, sizeof(struct peer *));
        if (!grown.buckets)
                return -ENOMEM;

        for (size_t i = 0; i < table->n_buckets; i++) {
                while (table->buckets[i]) {
                        struct peer *peer = table->buckets[i];

                        table->buckets[i] = peer->next_in_bucket;
                        link_in(&grown, peer);
                }
        }
        free(table->buckets);
        *table = grown;
        return 0;
}

void peer_table_put(struct peer_table *table, struct peer *peer)
{
        link_in(table, peer);
        peer->prev = table->last;
        *(peer->prev ? &peer->prev->next : &table->first) = peer;
        table->last = peer;
        table->n++;
}

struct peer *peer_table_take(struct peer_table *table, const char *key)
{
        struct peer **at, *peer;
        uint64_t hash;

        if (table->n == 0 || hash_of(key, &hash))
                return NULL;

        for (at = bucket_of(table, hash); *at; at = &(*at)->next_in_bucket) {
                peer = *at;
                if (peer->hash != hash || strcmp(peer->question->key, key) != 0)
                        continue;
                *at = peer->next_in_bucket;
                *(peer->prev ? &peer->prev->next : &table->first) = peer->next;
                *(peer->next ? &peer->next->prev : &table->last) = peer->prev;
                table->n--;
                return peer;
        }
        return NULL;
}

struct peer *peer_table_next(const struct peer_table *table, const struct peer *peer)
{
        return peer ? peer->next : table->first;
}

void peer_table_deinit(struct peer_table *table)
{
        free(table->buckets);
        *table = (struct peer_table){ 0 };
}
