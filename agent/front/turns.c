/* SPDX-License-Identifier: Apache-2.0 */
#include "front/turns.h"

#include "base/clock.h"
#include "loop/prepare.h"
#include "loop/timer.h"
#include "service/caller.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#define ROUND_NS INT64_C(4000000) /* so long turns are given before the kernel is asked anew */

/* Those of one control group. */
struct group {
        struct user *user;
        char *cgroup;
        size_t n; /* > 0 */
        struct turn *first, **end;
        struct group *next;         /* of its user's */
        struct group *next_waiting; /* after it in the user's ring; NULL: none of it waits */
};

struct user {
        uid_t uid;
        struct group *groups;
        struct group *last_waiting; /* the ring's last, its next is the first; NULL: none waits */
        struct user *next;
        struct user *next_waiting;
};

struct turns {
        struct loop_prepare *prepare;
        struct loop_timer *timer; /* runs while somebody waits: then the loop must not */
        struct user *users;
        struct user *last_waiting;
        int64_t begin_ns; /* of what was begun at once in this round of the loop; 0: nothing */
};

struct turn {
        struct turns *turns;
        struct group *group;
        turns_fn fn;
        void *userdata;
        bool is_waiting;
        struct turn *next;
};

/* -- rings of those who wait -------------------------------------------------------------------- */

static void add_user(struct turns *turns, struct user *user)
{
        struct user *last = turns->last_waiting;

        user->next_waiting = last ? last->next_waiting : user;
        if (last)
                last->next_waiting = user;
        turns->last_waiting = user;
}

static void add_group(struct user *user, struct group *group)
{
        struct group *last = user->last_waiting;

        group->next_waiting = last ? last->next_waiting : group;
        if (last)
                last->next_waiting = group;
        user->last_waiting = group;
}

static void remove_user(struct turns *turns, struct user *user)
{
        struct user *before = turns->last_waiting;

        while (before->next_waiting != user)
                before = before->next_waiting;
        before->next_waiting = user->next_waiting;
        if (turns->last_waiting == user)
                turns->last_waiting = before == user ? NULL : before;
        user->next_waiting = NULL;
}

static void remove_group(struct user *user, struct group *group)
{
        struct group *before = user->last_waiting;

        while (before->next_waiting != group)
                before = before->next_waiting;
        before->next_waiting = group->next_waiting;
        if (user->last_waiting == group)
                user->last_waiting = before == group ? NULL : before;
        group->next_waiting = NULL;
}

static void remove_turn(struct turn *turn)
{
        struct group *group = turn->group;
        struct turn **at = &group->first;

        while (*at != turn)
                at = &(*at)->next;
        *at = turn->next;
        if (!turn->next)
                group->end = at;
        turn->is_waiting = false;

        if (group->first)
                return;
        remove_group(group->user, group);
        if (!group->user->last_waiting)
                remove_user(turn->turns, group->user);
}

/* The next one in order; he and those before him in it go to the end. */
static struct turn *take_next(struct turns *turns)
{
        struct user *user = turns->last_waiting->next_waiting;
        struct group *group = user->last_waiting->next_waiting;
        struct turn *turn = group->first;

        turns->last_waiting = user;
        user->last_waiting = group;
        remove_turn(turn);
        return turn;
}

/* -- rounds ------------------------------------------------------------------------------------- */

static void on_prepare(struct loop_prepare *prepare, void *userdata)
{
        struct turns *turns = userdata;
        int64_t begin_ns;

        (void)prepare;
        turns->begin_ns = 0;
        if (!turns->last_waiting)
                return;

        begin_ns = clock_monotonic_ns();
        do {
                struct turn *turn = take_next(turns);

                turn->fn(turn->userdata);
        } while (turns->last_waiting && clock_monotonic_ns() - begin_ns < ROUND_NS);

        if (turns->last_waiting)
                loop_timer_start(turns->timer, 0);
}

static void on_timer(struct loop_timer *timer, void *userdata)
{
        (void)timer;
        (void)userdata;
}

