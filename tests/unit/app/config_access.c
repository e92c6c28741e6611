/* SPDX-License-Identifier: Apache-2.0 */
#include "app/config_access.h"

#include "harness/test.h"
#include "proto/schema.h"
#include "service/access.h"
#include "service/caller.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct access *make(void)
{
        struct access *access;

        assert_int_equal(access_new(&access), 0);
        return access;
}

/* A host has root, number 0, and a group of that name; and nobody, number 65534. */
static void a_list_holds_users_groups_and_units(void **state)
{
        static const gid_t ROOT[] = { 0 };
        static const struct {
                const char *value;
                struct caller caller;
                bool may_read;
        } rows[] = {
                { "nobody", { .uid = 65534, .gid = 1 }, true },
                { "nobody", { .uid = 65533, .gid = 1 }, false },
                { "nobody", { .uid = 0, .gid = 1 }, false },
                { " nobody ,root\t", { .uid = 0, .gid = 1 }, true },
                { "@root", { .uid = 1, .gid = 0 }, true },
                { "@root", { .uid = 1, .gid = 1, .groups = ROOT, .n_groups = 1 }, true },
                { "@root", { .uid = 0, .gid = 1 }, false },
                { "4294967294", { .uid = 4294967294, .gid = 1 }, true },
                { "1234,@5678", { .uid = 1, .gid = 5678 }, true },
                { "1234,@5678", { .uid = 5678, .gid = 1234 }, false },
                { "unit:a.service", { .uid = 1, .cgroup = "/system.slice/a.service" }, true },
                { "unit:a.service", { .uid = 1, .cgroup = "/system.slice/b.service" }, false },
                { "", { .uid = 0, .gid = 0 }, false },
                { " , ", { .uid = 0, .gid = 0 }, false },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                CLEANUP(access_unrefp) struct access *access = make();
                char *reason = NULL;

                assert_int_equal(config_access_set(access, "Readers", rows[i].value, &reason), 0);
                if (access_may_read(&rows[i].caller, access) != rows[i].may_read)
                        fail_msg("\"%s\": row %zu", rows[i].value, i);
        }
}

static void each_key_has_its_list(void **state)
{
        const struct caller nobody = { .door = CALLER_DOOR_BUS, .uid = 65534, .gid = 1 };
        static const struct {
                const char *key;
                bool others_read, others_record;
                enum access_decision changes;
        } rows[] = {
                { "Readers", false, true, ACCESS_ASK },
                { "Writers", true, true, ACCESS_ALLOW },
                { "Recorders", true, false, ACCESS_ASK },
        };
        const struct caller other = { .uid = 1 };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                CLEANUP(access_unrefp) struct access *access = make();
                char *reason = NULL;

                assert_int_equal(config_access_set(access, rows[i].key, "nobody", &reason), 0);
                assert_int_equal(access_may_read(&other, access), rows[i].others_read);
                assert_int_equal(access_may_record(&other, access), rows[i].others_record);
                assert_true(access_may_read(&nobody, access));
                assert_true(access_may_record(&nobody, access));
                assert_int_equal(access_decide(&nobody, SCHEMA_METHOD_ADMIN, access),
                                 rows[i].changes);
        }
}

static void what_nobody_knows_is_a_fault(void **state)
{
        static const struct {
                const char *key, *value, *reason;
        } rows[] = {
                { "Readers", "root no-such-user", "there is no user \"no-such-user\"" },
                { "Readers", "@no-such-group", "there is no group \"no-such-group\"" },
                { "Readers", "@", "there is no group \"\"" },
                { "Readers", "4294967295", "there is no user \"4294967295\"" },
                { "Readers", "99999999999", "there is no user \"99999999999\"" },
                { "Readers", "-1", "there is no user \"-1\"" },
                { "Readers", "unit:a",
                  "a unit has its full name, such as ua-server.service, unlike \"a\"" },
                { "Readers", "unit:a/b.service",
                  "a unit has its full name, such as ua-server.service, unlike \"a/b.service\"" },
                { "Writers", "unit:a.service", "a unit can be among the Readers= only" },
                { "Recorders", "unit:a.service", "a unit can be among the Readers= only" },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                CLEANUP(access_unrefp) struct access *access = make();
                CLEANUP(freep) char *reason = NULL;

                assert_int_equal(config_access_set(access, rows[i].key, rows[i].value, &reason),
                                 CONFIG_ACCESS_E_BAD_VALUE);
                assert_string_equal(reason, rows[i].reason);
        }
}

static void other_keys_are_others(void **state)
{
        CLEANUP(access_unrefp) struct access *access = make();
        char *reason = NULL;

        (void)state;
        assert_int_equal(config_access_set(access, "Reader", "root", &reason),
                         CONFIG_ACCESS_E_UNKNOWN_KEY);
        assert_true(access_is_equal(access, NULL));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_list_holds_users_groups_and_units),
                cmocka_unit_test(each_key_has_its_list),
                cmocka_unit_test(what_nobody_knows_is_a_fault),
                cmocka_unit_test(other_keys_are_others),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
