/* SPDX-License-Identifier: Apache-2.0 */
#include "store/look.h"

#include "harness/folder.h"
#include "harness/folding.h"
#include "harness/must.h"
#include "harness/test.h"
#include "harness/tree.h"
#include "store/picture.h"
#include "trust/snapshot.h"

#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <unistd.h>

static void test_only_what_is_hinted_is_looked_at(void **state)
{
        struct folder *folder = folder_new(*state);

        folder_put(folder, TC "a", LEAF);
        folder_put(folder, TR "c", TEXT);
        folder_refresh(folder);

        folder_put(folder, TC "a", CA);
        folder_put(folder, TC "b", LEAF);
        folder_put(folder, TC ".c", LEAF);
        folder_refresh_nothing(folder);
        assert_null(folder->result.change);
        folder_refresh_name(folder, "trusted/crl", "a", false);
        assert_null(folder->result.change);
        folder_refresh_name(folder, "trusted/certs", ".c", false);
        assert_null(folder->result.change);

        folder_refresh_name(folder, "trusted/certs", "b", false);
        folder_assert_seen(folder, "one name", "cert " TC "a, cert " TC "b, foreign " TR "c");
        assert_int_equal(folder_count_added(folder), 0); /* the old a was it */
        folder_refresh_name(folder, "trusted/certs", NULL, false);
        assert_int_equal(folder_count_added(folder), 1);

        folder_put(folder, TC "a", NOTHING);
        folder_refresh_name(folder, "trusted/certs", "a", false);
        folder_assert_seen(folder, "removed", "cert " TC "b, foreign " TR "c");
        folder_free(folder);
}

static void test_what_is_as_it_was_is_shared(void **state)
{
        struct folder *folder = folder_with_crl(*state);
        size_t certs = folder_find_dir(folder, "trusted/certs"),
               crls = folder_find_dir(folder, "trusted/crl");
        struct picture *before;
        struct snapshot *snap;

        folder_put(folder, TC "b", LEAF);
        folder_refresh(folder);
        before = picture_ref(folder->picture);
        snap = picture_get_snapshot(before);

        folder_put(folder, TC "a", LEAF);
        folder_refresh_name(folder, "trusted/certs", "a", false);
        assert_ptr_equal(before->dirs.items[crls], folder->picture->dirs.items[crls]);
        assert_ptr_equal(before->dirs.items[certs]->shelves.items[0]->files[0],
                         folder->picture->dirs.items[certs]->shelves.items[0]->files[1]);
        assert_ptr_not_equal(snap, picture_get_snapshot(folder->picture));
        snap = picture_get_snapshot(folder->picture);

        /* The same content in a new file: no change, and the same snapshot. */
        folder_put(folder, TC "a", LEAF);
        folder_refresh(folder);
        assert_null(folder->result.change);
        assert_ptr_equal(snap, picture_get_snapshot(folder->picture));
        picture_unref(before);
        folder_free(folder);
}

static void test_links_are_looked_at_whatever_is_hinted(void **state)
{
        struct folder *folder = folder_new(*state);

        folder_put(folder, TC "..v1/a", LEAF);
        folder_put(folder, TC "..v2/a", CA);
        folder_link(folder, "..v1", TC "..data");
        folder_link(folder, "..data/a", TC "a");
        folder_refresh(folder);
        folder_assert_seen(folder, "as Kubernetes has it", "cert " TC "a");

        folder_link(folder, "..v2", TC "..data");
        folder_refresh_name(folder, "trusted/certs", "..data", false);
        assert_int_equal(folder_count_added(folder), 1);
        assert_int_equal(folder_count_removed(folder), 1);
        folder_free(folder);
}

static void test_a_link_is_no_reason_to_look_at_all_others(void **state)
{
        struct folder *folder = folder_new(*state);

        folder_put(folder, TC "..v1/a", LEAF);
        folder_link(folder, "..v1/a", TC "a");
        folder_put(folder, TC "b", LEAF);
        folder_refresh(folder);
        folder_assert_seen(folder, "both", "cert " TC "a, cert " TC "b");

        folder_put(folder, TC "..v1/a", NOTHING);
        folder_put(folder, TC "b", NOTHING); /* which nobody tells */
        folder_refresh_name(folder, "trusted/crl", "c", false);
        folder_assert_seen(folder, "the link", "broken " TC "a, cert " TC "b");
        folder_refresh(folder);
        folder_assert_seen(folder, "all", "broken " TC "a");
        folder_free(folder);
}