bool turns_may_begin(struct turn *turn)
{
        struct turns *turns = turn->turns;
        int64_t now_ns;

        if (turns->last_waiting)
                return false;

        now_ns = clock_monotonic_ns();
        if (turns->begin_ns == 0)
                turns->begin_ns = now_ns;
        return now_ns - turns->begin_ns < ROUND_NS;
}

void turns_wait(struct turn *turn)
{
        struct group *group = turn->group;

        if (turn->is_waiting)
                return;

        if (!group->first) {
                if (!group->user->last_waiting)
                        add_user(turn->turns, group->user);
                add_group(group->user, group);
                group->end = &group->first;
        }
        turn->is_waiting = true;
        turn->next = NULL;
        *group->end = turn;
        group->end = &turn->next;
}

bool turns_is_waiting(const struct turn *turn)
{
        return turn->is_waiting;
}

/* -- life --------------------------------------------------------------------------------------- */

int turns_new(struct loop *loop, struct turns **out)
{
        CLEANUP(turns_freep) struct turns *turns = calloc(1, sizeof(*turns));
        int r;

        if (!turns)
                return -ENOMEM;

        r = loop_timer_new(loop, on_timer, turns, &turns->timer);
        if (!r)
                r = loop_prepare_new(loop, on_prepare, turns, &turns->prepare);
        if (r)
                return r;

        *out = TAKE(turns);
        return 0;
}

struct turns *turns_free(struct turns *turns)
{
        if (!turns)
                return NULL;

        assert(!turns->users);
        loop_prepare_free(turns->prepare);
        loop_timer_free(turns->timer);
        free(turns);
        return NULL;
}

static struct user *find_or_make_user(struct turns *turns, uid_t uid)
{
        struct user *user = turns->users;

        while (user && user->uid != uid)
                user = user->next;
        if (user)
                return user;

        user = calloc(1, sizeof(*user));
        if (!user)
                return NULL;

        user->uid = uid;
        user->next = turns->users;
        turns->users = user;
        return user;
}

static struct group *find_or_make_group(struct user *user, const char *cgroup)
{
        struct group *group = user->groups;

        while (group && strcmp(group->cgroup, cgroup) != 0)
                group = group->next;
        if (group)
                return group;

        group = calloc(1, sizeof(*group));
        if (!group)
                return NULL;

        group->cgroup = strdup(cgroup);
        if (!group->cgroup) {
                free(group);
                return NULL;
        }

        group->user = user;
        group->next = user->groups;
        user->groups = group;
        return group;
}

static void forget_empty(struct turns *turns, struct user *user)
{
        struct group **group = &user->groups;
        struct user **at = &turns->users;

        while (*group) {
                struct group *empty = *group;

                if (empty->n > 0) {
                        group = &empty->next;
                        continue;
                }
                *group = empty->next;
                free(empty->cgroup);
                free(empty);
        }
        if (user->groups)
                return;

        while (*at != user)
                at = &(*at)->next;
        *at = user->next;
        free(user);
}

int turns_join(struct turns *turns, const struct caller *caller, turns_fn fn, void *userdata,
               struct turn **out)
{
        struct turn *turn = malloc(sizeof(*turn));
        struct user *user = find_or_make_user(turns, caller->uid);
        struct group *group =
                user ? find_or_make_group(user, caller->cgroup ? caller->cgroup : "") : NULL;

        if (!turn || !group) {
                free(turn);
                if (user)
                        forget_empty(turns, user);
                return -ENOMEM;
        }

        *turn = (struct turn){ .turns = turns, .group = group, .fn = fn, .userdata = userdata };
        group->n++;
        *out = turn;
        return 0;
}

struct turn *turns_leave(struct turn *turn)
{
        struct group *group;

        if (!turn)
                return NULL;

        group = turn->group;
        if (turn->is_waiting)
                remove_turn(turn);
        if (--group->n == 0)
                forget_empty(turn->turns, group->user);
        free(turn);
        return NULL;
}
