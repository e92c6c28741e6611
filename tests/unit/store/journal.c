/* SPDX-License-Identifier: Apache-2.0 */
#include "store/journal.h"

#include "harness/must.h"
#include "harness/test.h"
#include "harness/tree.h"
#include "pki/ossl.h"
#include "proto/buf.h"
#include "store/layout.h"
#include "store/sources.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DIR "trusted/certs"

struct scene {
        struct tree *tree;
        struct store_source source;
        struct own_folder folder;
        struct journal journal;
};

static void open_folder(struct scene *scene, struct own_folder *folder)
{
        *folder = (struct own_folder)OWN_FOLDER_NULL;
        assert_int_equal(own_folder_open(&scene->source, folder), 0);
}

static int set_up(void **state)
{
        struct scene *scene = must_calloc(1, sizeof(*scene));

        must(ossl_init() == 0, "ossl_init");
        scene->tree = tree_new();
        scene->source = (struct store_source){ .name = "default", .path = scene->tree->path };
        scene->source.layout = layout_default();
        tree_mkdir(scene->tree, DIR);
        open_folder(scene, &scene->folder);
        assert_int_equal(own_folder_lock(&scene->folder, true), 0);
        *state = scene;
        return 0;
}

static int tear_down(void **state)
{
        struct scene *scene = *state;

        journal_deinit(&scene->journal);
        own_folder_close(&scene->folder);
        tree_free(scene->tree);
        free(scene);
        return 0;
}

/* @text NULL: it is removed. */
static void put(const struct scene *scene, const char *name, const char *text)
{
        CLEANUP(freep) char *path = NULL;

        must(asprintf(&path, DIR "/%s", name) > 0, "asprintf");
        if (text)
                tree_replace(scene->tree, path, text, strlen(text));
        else
                tree_remove(scene->tree, path);
}

/* "" for no file. */
static void assert_is(const struct scene *scene, const char *name, const char *expected)
{
        CLEANUP(freep) char *path = NULL;
        char text[64] = "";
        int fd;

        must(asprintf(&path, "%s/" DIR "/%s", scene->tree->path, name) > 0, "asprintf");
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd >= 0) {
                must(read(fd, text, sizeof(text) - 1) >= 0, "%s", path);
                close(fd);
        }
        assert_string_equal(text, expected);
}

static struct bytes bytes_of(const char *text)
{
        return (struct bytes){ (const uint8_t *)text, strlen(text) };
}

/* @before, @after NULL: no file. */
static void stage(struct scene *scene, const char *name, const char *before, const char *after)
{
        struct journal_op op = { .dir = (char *)DIR, .name = (char *)name };

        op.has_before = before != NULL;
        op.has_after = after != NULL;
        if (before)
                must(ossl_sha256(bytes_of(before), op.before) == 0, "hash");
        assert_int_equal(journal_stage(&scene->journal, &scene->folder, &op,
                                       bytes_of(after ? after : ""), NULL),
                         0);
}

/* One of each kind: made, rewritten, removed. */
static void stage_three(struct scene *scene)
{
        put(scene, "rewritten", "old");
        put(scene, "removed", "old");
        stage(scene, "made", NULL, "new");
        stage(scene, "rewritten", "old", "new");
        stage(scene, "removed", "old", NULL);
}

static void assert_old(const struct scene *scene)
{
        assert_is(scene, "made", "");
        assert_is(scene, "rewritten", "old");
        assert_is(scene, "removed", "old");
}

static void assert_new(const struct scene *scene)
{
        assert_is(scene, "made", "new");
        assert_is(scene, "rewritten", "new");
        assert_is(scene, "removed", "");
}

/* Dot-files but the lock. */
static void assert_nothing_strange(const char *folder)
{
        CLEANUP(freep) char *command = NULL;

        must(asprintf(&command,
                      "find %s -name '.uatrust-*' ! -name " OWN_FOLDER_LOCK " | grep -q .",
                      folder) > 0,
             "asprintf");
        if (system(command) == 0)
                fail_msg("something is left");
}

static void assert_tidy(const struct scene *scene)
{
        assert_nothing_strange(scene->tree->path);
}

/* Some programs stumble over any strange file in a list. */
static void what_is_staged_lies_in_no_list(void **state)
{
        struct scene *scene = *state;
        char *path = tree_path(scene->tree, DIR);

        stage_three(scene);
        assert_int_equal(journal_commit(&scene->journal, &scene->folder), 0);
        assert_nothing_strange(path);
        free(path);
}

