/* SPDX-License-Identifier: Apache-2.0 */
#include "store/large.h"

#include "harness/folder.h"
#include "harness/must.h"
#include "harness/test.h"
#include "harness/tree.h"
#include "trust/change.h"

#include <stdlib.h>
#include <string.h>

/* Text before PEM is none of ours, and makes any file as large as is wanted. */
static void put_padded(const struct folder *folder, const char *name, size_t n,
                       unsigned int n_certs)
{
        const struct mint_der *pem = &folder->contents->of[LEAF_PEM];
        char *data = malloc(n), *below;

        must(data && n > n_certs * pem->n, "malloc");
        memset(data, '\n', n);
        for (unsigned int i = 0; i < n_certs; i++)
                memcpy(data + n - (i + 1) * pem->n, pem->data, pem->n);
        must(asprintf(&below, "pki/%s", name) > 0, "asprintf");
        tree_replace(folder->tree, below, data, n);
        free(below);
        free(data);
}

static void put_large(const struct folder *folder, const char *name, unsigned int n_certs)
{
        put_padded(folder, name, LARGE_BYTES_MIN + 1, n_certs);
}

static void refresh(struct folder *folder, struct large *large)
{
        folder_refresh_with(
                folder,
                &(struct store_hints){ .is_all = !large, .may_leave_large = true, .large = large });
}

/* What it was told to load is loaded, and used. */
static void refresh_with_large(struct folder *folder)
{
        struct large *large = TAKE(folder->result.large);

        assert_non_null(large);
        assert_int_equal(large_load(large), 0);
        refresh(folder, large);
        large_free(large);
}

static struct folder *start(struct contents *contents)
{
        struct folder *folder = folder_new(contents);

        put_large(folder, TC "a", 1);
        folder_put(folder, TC "b", LEAF);
        refresh(folder, NULL);
        folder_assert_seen(folder, "at first all is read", "cert " TC "a, cert " TC "b");
        assert_null(folder->result.large);
        return folder;
}

static void test_the_rest_need_not_wait(void **state)
{
        struct folder *folder = start(*state);

        put_large(folder, TC "a", 2);
        folder_put(folder, TC "b", NOTHING);
        refresh(folder, NULL);
        folder_assert_seen(folder, "a as it was", "cert " TC "a");
        assert_string_equal(folder->result.doubt,
                            "default/trusted/certs/a is large, and is being read");
        assert_int_equal(folder->result.doubt_ns, folder->now.monotonic_ns);
        assert_int_equal(folder->result.again_ms, STORE_NEVER_MS);

        refresh_with_large(folder);
        folder_assert_seen(folder, "a as it is", "cert " TC "a, cert " TC "a");
        assert_null(folder->result.doubt);
        assert_null(folder->result.large);
        folder_free(folder);
}

static void test_a_large_file_is_one_byte_more(void **state)
{
        struct folder *folder = start(*state);

        put_padded(folder, TC "a", LARGE_BYTES_MIN, 2);
        refresh(folder, NULL);
        folder_assert_seen(folder, "at once", "cert " TC "a, cert " TC "a, cert " TC "b");
        assert_null(folder->result.large);

        put_padded(folder, TC "a", LARGE_BYTES_MIN + 1, 1);
        refresh(folder, NULL);
        assert_non_null(folder->result.large);
        folder_free(folder);
}

static void test_new_ones_come_one_after_another(void **state)
{
        struct folder *folder = start(*state);
        int64_t begin_ns = folder->now.monotonic_ns;

        put_large(folder, TC "c", 2);
        put_large(folder, TC "d", 1);
        refresh(folder, NULL);
        folder_assert_seen(folder, "nothing of them", "cert " TC "a, cert " TC "b");

        folder->now.monotonic_ns += S_NS;
        refresh_with_large(folder);
        folder_assert_seen(folder, "one", "cert " TC "a, cert " TC "b, cert " TC "c, cert " TC "c");
        assert_int_equal(folder->result.doubt_ns, begin_ns);

        refresh_with_large(folder);
        folder_assert_seen(folder, "both",
                           "cert " TC "a, cert " TC "b, cert " TC "c, cert " TC "c, cert " TC "d");
        assert_null(folder->result.doubt);
        folder_free(folder);
}

