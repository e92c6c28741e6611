/* SPDX-License-Identifier: Apache-2.0 */
#include "service/access.h"

#include "harness/test.h"
#include "proto/schema.h"
#include "service/caller.h"

enum {
        READER = 1001,
        WRITER = 1002,
        RECORDER = 1003,
        SOMEBODY = 1009,

        READERS = 2001,
        WRITERS = 2002,
};

#define UNIT "ua-server.service"

/* Which of the lists are set: none, those of readers and writers, and writers' only. */
enum lists {
        NONE,
        BOTH,
        ONLY_WRITERS,
        EMPTY, /* Readers= that names nobody */
        N_LISTS,
};

static struct access *make(enum lists which)
{
        struct access *access;

        assert_int_equal(access_new(&access), 0);
        if (which == BOTH) {
                assert_int_equal(access_add_user(access, ACCESS_READERS, READER), 0);
                assert_int_equal(access_add_group(access, ACCESS_READERS, READERS), 0);
                assert_int_equal(access_add_unit(access, ACCESS_READERS, UNIT), 0);
        }
        if (which == BOTH || which == ONLY_WRITERS) {
                assert_int_equal(access_add_user(access, ACCESS_WRITERS, WRITER), 0);
                assert_int_equal(access_add_group(access, ACCESS_WRITERS, WRITERS), 0);
        }
        if (which == EMPTY)
                access_set(access, ACCESS_READERS);
        return access;
}

#define CLIENT CALLER_DOOR_CLIENT
#define ADMIN  CALLER_DOOR_ADMIN
#define BUS    CALLER_DOOR_BUS
#define YES    ACCESS_ALLOW
#define NO     ACCESS_DENY
#define ASK    ACCESS_ASK

static void door_user_and_lists_decide(void **state)
{
        static const struct {
                const char *what;
                enum lists lists;
                enum caller_door door;
                uid_t uid;
                gid_t group; /* 0: none */
                const char *cgroup;
                enum access_decision reads, changes;
        } rows[] = {
                { "anybody", NONE, CLIENT, SOMEBODY, 0, NULL, YES, NO },
                { "anybody on the bus", NONE, BUS, SOMEBODY, 0, NULL, YES, ASK },
                { "an administrator", NONE, ADMIN, SOMEBODY, 0, NULL, YES, YES },
                { "root on the bus", NONE, BUS, 0, 0, NULL, YES, YES },
                { "root, perhaps of a container", NONE, CLIENT, 0, 0, NULL, YES, NO },

                { "a stranger", BOTH, CLIENT, SOMEBODY, 0, NULL, NO, NO },
                { "a stranger on the bus", BOTH, BUS, SOMEBODY, 0, NULL, NO, ASK },
                { "a container's root and a bound store", BOTH, CLIENT, 0, 0, NULL, NO, NO },
                { "root on the bus and a bound store", BOTH, BUS, 0, 0, NULL, YES, YES },
                { "an administrator and a bound store", BOTH, ADMIN, SOMEBODY, 0, NULL, YES, YES },

                { "a reader", BOTH, CLIENT, READER, 0, NULL, YES, NO },
                { "a reader on the bus", BOTH, BUS, READER, 0, NULL, YES, ASK },
                { "one of the readers' group", BOTH, CLIENT, SOMEBODY, READERS, NULL, YES, NO },
                { "one of the unit", BOTH, CLIENT, SOMEBODY, 0, "/system.slice/" UNIT, YES, NO },
                { "one of another unit", BOTH, CLIENT, SOMEBODY, 0, "/system.slice/x" UNIT, NO,
                  NO },

                { "a writer reads", BOTH, CLIENT, WRITER, 0, NULL, YES, NO },
                { "a writer on the bus", BOTH, BUS, WRITER, 0, NULL, YES, YES },
                { "one of the writers' group", BOTH, BUS, SOMEBODY, WRITERS, NULL, YES, YES },
                { "who has the number of the group", BOTH, BUS, WRITERS, 0, NULL, NO, ASK },

                { "a store with writers", ONLY_WRITERS, CLIENT, SOMEBODY, 0, NULL, YES, NO },
                { "its writer at the client socket", ONLY_WRITERS, CLIENT, WRITER, 0, NULL, YES,
                  NO },
                { "its writer on the bus", ONLY_WRITERS, BUS, WRITER, 0, NULL, YES, YES },

                { "nobody named", EMPTY, CLIENT, READER, 0, NULL, NO, NO },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                CLEANUP(access_unrefp) struct access *access = make(rows[i].lists);
                const struct caller caller = { .door = rows[i].door,
                                               .uid = rows[i].uid,
                                               .gid = 999,
                                               .groups = &rows[i].group,
                                               .n_groups = rows[i].group != 0,
                                               .cgroup = rows[i].cgroup };

                if (access_decide(&caller, 0, access) != rows[i].reads ||
                    access_may_read(&caller, access) != (rows[i].reads == YES))
                        fail_msg("%s: reads", rows[i].what);
                if (access_decide(&caller, SCHEMA_METHOD_ADMIN, access) != rows[i].changes)
                        fail_msg("%s: changes", rows[i].what);
        }
}

