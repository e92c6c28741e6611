/* SPDX-License-Identifier: Apache-2.0 */
#include "service/quota.h"

#include "base/clock.h"
#include "base/vec.h"
#include "proto/names.h"
#include "service/caller.h"
#include "service/catalog.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NS_PER_S INT64_C(1000000000)

enum scope {
        SCOPE_USER,
        SCOPE_CGROUP,
        SCOPE_N,
};

struct limit {
        size_t max;
        const char *name;
};

struct bucket {
        int64_t units, units_per_s;
};

static const struct bucket buckets[SCOPE_N] = {
        [SCOPE_USER] = { NAMES_USER_UNITS_MAX, NAMES_USER_UNITS_PER_S },
        [SCOPE_CGROUP] = { NAMES_CGROUP_UNITS_MAX, NAMES_CGROUP_UNITS_PER_S },
};

static const struct limit limits[SCOPE_N][QUOTA_KIND_N] = {
        [SCOPE_USER] = {
                [QUOTA_CONNECTIONS] = { NAMES_USER_CONNECTIONS_MAX, "2048 connections a user" },
                [QUOTA_CALLS] = { NAMES_USER_CALLS_MAX, "256 calls in flight a user" },
                [QUOTA_BYTES] = { NAMES_USER_BYTES_MAX, "16 MiB of unanswered calls a user" },
                [QUOTA_QUESTIONS] = { NAMES_USER_QUESTIONS_MAX, "16 questions to polkit a user" },
                [QUOTA_PEERS] = { NAMES_USER_PEERS_MAX, "20000 watched peers a user" },
        },
        [SCOPE_CGROUP] = {
                [QUOTA_CONNECTIONS] = { NAMES_CGROUP_CONNECTIONS_MAX,
                                        "1024 connections a control group" },
                [QUOTA_CALLS] = { NAMES_CGROUP_CALLS_MAX, "128 calls in flight a control group" },
                [QUOTA_BYTES] = { NAMES_CGROUP_BYTES_MAX,
                                  "8 MiB of unanswered calls a control group" },
                [QUOTA_QUESTIONS] = { NAMES_CGROUP_QUESTIONS_MAX,
                                      "8 questions to polkit a control group" },
                [QUOTA_PEERS] = { NAMES_CGROUP_PEERS_MAX, "10000 watched peers a control group" },
        },
};

/* What one user, or one control group, has. */
struct account {
        uid_t uid;
        char *cgroup; /* NULL: of a user */
        size_t n[QUOTA_KIND_N];
        int64_t spent_units; /* that the bucket has not got back by spent_ns */
        int64_t spent_ns;
        int64_t told_ns; /* that it was refused; 0: never */
};

/* In order, those of users first by number, then those of control groups by name. */
struct quota {
        const struct log *log; /* NULL: none */
        VEC(struct account) accounts;
        size_t n_sweep; /* at so many, those that nobody needs are forgotten */
        int64_t now_ns; /* as it was last told */
};

#define SWEEP_MIN     64
#define TELL_AGAIN_NS (60 * NS_PER_S)

int quota_new(struct quota **out)
{
        struct quota *quota = calloc(1, sizeof(*quota));

        if (!quota)
                return -ENOMEM;

        quota->n_sweep = SWEEP_MIN;
        *out = quota;
        return 0;
}

void quota_set_log(struct quota *quota, const struct log *log)
{
        quota->log = log;
}

struct quota *quota_free(struct quota *quota)
{
        if (!quota)
                return NULL;

        for (size_t i = 0; i < quota->accounts.n; i++)
                free(quota->accounts.items[i].cgroup);
        VEC_FREE(&quota->accounts);
        free(quota);
        return NULL;
}

/* -- accounts ----------------------------------------------------------------------------------- */

static int compare(const struct account *account, const struct caller *caller, enum scope scope)
{
        if (!account->cgroup != (scope == SCOPE_USER))
                return account->cgroup ? 1 : -1;
        if (scope == SCOPE_CGROUP)
                return strcmp(account->cgroup, caller->cgroup);

        return (account->uid > caller->uid) - (account->uid < caller->uid);
}

/* Return: its account, or where it would be. */
static size_t find_place(const struct quota *quota, const struct caller *caller, enum scope scope)
{
        size_t begin = 0, end = quota->accounts.n;

        while (begin < end) {
                size_t middle = begin + (end - begin) / 2;

                if (compare(&quota->accounts.items[middle], caller, scope) < 0)
                        begin = middle + 1;
                else
                        end = middle;
        }
        return begin;
}

static bool is_in_scope(const struct caller *caller, enum scope scope)
{
        return scope == SCOPE_USER || (caller->cgroup && caller->cgroup[0]);
}

static struct account *find(const struct quota *quota, const struct caller *caller,
                            enum scope scope)
{
        size_t i;

        if (!is_in_scope(caller, scope))
                return NULL;

        i = find_place(quota, caller, scope);
        return i < quota->accounts.n && compare(&quota->accounts.items[i], caller, scope) == 0
                       ? &quota->accounts.items[i]
                       : NULL;
}