static void test_it_is_used_only_if_it_is_still_that_file(void **state)
{
        struct folder *folder = start(*state);
        struct large *large;

        put_large(folder, TC "a", 2);
        refresh(folder, NULL);
        large = TAKE(folder->result.large);
        assert_int_equal(large_load(large), 0);
        put_large(folder, TC "a", 3);
        refresh(folder, large);
        large_free(large);
        folder_assert_seen(folder, "as it was", "cert " TC "a, cert " TC "b");
        assert_non_null(folder->result.doubt);
        assert_null(folder->result.large); /* who replaces it is given a moment */
        assert_int_equal(folder->result.again_ms, 50);

        folder->now.monotonic_ns += 50 * MS_NS;
        folder_refresh_with(folder, &(struct store_hints){ .may_leave_large = true });
        refresh_with_large(folder);
        folder_assert_seen(folder, "as it is",
                           "cert " TC "a, cert " TC "a, cert " TC "a, cert " TC "b");
        folder_free(folder);
}

static void test_a_file_that_goes_meanwhile_is_gone(void **state)
{
        struct folder *folder = start(*state);
        struct large *large;

        put_large(folder, TC "a", 2);
        refresh(folder, NULL);
        large = TAKE(folder->result.large);
        folder_put(folder, TC "a", NOTHING);
        assert_int_equal(large_load(large), 0);
        refresh(folder, large);
        large_free(large);
        folder_assert_seen(folder, "gone", "cert " TC "b");
        assert_null(folder->result.doubt);
        folder_free(folder);
}

static void test_the_same_content_is_no_change(void **state)
{
        struct folder *folder = start(*state);

        put_large(folder, TC "a", 1);
        refresh(folder, NULL);
        assert_non_null(folder->result.doubt);
        refresh_with_large(folder);
        assert_null(folder->result.change);
        assert_null(folder->result.doubt);
        folder_free(folder);
}

/* What is loaded lies in wait behind other stores' files, and this one is replaced twice meanwhile. */
static void test_the_same_as_once_is_not_the_same_as_now(void **state)
{
        struct folder *folder = start(*state);
        struct large *large;

        put_large(folder, TC "a", 2);
        refresh(folder, NULL);
        large = TAKE(folder->result.large); /* compares with what is known: one certificate */

        folder_put(folder, TC "a", OTHER);
        refresh(folder, NULL);
        folder_assert_seen(folder, "another", "cert " TC "a, cert " TC "b");

        put_large(folder, TC "a", 1);
        assert_int_equal(large_load(large), 0);
        refresh(folder, large);
        large_free(large);
        folder_assert_seen(folder, "as it was", "cert " TC "a, cert " TC "b");
        assert_non_null(folder->result.doubt);

        folder->now.monotonic_ns += 50 * MS_NS;
        folder_refresh_with(folder, &(struct store_hints){ .may_leave_large = true });
        refresh_with_large(folder);
        folder_assert_seen(folder, "as it is", "cert " TC "a, cert " TC "b");
        assert_int_equal(folder->result.change->added.n, 0); /* b has it, too */
        assert_int_equal(folder->result.change->removed.n, 1);
        folder_free(folder);
}

static void test_what_grows_is_given_time(void **state)
{
        struct folder *folder = start(*state);
        struct store_hint hint = { folder_find_dir(folder, "trusted/certs"), "a", true };
        struct store_hints hints = { .items = &hint, .n = 1, .may_leave_large = true };

        put_large(folder, TC "a", 2);
        folder_refresh_with(folder, &hints);
        assert_null(folder->result.large);
        assert_int_equal(folder->result.again_ms, 50);

        /* Whoever writes does not come to an end: what is there counts. */
        folder->now.monotonic_ns += 50 * MS_NS;
        folder_refresh_with(folder, &hints);
        refresh_with_large(folder);
        folder_assert_seen(folder, "grown", "cert " TC "a, cert " TC "a, cert " TC "b");
        folder_free(folder);
}

static void test_who_may_not_leave_it_reads_it(void **state)
{
        struct folder *folder = start(*state);

        put_large(folder, TC "a", 2);
        refresh(folder, NULL);
        folder_refresh(folder);
        folder_assert_seen(folder, "read", "cert " TC "a, cert " TC "a, cert " TC "b");
        assert_null(folder->result.doubt);
        folder_free(folder);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_the_rest_need_not_wait),
                cmocka_unit_test(test_a_large_file_is_one_byte_more),
                cmocka_unit_test(test_new_ones_come_one_after_another),
                cmocka_unit_test(test_it_is_used_only_if_it_is_still_that_file),
                cmocka_unit_test(test_a_file_that_goes_meanwhile_is_gone),
                cmocka_unit_test(test_the_same_content_is_no_change),
                cmocka_unit_test(test_the_same_as_once_is_not_the_same_as_now),
                cmocka_unit_test(test_what_grows_is_given_time),
                cmocka_unit_test(test_who_may_not_leave_it_reads_it),
        };

        return cmocka_run_group_tests_name("store/large", tests, contents_set_up,
                                           contents_tear_down);
}
