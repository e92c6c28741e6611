/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/folder.h"
#include "harness/scarce.h"
#include "harness/test.h"
#include "harness/tree.h"
#include "store/layout.h"
#include "store/picture.h"
#include "store/store.h"
#include "store/update.h"
#include "trust/snapshot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * A refresh that runs out of memory at its n-th allocation, for every n: it says so, leaks nothing,
 * and leaves the old picture as it was.
 */

#define ALLOCATIONS_MAX 10000

static void run_out_at_each_allocation(struct folder *folder)
{
        struct store_hints all = { .is_all = true };
        struct store_result result = STORE_RESULT_NULL;
        long n = 0;
        int r;

        for (;; n++) {
                scarce_begin(n);
                r = store_refresh(&folder->config, folder->picture, &all, &folder->now, &result);
                scarce_end();
                if (r == 0)
                        break;

                assert_int_equal(r, -ENOMEM);
                assert_null(result.picture);
                assert_in_range(n, 0, ALLOCATIONS_MAX);
        }

        assert_in_range(n, 10, ALLOCATIONS_MAX); /* it was our memory that was short */
        store_result_deinit(&result);
}

static void test_a_first_refresh(void **state)
{
        struct folder *folder = folder_new(*state);

        folder_put(folder, TC "ca", CA);
        folder_put(folder, TC "two", LEAF_TWO);
        folder_put(folder, TC "half", LEAF_HALF);
        folder_put(folder, TC "link", DANGLING);
        folder_put(folder, TC "text", TEXT);
        folder_put(folder, TR "a", CRL);
        run_out_at_each_allocation(folder);
        folder_free(folder);
}

static void test_a_later_refresh(void **state)
{
        struct folder *folder = folder_with_crl(*state);

        folder_put(folder, TR "b", CRL_NEXT);
        folder_put(folder, TR "c", CRL);
        folder_refresh(folder);
        folder_put(folder, TR "a", CRL_HALF);
        folder_put(folder, TR "b", CRL_FOREIGN);
        folder_put(folder, TC "leaf", LEAF_PEM);
        run_out_at_each_allocation(folder);

        folder_assert_seen(folder, "untouched",
                           "cert " TC "ca, crl " TR "b, crl(superseded) " TR
                           "a, crl(superseded) " TR "c");
        folder_free(folder);
}

static void test_a_source_that_vanishes_and_a_file_that_breaks(void **state)
{
        struct folder *folder = folder_with_crl(*state);

        folder_add_source(folder, "other", layout_find("auto", LAYOUT_APPLICATION));
        folder_put(folder, "../other/" TC "leaf", LEAF);
        folder_put(folder, "../other/" TR "a", CRL_NEXT);
        picture_unref(folder->picture);
        folder->picture = NULL;
        folder_refresh(folder);

        tree_remove(folder->tree, "other");
        folder_put(folder, TC "ca", EMPTY);
        run_out_at_each_allocation(folder);
        folder_assert_seen(folder, "untouched",
                           "cert other/" TC "leaf, cert " TC "ca, crl other/" TR
                           "a, crl(superseded) " TR "a");

        folder_refresh(folder);
        folder_assert_known(folder, "lost",
                            "cert other/" TC "leaf, cert " TC "ca, crl other/" TR
                            "a, crl(superseded) " TR "a");
        folder_free(folder);
}

static void test_a_store_that_is_not_ready(void **state)
{
        struct folder *folder = folder_new(*state);
        struct store_hints all = { .is_all = true };
        struct store_result result = STORE_RESULT_NULL;
        int r = -1;

        for (long n = 0; r != 0; n++) {
                scarce_begin(n);
                r = store_refresh(&folder->config, NULL, &all, &folder->now, &result);
                scarce_end();
                assert_in_range(n, 0, ALLOCATIONS_MAX);
        }

        assert_non_null(result.not_ready);
        store_result_deinit(&result);
        folder_free(folder);
}

/* -- updates ----------------------------------------------------------------------------------- */

/* Replaces all lists: with a list of the CA, or with another that needs a file of two rewritten. */
static struct update_request *make_request(const struct folder *folder, bool is_first)
{
        struct update_request *request = folder_ask(folder, UPDATE_REPLACE, NOTHING);

        request->lists = (1u << UPDATE_LIST_N) - 1;
        folder_give(folder, request, UPDATE_ISSUER_CERTS, CA);
        folder_give(folder, request, UPDATE_ISSUER_CRLS, is_first ? CRL : CRL_NEXT);
        folder_give(folder, request, UPDATE_TRUSTED_CERTS, is_first ? LEAF : OTHER);
        folder_give(folder, request, UPDATE_TRUSTED_CERTS, is_first ? OTHER : SELF);
        return request;
}

static void hash_afresh(const struct folder *folder, uint8_t out[32])
{
        struct store_hints all = { .is_all = true };
        struct recover_outcome recovered;
        struct store_result result;

        assert_int_equal(store_recover(&folder->config, &recovered), 0);
        assert_in_range(recovered.status, RECOVER_CLEAN, RECOVER_DONE);
        recover_outcome_deinit(&recovered);
        assert_int_equal(store_refresh(&folder->config, NULL, &all, &folder->now, &result), 0);
        assert_int_equal(snapshot_hash(picture_get_snapshot(result.picture), out), 0);
        store_result_deinit(&result);
}

/* Return: was it done, and told so? */
static bool run_short(const struct folder *folder, const struct update_request *request, long n)
{
        struct store_hints all = { .is_all = true };
        struct update update = { &folder->config, NULL, &all, &folder->now, request };
        struct update_outcome outcome;
        int r;

        scarce_begin(n);
        r = store_update(&update, &outcome);
        scarce_end();
        if (r) {
                assert_int_equal(r, -ENOMEM);
                return false;
        }

        assert_int_equal(outcome.status, UPDATE_DONE);
        r = outcome.result.picture != NULL;
        update_outcome_deinit(&outcome);
        return r;
}

/*
 * It is done or not; and then either wholly. Done but not read back is told by a missing picture.
 */
static void test_an_update(void **state)
{
        struct folder *folder = folder_new(*state);
        struct update_request *first = make_request(folder, true);
        struct update_request *second = make_request(folder, false);
        uint8_t before[32], after[32], hash[32];
        bool is_over = false;
        long n = 0;

        folder_put(folder, TC "two.pem", PAIR);
        assert_true(run_short(folder, second, -1));
        hash_afresh(folder, after);
        assert_true(run_short(folder, first, -1));
        hash_afresh(folder, before);
        for (; !is_over; n += n < 200 ? 1 : 7) {
                assert_in_range(n, 0, ALLOCATIONS_MAX);
                is_over = run_short(folder, second, n);
                hash_afresh(folder, hash);
                if (is_over || memcmp(hash, before, sizeof(hash)) != 0)
                        assert_memory_equal(hash, after, sizeof(hash));
                assert_true(run_short(folder, first, -1));
        }

        assert_in_range(n, 100, ALLOCATIONS_MAX);
        update_request_unref(first);
        update_request_unref(second);
        folder_free(folder);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_first_refresh),
                cmocka_unit_test(test_a_later_refresh),
                cmocka_unit_test(test_a_source_that_vanishes_and_a_file_that_breaks),
                cmocka_unit_test(test_a_store_that_is_not_ready),
                cmocka_unit_test(test_an_update),
        };

        return cmocka_run_group_tests_name("store/shortage", tests, contents_set_up,
                                           contents_tear_down);
}
