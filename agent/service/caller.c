/* SPDX-License-Identifier: Apache-2.0 */
#include "service/caller.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *cgroup_of(const struct caller *caller)
{
        return caller->cgroup ? caller->cgroup : "";
}

int caller_new(const struct caller *from, struct caller **out)
{
        size_t n_group_bytes = from->n_groups * sizeof(*from->groups);
        size_t n_cgroup = strlen(cgroup_of(from)) + 1;
        struct caller *caller;
        gid_t *groups;
        char *cgroup;

        caller = malloc(sizeof(*caller) + n_group_bytes + n_cgroup);
        if (!caller)
                return -ENOMEM;

        groups = (gid_t *)(caller + 1);
        if (n_group_bytes > 0)
                memcpy(groups, from->groups, n_group_bytes);
        cgroup = (char *)groups + n_group_bytes;
        memcpy(cgroup, cgroup_of(from), n_cgroup);

        *caller = *from;
        caller->ref = (struct ref)REF_INIT;
        caller->groups = groups;
        caller->cgroup = cgroup;
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
                           memcmp(a->groups, b->groups, a->n_groups * sizeof(*a->groups)) == 0) &&
                          strcmp(cgroup_of(a), cgroup_of(b)) == 0);
}

bool caller_is_in_group(const struct caller *caller, gid_t group)
{
        if (caller->gid == group)
                return true;

        for (size_t i = 0; i < caller->n_groups; i++)
                if (caller->groups[i] == group)
                        return true;
        return false;
}

static bool ends_in(const char *text, size_t n, const char *end)
{
        size_t n_end = strlen(end);

        return n >= n_end && memcmp(text + n - n_end, end, n_end) == 0;
}

/*
 * Below its slices the manager makes one directory a unit, and only below that one do others make
 * their own. A name that the kernel uses itself wears a "_" before it.
 */
static const char *find_part(const struct caller *caller, size_t *out_n)
{
        const char *part = cgroup_of(caller);
        size_t n = 0;

        do {
                part += n;
                part += strspn(part, "/");
                n = strcspn(part, "/");
        } while (n > 0 && ends_in(part, n, ".slice"));

        if (n > 0 && part[0] == '_') {
                part++;
                n--;
        }
        *out_n = n;
        return part;
}

bool caller_is_of_unit(const struct caller *caller, const char *unit)
{
        size_t n;
        const char *part = find_part(caller, &n);

        return n > 0 && strlen(unit) == n && memcmp(part, unit, n) == 0;
}

const char *caller_find_unit(const struct caller *caller, size_t *out_n)
{
        const char *part = find_part(caller, out_n);

        return ends_in(part, *out_n, ".service") || ends_in(part, *out_n, ".scope") ? part : NULL;
}