static void what_is_staged_changes_nothing_and_is_swept_away(void **state)
{
        struct scene *scene = *state;
        struct journal loaded = JOURNAL_NULL;

        stage_three(scene);
        assert_old(scene);
        assert_int_equal(journal_load(&scene->folder, &loaded), JOURNAL_E_NONE);
        assert_int_equal(journal_sweep(&scene->folder, scene->source.layout), 0);
        assert_old(scene);
        assert_tidy(scene);
}

static void what_is_dropped_changes_nothing(void **state)
{
        struct scene *scene = *state;

        stage_three(scene);
        assert_int_equal(journal_commit(&scene->journal, &scene->folder), 0);
        assert_int_equal(journal_drop(&scene->journal, &scene->folder), 0);
        assert_old(scene);
        assert_tidy(scene);
}

static void what_is_committed_is_carried_out_by_whoever_comes(void **state)
{
        struct scene *scene = *state;
        struct journal loaded = JOURNAL_NULL;
        struct journal_texts foreign = { VEC_NULL };

        stage_three(scene);
        assert_int_equal(journal_commit(&scene->journal, &scene->folder), 0);
        assert_old(scene);

        assert_int_equal(journal_load(&scene->folder, &loaded), 0);
        assert_int_equal(loaded.ops.n, 3);
        assert_int_equal(journal_carry_out(&loaded, &scene->folder, &foreign), 0);
        assert_int_equal(foreign.list.n, 0);
        assert_new(scene);
        assert_tidy(scene);
        journal_deinit(&loaded);
}

/* Committed, and then somebody else was there first. */
static void what_somebody_else_changed_stays(void **state)
{
        static const struct {
                const char *name;
                const char *theirs; /* NULL: they removed it */
                const char *left;
                size_t n_foreign;
        } ROWS[] = {
                { "made", "theirs", "theirs", 1 },
                { "made", "new", "new", 0 }, /* the same as we */
                { "rewritten", "theirs", "theirs", 1 },
                { "rewritten", "new", "new", 0 },
                { "rewritten", NULL, "", 1 },
                { "removed", "theirs", "theirs", 1 },
                { "removed", NULL, "", 0 },
        };
        struct scene *scene = *state;

        for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
                struct journal_texts foreign = { VEC_NULL };

                put(scene, "made", NULL);
                stage_three(scene);
                assert_int_equal(journal_commit(&scene->journal, &scene->folder), 0);
                put(scene, ROWS[i].name, ROWS[i].theirs);
                assert_int_equal(journal_carry_out(&scene->journal, &scene->folder, &foreign), 0);
                assert_is(scene, ROWS[i].name, ROWS[i].left);
                assert_int_equal(foreign.list.n, ROWS[i].n_foreign);
                if (foreign.list.n > 0)
                        assert_non_null(strstr(foreign.list.items[0], ROWS[i].name));
                assert_tidy(scene);
                journal_texts_deinit(&foreign);
                journal_deinit(&scene->journal);
        }
}

static void a_file_that_is_not_as_before_is_a_conflict(void **state)
{
        static const struct {
                const char *name, *theirs;
                size_t at;
        } ROWS[] = { { "made", "theirs", 0 },
                     { "rewritten", "theirs", 1 },
                     { "rewritten", NULL, 1 },
                     { "removed", "theirs", 2 } };
        struct scene *scene = *state;
        size_t at;

        for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
                put(scene, "made", NULL);
                stage_three(scene);
                assert_int_equal(journal_check(&scene->journal, &scene->folder, &at), 0);
                put(scene, ROWS[i].name, ROWS[i].theirs);
                assert_int_equal(journal_check(&scene->journal, &scene->folder, &at),
                                 JOURNAL_E_CONFLICT);
                assert_int_equal(at, ROWS[i].at);
                assert_int_equal(journal_drop(&scene->journal, &scene->folder), 0);
                journal_deinit(&scene->journal);
        }
}

static void a_directory_or_a_private_key_in_its_place_is_somebody_elses(void **state)
{
        static const char KEY[] = "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n";
        struct scene *scene = *state;
        size_t at;

        stage_three(scene);
        put(scene, "rewritten", NULL);
        tree_mkdir(scene->tree, DIR "/rewritten");
        assert_int_equal(journal_check(&scene->journal, &scene->folder, &at), JOURNAL_E_CONFLICT);
        assert_int_equal(at, 1);

        tree_remove(scene->tree, DIR "/rewritten");
        put(scene, "rewritten", "old");
        put(scene, "removed", KEY);
        assert_int_equal(journal_check(&scene->journal, &scene->folder, &at), JOURNAL_E_CONFLICT);
        assert_int_equal(at, 2);
}

