/* SPDX-License-Identifier: Apache-2.0 */
#include "service/listeners.h"

#include <assert.h>

void listeners_init(struct listeners *list)
{
        *list = (struct listeners){ .end = &list->first };
}

void listeners_add(struct listeners *list, struct listener *listener)
{
        *listener = (struct listener){ .list = list, .at = list->end };
        *list->end = listener;
        list->end = &listener->next;
        list->n++;
}

void listeners_remove(struct listener *listener)
{
        struct listeners *list = listener->list;

        if (!list)
                return;
        if (list->next_told == listener)
                list->next_told = listener->next;

        *listener->at = listener->next;
        if (listener->next)
                listener->next->at = listener->at;
        else
                list->end = listener->at;

        list->n--;
        *listener = (struct listener){ 0 };
}

struct listener *listeners_first(struct listeners *list)
{
        assert(!list->next_told);
        list->next_told = list->first;
        return listeners_next(list);
}

struct listener *listeners_next(struct listeners *list)
{
        struct listener *listener = list->next_told;

        if (listener)
                list->next_told = listener->next;
        return listener;
}
