/* SPDX-License-Identifier: Apache-2.0 */
#include "service/caller.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int caller_new(const struct caller *from, struct caller **out)
{
        size_t n_bytes = from->n_groups * sizeof(*from->groups);
        struct caller *caller;
        gid_t *groups;

        caller = malloc(sizeof(*caller) + n_bytes);
        if (!caller)
                return -ENOMEM;

        groups = (gid_t *)(caller + 1);
        if (n_bytes > 0)
                memcpy(groups, from->groups, n_bytes);

        *caller = *from;
        caller->ref = (struct ref)REF_INIT;
        caller->groups = groups;
        *out = caller;
        return 0;
}

struct caller *caller_ref(const struct caller *caller)
{
        struct caller *counted = (struct caller *)caller;

        ref_get(&counted->ref);
        return counted;
}

struct caller *caller_unref(struct caller *caller)
{
        if (caller && ref_put(&caller->ref))
                free(caller);
        return NULL;
}

bool caller_has_rights_of(const struct caller *a, const struct caller *b)
{
        return a == b || (a->door == b->door && a->uid == b->uid && a->gid == b->gid &&
                          a->n_groups == b->n_groups &&
                          (a->n_groups == 0 ||
                           memcmp(a->groups, b->groups, a->n_groups * sizeof(*a->groups)) == 0));
}