static void mode_and_link_are_minded(void **state)
{
        struct scene *scene = *state;
        struct own_folder_file file;
        struct journal_texts foreign = { VEC_NULL };
        struct journal_op op = { .dir = (char *)DIR, .name = (char *)"a", .has_after = true };
        char *path = tree_path(scene->tree, DIR "/a");
        struct stat st;
        size_t dir;

        put(scene, "target", "old");
        must(symlink("target", path) == 0, "symlink");
        assert_int_equal(own_folder_find_dir(&scene->folder, DIR, false, &dir), 0);
        assert_int_equal(own_folder_look(&scene->folder, dir, "a", &file), 0);
        assert_true(file.has_sha256);
        file.mode = 0640;

        op.has_before = true;
        memcpy(op.before, file.sha256, sizeof(op.before));
        assert_int_equal(
                journal_stage(&scene->journal, &scene->folder, &op, bytes_of("new"), &file), 0);
        assert_int_equal(journal_commit(&scene->journal, &scene->folder), 0);
        assert_int_equal(journal_carry_out(&scene->journal, &scene->folder, &foreign), 0);
        assert_is(scene, "a", "new");
        assert_is(scene, "target", "old"); /* of a link, the link */
        must(lstat(path, &st) == 0, "lstat");
        assert_true(S_ISREG(st.st_mode));
        assert_int_equal(st.st_mode & 0777, 0640);
        free(path);
}

static void one_process_writes_at_a_time(void **state)
{
        struct scene *scene = *state;
        struct own_folder other;

        open_folder(scene, &other);
        assert_int_equal(own_folder_lock(&other, true), OWN_FOLDER_E_BUSY);
        own_folder_close(&scene->folder);
        assert_int_equal(own_folder_lock(&other, true), 0);
        own_folder_close(&other);
        open_folder(scene, &scene->folder);
}

static void a_text_that_is_not_ours_is_damaged(void **state)
{
        struct scene *scene = *state;
        struct buf text = BUF_NULL;
        struct journal read = JOURNAL_NULL;

        stage_three(scene);
        assert_int_equal(journal_text_write(&scene->journal, &text), 0);
        assert_int_equal(journal_text_read((char *)text.data, text.n, &read), 0);
        assert_int_equal(read.ops.n, 3);
        assert_string_equal(read.ops.items[2].name, "removed");
        assert_true(read.ops.items[2].has_before && !read.ops.items[2].has_after);
        journal_deinit(&read);

        for (size_t i = 0; i < text.n; i++) {
                uint8_t was = text.data[i];

                text.data[i] = was == '0' ? '1' : '0';
                assert_int_equal(journal_text_read((char *)text.data, text.n, &read),
                                 JOURNAL_TEXT_E_DAMAGED);
                journal_deinit(&read);
                text.data[i] = was;
                assert_int_equal(journal_text_read((char *)text.data, i, &read),
                                 JOURNAL_TEXT_E_DAMAGED);
                journal_deinit(&read);
        }
        buf_deinit(&text);
}

static void a_journal_leads_nowhere_else(void **state)
{
        static const char *const DIRS[] = { "/etc", "..", "../x", "a/../../b", "a/.." };
        static const char *const NAMES[] = { "../x", "/x", "a/b" };

        (void)state;
        for (size_t i = 0; i < 8; i++) {
                struct journal journal = JOURNAL_NULL, read = JOURNAL_NULL;
                struct journal_op op = { .dir = must_strdup(i < 5 ? DIRS[i] : "a"),
                                         .name = must_strdup(i < 5 ? "b" : NAMES[i - 5]) };
                struct buf text = BUF_NULL;

                assert_int_equal(journal_add(&journal, &op), 0);
                assert_int_equal(journal_text_write(&journal, &text), 0);
                assert_int_equal(journal_text_read((char *)text.data, text.n, &read),
                                 JOURNAL_TEXT_E_DAMAGED);
                journal_deinit(&journal);
                journal_deinit(&read);
                buf_deinit(&text);
        }
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(what_is_staged_lies_in_no_list),
                TEST(what_is_staged_changes_nothing_and_is_swept_away),
                TEST(what_is_dropped_changes_nothing),
                TEST(what_is_committed_is_carried_out_by_whoever_comes),
                TEST(what_somebody_else_changed_stays),
                TEST(a_file_that_is_not_as_before_is_a_conflict),
                TEST(a_directory_or_a_private_key_in_its_place_is_somebody_elses),
                TEST(mode_and_link_are_minded),
                TEST(one_process_writes_at_a_time),
                TEST(a_text_that_is_not_ours_is_damaged),
                TEST(a_journal_leads_nowhere_else),
        };

        return cmocka_run_group_tests_name("store/journal", tests, NULL, NULL);
}
