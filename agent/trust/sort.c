/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/sort.h"

#include "proto/compiler.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct row {
        uint64_t key;
        const void *item;
};

static int compare_rows(const void *left, const void *right, void *userdata)
{
        const struct row *a = left, *b = right;
        sort_compare_fn *compare = userdata;

        if (a->key != b->key)
                return a->key < b->key ? -1 : 1;
        return (*compare)(a->item, b->item);
}

int sort_pointers(const void **items, size_t n, sort_key_fn key, sort_compare_fn compare,
                  uint64_t *out_keys)
{
        CLEANUP(freep) struct row *rows = malloc((n + 1) * sizeof(*rows));

        if (!rows)
                return -ENOMEM;

        for (size_t i = 0; i < n; i++)
                rows[i] = (struct row){ key(items[i]), items[i] };
        qsort_r(rows, n, sizeof(*rows), compare_rows, &compare);

        for (size_t i = 0; i < n; i++) {
                items[i] = rows[i].item;
                if (out_keys)
                        out_keys[i] = rows[i].key;
        }
        return 0;
}

uint64_t sort_prefix(const uint8_t *data)
{
        uint64_t key = 0;

        for (int i = 0; i < 8; i++)
                key = key << 8 | data[i];
        return key;
}

/* Eight bytes a step: multiply by an odd constant, fold the upper half down. */
uint64_t sort_hash(const uint8_t *data, size_t n)
{
        uint64_t hash = n;

        while (n > 0) {
                size_t n_step = n < 8 ? n : 8;
                uint64_t step = 0;

                memcpy(&step, data, n_step);
                hash = (hash ^ step) * UINT64_C(0x9e3779b97f4a7c15);
                hash ^= hash >> 32;
                data += n_step;
                n -= n_step;
        }
        return hash;
}
