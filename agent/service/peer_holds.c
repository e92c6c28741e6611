/* SPDX-License-Identifier: Apache-2.0 */
#include "service/peer_holds.h"

/* Seconds are counted whole, and the one at hand has begun already. */
void peer_holds_begin(struct peer_holds *holds, size_t store, int64_t now_s, int64_t settle_ms)
{
        struct peer_hold hold = { store, now_s + (settle_ms + 999) / 1000 + 1 };

        if (!peer_holds_find(holds, store))
                VEC_PUSH(&holds->items, hold);
}

void peer_holds_end(struct peer_holds *holds, int64_t now_s)
{
        size_t n = 0;

        for (size_t i = 0; i < holds->items.n; i++)
                if (holds->items.items[i].until_s > now_s)
                        holds->items.items[n++] = holds->items.items[i];
        holds->items.n = n;
}

const struct peer_hold *peer_holds_find(const struct peer_holds *holds, size_t store)
{
        for (size_t i = 0; i < holds->items.n; i++)
                if (holds->items.items[i].store == store)
                        return &holds->items.items[i];
        return NULL;
}

int64_t peer_holds_due_s(const struct peer_holds *holds)
{
        int64_t due_s = INT64_MAX;

        for (size_t i = 0; i < holds->items.n; i++)
                if (holds->items.items[i].until_s < due_s)
                        due_s = holds->items.items[i].until_s;
        return due_s;
}

void peer_holds_deinit(struct peer_holds *holds)
{
        VEC_FREE(&holds->items);
}