/* What the bucket lacks at this moment. */
static int64_t lacking_units(const struct account *account, int64_t now_ns)
{
        const struct bucket *bucket = &buckets[account->cgroup ? SCOPE_CGROUP : SCOPE_USER];
        int64_t past_ns = now_ns - account->spent_ns;

        /* Longer than any bucket takes to fill, and no product overflows. */
        if (past_ns >= 60 * NS_PER_S)
                return 0;
        if (past_ns < 0)
                past_ns = 0;

        past_ns = past_ns * bucket->units_per_s / NS_PER_S;
        return account->spent_units > past_ns ? account->spent_units - past_ns : 0;
}

static bool is_needed(const struct account *account, int64_t now_ns)
{
        for (size_t i = 0; i < QUOTA_KIND_N; i++)
                if (account->n[i] > 0)
                        return true;
        return lacking_units(account, now_ns) > 0;
}

/* Before any account is looked for: one that was only just made would be forgotten, too. */
static void sweep(struct quota *quota)
{
        size_t n = 0;

        if (quota->accounts.n < quota->n_sweep)
                return;

        for (size_t i = 0; i < quota->accounts.n; i++) {
                struct account *account = &quota->accounts.items[i];

                if (is_needed(account, quota->now_ns))
                        quota->accounts.items[n++] = *account;
                else
                        free(account->cgroup);
        }
        quota->accounts.n = n;
        quota->n_sweep = n < SWEEP_MIN ? 2 * SWEEP_MIN : 2 * n;
}

/* Return: its account, a new one if there is none; NULL: no memory */
static struct account *find_or_make(struct quota *quota, const struct caller *caller,
                                    enum scope scope)
{
        struct account made = { .uid = caller->uid };
        struct account *found = find(quota, caller, scope);
        size_t i;

        if (found)
                return found;

        if (VEC_RESERVE(&quota->accounts, 1))
                return NULL;
        if (scope == SCOPE_CGROUP) {
                made.cgroup = strdup(caller->cgroup);
                if (!made.cgroup)
                        return NULL;
        }

        i = find_place(quota, caller, scope);
        found = &quota->accounts.items[i];
        memmove(found + 1, found, (quota->accounts.n - i) * sizeof(*found));
        *found = made;
        quota->accounts.n++;
        return found;
}

static void tell_of_refusal(const struct quota *quota, const struct caller *caller,
                            const char *limit)
{
        struct account *user = find(quota, caller, SCOPE_USER);
        int64_t now_ns = clock_monotonic_ns();

        if (user->told_ns && now_ns - user->told_ns < TELL_AGAIN_NS)
                return;

        user->told_ns = now_ns;
        catalog_tell(quota->log, CATALOG_QUOTA_EXCEEDED, NULL,
                     "user %u, process %d: further ones are refused: %s", (unsigned int)caller->uid,
                     (int)caller->pid, limit);
}

/* -- what is counted ---------------------------------------------------------------------------- */

int quota_take(struct quota *quota, const struct caller *caller, enum quota_kind kind, size_t n,
               const char **out_limit)
{
        sweep(quota);
        for (enum scope scope = 0; scope < SCOPE_N; scope++) {
                const struct limit *limit = &limits[scope][kind];
                const struct account *account;

                if (!is_in_scope(caller, scope))
                        continue;

                account = find_or_make(quota, caller, scope);
                if (!account)
                        return -ENOMEM;
                if (n > limit->max || account->n[kind] > limit->max - n) {
                        if (out_limit) {
                                *out_limit = limit->name;
                                tell_of_refusal(quota, caller, limit->name);
                        }
                        return QUOTA_E_EXCEEDED;
                }
        }

        /* Both are there, though one may have moved. */
        for (enum scope scope = 0; scope < SCOPE_N; scope++) {
                struct account *account = find(quota, caller, scope);

                if (account)
                        account->n[kind] += n;
        }
        return 0;
}

void quota_give(struct quota *quota, const struct caller *caller, enum quota_kind kind, size_t n)
{
        for (enum scope scope = 0; scope < SCOPE_N; scope++) {
                struct account *account = find(quota, caller, scope);

                assert(account ? account->n[kind] >= n : !is_in_scope(caller, scope));
                if (account)
                        account->n[kind] -= n;
        }
}

size_t quota_count(const struct quota *quota, uid_t uid, enum quota_kind kind)
{
        const struct caller caller = { .uid = uid };
        const struct account *account = find(quota, &caller, SCOPE_USER);

        return account ? account->n[kind] : 0;
}

/* -- the loop's time ---------------------------------------------------------------------------- */

bool quota_has_units(const struct quota *quota, const struct caller *caller, int64_t now_ns)
{
        for (enum scope scope = 0; scope < SCOPE_N; scope++) {
                const struct account *account = find(quota, caller, scope);

                if (account && lacking_units(account, now_ns) >= buckets[scope].units)
                        return false;
        }
        return true;
}

void quota_spend(struct quota *quota, const struct caller *caller, unsigned int units,
                 int64_t now_ns)
{
        quota->now_ns = now_ns;
        sweep(quota);
        for (enum scope scope = 0; scope < SCOPE_N; scope++) {
                struct account *account =
                        is_in_scope(caller, scope) ? find_or_make(quota, caller, scope) : NULL;

                if (!account)
                        continue;
                account->spent_units = lacking_units(account, now_ns) + units;
                account->spent_ns = now_ns;
        }
}
