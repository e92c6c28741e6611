/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/snapshot.h"

#include "pki/cert.h"
#include "pki/crl.h"
#include "trust/entry.h"
#include "trust/settings.h"

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

        for (size_t i = 0; i < snap->n_entries; i++)
                entry_unref((struct entry *)snap->entries[i]);
        settings_unref((struct settings *)snap->settings);

        free((void *)snap->entries);
        free((void *)snap->certs);
        free((void *)snap->by_subject);
        free((void *)snap->by_key_id);
        free((void *)snap->crls);
        free((void *)snap->blocks);
        free(snap);
        return NULL;
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

static int compare_sha256(const void *item, const void *key)
{
        const struct snapshot_cert *cert = item;

        return memcmp(cert->cert->sha256, key, 32);
}

static int compare_block(const void *item, const void *key)
{
        return memcmp(item, key, 32);
}

static int compare_subject(const void *item, const void *key)
{
        const struct snapshot_cert *const *cert = item;

        return name_compare(&(*cert)->cert->subject, key);
}

static int compare_key_id(const void *item, const void *key)
{
        const struct snapshot_cert *const *cert = item;

        return bytes_compare((*cert)->cert->subject_key_id, *(const struct bytes *)key);
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
        size_t n;

        return find_equal(snap->blocks, snap->n_blocks, sizeof(*snap->blocks), cert->sha256,
                          compare_block, &n);
}

const struct snapshot_cert *const *snapshot_find_by_subject(const struct snapshot *snap,
                                                            const struct name *subject,
                                                            size_t *out_n)
{
        return find_equal(snap->by_subject, snap->n_by_subject, sizeof(*snap->by_subject), subject,
                          compare_subject, out_n);
}

const struct snapshot_cert *const *snapshot_find_by_key_id(const struct snapshot *snap,
                                                           struct bytes key_id, size_t *out_n)
{
        return find_equal(snap->by_key_id, snap->n_by_key_id, sizeof(*snap->by_key_id), &key_id,
                          compare_key_id, out_n);
}

const struct snapshot_crl *snapshot_find_crls(const struct snapshot *snap,
                                              const struct name *issuer, size_t *out_n)
{
        return find_equal(snap->crls, snap->n_crls, sizeof(*snap->crls), issuer, compare_crl_issuer,
                          out_n);
}
