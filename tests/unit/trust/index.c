/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/index.h"

#include "harness/mint.h"
#include "harness/test.h"
#include "pki/cert.h"
#include "pki/ossl.h"
#include "trust/batch.h"
#include "trust/builder.h"
#include "trust/entry.h"
#include "trust/settings.h"
#include "trust/snapshot.h"

#include <stdio.h>
#include <string.h>

#define CERTS   20
#define FILES   2 /* of one certificate in one list */
#define ENTRIES (CERTS * ROLE_N * FILES)
#define BROKEN  8
#define ALL     (ENTRIES + BROKEN)
#define ROUNDS  1500

#define PER_BATCH 7

/* All that may lie in the store, and what of it does. */
struct deck {
        struct mint_der ders[CERTS];
        const struct cert *certs[CERTS]; /* shared by entries, but for those that were read again */
        struct entry *entries[ALL];
        bool is_there[ALL];
        struct batch *batches[(ALL + PER_BATCH - 1) / PER_BATCH]; /* NULL: not made yet */
        struct settings *settings;
        uint64_t seed;
};

static unsigned int draw(struct deck *deck, unsigned int n)
{
        deck->seed = deck->seed * UINT64_C(6364136223846793005) + 1442695040888963407;
        return (unsigned int)(deck->seed >> 33) % n;
}

static const struct cert *read_cert(const struct deck *deck, size_t i)
{
        const struct mint_der *der = &deck->ders[i % CERTS];
        const struct cert *cert;

        assert_int_equal(cert_new((struct bytes){ der->data, der->n }, NULL, &cert), 0);
        return cert;
}

static struct entry *make_entry(const struct cert *cert, size_t i)
{
        enum role role = (enum role)(i / CERTS % ROLE_N);
        struct entry *entry;
        char origin[32];

        snprintf(origin, sizeof(origin), "file %zu", i / CERTS / ROLE_N);
        assert_int_equal(entry_new_cert(role, origin, cert, &entry), 0);
        return entry;
}

static struct entry *make_broken(size_t i)
{
        struct entry *entry;
        char origin[32];

        snprintf(origin, sizeof(origin), "broken %zu", i / ROLE_N);
        assert_int_equal(entry_new_broken((enum role)(i % ROLE_N), origin, "no more", &entry), 0);
        return entry;
}

/* Four names, keys of which each is borne twice, and some certificates without a key id. */
static struct deck *make_deck(void)
{
        struct deck *deck = calloc(1, sizeof(*deck));
        char subject[32], key[32];

        assert_non_null(deck);
        assert_int_equal(ossl_init(), 0);
        assert_int_equal(settings_new(&deck->settings), 0);
        for (size_t i = 0; i < CERTS; i++) {
                struct mint_cert spec = { .ca = true, .subject = subject, .key = key };

                snprintf(subject, sizeof(subject), "CN=Name %zu", i % 4);
                snprintf(key, sizeof(key), "p256-index%zu", i / 2);
                spec.ski = i % 5 == 0 ? MINT_NONE : NULL;
                spec.aki = spec.ski;
                deck->ders[i] = mint_cert(&spec);
                deck->certs[i] = read_cert(deck, i);
        }
        for (size_t i = 0; i < ALL; i++)
                deck->entries[i] = i < ENTRIES ? make_entry(deck->certs[i % CERTS], i)
                                               : make_broken(i - ENTRIES);

        return deck;
}

static void free_deck(struct deck *deck)
{
        for (size_t i = 0; i < ARRAY_SIZE(deck->batches); i++)
                batch_unref(deck->batches[i]);
        for (size_t i = 0; i < ALL; i++)
                entry_unref(deck->entries[i]);
        for (size_t i = 0; i < CERTS; i++) {
                mint_der_deinit(&deck->ders[i]);
                cert_unref(deck->certs[i]);
        }
        settings_unref(deck->settings);
        free(deck);
}

static void read_again(struct deck *deck, size_t i)
{
        CLEANUP(cert_unrefp) const struct cert *cert = read_cert(deck, i);

        entry_unref(deck->entries[i]);
        deck->entries[i] = make_entry(cert, i);
}

/* Files come, go, or are read again with the same content. */
static void change(struct deck *deck)
{
        for (unsigned int n = 1 + draw(deck, 4); n > 0; n--) {
                size_t i = draw(deck, ALL);

                deck->is_there[i] = !deck->is_there[i];
                deck->batches[i / PER_BATCH] = batch_unref(deck->batches[i / PER_BATCH]);
                if (i < ENTRIES && draw(deck, 16) == 0)
                        read_again(deck, i);
        }
}

