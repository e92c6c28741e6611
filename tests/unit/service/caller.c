/* SPDX-License-Identifier: Apache-2.0 */
#include "service/caller.h"

#include "harness/test.h"

#include <string.h>

static const gid_t GROUPS[] = { 100, 200 };
static const struct caller USUAL = { .door = CALLER_DOOR_CLIENT,
                                     .uid = 1000,
                                     .gid = 1000,
                                     .groups = GROUPS,
                                     .n_groups = 2,
                                     .cgroup = "/system.slice/ua-server.service" };

static void a_copy_owns_all_that_it_points_to(void **state)
{
        CLEANUP(caller_unrefp) struct caller *caller = NULL;
        char cgroup[] = "/a";
        gid_t group = 7;

        (void)state;
        assert_int_equal(
                caller_new(&(struct caller){ .groups = &group, .n_groups = 1, .cgroup = cgroup },
                           &caller),
                0);
        group = 8;
        cgroup[1] = 'b';
        assert_int_equal(caller->groups[0], 7);
        assert_string_equal(caller->cgroup, "/a");
}

static void rights_are_those_of_door_user_groups_and_control_group(void **state)
{
        static const gid_t OTHERS[] = { 100, 201 };
        struct caller rows[] = { USUAL, USUAL, USUAL, USUAL, USUAL, USUAL };
        CLEANUP(caller_unrefp) struct caller *copy = NULL;

        (void)state;
        assert_int_equal(caller_new(&USUAL, &copy), 0);
        copy->pid = 77;
        assert_true(caller_has_rights_of(copy, &USUAL));

        rows[0].door = CALLER_DOOR_ADMIN;
        rows[1].uid++;
        rows[2].gid++;
        rows[3].groups = OTHERS;
        rows[4].n_groups = 1;
        rows[5].cgroup = NULL;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
                assert_false(caller_has_rights_of(&rows[i], &USUAL));
}

static void a_group_is_the_primary_one_or_another(void **state)
{
        (void)state;
        assert_true(caller_is_in_group(&USUAL, 1000));
        assert_true(caller_is_in_group(&USUAL, 200));
        assert_false(caller_is_in_group(&USUAL, 0));
}

static void a_unit_is_the_first_below_the_slices(void **state)
{
        static const struct {
                const char *cgroup, *unit;
                bool is;
        } rows[] = {
                { "/system.slice/ua.service", "ua.service", true },
                { "/system.slice/ua.service/inner", "ua.service", true },
                { "/system.slice/system-ua.slice/ua@1.service", "ua@1.service", true },
                { "/system.slice/docker-1f.scope", "docker-1f.scope", true },
                { "/init.scope", "init.scope", true },
                { "/system.slice/_cgroup.service", "cgroup.service", true },

                { "/system.slice/ua.service", "a.service", false },
                { "/system.slice/ua.service", "ua.service2", false },
                { "/system.slice/ua.service", "ua", false },
                { "/system.slice/other.service/ua.service", "ua.service", false },
                { "/user.slice/user-1.slice/user@1.service/app.slice/ua.service", "ua.service",
                  false },
                { "/user.slice/user-1.slice/user@1.service/app.slice/ua.service", "user@1.service",
                  true },
                { "/system.slice", "system.slice", false },
                { "/system.slice", "", false },
                { "/../../ua.service", "ua.service", false },
                { "/", "", false },
                { "", "", false },
                { NULL, "ua.service", false },
                { NULL, "", false },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                const struct caller caller = { .cgroup = rows[i].cgroup };

                if (caller_is_of_unit(&caller, rows[i].unit) != rows[i].is)
                        fail_msg("\"%s\" of \"%s\"", rows[i].cgroup, rows[i].unit);
        }
}

static void a_unit_is_found_where_there_is_one(void **state)
{
        static const struct {
                const char *cgroup, *unit;
        } rows[] = {
                { "/system.slice/ua.service", "ua.service" },
                { "/system.slice/system-ua.slice/ua@1.service/inner", "ua@1.service" },
                { "/user.slice/user-1.slice/session-3.scope", "session-3.scope" },
                { "/user.slice/user-1.slice/user@1.service/app.slice/ua.service",
                  "user@1.service" },
                { "/system.slice", NULL },
                { "/docker/0123", NULL },
                { "/", NULL },
                { NULL, NULL },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                const struct caller caller = { .cgroup = rows[i].cgroup };
                size_t n;
                const char *unit = caller_find_unit(&caller, &n);

                assert_int_equal(unit != NULL, rows[i].unit != NULL);
                if (unit) {
                        assert_int_equal(n, strlen(rows[i].unit));
                        assert_memory_equal(unit, rows[i].unit, n);
                }
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_copy_owns_all_that_it_points_to),
                cmocka_unit_test(rights_are_those_of_door_user_groups_and_control_group),
                cmocka_unit_test(a_group_is_the_primary_one_or_another),
                cmocka_unit_test(a_unit_is_the_first_below_the_slices),
                cmocka_unit_test(a_unit_is_found_where_there_is_one),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
