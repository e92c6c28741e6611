/* SPDX-License-Identifier: Apache-2.0 */
#include "store/root.h"

#include "harness/folder.h"
#include "harness/must.h"
#include "harness/test.h"
#include "harness/tree.h"
#include "proto/compiler.h"
#include "store/layout.h"
#include "store/picture.h"
#include "trust/change.h"
#include "trust/snapshot.h"

#include <stdlib.h>
#include <unistd.h>

#define OTHER "../other/"

static const struct layout_dir NAMED_DIRS[] = {
        { "ca", ROLE_TRUSTED, NULL },
        { "crl", ROLE_TRUSTED, NULL },
};
static const struct layout NAMED = { "named", NAMED_DIRS, ARRAY_SIZE(NAMED_DIRS), false, true };

static const struct layout *find_auto(void)
{
        return layout_find("auto", LAYOUT_APPLICATION);
}

/* A leaf in the store's own folder, a CA and its CRL in a source. */
static struct folder *make(struct contents *contents, const struct layout *layout)
{
        struct folder *folder = folder_new(contents);

        folder_add_source(folder, "other", layout);
        folder_put(folder, TC "leaf", LEAF);
        folder_put(folder, OTHER TC "ca", CA);
        folder_put(folder, OTHER TR "ca", CRL);
        folder_refresh(folder);
        return folder;
}

#define LEAF_SEEN     "cert " TC "leaf"
#define REJECTED_SEEN "cert rejected/certs/other"
#define BOTH_SEEN     "cert other/" TC "ca, " LEAF_SEEN ", crl other/" TR "ca"

static void test_a_source_that_goes_trusts_nothing_and_is_known_to_have(void **state)
{
        static const struct {
                const char *name, *remove, *reason;
        } ROWS[] = {
                { "its folder", "other", "there is no such directory" },
                { "all that is in it, as when it is not mounted any more", "other/trusted",
                  "none of the directories of the layout auto is in it" },
        };

        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
                struct folder *folder = make(*state, find_auto());

                folder_assert_seen(folder, "all is there", BOTH_SEEN);
                folder_assert_known(folder, "all is there", NULL);

                tree_remove(folder->tree, ROWS[i].remove);
                folder_refresh(folder);
                folder_assert_seen(folder, ROWS[i].name, "broken other, " LEAF_SEEN);
                folder_assert_known(folder, ROWS[i].name, BOTH_SEEN);
                folder_assert_reason(folder, ROWS[i].reason);
                assert_int_equal(folder_count_removed(folder), 2);

                folder_refresh(folder);
                assert_null(folder->result.change);
                folder_assert_known(folder, "still", BOTH_SEEN);

                folder_put(folder, OTHER TC "ca", CA);
                folder_refresh(folder);
                folder_assert_seen(folder, "back, without the CRL",
                                   "cert other/" TC "ca, " LEAF_SEEN);
                folder_assert_known(folder, "back, without the CRL", NULL);
                folder_free(folder);
        }
}

static void test_a_hint_is_enough(void **state)
{
        struct folder *folder = make(*state, find_auto());
        struct store_hint hint = { folder->source.layout->n_dirs, NULL, false };

        tree_remove(folder->tree, "other");
        folder_refresh_with(folder, &(struct store_hints){ .items = &hint, .n = 1 });
        folder_assert_seen(folder, "gone", "broken other, " LEAF_SEEN);
        folder_assert_known(folder, "gone", BOTH_SEEN);

        folder_put(folder, OTHER TC "ca", CA);
        folder_refresh_with(folder, &(struct store_hints){ .items = &hint, .n = 1 });
        folder_assert_seen(folder, "back", "cert other/" TC "ca, " LEAF_SEEN);
        folder_free(folder);
}

static void test_a_file_that_is_removed_is_known_to_be(void **state)
{
        struct folder *folder = make(*state, find_auto());

        folder_put(folder, OTHER TC "ca", NOTHING);
        folder_refresh(folder);
        folder_assert_seen(folder, "removed", LEAF_SEEN ", crl(unverified) other/" TR "ca");
        folder_assert_known(folder, "removed", NULL);

        folder_put(folder, "../other/trusted", NOTHING);
        tree_mkdir(folder->tree, "other/trusted/certs");
        folder_refresh(folder);
        folder_assert_seen(folder, "emptied", LEAF_SEEN);
        folder_assert_known(folder, "emptied", NULL);
        folder_free(folder);
}

static void test_a_directory_that_was_named_is_to_be_there(void **state)
{
        struct folder *folder = folder_new(*state);

        folder_add_source(folder, "other", &NAMED);
        folder_put(folder, TC "leaf", LEAF);
        folder_put(folder, OTHER "ca/a", CA);
        folder_refresh(folder);
        folder_assert_seen(folder, "one of two", "broken other/crl, cert other/ca/a, " LEAF_SEEN);
        folder_assert_reason(folder, "there is no such directory");

        folder_put(folder, OTHER "crl/a", CRL);
        folder_refresh(folder);
        folder_assert_seen(folder, "both", "cert other/ca/a, " LEAF_SEEN ", crl other/crl/a");

        folder_put(folder, OTHER "crl", NOTHING);
        folder_refresh(folder);
        folder_assert_seen(folder, "gone: it revokes no more",
                           "broken other/crl, cert other/ca/a, " LEAF_SEEN);
        folder_assert_known(folder, "gone", "cert other/ca/a, " LEAF_SEEN ", crl other/crl/a");
        folder_refresh(folder);
        assert_null(folder->result.change);
        folder_free(folder);
}

