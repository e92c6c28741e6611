/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/resort.h"

#include "proto/compiler.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* A set of pointers: open addressing, at most half full. The lowest bit says that one was met. */
struct set {
        uintptr_t *slots;
        size_t mask;
};

#define MET ((uintptr_t)1)

/* The slot of @item, or the free one where it would be. */
static uintptr_t *set_find(const struct set *set, const void *item)
{
        uint64_t hash = (uint64_t)(uintptr_t)item * UINT64_C(0x9e3779b97f4a7c15);
        size_t i = (size_t)(hash >> 32) & set->mask;

        while (set->slots[i] && (set->slots[i] & ~MET) != (uintptr_t)item)
                i = (i + 1) & set->mask;
        return &set->slots[i];
}

static int set_init(struct set *set, const void *const *items, size_t n)
{
        size_t n_slots = 16;

        while (n_slots < 2 * n)
                n_slots *= 2;

        set->slots = calloc(n_slots, sizeof(*set->slots));
        if (!set->slots)
                return -ENOMEM;

        set->mask = n_slots - 1;
        for (size_t i = 0; i < n; i++)
                *set_find(set, items[i]) = (uintptr_t)items[i];
        return 0;
}

/* Those of @known that are in @set, which then are met; Return: how many */
static size_t keep_known(const struct set *set, const void *const *known, size_t n_known,
                         const void **out)
{
        size_t n = 0;

        for (size_t i = 0; i < n_known; i++) {
                uintptr_t *slot = set_find(set, known[i]);

                if (*slot == (uintptr_t)known[i]) {
                        *slot |= MET;
                        out[n++] = known[i];
                }
        }
        return n;
}

/* Those of @set that were not met; Return: how many */
static size_t collect_fresh(const struct set *set, const void **out)
{
        size_t n = 0;

        for (size_t i = 0; i <= set->mask; i++)
                if (set->slots[i] && !(set->slots[i] & MET))
                        out[n++] = (const void *)set->slots[i];
        return n;
}

int resort_pointers(const void **items, size_t n, const void *const *known, size_t n_known,
                    const struct resort_order *order)
{
        CLEANUP(freep) const void **kept = malloc((n + 1) * sizeof(*kept));
        CLEANUP(freep) const void **fresh = malloc((n + 1) * sizeof(*fresh));
        CLEANUP(freep) size_t *places = malloc((n + 1) * sizeof(*places));
        struct set set;
        size_t n_kept, n_fresh;
        int r;

        if (n == 0)
                return 0;
        if (n_known == 0)
                return sort_pointers(items, n, order->key, order->compare, NULL);
        if (!kept || !fresh || !places || set_init(&set, items, n))
                return -ENOMEM;

        n_kept = keep_known(&set, known, n_known, kept);
        n_fresh = collect_fresh(&set, fresh);
        free(set.slots);
        assert(n_kept + n_fresh == n);
        r = sort_pointers(fresh, n_fresh, order->key, order->compare, NULL);
        if (r)
                return r;

        resort_find_places(kept, n_kept, fresh, n_fresh, order, places);
        resort_weave(kept, n_kept, fresh, n_fresh, places, sizeof(*items), items);
        return 0;
}

static bool is_before(const void *a, const void *b, const struct resort_order *order)
{
        uint64_t of_a = order->key(a), of_b = order->key(b);

        return of_a != of_b ? of_a < of_b : order->compare(a, b) < 0;
}

void resort_find_places(const void *const *kept, size_t n_kept, const void *const *fresh,
                        size_t n_fresh, const struct resort_order *order, size_t *out)
{
        for (size_t i = 0; i < n_fresh; i++) {
                size_t low = i > 0 ? out[i - 1] : 0, high = n_kept;

                while (low < high) {
                        size_t middle = low + (high - low) / 2;

                        if (is_before(kept[middle], fresh[i], order))
                                low = middle + 1;
                        else
                                high = middle;
                }
                out[i] = low;
        }
}

void resort_weave(const void *kept, size_t n_kept, const void *fresh, size_t n_fresh,
                  const size_t *places, size_t item_bytes, void *out)
{
        const char *from = kept, *new = fresh;
        char *to = out;
        size_t done = 0;

        for (size_t i = 0; i <= n_fresh; i++) {
                size_t end = i < n_fresh ? places[i] : n_kept;

                memcpy(to + (done + i) * item_bytes, from + done * item_bytes,
                       (end - done) * item_bytes);
                if (i < n_fresh)
                        memcpy(to + (end + i) * item_bytes, new + i *item_bytes, item_bytes);
                done = end;
        }
}
