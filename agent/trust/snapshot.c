/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/snapshot.h"

#include "pki/cert.h"
#include "pki/crl.h"
#include "pki/ossl.h"
#include "proto/buf.h"
#include "trust/batch.h"
#include "trust/block.h"
#include "trust/entry.h"
#include "trust/settings.h"
#include "trust/sort.h"

#include <stdlib.h>
#include <string.h>

struct snapshot *snapshot_ref(const struct snapshot *snap)
{
        struct snapshot *counted = (struct snapshot *)snap;

        ref_get(&counted->ref);
        return counted;
}

struct snapshot *snapshot_unref(struct snapshot *snap)
{
        if (!snap || !ref_put(&snap->ref))
                return NULL;

        for (size_t i = 0; i < snap->n_batches; i++)
                batch_unref((struct batch *)snap->batches[i]);
        settings_unref((struct settings *)snap->settings);
        snapshot_unref((struct snapshot *)snap->known);

        free((void *)snap->batches);
        free((void *)snap->entries);
        free((void *)snap->certs);
        free((void *)snap->by_subject.keys);
        free((void *)snap->by_subject.certs);
        free((void *)snap->by_key_id.keys);
        free((void *)snap->by_key_id.certs);
        free((void *)snap->crls);
        free((void *)snap->blocks);
        free(snap);
        return NULL;
}

void snapshot_set_known(struct snapshot *snap, struct snapshot *known)
{
        snapshot_unref((struct snapshot *)snap->known);
        snap->known = known;
}

typedef int (*compare_fn)(const void *item, const void *key);

/*
 * Bisection: the first of n items that is not below the key; or, beyond equals, the first above it.
 */
