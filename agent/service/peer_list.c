/* SPDX-License-Identifier: Apache-2.0 */
#include "service/peer_list.h"

#include "base/vec.h"
#include "engine/validate.h"
#include "engine/verdict.h"
#include "proto/status.h"
#include "service/peer_question.h"

#include <errno.h>
#include <stdlib.h>

struct item {
        struct peer_question *question;
        uid_t uid;
};

struct peer_list {
        struct terms terms;
        VEC(struct item) items;
};

int peer_list_new(int64_t now_s, int64_t at_least_s, struct peer_list **out)
{
        struct peer_list *list = calloc(1, sizeof(*list));

        if (!list)
                return -ENOMEM;

        list->terms = (struct terms){
                .now_s = now_s,
                .at_least_s = at_least_s > now_s ? at_least_s : now_s,
                .budget_units = VALIDATE_BUDGET_UNITS,
        };
        *out = list;
        return 0;
}

struct peer_list *peer_list_free(struct peer_list *list)
{
        if (!list)
                return NULL;

        for (size_t i = 0; i < list->items.n; i++)
                peer_question_unref(list->items.items[i].question);
        VEC_FREE(&list->items);
        free(list);
        return NULL;
}

int peer_list_add(struct peer_list *list, struct peer_question *question, uid_t uid)
{
        struct item item = { question, uid };
        int r = VEC_PUSH(&list->items, item);

        if (!r)
                peer_question_ref(question);
        return r;
}

/* Return: 0, or -ENOMEM; @out is counted on if it would fall. */
static int judge(const struct peer_list *list, const struct item *item, const struct snapshot *snap,
                 struct peer_fall *out, size_t *n)
{
        CLEANUP(verdict_deinit) struct verdict verdict = { 0 };
        enum cause cause;
        int r = peer_question_judge(item->question, snap, true, &list->terms, &verdict, &cause);

        if (r)
                return r < 0 ? r : 0;
        if (cause == CAUSE_GOOD)
                return 0;

        out[(*n)++] = (struct peer_fall){ item->question->key, item->question, item->uid,
                                          verdict.status, cause };
        return 0;
}

int peer_list_would_fall(const struct peer_list *list, const struct snapshot *hypothetical,
                         struct peer_fall **out, size_t *out_n)
{
        CLEANUP(freep) struct peer_fall *falls = calloc(list->items.n + 1, sizeof(*falls));
        size_t n = 0;
        int r = falls ? 0 : -ENOMEM;

        for (size_t i = 0; !r && i < list->items.n; i++)
                r = judge(list, &list->items.items[i], hypothetical, falls, &n);
        if (r)
                return r;

        *out = TAKE(falls);
        *out_n = n;
        return 0;
}
