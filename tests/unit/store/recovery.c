/* SPDX-License-Identifier: Apache-2.0 */
#include "store/recovery.h"

#include "harness/folder.h"
#include "harness/must.h"
#include "harness/test.h"
#include "harness/tree.h"
#include "store/journal.h"
#include "store/own_folder.h"
#include "store/picture.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct recover_outcome recover(const struct folder *folder)
{
        struct recover_outcome outcome;

        assert_int_equal(store_recover(&folder->config, &outcome), 0);
        return outcome;
}

static bool has_file(const struct folder *folder, const char *name)
{
        CLEANUP(freep) char *path = NULL;

        must(asprintf(&path, "%s/%s", folder->root, name) > 0, "asprintf");
        return access(path, F_OK) == 0;
}

/* Makes "trusted/certs/a" hold a certificate, up to where the power fails. */
static void commit(const struct folder *folder, struct own_folder *own)
{
        CLEANUP(journal_deinit) struct journal journal = JOURNAL_NULL;
        const struct mint_der *leaf = &folder->contents->of[LEAF];
        struct journal_op op = { .dir = (char *)"trusted/certs", .name = (char *)"a" };

        op.has_after = true;
        *own = (struct own_folder)OWN_FOLDER_NULL;
        assert_int_equal(own_folder_open(&folder->source, own), 0);
        assert_int_equal(own_folder_lock(own, true), 0);
        assert_int_equal(
                journal_stage(&journal, own, &op, (struct bytes){ leaf->data, leaf->n }, NULL), 0);
        assert_int_equal(journal_commit(&journal, own), 0);
}

static void test_a_folder_that_nobody_wrote_is_not_written(void **state)
{
        struct folder *folder = folder_with_crl(*state);
        struct recover_outcome outcome = recover(folder);

        assert_int_equal(outcome.status, RECOVER_CLEAN);
        assert_false(has_file(folder, OWN_FOLDER_LOCK));
        recover_outcome_deinit(&outcome);
        folder_free(folder);

        folder = folder_new(*state); /* there is none at all */
        outcome = recover(folder);
        assert_int_equal(outcome.status, RECOVER_CLEAN);
        recover_outcome_deinit(&outcome);
        folder_free(folder);
}

static void test_what_was_committed_is_completed(void **state)
{
        struct folder *folder = folder_with_crl(*state);
        struct recover_outcome outcome;
        struct own_folder own;

        commit(folder, &own);
        outcome = recover(folder);
        assert_int_equal(outcome.status, RECOVER_BUSY); /* it still runs */
        recover_outcome_deinit(&outcome);

        own_folder_close(&own);
        outcome = recover(folder);
        assert_int_equal(outcome.status, RECOVER_DONE);
        assert_int_equal(outcome.foreign.n, 0);
        recover_outcome_deinit(&outcome);
        folder_refresh(folder);
        folder_assert_seen(folder, "completed", "cert " TC "a, cert " TC "ca, crl " TR "a");

        outcome = recover(folder);
        assert_int_equal(outcome.status, RECOVER_CLEAN);
        recover_outcome_deinit(&outcome);
        folder_free(folder);
}

static void test_what_somebody_else_changed_is_told(void **state)
{
        struct folder *folder = folder_with_crl(*state);
        struct recover_outcome outcome;
        struct own_folder own;

        commit(folder, &own);
        own_folder_close(&own);
        folder_put(folder, TC "a", SELF);
        outcome = recover(folder);
        assert_int_equal(outcome.status, RECOVER_DONE);
        assert_int_equal(outcome.foreign.n, 1);
        assert_non_null(strstr(outcome.foreign.items[0], "trusted/certs/a"));
        recover_outcome_deinit(&outcome);
        folder_free(folder);
}

static void test_a_damaged_journal_is_not_passed_over(void **state)
{
        struct folder *folder = folder_with_crl(*state);
        struct recover_outcome outcome;
        struct store_result result;

        folder_put(folder, JOURNAL_NAME, TEXT);
        for (int i = 0; i < 2; i++) {
                outcome = recover(folder);
                assert_int_equal(outcome.status, RECOVER_STUCK);
                assert_non_null(strstr(outcome.reason, "rm "));
                recover_outcome_deinit(&outcome);
        }
        assert_true(has_file(folder, JOURNAL_NAME));

        assert_int_equal(store_stay_stuck(folder->picture, "because", &result), 0);
        assert_string_equal(result.not_ready, "because");
        assert_null(picture_get_snapshot(result.picture));
        assert_int_equal(result.again_ms, STORE_STUCK_MS);
        store_result_deinit(&result);
        folder_free(folder);
}

/* As where its file system is not mounted any more when the journal is seen to. */
static void test_a_folder_that_was_stuck_is_missed_where_another_one_is_empty(void **state)
{
        struct folder *folder = folder_with_crl(*state);
        struct store_result result;

        folder_refresh(folder);
        assert_int_equal(store_stay_stuck(folder->picture, "because", &result), 0);
        picture_unref(folder->picture);
        folder->picture = TAKE(result.picture);
        store_result_deinit(&result);

        tree_rename(folder->tree, "pki", "away");
        tree_mkdir(folder->tree, "pki");
        folder_refresh(folder);
        folder_assert_seen(folder, "not mounted", "broken default");
        folder_free(folder);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_folder_that_nobody_wrote_is_not_written),
                cmocka_unit_test(test_what_was_committed_is_completed),
                cmocka_unit_test(test_what_somebody_else_changed_is_told),
                cmocka_unit_test(test_a_damaged_journal_is_not_passed_over),
                cmocka_unit_test(test_a_folder_that_was_stuck_is_missed_where_another_one_is_empty),
        };

        return cmocka_run_group_tests_name("store/recovery", tests, contents_set_up,
                                           contents_tear_down);
}
