/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/resort.h"

#include "proto/compiler.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

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

/* @known but for what stands at @places, which are in order. */
static size_t leave_out(const void *const *known, size_t n_known, const size_t *places, size_t n,
                        const void **out)
{
        size_t done = 0, n_out = 0;

        for (size_t i = 0; i <= n; i++) {
                size_t end = i < n ? places[i] : n_known;

                if (end > done)
                        memcpy(out + n_out, known + done, (end - done) * sizeof(*out));
                n_out += end - done;
                done = end + 1;
        }
        return n_out;
}

int resort_exchange(const void *const *known, size_t n_known,
                    const struct resort_exchange *exchange, const struct resort_order *order,
                    const void **out)
{
        size_t n_gone = exchange->n_gone, n_fresh = exchange->n_fresh, n_kept;
        CLEANUP(freep) const void **kept = malloc((n_known + 1) * sizeof(*kept));
        CLEANUP(freep) size_t *places = malloc((n_gone + n_fresh + 1) * sizeof(*places));
        int r;

        if (!kept || !places)
                return -ENOMEM;

        r = sort_pointers(exchange->gone, n_gone, order->key, order->compare, NULL);
        if (!r)
                r = sort_pointers(exchange->fresh, n_fresh, order->key, order->compare, NULL);
        if (r)
                return r;

        resort_find_places(known, n_known, exchange->gone, n_gone, order, places);
        n_kept = leave_out(known, n_known, places, n_gone, kept);
        assert(n_kept + n_gone == n_known);
        resort_find_places(kept, n_kept, exchange->fresh, n_fresh, order, places);
        resort_weave(kept, n_kept, exchange->fresh, n_fresh, places, sizeof(*out), out);
        return 0;
}
