/* SPDX-License-Identifier: Apache-2.0 */
#include "store/rejected.h"

#include "harness/mint.h"
#include "harness/must.h"
#include "harness/test.h"
#include "harness/tree.h"
#include "pki/cert.h"
#include "pki/ossl.h"
#include "proto/hex.h"
#include "store/rejected_room.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define NOW_S INT64_C(1900000000)
#define ALICE 1000
#define BOB   1001

/* -- a store's folder, and what is written to it ------------------------------------------------ */

struct scene {
        struct tree *tree;
        struct rejected_list *list;
        struct rejected_batch batch;
        struct rejected_outcome outcome;
        int64_t now_s;
};

static struct mint_der minted[256];

/* A certificate for each number, as different as hostile names are. */
static const struct mint_der *certificate(size_t number)
{
        static const char *const SUBJECTS[] = { "CN=../../evil", "CN=a\nb", "CN=/etc/passwd",
                                                "CN=.", "CN=x.der" };
        char serial[16];
        struct mint_cert spec = { .key = "p256-stranger", .serial = serial };

        must(number < ARRAY_SIZE(minted), "too many");
        if (!minted[number].data) {
                spec.subject = SUBJECTS[number % ARRAY_SIZE(SUBJECTS)];
                snprintf(serial, sizeof(serial), "01%06x", (unsigned int)number);
                minted[number] = mint_cert(&spec);
        }
        return &minted[number];
}

static char *hash_of(const struct mint_der *der)
{
        uint8_t sha256[32];
        char *hex = must_calloc(1, 65);

        must(ossl_sha256((struct bytes){ der->data, der->n }, sha256) == 0, "hash");
        hex_encode(sha256, sizeof(sha256), hex);
        return hex;
}

static struct schema_bytes copy_of(const struct mint_der *der)
{
        struct schema_bytes bytes = { must_calloc(1, der->n), der->n };

        memcpy(bytes.data, der->data, der->n);
        return bytes;
}

/* Certificate @number was refused once more, now; with its DER if @is_new. */
static struct rejected_item *put(struct scene *scene, size_t number, int64_t uid, bool is_new)
{
        struct rejected_item item = { .n_certificates = 0 };

        schema_init(&rejected_note_schema, &item.note);
        item.note.sha256 = hash_of(certificate(number));
        item.note.status_name = must_strdup("BadCertificateUntrusted");
        item.note.reason = must_strdup("it is not trusted");
        item.note.purpose = must_strdup("client");
        item.note.caller.uid = item.note.first_uid = uid;
        item.note.first_seen = item.note.last_seen = scene->now_s;
        item.note.count = 1;
        if (is_new) {
                item.certificates = must_calloc(1, sizeof(*item.certificates));
                item.certificates[0] = copy_of(certificate(number));
                item.n_certificates = 1;
        }
        must(VEC_PUSH(&scene->batch.items, item) == 0, "push");
        return &scene->batch.items.items[scene->batch.items.n - 1];
}

static void write_batch(struct scene *scene)
{
        rejected_outcome_deinit(&scene->outcome);
        scene->outcome = (struct rejected_outcome)REJECTED_OUTCOME_NULL;
        scene->batch.now_s = scene->now_s;
        assert_int_equal(
                rejected_write(scene->tree->path, scene->list, &scene->batch, &scene->outcome), 0);
        if (scene->outcome.list) {
                rejected_list_unref(scene->list);
                scene->list = rejected_list_ref(scene->outcome.list);
        }

        for (size_t i = 0; i < scene->batch.items.n; i++)
                rejected_item_deinit(&scene->batch.items.items[i]);
        scene->batch.items.n = 0;
}

/* One after another, a second apart, in batches as large as they may be. */
static void write_range(struct scene *scene, size_t from, size_t n, int64_t uid)
{
        for (size_t i = 0; i < n; i++) {
                scene->now_s++;
                put(scene, from + i, uid, true);
                if (scene->batch.items.n == REJECTED_BATCH_MAX || i + 1 == n)
                        write_batch(scene);
        }
}

static const struct rejected_file *find(const struct scene *scene, size_t number)
{
        uint8_t sha256[32];
        const struct mint_der *der = certificate(number);

        must(ossl_sha256((struct bytes){ der->data, der->n }, sha256) == 0, "hash");
        return rejected_list_find(scene->list, sha256);
}

