/* SPDX-License-Identifier: Apache-2.0 */
#include "store/rejected.h"

#include "harness/must.h"
#include "harness/rejected_scene.h"
#include "pki/ossl.h"
#include "store/rejected_room.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

int main(void)
{
        const struct CMUnitTest tests[] = {
                REJECTED_TEST(a_look_makes_nothing),
                REJECTED_TEST(a_record_is_two_files_named_by_the_hash),
                REJECTED_TEST(who_came_first_stays_and_the_rest_is_the_newest),
                REJECTED_TEST(a_restart_knows_all_of_it),
                REJECTED_TEST(issuers_are_kept_with_it),
                REJECTED_TEST(a_count_of_what_is_gone_is_dropped),
                REJECTED_TEST(what_is_named_after_another_certificate_is_not_written),
                REJECTED_TEST(at_the_limit_all_stay_and_past_it_the_oldest_goes),
                REJECTED_TEST(bytes_have_a_limit_too),
                REJECTED_TEST(of_too_many_files_none_is_added),
                REJECTED_TEST(what_was_seen_again_is_not_the_oldest),
                REJECTED_TEST(nobody_pushes_out_anothers_last_ones),
                REJECTED_TEST(where_none_may_go_the_new_one_does_not_come),
                REJECTED_TEST(a_smaller_limit_holds_from_the_next_record_on),
        };

        return cmocka_run_group_tests(tests, NULL, rejected_forget);
}
