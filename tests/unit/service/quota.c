/* SPDX-License-Identifier: Apache-2.0 */
#include "service/quota.h"

#include "base/log.h"
#include "harness/test.h"
#include "proto/names.h"
#include "service/caller.h"

#include <stdio.h>
#include <string.h>

#define S INT64_C(1000000000)

static const struct caller USER = { .uid = 1000 };
static const struct caller OTHER = { .uid = 1001 };
static const struct caller SERVICE = { .uid = 1000, .cgroup = "/system.slice/a.service" };
static const struct caller SIBLING = { .uid = 1000, .cgroup = "/system.slice/b.service" };
static const struct caller LODGER = { .uid = 1001, .cgroup = "/system.slice/a.service" };

static void what_is_counted_ends_at_its_limit(void **state)
{
        static const struct {
                enum quota_kind kind;
                const struct caller *caller;
                size_t max;
                const char *limit;
        } rows[] = {
                { QUOTA_CONNECTIONS, &USER, NAMES_USER_CONNECTIONS_MAX, "2048 connections a user" },
                { QUOTA_CONNECTIONS, &SERVICE, NAMES_CGROUP_CONNECTIONS_MAX,
                  "1024 connections a control group" },
                { QUOTA_CALLS, &USER, NAMES_USER_CALLS_MAX, "256 calls in flight a user" },
                { QUOTA_CALLS, &SERVICE, NAMES_CGROUP_CALLS_MAX,
                  "128 calls in flight a control group" },
                { QUOTA_BYTES, &USER, NAMES_USER_BYTES_MAX, "16 MiB of unanswered calls a user" },
                { QUOTA_BYTES, &SERVICE, NAMES_CGROUP_BYTES_MAX,
                  "8 MiB of unanswered calls a control group" },
                { QUOTA_QUESTIONS, &USER, NAMES_USER_QUESTIONS_MAX,
                  "16 questions to polkit a user" },
                { QUOTA_QUESTIONS, &SERVICE, NAMES_CGROUP_QUESTIONS_MAX,
                  "8 questions to polkit a control group" },
                { QUOTA_PEERS, &USER, NAMES_USER_PEERS_MAX, "20000 watched peers a user" },
                { QUOTA_PEERS, &SERVICE, NAMES_CGROUP_PEERS_MAX,
                  "10000 watched peers a control group" },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                CLEANUP(quota_freep) struct quota *quota = NULL;
                const struct caller *caller = rows[i].caller;
                const char *limit = NULL;

                assert_int_equal(quota_new(&quota), 0);
                assert_int_equal(quota_take(quota, caller, rows[i].kind, rows[i].max - 1, &limit),
                                 0);
                assert_int_equal(quota_take(quota, caller, rows[i].kind, 2, &limit),
                                 QUOTA_E_EXCEEDED);
                assert_string_equal(limit, rows[i].limit);
                assert_int_equal(quota_take(quota, caller, rows[i].kind, SIZE_MAX, NULL),
                                 QUOTA_E_EXCEEDED);
                assert_int_equal(quota_take(quota, caller, rows[i].kind, 1, NULL), 0);
                assert_int_equal(quota_take(quota, caller, rows[i].kind, 1, NULL),
                                 QUOTA_E_EXCEEDED);

                quota_give(quota, caller, rows[i].kind, 1);
                assert_int_equal(quota_take(quota, caller, rows[i].kind, 1, NULL), 0);
                assert_int_equal(quota_count(quota, caller->uid, rows[i].kind), rows[i].max);
        }
}

static void nobody_takes_what_is_anothers(void **state)
{
        CLEANUP(quota_freep) struct quota *quota = NULL;
        const char *limit = NULL;

        (void)state;
        assert_int_equal(quota_new(&quota), 0);
        assert_int_equal(quota_take(quota, &SERVICE, QUOTA_PEERS, NAMES_CGROUP_PEERS_MAX, NULL), 0);
        assert_int_equal(quota_take(quota, &LODGER, QUOTA_PEERS, 1, &limit), QUOTA_E_EXCEEDED);
        assert_string_equal(limit, "10000 watched peers a control group");
        assert_int_equal(quota_count(quota, LODGER.uid, QUOTA_PEERS), 0);

        assert_int_equal(quota_take(quota, &SIBLING, QUOTA_PEERS, NAMES_CGROUP_PEERS_MAX, NULL), 0);
        assert_int_equal(quota_take(quota, &USER, QUOTA_PEERS, 1, &limit), QUOTA_E_EXCEEDED);
        assert_string_equal(limit, "20000 watched peers a user");
        assert_int_equal(quota_take(quota, &OTHER, QUOTA_PEERS, NAMES_USER_PEERS_MAX, NULL), 0);
        assert_int_equal(quota_take(quota, &USER, QUOTA_CALLS, 1, NULL), 0);
}

static void count_line(enum log_level level, const char *line, void *userdata)
{
        unsigned int *n = userdata;

        assert_int_equal(level, LOG_LEVEL_WARNING);
        assert_non_null(strstr(line, "user 1000, process 7: further ones are refused: "));
        ++*n;
}