static size_t count_files(const struct scene *scene, const char *name)
{
        char *path = tree_path(scene->tree, name);
        DIR *dir = opendir(path);
        const struct dirent *entry;
        size_t n = 0;

        while (dir && (entry = readdir(dir)))
                n += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
        if (dir)
                closedir(dir);
        free(path);
        return n;
}

static char *path_of(const struct scene *scene, size_t number, const char *ending)
{
        char *hash = hash_of(certificate(number)), *name, *path;

        must(asprintf(&name, REJECTED_DIR "/%s%s", hash, ending) > 0, "asprintf");
        path = tree_path(scene->tree, name);
        free(name);
        free(hash);
        return path;
}

/* What is told of the list is what lies there. */
static void expect_in_step(struct scene *scene)
{
        struct rejected_list *told = rejected_list_ref(scene->list);

        write_batch(scene);
        assert_int_equal(scene->list->files.n, told->files.n);
        assert_int_equal(scene->list->n_bytes, told->n_bytes);
        for (size_t i = 0; i < told->files.n; i++) {
                const struct rejected_file *a = &told->files.items[i];
                const struct rejected_file *b = &scene->list->files.items[i];

                assert_memory_equal(a->sha256, b->sha256, 32);
                assert_true(scan_stamp_equal(&a->cert, &b->cert));
                assert_true(scan_stamp_equal(&a->note, &b->note));
                assert_ptr_equal(a->record, b->record);
        }
        rejected_list_unref(told);
}

static int set_up(void **state)
{
        struct scene *scene = must_calloc(1, sizeof(*scene));

        must(ossl_init() == 0, "ossl_init");
        scene->tree = tree_new();
        scene->batch.max = 100;
        scene->now_s = NOW_S;
        *state = scene;
        return 0;
}

static int tear_down(void **state)
{
        struct scene *scene = *state;

        VEC_FREE(&scene->batch.items);
        rejected_outcome_deinit(&scene->outcome);
        rejected_list_unref(scene->list);
        tree_free(scene->tree);
        free(scene);
        return 0;
}

/* -- tests ------------------------------------------------------------------------------------- */

static void a_look_makes_nothing(void **state)
{
        struct scene *scene = *state;

        write_batch(scene);
        assert_int_equal(scene->list->files.n, 0);
        assert_int_equal(scene->outcome.error, 0);
        assert_int_equal(count_files(scene, "."), 0);
}

static void a_record_is_two_files_named_by_the_hash(void **state)
{
        struct scene *scene = *state;
        char *path = path_of(scene, 0, ".der");
        struct stat st;

        put(scene, 0, ALICE, true);
        write_batch(scene);
        assert_int_equal(scene->outcome.added.n, 1);
        assert_int_equal(scene->outcome.added.items[0].record->note.count, 1);
        assert_int_equal(count_files(scene, REJECTED_DIR), 2);
        assert_int_equal(count_files(scene, "."), 1);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_size, certificate(0)->n);
        assert_int_equal(st.st_mode & 07777, 0644);
        assert_non_null(find(scene, 0)->record);
        expect_in_step(scene);
        free(path);
}

static void who_came_first_stays_and_the_rest_is_the_newest(void **state)
{
        struct scene *scene = *state;
        const struct rejected_note *note;
        struct rejected_item *item;

        put(scene, 0, ALICE, true);
        write_batch(scene);
        scene->now_s += 60;
        item = put(scene, 0, BOB, false);
        item->note.count = 41;
        item->note.caller.unit = must_strdup("b.service");
        write_batch(scene);

        note = &find(scene, 0)->record->note;
        assert_int_equal(scene->outcome.added.n, 0);
        assert_int_equal(note->count, 42);
        assert_int_equal(note->first_seen, NOW_S);
        assert_int_equal(note->last_seen, NOW_S + 60);
        assert_int_equal(note->first_uid, ALICE);
        assert_int_equal(note->caller.uid, BOB);
        assert_string_equal(note->caller.unit, "b.service");
        expect_in_step(scene);
}

static void a_restart_knows_all_of_it(void **state)
{
        struct scene *scene = *state;

        put(scene, 0, ALICE, true)->note.count = 7;
        write_batch(scene);
        scene->list = rejected_list_unref(scene->list);
        put(scene, 0, ALICE, false);
        write_batch(scene);
        assert_int_equal(find(scene, 0)->record->note.count, 8);
}

