/* SPDX-License-Identifier: Apache-2.0 */
#include "app/updates.h"

#include "proto/names.h"
#include "store/update_request.h"

#include <errno.h>
#include <string.h>

int updates_add(struct updates *updates, const struct updates_item *item)
{
        struct updates_item copy = *item;
        int r;

        if (updates->items.n >= NAMES_UPDATES_WAITING_MAX)
                return -EBUSY;

        r = VEC_PUSH(&updates->items, copy);
        if (!r)
                update_request_ref(item->request);
        return r;
}

const struct update_request *updates_first(const struct updates *updates)
{
        return updates->items.n > 0 ? updates->items.items[0].request : NULL;
}

void updates_end(struct updates *updates, const struct update_outcome *outcome, int r)
{
        struct updates_item first = updates->items.items[0];

        updates->items.n--;
        memmove(updates->items.items, updates->items.items + 1,
                updates->items.n * sizeof(*updates->items.items));
        first.done(outcome, r, first.userdata);
        update_request_unref((struct update_request *)first.request);
}

void updates_deinit(struct updates *updates)
{
        while (updates->items.n > 0)
                updates_end(updates, NULL, -ECANCELED);
        VEC_FREE(&updates->items);
}
