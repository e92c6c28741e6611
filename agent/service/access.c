/* SPDX-License-Identifier: Apache-2.0 */
#include "service/access.h"

#include "base/ref.h"
#include "base/vec.h"
#include "proto/schema.h"
#include "service/caller.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct list {
        bool is_set;
        VEC(uid_t) users;
        VEC(gid_t) groups;
        VEC(char *) units;
};

struct access {
        struct ref ref;
        struct list lists[ACCESS_LIST_N];
};

int access_new(struct access **out)
{
        struct access *access = calloc(1, sizeof(*access));

        if (!access)
                return -ENOMEM;

        access->ref = (struct ref)REF_INIT;
        *out = access;
        return 0;
}

struct access *access_ref(const struct access *access)
{
        struct access *counted = (struct access *)access;

        ref_get(&counted->ref);
        return counted;
}

struct access *access_unref(struct access *access)
{
        if (!access || !ref_put(&access->ref))
                return NULL;

        for (size_t i = 0; i < ACCESS_LIST_N; i++) {
                struct list *list = &access->lists[i];

                for (size_t j = 0; j < list->units.n; j++)
                        free(list->units.items[j]);
                VEC_FREE(&list->units);
                VEC_FREE(&list->users);
                VEC_FREE(&list->groups);
        }
        free(access);
        return NULL;
}

void access_set(struct access *access, enum access_list list)
{
        access->lists[list].is_set = true;
}

int access_add_user(struct access *access, enum access_list list, uid_t uid)
{
        access_set(access, list);
        return VEC_PUSH(&access->lists[list].users, uid);
}

int access_add_group(struct access *access, enum access_list list, gid_t gid)
{
        access_set(access, list);
        return VEC_PUSH(&access->lists[list].groups, gid);
}

int access_add_unit(struct access *access, enum access_list list, const char *unit)
{
        char *copy = strdup(unit);
        int r;

        access_set(access, list);
        r = copy ? VEC_PUSH(&access->lists[list].units, copy) : -ENOMEM;
        if (r)
                free(copy);
        return r;
}

static bool has_equal_units(const struct list *a, const struct list *b)
{
        if (a->units.n != b->units.n)
                return false;

        for (size_t i = 0; i < a->units.n; i++)
                if (strcmp(a->units.items[i], b->units.items[i]) != 0)
                        return false;
        return true;
}

static bool has_equal_numbers(const struct list *a, const struct list *b)
{
        return a->users.n == b->users.n && a->groups.n == b->groups.n &&
               (a->users.n == 0 || memcmp(a->users.items, b->users.items,
                                          a->users.n * sizeof(*a->users.items)) == 0) &&
               (a->groups.n == 0 || memcmp(a->groups.items, b->groups.items,
                                           a->groups.n * sizeof(*a->groups.items)) == 0);
}

bool access_is_equal(const struct access *a, const struct access *b)
{
        static const struct list NONE = { .is_set = false };

        for (size_t i = 0; i < ACCESS_LIST_N; i++) {
                const struct list *in_a = a ? &a->lists[i] : &NONE;
                const struct list *in_b = b ? &b->lists[i] : &NONE;

                if (in_a->is_set != in_b->is_set || !has_equal_numbers(in_a, in_b) ||
                    !has_equal_units(in_a, in_b))
                        return false;
        }
        return true;
}

static bool is_in(const struct caller *caller, const struct list *list)
{
        for (size_t i = 0; i < list->users.n; i++)
                if (list->users.items[i] == caller->uid)
                        return true;
        for (size_t i = 0; i < list->groups.n; i++)
                if (caller_is_in_group(caller, list->groups.items[i]))
                        return true;
        for (size_t i = 0; i < list->units.n; i++)
                if (caller_is_of_unit(caller, list->units.items[i]))
                        return true;
        return false;
}

static bool is_in_list(const struct caller *caller, const struct access *access,
                       enum access_list list)
{
        return access && is_in(caller, &access->lists[list]);
}

/* Mode and group of the admin socket have decided; on the bus root is the host's. */
static bool is_administrator(const struct caller *caller)
{
        return caller->door == CALLER_DOOR_ADMIN ||
               (caller->door == CALLER_DOOR_BUS && caller->uid == 0);
}

static enum access_decision decide_change(const struct caller *caller, const struct access *access)
{
        if (is_administrator(caller))
                return ACCESS_ALLOW;
        if (caller->door != CALLER_DOOR_BUS)
                return ACCESS_DENY;

        return is_in_list(caller, access, ACCESS_WRITERS) ? ACCESS_ALLOW : ACCESS_ASK;
}

enum access_decision access_decide(const struct caller *caller, unsigned int method_flags,
                                   const struct access *access)
{
        if (method_flags & SCHEMA_METHOD_ADMIN)
                return decide_change(caller, access);

        return access_may_read(caller, access) ? ACCESS_ALLOW : ACCESS_DENY;
}

bool access_may_read(const struct caller *caller, const struct access *access)
{
        return !access || !access->lists[ACCESS_READERS].is_set || is_administrator(caller) ||
               is_in_list(caller, access, ACCESS_READERS) ||
               is_in_list(caller, access, ACCESS_WRITERS);
}

bool access_may_record(const struct caller *caller, const struct access *access)
{
        return !access || !access->lists[ACCESS_RECORDERS].is_set ||
               is_in_list(caller, access, ACCESS_RECORDERS);
}