/* The agent has what it shows to everybody read by a caller who is nobody. */
static void nobody_reads_what_everybody_may(void **state)
{
        const struct caller nobody = { .door = BUS, .uid = (uid_t)-1, .gid = (gid_t)-1 };
        CLEANUP(access_unrefp) struct access *open = make(ONLY_WRITERS);
        CLEANUP(access_unrefp) struct access *bound = make(BOTH);

        (void)state;
        assert_true(access_may_read(&nobody, NULL));
        assert_true(access_may_read(&nobody, open));
        assert_false(access_may_read(&nobody, bound));
}

static void what_is_about_no_store_asks_polkit(void **state)
{
        const struct caller writer = { .door = BUS, .uid = WRITER };

        (void)state;
        assert_int_equal(access_decide(&writer, SCHEMA_METHOD_ADMIN, NULL), ASK);
        assert_int_equal(access_decide(&writer, SCHEMA_METHOD_MORE, NULL), YES);
}

static void recorders_are_everybody_until_some_are_named(void **state)
{
        const struct caller recorder = { .door = CLIENT, .uid = RECORDER };
        const struct caller root = { .door = CLIENT, .uid = 0 };
        CLEANUP(access_unrefp) struct access *access = make(BOTH);

        (void)state;
        assert_true(access_may_record(&root, NULL));
        assert_true(access_may_record(&root, access));
        assert_int_equal(access_add_user(access, ACCESS_RECORDERS, RECORDER), 0);
        assert_true(access_may_record(&recorder, access));
        assert_false(access_may_record(&root, access));
}

static void lists_are_equal_that_say_the_same(void **state)
{
        CLEANUP(access_unrefp) struct access *empty = make(NONE);

        (void)state;
        assert_true(access_is_equal(NULL, NULL));
        assert_true(access_is_equal(NULL, empty));
        for (enum lists i = 0; i < N_LISTS; i++) {
                for (enum lists j = 0; j < N_LISTS; j++) {
                        CLEANUP(access_unrefp) struct access *a = make(i);
                        CLEANUP(access_unrefp) struct access *b = make(j);

                        assert_int_equal(access_is_equal(a, b), i == j);
                        assert_int_equal(access_add_unit(b, ACCESS_READERS, "more.service"), 0);
                        assert_false(access_is_equal(a, b));
                }
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(door_user_and_lists_decide),
                cmocka_unit_test(nobody_reads_what_everybody_may),
                cmocka_unit_test(what_is_about_no_store_asks_polkit),
                cmocka_unit_test(recorders_are_everybody_until_some_are_named),
                cmocka_unit_test(lists_are_equal_that_say_the_same),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
