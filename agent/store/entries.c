/* SPDX-License-Identifier: Apache-2.0 */
#include "store/entries.h"

#include "trust/entry.h"

int entries_add(struct entries *entries, struct entry *entry)
{
        int r = VEC_PUSH(&entries->list, entry);

        if (r < 0)
                entry_unref(entry);
        return r;
}

int entries_add_all(struct entries *entries, const struct entries *from)
{
        int r = VEC_RESERVE(&entries->list, from->list.n);

        for (size_t i = 0; !r && i < from->list.n; i++)
                r = entries_add(entries, entry_ref(from->list.items[i]));
        return r;
}

const struct entry *entries_find_broken(const struct entries *entries)
{
        for (size_t i = 0; i < entries->list.n; i++) {
                if (entries->list.items[i]->kind == ENTRY_BROKEN)
                        return entries->list.items[i];
        }
        return NULL;
}

void entries_deinit(struct entries *entries)
{
        for (size_t i = 0; i < entries->list.n; i++)
                entry_unref(entries->list.items[i]);
        VEC_FREE(&entries->list);
}