static void test_a_link_to_a_directory_with_a_role_is_no_file(void **state)
{
        struct folder *folder = folder_new(*state);

        folder_put(folder, "elsewhere/a", LEAF);
        folder_put(folder, "rejected/b", LEAF);
        folder_link(folder, "../elsewhere", "rejected/certs");
        folder_refresh(folder);
        folder_assert_seen(folder, "both", "cert rejected/b, cert rejected/certs/a");
        assert_false(folder->result.has_aliases);
        folder_free(folder);
}

static void test_a_file_of_two_names_may_change_by_the_other(void **state)
{
        struct folder *folder = folder_new(*state);
        char *one, *other;

        folder_put(folder, TC "a", LEAF);
        folder_put(folder, TR "b", LEAF_PEM);
        folder_refresh(folder);
        assert_false(folder->result.has_aliases);

        one = tree_path(folder->tree, "pki/" TC "a");
        other = tree_path(folder->tree, "pki/rejected/c");
        folder_put(folder, "rejected/b", TEXT);
        must(link(one, other) == 0, "link");
        folder_refresh(folder);
        assert_true(folder->result.has_aliases);

        folder_write(folder, "rejected/c", CA);
        folder_refresh_name(folder, "rejected", "c", false);
        folder_assert_seen(folder, "both names", "cert rejected/c, cert " TC "a, cert " TR "b");
        assert_int_equal(folder_count_added(folder), 1);
        folder_put(folder, "rejected/c", NOTHING);
        folder_refresh_name(folder, "rejected", "c", false);
        assert_false(folder->result.has_aliases);
        free(one);
        free(other);
        folder_free(folder);
}

static bool mount_file(const struct folder *folder, const char *from, const char *to)
{
        char *from_path = tree_path(folder->tree, from), *to_path = tree_path(folder->tree, to);
        bool is_mounted = unshare(CLONE_NEWNS) == 0 &&
                          mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) == 0 &&
                          mount(from_path, to_path, "none", MS_BIND, NULL) == 0;

        free(from_path);
        free(to_path);
        return is_mounted;
}

static void unmount_file(const struct folder *folder, const char *name)
{
        char *path = tree_path(folder->tree, name);

        must(umount2(path, MNT_DETACH) == 0, "umount %s", path);
        free(path);
}

/* As where a container is given one file of its host. */
static void test_a_file_that_is_mounted_may_change_where_it_lies(void **state)
{
        struct folder *folder = folder_new(*state);

        folder_put(folder, "../host", LEAF);
        folder_put(folder, TC "a", CA);
        if (!mount_file(folder, "host", "pki/" TC "a")) {
                print_message("SKIPPED: may not mount\n");
                folder_free(folder);
                return;
        }

        folder_refresh(folder);
        assert_true(folder->result.has_aliases);
        folder_write(folder, "../host", LEAF_TWO);
        folder_refresh_name(folder, "rejected", "c", false);
        folder_assert_seen(folder, "written to", "cert " TC "a, cert " TC "a");

        unmount_file(folder, "pki/" TC "a");
        folder_refresh(folder);
        assert_false(folder->result.has_aliases);
        folder_free(folder);
}

/* As on FAT, where the name that is told is the one by which somebody called the file. */
static void test_what_is_called_otherwise_is_meant_all_the_same(void **state)
{
        struct folder *folder = folder_new(*state);

        folder_put(folder, TC "a.der", LEAF);
        folder_refresh(folder);
        folder_put(folder, TC "a.der", NOTHING);

        folder_refresh_name(folder, "trusted/certs", "A.DER", false);
        folder_assert_seen(folder, "another file is meant", "cert " TC "a.der");

        folding_pretend(true);
        folder_refresh_nothing(folder);
        folder_assert_seen(folder, "nothing is told", "cert " TC "a.der");
        folder_refresh_name(folder, "trusted/certs", "A.DER", false);
        folding_pretend(false);
        folder_assert_seen(folder, "that one is meant", "");
        folder_free(folder);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_only_what_is_hinted_is_looked_at),
                cmocka_unit_test(test_what_is_as_it_was_is_shared),
                cmocka_unit_test(test_links_are_looked_at_whatever_is_hinted),
                cmocka_unit_test(test_a_link_is_no_reason_to_look_at_all_others),
                cmocka_unit_test(test_a_link_to_a_directory_with_a_role_is_no_file),
                cmocka_unit_test(test_a_file_of_two_names_may_change_by_the_other),
                cmocka_unit_test(test_a_file_that_is_mounted_may_change_where_it_lies),
                cmocka_unit_test(test_what_is_called_otherwise_is_meant_all_the_same),
        };

        return cmocka_run_group_tests_name("store/look", tests, contents_set_up,
                                           contents_tear_down);
}