/* However often it asks, and for what. */
static void who_is_refused_is_told_of_once_in_a_while(void **state)
{
        CLEANUP(quota_freep) struct quota *quota = NULL;
        const struct caller caller = { .uid = 1000, .pid = 7 };
        unsigned int n_lines = 0;
        const char *limit;
        const struct log log = { .max_level = LOG_LEVEL_INFO,
                                 .write = count_line,
                                 .userdata = &n_lines };

        (void)state;
        assert_int_equal(quota_new(&quota), 0);
        quota_set_log(quota, &log);
        assert_int_equal(quota_take(quota, &caller, QUOTA_CALLS, NAMES_USER_CALLS_MAX, NULL), 0);
        assert_int_equal(quota_take(quota, &caller, QUOTA_CALLS, 1, NULL), QUOTA_E_EXCEEDED);
        assert_int_equal(n_lines, 0); /* it was only tried */
        for (int i = 0; i < 1000; i++)
                assert_int_equal(quota_take(quota, &caller, (enum quota_kind)(i % QUOTA_KIND_N),
                                            SIZE_MAX, &limit),
                                 QUOTA_E_EXCEEDED);
        assert_int_equal(n_lines, 1);
}

/* A flood is judged at the rate of its bucket, whatever it asks for; others have theirs. */
static void inline_work_of_a_flood_is_bounded(void **state)
{
        static const struct {
                const struct caller *caller, *unharmed;
                int64_t burst, per_s;
        } rows[] = {
                { &USER, &OTHER, NAMES_USER_UNITS_MAX, NAMES_USER_UNITS_PER_S },
                { &SERVICE, &SIBLING, NAMES_CGROUP_UNITS_MAX, NAMES_CGROUP_UNITS_PER_S },
        };
        const unsigned int cost = 20;

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                CLEANUP(quota_freep) struct quota *quota = NULL;
                int64_t spent = 0, begin_ns = 1000 * S;

                assert_int_equal(quota_new(&quota), 0);
                for (int64_t now_ns = begin_ns; now_ns < begin_ns + S; now_ns += S / 100000) {
                        if (quota_has_units(quota, rows[i].caller, now_ns)) {
                                quota_spend(quota, rows[i].caller, cost, now_ns);
                                spent += cost;
                        }
                        assert_true(quota_has_units(quota, rows[i].unharmed, now_ns));
                }
                assert_in_range(spent, rows[i].per_s, rows[i].burst + rows[i].per_s + cost);
                assert_false(quota_has_units(quota, rows[i].caller, begin_ns + S));
                assert_true(quota_has_units(quota, rows[i].caller, begin_ns + S + S / 10));
        }
}

/* Who comes back as if new has no more than before; who has not been here for long is forgotten. */
static void accounts_are_kept_as_long_as_they_matter(void **state)
{
        CLEANUP(quota_freep) struct quota *quota = NULL;
        const unsigned int all = 2 * NAMES_USER_UNITS_MAX;

        (void)state;
        assert_int_equal(quota_new(&quota), 0);
        quota_spend(quota, &USER, all, S);
        for (uid_t uid = 2000; uid < 7000; uid++) {
                const struct caller caller = { .uid = uid };

                assert_int_equal(quota_take(quota, &caller, QUOTA_CALLS, 1, NULL), 0);
                assert_int_equal(quota_count(quota, uid, QUOTA_CALLS), 1);
                if (uid % 2)
                        quota_give(quota, &caller, QUOTA_CALLS, 1);
        }

        assert_false(quota_has_units(quota, &USER, S));
        assert_true(quota_has_units(quota, &USER, 2 * S));
        for (uid_t uid = 2000; uid < 7000; uid++)
                assert_int_equal(quota_count(quota, uid, QUOTA_CALLS), uid % 2 == 0);
}

/* What is forgotten to make room is never the account that is being asked for. */
static void a_newcomer_is_counted_however_many_are_there(void **state)
{
        (void)state;
        for (uid_t n_others = 0; n_others < 200; n_others++) {
                CLEANUP(quota_freep) struct quota *quota = NULL;

                assert_int_equal(quota_new(&quota), 0);
                for (uid_t i = 0; i < n_others; i++) {
                        const struct caller caller = { .uid = 2000 + i };

                        assert_int_equal(quota_take(quota, &caller, QUOTA_CALLS, 1, NULL), 0);
                }
                assert_int_equal(quota_take(quota, &SERVICE, QUOTA_CALLS, SIZE_MAX, NULL),
                                 QUOTA_E_EXCEEDED);
                assert_int_equal(quota_take(quota, &SERVICE, QUOTA_CALLS, 1, NULL), 0);
                assert_int_equal(quota_count(quota, SERVICE.uid, QUOTA_CALLS), 1);
                quota_give(quota, &SERVICE, QUOTA_CALLS, 1);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_is_counted_ends_at_its_limit),
                cmocka_unit_test(nobody_takes_what_is_anothers),
                cmocka_unit_test(who_is_refused_is_told_of_once_in_a_while),
                cmocka_unit_test(inline_work_of_a_flood_is_bounded),
                cmocka_unit_test(accounts_are_kept_as_long_as_they_matter),
                cmocka_unit_test(a_newcomer_is_counted_however_many_are_there),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