/* The same one as before, where nothing in it has changed since. */
static const struct batch *find_batch(struct deck *deck, size_t at)
{
        const struct entry *entries[PER_BATCH];
        size_t n = 0;

        for (size_t i = at * PER_BATCH; i < ALL && i < (at + 1) * PER_BATCH; i++)
                if (deck->is_there[i])
                        entries[n++] = deck->entries[i];

        if (!deck->batches[at])
                assert_int_equal(batch_new(entries, n, &deck->batches[at]), 0);
        return deck->batches[at];
}

/* After a base in batches but for the last ones, which are loose; else all loose. */
static void add_entries(struct deck *deck, struct builder *builder, bool in_batches)
{
        size_t n = in_batches ? ARRAY_SIZE(deck->batches) - 2 : 0;

        for (size_t i = 0; i < n; i++)
                assert_int_equal(builder_add_batch(builder, find_batch(deck, i)), 0);
        for (size_t i = n * PER_BATCH; i < ALL; i++)
                if (deck->is_there[i])
                        assert_int_equal(builder_add(builder, deck->entries[i]), 0);
}

static struct snapshot *build(struct deck *deck, const struct snapshot *base)
{
        CLEANUP(builder_freep) struct builder *builder = NULL;
        struct snapshot *snap;

        assert_int_equal(builder_new(deck->settings, &builder), 0);
        if (base)
                builder_follow(builder, base);
        add_entries(deck, builder, base);
        assert_int_equal(builder_build(builder, &snap), 0);
        return snap;
}

static void assert_equal_index(const struct snapshot *a, const struct snapshot_index *of_a,
                               const struct snapshot *b, const struct snapshot_index *of_b)
{
        assert_int_equal(of_a->n, of_b->n);
        for (size_t i = 0; i < of_a->n; i++) {
                assert_true(of_a->keys[i] == of_b->keys[i]);
                assert_int_equal(of_a->certs[i] - a->certs, of_b->certs[i] - b->certs);
        }
}

static void assert_equal_snapshots(const struct snapshot *a, const struct snapshot *b)
{
        assert_int_equal(a->n_entries, b->n_entries);
        for (size_t i = 0; i < a->n_entries; i++)
                assert_ptr_equal(a->entries[i], b->entries[i]);

        assert_int_equal(a->n_certs, b->n_certs);
        for (size_t i = 0; i < a->n_certs; i++) {
                assert_ptr_equal(a->certs[i].cert, b->certs[i].cert);
                assert_int_equal(a->certs[i].roles, b->certs[i].roles);
                assert_int_equal(a->certs[i].n_entries, b->certs[i].n_entries);
                assert_int_equal(a->certs[i].entries - a->entries,
                                 b->certs[i].entries - b->entries);
        }

        assert_memory_equal(a->n_role_certs, b->n_role_certs, sizeof(a->n_role_certs));
        assert_int_equal(a->n_broken, b->n_broken);
        assert_equal_index(a, &a->by_subject, b, &b->by_subject);
        assert_equal_index(a, &a->by_key_id, b, &b->by_key_id);
}

static void a_picture_after_another_is_the_same_as_one_made_anew(void **state)
{
        struct deck *deck = make_deck();
        struct snapshot *base = NULL;

        (void)state;
        for (int round = 0; round < ROUNDS; round++) {
                struct snapshot *after, *anew;

                change(deck);
                after = build(deck, base);
                anew = build(deck, NULL);
                assert_equal_snapshots(after, anew);
                snapshot_unref(anew);
                snapshot_unref(base);
                base = after;
        }
        snapshot_unref(base);
        free_deck(deck);
}

static void set_all(struct deck *deck, bool is_there)
{
        memset(deck->is_there, is_there, sizeof(deck->is_there));
        for (size_t i = 0; i < ARRAY_SIZE(deck->batches); i++)
                deck->batches[i] = batch_unref(deck->batches[i]);
}

static void everything_may_go_and_come_at_once(void **state)
{
        struct deck *deck = make_deck();
        struct snapshot *nothing = build(deck, NULL), *all, *again, *none;

        (void)state;
        set_all(deck, true);
        all = build(deck, nothing);
        again = build(deck, all);
        assert_int_equal(all->n_certs, CERTS);
        assert_equal_snapshots(all, again);

        set_all(deck, false);
        none = build(deck, again);
        assert_equal_snapshots(none, nothing);
        snapshot_unref(nothing);
        snapshot_unref(all);
        snapshot_unref(again);
        snapshot_unref(none);
        free_deck(deck);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_picture_after_another_is_the_same_as_one_made_anew),
                cmocka_unit_test(everything_may_go_and_come_at_once),
        };

        return cmocka_run_group_tests_name("trust/index", tests, NULL, NULL);
}
