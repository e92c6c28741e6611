/* SPDX-License-Identifier: Apache-2.0 */

/* What others, a crash or a full disk did to the folder costs the records concerned, and no more. */

#include "harness/must.h"
#include "harness/rejected_scene.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void files_of_other_names_are_not_ours(void **state)
{
        static const char *const NAMES[] = {
                "README",
                "CN [0123456789abcdef].der",
                "0123.der",
                "00112233445566778899AABBCCDDEEFF00112233445566778899aabbccddeeff.der",
                "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff.pem",
                "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff.der.bak",
        };
        struct scene *scene = *state;

        for (size_t i = 0; i < ARRAY_SIZE(NAMES); i++) {
                char name[128];

                snprintf(name, sizeof(name), REJECTED_DIR "/%s", NAMES[i]);
                tree_write(scene->tree, name, "x", 1);
        }
        scene->batch.max = 2;
        write_range(scene, 0, 5, ALICE);
        assert_int_equal(scene->list->files.n, 2);
        assert_int_equal(count_files(scene, REJECTED_DIR), 4 + ARRAY_SIZE(NAMES));
}

static void a_certificate_without_a_record_gets_one(void **state)
{
        static const char *const DAMAGED[] = { NULL, "", "{\"sha256\":1}", NULL };
        struct scene *scene = *state;

        for (size_t i = 0; i < ARRAY_SIZE(DAMAGED); i++) {
                char *path = path_of(scene, i, ".json");

                put(scene, i, ALICE, true);
                write_batch(scene);
                if (DAMAGED[i])
                        tree_write(scene->tree, path + strlen(scene->tree->path) + 1, DAMAGED[i],
                                   strlen(DAMAGED[i]));
                else if (i == 0)
                        unlink(path);
                else
                        must(truncate(path, INT64_C(1) << 40) == 0, "truncate");
                write_batch(scene);
                assert_true(find(scene, i)->has_cert);
                assert_null(find(scene, i)->record);

                put(scene, i, BOB, true);
                write_batch(scene);
                assert_int_equal(find(scene, i)->record->note.count, 1);
                assert_int_equal(scene->outcome.added.n, 1);
                expect_in_step(scene);
                free(path);
        }
}

static void a_record_without_its_certificate_goes_in_time(void **state)
{
        struct scene *scene = *state;
        char *path = path_of(scene, 0, ".der");

        scene->now_s = time(NULL);
        put(scene, 0, ALICE, true);
        write_batch(scene);
        unlink(path);
        write_range(scene, 1, 1, ALICE);
        assert_non_null(find(scene, 0));

        scene->now_s += REJECTED_ORPHAN_S + 5;
        write_range(scene, 2, 1, ALICE);
        assert_null(find(scene, 0));
        assert_int_equal(count_files(scene, REJECTED_DIR), 4);
        free(path);
}

static void what_a_crash_left_is_no_hindrance(void **state)
{
        struct scene *scene = *state;

        scene->batch.lane = 7;
        tree_write(scene->tree, REJECTED_DIR "/.uatrust-record-7.tmp", "half", 4);
        put(scene, 0, ALICE, true);
        write_batch(scene);
        assert_int_equal(scene->outcome.error, 0);
        assert_int_equal(count_files(scene, REJECTED_DIR), 2);
}

static void no_link_leads_out_of_the_store(void **state)
{
        static const char *const LINKS[] = { "rejected", REJECTED_DIR };
        struct tree *elsewhere = tree_new();
        struct scene *scene = *state;
        struct scene outside = { .tree = elsewhere };

        for (size_t i = 0; i < ARRAY_SIZE(LINKS); i++) {
                char *path = tree_path(scene->tree, LINKS[i]);

                tree_remove(scene->tree, "rejected");
                if (i)
                        tree_mkdir(scene->tree, "rejected");
                must(symlink(elsewhere->path, path) == 0, "symlink");
                put(scene, 0, ALICE, true);
                write_batch(scene);
                assert_int_equal(scene->outcome.n_failed, 1);
                assert_int_equal(scene->outcome.error, EXDEV);
                assert_int_equal(count_files(&outside, "."), 0);
                free(path);
        }
        tree_free(elsewhere);
}

static void a_link_in_the_place_of_a_file_is_replaced(void **state)
{
        struct scene *scene = *state;
        char *target = tree_path(scene->tree, "target");
        char *paths[] = { path_of(scene, 0, ".der"), path_of(scene, 0, ".json") };
        struct stat st;

        tree_write(scene->tree, "target", "precious", 8);
        tree_mkdir(scene->tree, REJECTED_DIR);
        for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
                must(symlink(target, paths[i]) == 0, "symlink");
        put(scene, 0, ALICE, true);
        write_batch(scene);
        assert_int_equal(scene->outcome.error, 0);
        assert_int_equal(stat(target, &st), 0);
        assert_int_equal(st.st_size, 8);
        for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
                assert_int_equal(lstat(paths[i], &st), 0);
                assert_true(S_ISREG(st.st_mode));
                free(paths[i]);
        }
        free(target);
}

static void a_folder_that_is_not_there_costs_the_record(void **state)
{
        struct scene *scene = *state;

        rmdir(scene->tree->path);
        put(scene, 0, ALICE, true);
        write_batch(scene);
        assert_int_equal(scene->outcome.n_failed, 1);
        assert_int_equal(scene->outcome.error, ENOENT);
        must(mkdir(scene->tree->path, 0755) == 0, "mkdir");
}

/* Of the two files of each record both are there or none. */
static void a_full_disk_costs_the_record(void **state)
{
        struct scene *scene = *state;
        char *path;
        size_t n_failed = 0;

        tree_mkdir(scene->tree, "rejected");
        path = tree_path(scene->tree, "rejected");
        if (mount("none", path, "tmpfs", 0, "size=64k") < 0) {
                free(path);
                print_message("SKIPPED: no tmpfs can be mounted: %s\n", strerror(errno));
                skip();
        }

        for (size_t i = 0; i < 64; i++) {
                put(scene, i, ALICE, true);
                write_batch(scene);
                n_failed += scene->outcome.n_failed;
        }
        assert_int_equal(scene->outcome.error, ENOSPC);
        assert_true(n_failed > 0 && n_failed < 64);
        assert_int_equal(scene->list->files.n, 64 - n_failed);
        assert_int_equal(count_files(scene, REJECTED_DIR), 2 * (64 - n_failed));
        for (size_t i = 0; i < scene->list->files.n; i++)
                assert_non_null(scene->list->files.items[i].record);

        must(mount("none", path, "tmpfs", MS_REMOUNT | MS_RDONLY, NULL) == 0, "remount");
        put(scene, 0, ALICE, false);
        put(scene, 63, ALICE, true);
        write_batch(scene);
        assert_int_equal(scene->outcome.error, EROFS);
        assert_int_equal(scene->outcome.n_failed, 2);
        assert_int_equal(scene->list->files.n, 64 - n_failed);
        umount(path);
        free(path);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                REJECTED_TEST(files_of_other_names_are_not_ours),
                REJECTED_TEST(a_certificate_without_a_record_gets_one),
                REJECTED_TEST(a_record_without_its_certificate_goes_in_time),
                REJECTED_TEST(what_a_crash_left_is_no_hindrance),
                REJECTED_TEST(no_link_leads_out_of_the_store),
                REJECTED_TEST(a_link_in_the_place_of_a_file_is_replaced),
                REJECTED_TEST(a_folder_that_is_not_there_costs_the_record),
                REJECTED_TEST(a_full_disk_costs_the_record),
        };

        return cmocka_run_group_tests(tests, NULL, rejected_forget);
}
