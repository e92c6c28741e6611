/* SPDX-License-Identifier: Apache-2.0 */
#include "front/turns.h"

#include "base/clock.h"
#include "harness/test.h"
#include "loop/loop.h"
#include "loop/timer.h"
#include "service/caller.h"

#include <stdio.h>
#include <string.h>

#define MEMBERS_MAX 300
#define TAKES_NS    INT64_C(100000)
#define ROUND_NS    (40 * TAKES_NS)

struct member {
        const char *name;
        struct turn *turn;
        bool wants_more;     /* waits again each time */
        struct member *ends; /* leaves with the member's turn */
        size_t n;
};

static struct scene {
        struct loop *loop;
        struct loop_timer *guard;
        struct turns *turns;
        struct member members[MEMBERS_MAX];
        size_t n;
        char order[256];
        int64_t now_ns; /* what a turn takes passes here and nowhere else */
} scene;

int64_t clock_monotonic_ns(void)
{
        return scene.now_ns;
}

/* Again and again: due before the loop polls, a single one would let it wait for ever. */
static void on_guard(struct loop_timer *timer, void *userdata)
{
        (void)userdata;
        loop_timer_start(timer, 1);
}

static int set_up(void **state)
{
        (void)state;
        scene = (struct scene){ .now_ns = 1 };
        assert_int_equal(loop_new(&scene.loop), 0);
        assert_int_equal(loop_timer_new(scene.loop, on_guard, NULL, &scene.guard), 0);
        assert_int_equal(turns_new(scene.loop, &scene.turns), 0);
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        for (size_t i = 0; i < scene.n; i++)
                turns_leave(scene.members[i].turn);
        turns_free(scene.turns);
        loop_timer_free(scene.guard);
        loop_free(scene.loop);
        return 0;
}

static void on_turn(void *userdata)
{
        struct member *member = userdata;
        size_t n = strlen(scene.order);

        assert_false(turns_is_waiting(member->turn));
        member->n++;
        snprintf(scene.order + n, sizeof(scene.order) - n, "%s ", member->name);
        scene.now_ns += TAKES_NS;
        if (member->ends)
                member->ends->turn = turns_leave(member->ends->turn);
        if (member->wants_more)
                turns_wait(member->turn);
}

/* One round of the loop, and no waiting for more than 20 ms. */
static void go_round(void)
{
        loop_timer_start(scene.guard, 20);
        loop_run_once(scene.loop);
}

static struct member *join(const char *name, uid_t uid, const char *cgroup)
{
        const struct caller caller = { .uid = uid, .cgroup = cgroup };
        struct member *member = &scene.members[scene.n++];

        *member = (struct member){ .name = name };
        assert_int_equal(turns_join(scene.turns, &caller, on_turn, member, &member->turn), 0);
        return member;
}

static struct member *join_and_wait(const char *name, uid_t uid, const char *cgroup)
{
        struct member *member = join(name, uid, cgroup);

        turns_wait(member->turn);
        return member;
}

static void with_time_for_all_everybody_goes_on_at_once(void **state)
{
        struct member *a = join("a", 1, NULL), *b = join("b", 2, NULL);

        (void)state;
        assert_true(turns_may_begin(a->turn));
        assert_true(turns_may_begin(b->turn));
        turns_wait(a->turn);
        assert_false(turns_may_begin(b->turn));
        go_round();
        assert_string_equal(scene.order, "a ");
        assert_true(turns_may_begin(b->turn));
}

static void a_round_that_took_long_is_over(void **state)
{
        struct member *a = join("a", 1, NULL), *b = join("b", 1, NULL);

        (void)state;
        assert_true(turns_may_begin(a->turn));
        scene.now_ns += ROUND_NS - 1;
        assert_true(turns_may_begin(b->turn));
        scene.now_ns += 1;
        assert_false(turns_may_begin(b->turn));
        turns_wait(b->turn);
        go_round();
        assert_string_equal(scene.order, "b ");
        assert_true(turns_may_begin(a->turn));
}

static void a_round_has_turns_for_so_long(void **state)
{
        (void)state;
        for (int i = 0; i < 50; i++)
                join_and_wait("f", 1, NULL);
        go_round();
        assert_int_equal(strlen(scene.order), 40 * strlen("f "));
        go_round();
        assert_int_equal(strlen(scene.order), 50 * strlen("f "));
}

static void users_then_control_groups_then_connections_take_turns(void **state)
{
        (void)state;
        join_and_wait("x1", 1, "/x");
        join_and_wait("x2", 1, "/x");
        join_and_wait("x3", 1, "/x");
        join_and_wait("y1", 1, "/y");
        join_and_wait("y2", 1, "/y");
        join_and_wait("z1", 2, "/x");
        join_and_wait("u1", 3, NULL);
        join_and_wait("u2", 3, "");
        go_round();
        assert_string_equal(scene.order, "x1 z1 u1 y1 u2 x2 y2 x3 ");
}

/* Counted in turns: however many connections the flood has, others wait for one. */
static void a_flood_of_one_user_costs_others_one_turn(void **state)
{
        struct member *polite, *sibling;

        (void)state;
        for (int i = 0; i < 200; i++)
                join_and_wait("f", 1, "/flood")->wants_more = true;
        polite = join("P", 2, "/polite");
        sibling = join("S", 1, "/sibling");

        for (int i = 0; i < 20; i++) {
                scene.order[0] = '\0';
                turns_wait(polite->turn);
                turns_wait(sibling->turn);
                while (turns_is_waiting(polite->turn) || turns_is_waiting(sibling->turn))
                        go_round();
                if (!strstr(scene.order, "P") ||
                    strstr(scene.order, "P") - scene.order > (ptrdiff_t)strlen("f "))
                        fail_msg("others went before: %.40s", scene.order);
                if (strstr(scene.order, "S") - scene.order > (ptrdiff_t)strlen("f P f "))
                        fail_msg("its sibling went before: %.40s", scene.order);
        }
}

static void nobody_of_a_flood_is_forgotten(void **state)
{
        size_t least = SIZE_MAX, most = 0;

        (void)state;
        for (int i = 0; i < 50; i++)
                join_and_wait("f", 1, NULL)->wants_more = true;
        while (scene.members[0].n < 10)
                go_round();
        for (size_t i = 0; i < scene.n; i++) {
                least = scene.members[i].n < least ? scene.members[i].n : least;
                most = scene.members[i].n > most ? scene.members[i].n : most;
        }
        assert_true(least > 0);
        assert_true(most - least <= 1);
}

static void who_leaves_waits_no_more(void **state)
{
        struct member *a = join_and_wait("a", 1, NULL), *b = join_and_wait("b", 1, NULL);
        struct member *c = join_and_wait("c", 2, NULL), *d = join_and_wait("d", 2, NULL);

        (void)state;
        turns_wait(a->turn);
        b->turn = turns_leave(b->turn);
        a->ends = a; /* itself, in its own turn */
        c->ends = d;
        go_round();
        assert_string_equal(scene.order, "a c ");
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(with_time_for_all_everybody_goes_on_at_once),
                TEST(a_round_that_took_long_is_over),
                TEST(a_round_has_turns_for_so_long),
                TEST(users_then_control_groups_then_connections_take_turns),
                TEST(a_flood_of_one_user_costs_others_one_turn),
                TEST(nobody_of_a_flood_is_forgotten),
                TEST(who_leaves_waits_no_more),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