static size_t find_bound(const void *items, size_t n, size_t item_bytes, const void *key,
                         compare_fn compare, bool is_beyond_equals)
{
        size_t low = 0, high = n;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                int order = compare((const char *)items + middle * item_bytes, key);

                if (order < 0 || (order == 0 && is_beyond_equals))
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

/* The items that equal the key; NULL if there are none. */
static const void *find_equal(const void *items, size_t n, size_t item_bytes, const void *key,
                              compare_fn compare, size_t *out_n)
{
        size_t first = find_bound(items, n, item_bytes, key, compare, false);
        size_t end = find_bound(items, n, item_bytes, key, compare, true);

        *out_n = end - first;
        return end > first ? (const char *)items + first * item_bytes : NULL;
}

static int compare_kind(const void *item, const void *key)
{
        const struct entry *const *entry = item;
        const int *kind = key;

        return (int)(*entry)->kind - *kind;
}

size_t snapshot_find_kind(const struct snapshot *snap, int kind)
{
        return find_bound(snap->entries, snap->n_entries, sizeof(*snap->entries), &kind,
                          compare_kind, false);
}

static int compare_sha256(const void *item, const void *key)
{
        const struct snapshot_cert *cert = item;

        return memcmp(cert->cert->sha256, key, 32);
}

static int compare_block(const void *item, const void *key)
{
        const struct block *const *block = item;

        return block_compare(*block, key);
}

static bool has_block(const struct snapshot *snap, const struct block *key)
{
        size_t n;

        return find_equal(snap->blocks, snap->n_blocks, sizeof(*snap->blocks), key, compare_block,
                          &n);
}

static int compare_crl_issuer(const void *item, const void *key)
{
        const struct snapshot_crl *crl = item;

        return name_compare(&crl->crl->issuer, key);
}

const struct snapshot_cert *snapshot_find_cert(const struct snapshot *snap,
                                               const uint8_t sha256[32])
{
        size_t n;

        return find_equal(snap->certs, snap->n_certs, sizeof(*snap->certs), sha256, compare_sha256,
                          &n);
}

bool snapshot_is_trusted(const struct snapshot *snap, const struct cert *cert)
{
        const struct snapshot_cert *found = snapshot_find_cert(snap, cert->sha256);

        return found && found->roles & 1u << ROLE_TRUSTED && cert_equal(found->cert, cert);
}

bool snapshot_is_blocked(const struct snapshot *snap, const struct cert *cert)
{
        struct block by_sha256 = { .has_sha256 = true };
        struct block by_serial = { .issuer = cert->issuer,
                                   .serial = block_trim_serial(cert->serial) };

        memcpy(by_sha256.sha256, cert->sha256, sizeof(by_sha256.sha256));
        return has_block(snap, &by_sha256) || has_block(snap, &by_serial);
}

static int compare_key(const void *item, const void *key)
{
        const uint64_t *a = item, *b = key;

        return *a == *b ? 0 : *a < *b ? -1 : 1;
}

static struct bytes subject_of(const struct cert *cert)
{
        return cert->subject.canon;
}

static struct bytes key_id_of(const struct cert *cert)
{
        return cert->subject_key_id;
}

/*
 * Those of equal hash are found by bisection, and of these the wanted ones by a walk: others are
 * rare.
 */
static const struct snapshot_cert *const *find_in_index(
        const struct snapshot_index *index, struct bytes wanted,
        struct bytes (*value_of)(const struct cert *), size_t *out_n)
{
        uint64_t key = sort_hash(wanted.data, wanted.n);
        const uint64_t *keys;
        const struct snapshot_cert *const *certs;
        size_t n, n_before = 0;

        *out_n = 0;
        keys = find_equal(index->keys, index->n, sizeof(*index->keys), &key, compare_key, &n);
        if (!keys)
                return NULL;

        certs = index->certs + (keys - index->keys);
        while (n_before < n && !bytes_equal(value_of(certs[n_before]->cert), wanted))
                n_before++;
        while (n_before + *out_n < n &&
               bytes_equal(value_of(certs[n_before + *out_n]->cert), wanted))
                ++*out_n;
        return *out_n > 0 ? certs + n_before : NULL;
}

const struct snapshot_cert *const *snapshot_find_by_subject(const struct snapshot *snap,
                                                            const struct name *subject,
                                                            size_t *out_n)
{
        return find_in_index(&snap->by_subject, subject->canon, subject_of, out_n);
}

const struct snapshot_cert *const *snapshot_find_by_key_id(const struct snapshot *snap,
                                                           struct bytes key_id, size_t *out_n)
{
        return find_in_index(&snap->by_key_id, key_id, key_id_of, out_n);
}

const struct snapshot_crl *snapshot_find_crls(const struct snapshot *snap,
                                              const struct name *issuer, size_t *out_n)
{
        return find_equal(snap->crls, snap->n_crls, sizeof(*snap->crls), issuer, compare_crl_issuer,
                          out_n);
}

/*
 * The objects of the judged lists and the blocks, each once a list: a second file with the same content changes
 * nothing.
 */
int snapshot_hash(const struct snapshot *snap, uint8_t out[32])
{
        CLEANUP(buf_deinit) struct buf content = BUF_NULL;
        const struct entry *last = NULL;

        for (size_t i = 0; i < snap->n_entries; i++) {
                const struct entry *entry = snap->entries[i];

                if (entry->kind == ENTRY_BROKEN || entry->is_last_good ||
                    !role_is_judged(entry->role))
                        continue;
                if (last && last->kind == entry->kind && last->role == entry->role &&
                    memcmp(entry_sha256(last), entry_sha256(entry), 32) == 0)
                        continue;
                buf_add_byte(&content, entry->kind);
                buf_add_byte(&content, entry->role);
                buf_add(&content, entry_sha256(entry), 32);
                last = entry;
        }
        buf_add_text(&content, "settings");
        settings_write(snap->settings, &content);
        if (buf_error(&content))
                return -ENOMEM;

        return ossl_sha256((struct bytes){ content.data, content.n }, out);
}

bool snapshot_crl_is_last_good(const struct snapshot_crl *crl)
{
        for (size_t i = 0; i < crl->n_entries; i++)
                if (!crl->entries[i]->is_last_good)
                        return false;
        return true;
}
