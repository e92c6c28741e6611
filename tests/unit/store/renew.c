/* SPDX-License-Identifier: Apache-2.0 */
#include "store/renew.h"

#include "harness/folder.h"
#include "harness/must.h"
#include "harness/test.h"
#include "harness/tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static void test_a_file_that_is_being_written_stays_what_it_was(void **state)
{
        struct folder *folder = folder_new(*state);

        folder_put(folder, TC "a", LEAF);
        folder_refresh(folder);

        folder_write(folder, TC "a", LEAF_HALF);
        folder_refresh_name(folder, "trusted/certs", "a", true);
        assert_null(folder->result.change);
        assert_string_equal(folder->result.doubt, "default/trusted/certs/a is being written");
        assert_int_equal(folder->result.again_ms, 50);

        folder->now.monotonic_ns += 49 * MS_NS;
        folder_refresh_name(folder, "trusted/certs", "a", true);
        folder_refresh(folder);
        assert_null(folder->result.change);
        assert_int_equal(folder->result.again_ms, 1);

        /* The writer did not come to an end: what is there counts. */
        folder->now.monotonic_ns += MS_NS;
        folder_refresh_nothing(folder);
        folder_assert_seen(folder, "too long", "broken " TC "a");
        assert_null(folder->result.doubt);

        folder_write(folder, TC "a", LEAF);
        folder_refresh_name(folder, "trusted/certs", "a", true);
        assert_non_null(folder->result.doubt);
        folder_refresh_name(folder, "trusted/certs", "a", false);
        folder_assert_seen(folder, "closed", "cert " TC "a");
        assert_null(folder->result.doubt);
        assert_int_equal(folder->result.again_ms, STORE_NEVER_MS);
        folder_free(folder);
}

static void test_a_new_file_counts_as_soon_as_it_is_whole(void **state)
{
        struct folder *folder = folder_new(*state);

        tree_mkdir(folder->tree, "pki/trusted/certs");
        folder_refresh(folder);

        folder_write(folder, TC "a", EMPTY);
        folder_refresh_name(folder, "trusted/certs", "a", true);
        assert_null(folder->result.change);
        assert_non_null(folder->result.doubt);
        folder_write(folder, TC "a", LEAF);
        folder_refresh_name(folder, "trusted/certs", "a", false);
        folder_assert_seen(folder, "closed", "cert " TC "a");

        folder_write(folder, TC "b", CA); /* as link(2) makes it: no close ever comes */
        folder_refresh_name(folder, "trusted/certs", "b", true);
        folder_assert_seen(folder, "whole", "cert " TC "a, cert " TC "b");

        folder_write(folder, TC "c", LEAF_HALF);
        folder_refresh_name(folder, "trusted/certs", "c", true);
        folder->now.monotonic_ns += 50 * MS_NS;
        folder_refresh_nothing(folder);
        folder_assert_seen(folder, "never whole", "broken " TC "c, cert " TC "a, cert " TC "b");

        folder_write(folder, TC "d", EMPTY);
        folder_refresh_name(folder, "trusted/certs", "d", true);
        folder_put(folder, TC "d", NOTHING);
        folder_refresh_name(folder, "trusted/certs", "d", false);
        assert_null(folder->result.doubt);
        folder_free(folder);
}

/* -- stamps ------------------------------------------------------------------------------------ */

static void set_clock(struct folder *folder, const char *name, int64_t after_ns)
{
        char *path = NULL;
        struct stat st;

        must(asprintf(&path, "%s/%s", folder->root, name) > 0, "asprintf");
        must(stat(path, &st) == 0, "stat %s", path);
        folder->now.realtime_ns = st.st_ctim.tv_sec * S_NS + st.st_ctim.tv_nsec + after_ns;
        free(path);
}

static void test_a_file_that_was_read_too_soon_is_read_again(void **state)
{
        struct folder *folder = folder_new(*state);

        folder_put(folder, TC "a", LEAF);
        set_clock(folder, TC "a", 5 * MS_NS);
        folder_refresh(folder);
        folder_assert_seen(folder, "at once", "cert " TC "a");
        assert_int_equal(folder->result.again_ms, 20);
        assert_null(folder->result.doubt);

        folder->now.realtime_ns += 10 * MS_NS;
        folder->now.monotonic_ns += 10 * MS_NS;
        folder_refresh(folder);
        assert_int_equal(folder->result.again_ms, 10);

        folder->now.realtime_ns += 10 * MS_NS;
        folder->now.monotonic_ns += 10 * MS_NS;
        folder_refresh_nothing(folder);
        assert_int_equal(folder->result.again_ms, STORE_NEVER_MS);
        assert_null(folder->result.change);
        folder_free(folder);
}

static void test_a_stamp_from_the_future_is_not_waited_for(void **state)
{
        struct folder *folder = folder_new(*state);

        folder_put(folder, TC "a", LEAF);
        set_clock(folder, TC "a", -3600 * S_NS);
        folder_refresh(folder);
        assert_int_equal(folder->result.again_ms, 20);

        folder->now.realtime_ns += 20 * MS_NS;
        folder->now.monotonic_ns += 20 * MS_NS;
        folder_refresh_nothing(folder);
        assert_int_equal(folder->result.again_ms, STORE_NEVER_MS);
        folder_free(folder);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_file_that_is_being_written_stays_what_it_was),
                cmocka_unit_test(test_a_new_file_counts_as_soon_as_it_is_whole),
                cmocka_unit_test(test_a_file_that_was_read_too_soon_is_read_again),
                cmocka_unit_test(test_a_stamp_from_the_future_is_not_waited_for),
        };

        return cmocka_run_group_tests_name("store/renew", tests, contents_set_up,
                                           contents_tear_down);
}
