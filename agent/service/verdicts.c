/* SPDX-License-Identifier: Apache-2.0 */
#include "service/verdicts.h"

#include "proto/message.h"

#include <errno.h>
#include <string.h>

/*
 * A table of chains: keys are hashes, so their first bytes spread evenly; and a ring in order of
 * last use.
 */
struct kept {
        struct verdicts_key key;
        int64_t valid_until_s;
        struct message_verdict verdict;
        struct kept *next_in_bucket;
        struct kept *newer, *older;
};

#define N_BUCKETS (VERDICTS_MAX * 2)

struct verdicts {
        struct kept *buckets[N_BUCKETS];
        struct kept ring; /* ring.newer: the oldest; ring.older: the newest */
        size_t n;
};

int verdicts_new(struct verdicts **out)
{
        struct verdicts *verdicts = calloc(1, sizeof(*verdicts));

        if (!verdicts)
                return -ENOMEM;

        verdicts->ring.newer = verdicts->ring.older = &verdicts->ring;
        *out = verdicts;
        return 0;
}

static struct kept **bucket_of(struct verdicts *verdicts, const struct verdicts_key *key)
{
        uint32_t hash;

        memcpy(&hash, key->sha256, sizeof(hash));
        return &verdicts->buckets[hash % N_BUCKETS];
}

static void unlink_from_ring(struct kept *kept)
{
        kept->newer->older = kept->older;
        kept->older->newer = kept->newer;
}

static void link_as_newest(struct verdicts *verdicts, struct kept *kept)
{
        kept->newer = &verdicts->ring;
        kept->older = verdicts->ring.older;
        kept->older->newer = kept;
        verdicts->ring.older = kept;
}

static void drop(struct verdicts *verdicts, struct kept *kept)
{
        struct kept **at = bucket_of(verdicts, &kept->key);

        while (*at != kept)
                at = &(*at)->next_in_bucket;
        *at = kept->next_in_bucket;

        unlink_from_ring(kept);
        schema_deinit(&message_verdict_schema, &kept->verdict);
        free(kept);
        verdicts->n--;
}

struct verdicts *verdicts_free(struct verdicts *verdicts)
{
        if (!verdicts)
                return NULL;

        while (verdicts->n > 0)
                drop(verdicts, verdicts->ring.newer);
        free(verdicts);
        return NULL;
}

static struct kept *find(struct verdicts *verdicts, const struct verdicts_key *key)
{
        struct kept *kept = *bucket_of(verdicts, key);

        while (kept && memcmp(kept->key.sha256, key->sha256, sizeof(key->sha256)) != 0)
                kept = kept->next_in_bucket;
        return kept;
}

const struct message_verdict *verdicts_find(struct verdicts *verdicts,
                                            const struct verdicts_key *key, int64_t now_s)
{
        struct kept *kept = find(verdicts, key);

        if (!kept)
                return NULL;
        if (now_s >= kept->valid_until_s) {
                drop(verdicts, kept);
                return NULL;
        }

        unlink_from_ring(kept);
        link_as_newest(verdicts, kept);
        return &kept->verdict;
}

const struct message_verdict *verdicts_keep(struct verdicts *verdicts,
                                            const struct verdicts_key *key, int64_t valid_until_s,
                                            struct message_verdict *verdict)
{
        struct kept *kept = find(verdicts, key);
        struct kept **bucket = bucket_of(verdicts, key);

        if (kept)
                drop(verdicts, kept);
        if (verdicts->n == VERDICTS_MAX)
                drop(verdicts, verdicts->ring.newer);

        kept = malloc(sizeof(*kept));
        if (!kept) {
                schema_deinit(&message_verdict_schema, verdict);
                return NULL;
        }

        *kept = (struct kept){
                .key = *key,
                .valid_until_s = valid_until_s,
                .verdict = *verdict,
                .next_in_bucket = *bucket,
        };
        schema_init(&message_verdict_schema, verdict);
        *bucket = kept;
        link_as_newest(verdicts, kept);
        verdicts->n++;
        return &kept->verdict;
}

void verdicts_forget(struct verdicts *verdicts, const char *store)
{
        struct kept *kept = verdicts->ring.newer;

        while (kept != &verdicts->ring) {
                struct kept *newer = kept->newer;

                if (strcmp(kept->verdict.store, store) == 0)
                        drop(verdicts, kept);
                kept = newer;
        }
}