static void issuers_are_kept_with_it(void **state)
{
        struct scene *scene = *state;
        struct rejected_item *item = put(scene, 0, ALICE, true);
        const struct rejected_record *record;
        uint8_t sha256[32];

        /* One element may hold several. */
        item->certificates = realloc(item->certificates, 2 * sizeof(*item->certificates));
        item->certificates[1].n = certificate(1)->n + certificate(2)->n;
        item->certificates[1].data = must_calloc(1, item->certificates[1].n);
        memcpy(item->certificates[1].data, certificate(1)->data, certificate(1)->n);
        memcpy(item->certificates[1].data + certificate(1)->n, certificate(2)->data,
               certificate(2)->n);
        item->n_certificates = 2;
        write_batch(scene);

        put(scene, 0, ALICE, false);
        write_batch(scene);
        scene->list = rejected_list_unref(scene->list);
        write_batch(scene);
        record = find(scene, 0)->record;
        assert_int_equal(record->note.count, 2);
        assert_int_equal(record->n_issuers, 2);
        for (size_t i = 0; i < 2; i++) {
                const struct mint_der *der = certificate(i + 1);

                assert_int_equal(ossl_sha256((struct bytes){ der->data, der->n }, sha256), 0);
                assert_memory_equal(record->issuers[i].sha256, sha256, 32);
        }
}

static void a_count_of_what_is_gone_is_dropped(void **state)
{
        struct scene *scene = *state;

        put(scene, 0, ALICE, false);
        write_batch(scene);
        assert_int_equal(count_files(scene, REJECTED_DIR), 0);
        assert_int_equal(scene->outcome.n_failed, 0);
}

static void what_is_named_after_another_certificate_is_not_written(void **state)
{
        struct scene *scene = *state;
        struct rejected_item *item = put(scene, 0, ALICE, true);

        free(item->certificates[0].data);
        item->certificates[0] = copy_of(certificate(1));
        item = put(scene, 2, ALICE, true);
        free(item->note.sha256);
        item->note.sha256 = must_strdup("../../../etc/passwd");
        item = put(scene, 3, ALICE, true);
        memset(item->certificates[0].data, 0, item->certificates[0].n);
        write_batch(scene);
        assert_int_equal(count_files(scene, REJECTED_DIR), 0);
}

static void at_the_limit_all_stay_and_past_it_the_oldest_goes(void **state)
{
        struct scene *scene = *state;

        scene->batch.max = 20;
        write_range(scene, 0, 20, ALICE);
        assert_int_equal(scene->list->files.n, 20);
        assert_int_equal(scene->outcome.n_evicted, 0);

        write_range(scene, 20, 1, ALICE);
        assert_int_equal(scene->list->files.n, 20);
        assert_int_equal(count_files(scene, REJECTED_DIR), 40);
        assert_int_equal(scene->outcome.n_evicted, 1);
        assert_null(find(scene, 0));
        assert_non_null(find(scene, 20));
        expect_in_step(scene);
}

/* The first one's certificate becomes a hole, so that with the second there are so many bytes. */
static size_t write_bytes(struct scene *scene, int64_t n_bytes)
{
        char *hole = path_of(scene, 0, ".der");
        int64_t n_second;

        tree_remove(scene->tree, "rejected");
        write_range(scene, 0, 1, ALICE);
        n_second = -scene->list->n_bytes;
        write_range(scene, 1, 1, ALICE);
        n_second += scene->list->n_bytes;
        must(truncate(hole, n_bytes - n_second - find(scene, 0)->note.size) == 0, "truncate");
        free(hole);

        hole = path_of(scene, 1, ".der");
        must(unlink(hole) == 0, "unlink");
        free(hole);
        hole = path_of(scene, 1, ".json");
        must(unlink(hole) == 0, "unlink");
        free(hole);
        write_range(scene, 1, 1, ALICE);
        return scene->list->files.n;
}

static void bytes_have_a_limit_too(void **state)
{
        struct scene *scene = *state;

        assert_int_equal(write_bytes(scene, REJECTED_BYTES_MAX), 2);
        assert_int_equal(scene->list->n_bytes, REJECTED_BYTES_MAX);
        assert_int_equal(write_bytes(scene, REJECTED_BYTES_MAX + 1), 1);
        assert_null(find(scene, 0));
}