static void test_an_absolute_directory_is_read_wherever_it_is(void **state)
{
        struct folder *folder = folder_new(*state);
        char *path = tree_path(folder->tree, "mnt");
        struct layout_dir dir = { path, ROLE_TRUSTED, NULL };
        struct layout layout = { "named", &dir, 1, false, true };
        char *expected = NULL;

        must(asprintf(&expected, "broken other, cert other/%s/a", path) > 0, "asprintf");
        folder_add_source(folder, "other", &layout);
        folder_put(folder, "../mnt/a", CA);
        tree_mkdir(folder->tree, "pki");
        folder_refresh(folder);
        assert_int_equal(picture_get_snapshot(folder->picture)->n_certs, 1);
        folder_assert_seen(folder, "its own folder is not even there", expected);
        free(expected);
        free(path);
        folder_free(folder);
}

/* As where a file system is mounted on it, and then is no more. */
static void test_its_own_folder_is_missed_where_another_one_is_empty(void **state)
{
        struct folder *folder = folder_new(*state);

        folder_put(folder, TC "leaf", LEAF);
        folder_refresh(folder);
        folder_assert_seen(folder, "there", LEAF_SEEN);

        tree_rename(folder->tree, "pki", "away");
        tree_mkdir(folder->tree, "pki");
        folder_put(folder, "rejected/certs/other", SELF); /* the agent's own doing */
        folder_refresh(folder);
        folder_assert_seen(folder, "not mounted", "broken default, " REJECTED_SEEN);
        folder_assert_known(folder, "not mounted", REJECTED_SEEN ", " LEAF_SEEN);
        folder_assert_reason(folder, "none of the directories of the layout default is in it");
        folder_refresh(folder);
        assert_null(folder->result.change);
        folder_assert_known(folder, "still", REJECTED_SEEN ", " LEAF_SEEN);

        tree_remove(folder->tree, "pki");
        tree_rename(folder->tree, "away", "pki");
        folder_refresh(folder);
        folder_assert_seen(folder, "mounted again", LEAF_SEEN);
        folder_assert_known(folder, "mounted again", NULL);

        tree_remove(folder->tree, "pki/trusted");
        folder_refresh(folder);
        folder_assert_seen(folder, "it is that one, and has no lists any more", "");
        folder_assert_known(folder, "it is that one, and has no lists any more", NULL);

        tree_remove(folder->tree, "pki");
        tree_mkdir(folder->tree, "pki");
        tree_mkdir(folder->tree, "pki/trusted");
        folder_put(folder, TC "other", TWIN);
        folder_refresh(folder);
        folder_assert_seen(folder, "another one with lists is not missed", "cert " TC "other");
        folder_assert_known(folder, "another one with lists is not missed", NULL);
        folder_free(folder);
}

/* Nobody knows if something else stands in the place of what was delivered. */
static void test_what_may_be_displaced_is_known(void **state)
{
        struct folder *folder = make(*state, find_auto());

        folder_link(folder, "updatedTrustList", OTHER "updatedTrustList"); /* to itself: ELOOP */
        folder_refresh(folder);
        folder_assert_known(folder, "it cannot be looked at", BOTH_SEEN);
        assert_int_equal(folder_count_removed(folder), 2);

        folder_put(folder, OTHER "updatedTrustList", NOTHING);
        folder_refresh(folder);
        folder_assert_seen(folder, "taken back", BOTH_SEEN);
        folder_assert_known(folder, "taken back", NULL);
        folder_free(folder);
}

static void test_what_was_pushed_stands_in_the_place_of_what_was_delivered(void **state)
{
        struct folder *folder = make(*state, find_auto());

        folder_put(folder, OTHER "issuer/certs/twin", TWIN);
        folder_refresh(folder);
        folder_assert_seen(folder, "delivered", "cert other/issuer/certs/twin, " BOTH_SEEN);

        folder_put(folder, OTHER "updatedTrustList/trusted/certs/twin", TWIN);
        folder_refresh(folder);
        folder_assert_seen(folder, "pushed",
                           "cert other/updatedTrustList/trusted/certs/twin, " LEAF_SEEN);
        folder_assert_known(folder, "pushed", NULL);

        folder_put(folder, OTHER "updatedTrustList", NOTHING);
        folder_refresh(folder);
        folder_assert_seen(folder, "taken back", "cert other/issuer/certs/twin, " BOTH_SEEN);
        folder_free(folder);
}

static void test_news_says_how_long_its_sources_want_to_settle(void **state)
{
        struct folder *folder = make(*state, find_auto());

        assert_int_equal(folder->result.change->settle_ms, 1000);
        folder_put(folder, TC "b", TWIN);
        folder_refresh(folder);
        assert_int_equal(folder->result.change->settle_ms, 0);

        folder_put(folder, OTHER TR "ca", NOTHING);
        folder_refresh(folder);
        assert_int_equal(folder->result.change->settle_ms, 1000);
        folder_free(folder);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_source_that_goes_trusts_nothing_and_is_known_to_have),
                cmocka_unit_test(test_a_hint_is_enough),
                cmocka_unit_test(test_a_file_that_is_removed_is_known_to_be),
                cmocka_unit_test(test_a_directory_that_was_named_is_to_be_there),
                cmocka_unit_test(test_an_absolute_directory_is_read_wherever_it_is),
                cmocka_unit_test(test_its_own_folder_is_missed_where_another_one_is_empty),
                cmocka_unit_test(test_what_may_be_displaced_is_known),
                cmocka_unit_test(test_what_was_pushed_stands_in_the_place_of_what_was_delivered),
                cmocka_unit_test(test_news_says_how_long_its_sources_want_to_settle),
        };

        return cmocka_run_group_tests_name("store/root", tests, contents_set_up,
                                           contents_tear_down);
}