static void of_too_many_files_none_is_added(void **state)
{
        struct scene *scene = *state;

        for (size_t i = 0; i < REJECTED_MAX_MAX + 1; i++) {
                char name[128];

                snprintf(name, sizeof(name), REJECTED_DIR "/%064zx.der", i);
                tree_write(scene->tree, name, "x", 1);
        }
        scene->batch.max = REJECTED_MAX_MAX;
        put(scene, 0, ALICE, true);
        write_batch(scene);
        assert_true(scene->list->is_cut);
        assert_int_equal(scene->list->files.n, REJECTED_MAX_MAX);
        assert_int_equal(scene->outcome.n_refused, 1);
        assert_int_equal(count_files(scene, REJECTED_DIR), REJECTED_MAX_MAX + 1);
}

static void what_was_seen_again_is_not_the_oldest(void **state)
{
        struct scene *scene = *state;

        scene->batch.max = 3;
        write_range(scene, 0, 3, ALICE);
        scene->now_s++;
        put(scene, 0, ALICE, false);
        write_batch(scene);
        write_range(scene, 3, 1, ALICE);
        assert_non_null(find(scene, 0));
        assert_null(find(scene, 1));
}

static void nobody_pushes_out_anothers_last_ones(void **state)
{
        struct scene *scene = *state;

        scene->batch.max = 40;
        write_range(scene, 0, REJECTED_SHARE + 4, ALICE);
        write_range(scene, 100, 100, BOB);
        assert_int_equal(scene->list->files.n, 40);
        for (size_t i = 0; i < REJECTED_SHARE + 4; i++)
                assert_int_equal(find(scene, i) != NULL, i >= 4);

        /* Bob asking about them does not make them his. */
        for (size_t i = 4; i < REJECTED_SHARE + 4; i++)
                put(scene, i, BOB, false);
        write_batch(scene);
        write_range(scene, 200, 50, BOB);
        for (size_t i = 4; i < REJECTED_SHARE + 4; i++)
                assert_non_null(find(scene, i));
}

static void where_none_may_go_the_new_one_does_not_come(void **state)
{
        struct scene *scene = *state;

        scene->batch.max = REJECTED_SHARE;
        write_range(scene, 0, REJECTED_SHARE, ALICE);
        write_range(scene, 100, 1, BOB);
        assert_int_equal(scene->outcome.n_refused, 1);
        assert_null(find(scene, 100));
        assert_int_equal(scene->list->files.n, REJECTED_SHARE);
}

static void a_smaller_limit_holds_from_the_next_record_on(void **state)
{
        struct scene *scene = *state;

        write_range(scene, 0, 30, ALICE);
        scene->batch.max = 5;
        write_range(scene, 30, 1, ALICE);
        assert_int_equal(scene->list->files.n, 5);
}

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

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(a_look_makes_nothing),
                TEST(a_record_is_two_files_named_by_the_hash),
                TEST(who_came_first_stays_and_the_rest_is_the_newest),
                TEST(a_restart_knows_all_of_it),
                TEST(issuers_are_kept_with_it),
                TEST(a_count_of_what_is_gone_is_dropped),
                TEST(what_is_named_after_another_certificate_is_not_written),
                TEST(at_the_limit_all_stay_and_past_it_the_oldest_goes),
                TEST(bytes_have_a_limit_too),
                TEST(of_too_many_files_none_is_added),
                TEST(what_was_seen_again_is_not_the_oldest),
                TEST(nobody_pushes_out_anothers_last_ones),
                TEST(where_none_may_go_the_new_one_does_not_come),
                TEST(a_smaller_limit_holds_from_the_next_record_on),
                TEST(files_of_other_names_are_not_ours),
                TEST(a_certificate_without_a_record_gets_one),
                TEST(a_record_without_its_certificate_goes_in_time),
                TEST(what_a_crash_left_is_no_hindrance),
                TEST(no_link_leads_out_of_the_store),
                TEST(a_link_in_the_place_of_a_file_is_replaced),
                TEST(a_folder_that_is_not_there_costs_the_record),
                TEST(a_full_disk_costs_the_record),
        };
        int n_failed = cmocka_run_group_tests(tests, NULL, NULL);

        for (size_t i = 0; i < ARRAY_SIZE(minted); i++)
                mint_der_deinit(&minted[i]);
        return n_failed;
}
