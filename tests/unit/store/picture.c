/* SPDX-License-Identifier: Apache-2.0 */
#include "store/picture.h"

#include "harness/test.h"
#include "trust/batch.h"
#include "trust/entry.h"

#include <stdio.h>
#include <string.h>

#define FILES  3000
#define ROUNDS 400

/* Which of many files there are. */
struct shelves {
        struct picture_file *files[FILES];
        bool is_there[FILES];
        uint64_t seed;
};

static unsigned int draw(struct shelves *shelves, unsigned int n)
{
        shelves->seed = shelves->seed * UINT64_C(6364136223846793005) + 1442695040888963407;
        return (unsigned int)(shelves->seed >> 33) % n;
}

static struct picture_file *make_file(size_t i)
{
        struct picture_file *file;
        char name[16];

        snprintf(name, sizeof(name), "%06zu", i);
        assert_int_equal(picture_file_new(name, NULL, &file), 0);
        file->todo = i % 100 == 0 ? PICTURE_LOOK_AGAIN : PICTURE_SETTLED;
        file->is_alias = i % 10 == 0;
        return file;
}

static struct shelves *make_shelves(void)
{
        struct shelves *shelves = calloc(1, sizeof(*shelves));

        assert_non_null(shelves);
        for (size_t i = 0; i < FILES; i++) {
                shelves->files[i] = make_file(i);
                shelves->is_there[i] = i % 3 > 0;
        }
        return shelves;
}

static void free_shelves(struct shelves *shelves)
{
        for (size_t i = 0; i < FILES; i++)
                picture_file_unref(shelves->files[i]);
        free(shelves);
}

static size_t number_of(const struct picture_file *file)
{
        return strtoul(file->name, NULL, 10);
}

/* All that are there from @first on and before @end. */
static void add_files(const struct shelves *shelves, struct picture_dir *dir, size_t first,
                      size_t end)
{
        for (size_t i = first; i < end; i++)
                if (shelves->is_there[i])
                        assert_int_equal(picture_dir_add(dir, picture_file_ref(shelves->files[i])),
                                         0);
}

/* Shelves of @old that hold what they should are shared, the others made anew. */
static struct picture_dir *make_dir(const struct shelves *shelves, const struct picture_dir *old,
                                    size_t changed)
{
        struct picture_dir *dir;
        size_t done = 0;

        assert_int_equal(picture_dir_new(&dir), 0);
        for (size_t i = 0; old && i < old->shelves.n; i++) {
                const struct picture_shelf *shelf = old->shelves.items[i];
                size_t end = i + 1 < old->shelves.n ? number_of(old->shelves.items[i + 1]->files[0])
                                                    : FILES;

                if (changed >= done && changed < end)
                        add_files(shelves, dir, done, end);
                else
                        assert_int_equal(picture_dir_share(dir, shelf), 0);
                done = end;
        }
        add_files(shelves, dir, done, FILES);
        assert_int_equal(picture_dir_end(dir), 0);
        return dir;
}

static size_t count_shared(const struct picture_dir *a, const struct picture_dir *b)
{
        size_t n = 0;

        for (size_t i = 0; i < a->shelves.n; i++)
                for (size_t k = 0; k < b->shelves.n; k++)
                        n += a->shelves.items[i] == b->shelves.items[k];
        return n;
}

static size_t find_next(const struct shelves *shelves, size_t i)
{
        while (i < FILES && !shelves->is_there[i])
                i++;
        return i;
}

static void assert_all_there(const struct shelves *shelves, const struct picture_dir *dir)
{
        size_t at = 0, n = 0, n_aliases = 0, n_todos = 0;

        for (size_t i = 0; i < dir->shelves.n; i++) {
                const struct picture_shelf *shelf = dir->shelves.items[i];

                assert_in_range(shelf->n, 1, 2 * PICTURE_SHELF_FILES - 1);
                for (size_t k = 0; k < shelf->n; k++, at++, n++) {
                        at = find_next(shelves, at);
                        assert_ptr_equal(shelf->files[k], shelves->files[at]);
                        n_aliases += at % 10 == 0;
                        if (at % 100 == 0)
                                assert_ptr_equal(dir->todos.items[n_todos++], shelf->files[k]);
                }
        }
        assert_int_equal(find_next(shelves, at), FILES);
        assert_int_equal(dir->n_files, n);
        assert_int_equal(dir->n_aliases, n_aliases);
        assert_int_equal(dir->todos.n, n_todos);
}

static void test_where_one_file_changes_all_other_shelves_are_shared(void **state)
{
        struct shelves *shelves = make_shelves();
        struct picture_dir *dir = make_dir(shelves, NULL, 0);

        (void)state;
        for (int round = 0; round < ROUNDS; round++) {
                size_t changed = draw(shelves, FILES);
                struct picture_dir *next;

                shelves->is_there[changed] = !shelves->is_there[changed];
                next = make_dir(shelves, dir, changed);
                assert_all_there(shelves, next);
                assert_true(count_shared(dir, next) + 2 >= dir->shelves.n);
                assert_false(picture_dir_is_same(dir, next));
                picture_dir_unref(dir);
                dir = next;
        }
        picture_dir_unref(dir);
        free_shelves(shelves);
}

/* Or a directory that once held many files would be as slow as if it still did. */
static void test_shelves_do_not_stay_short(void **state)
{
        struct shelves *shelves = make_shelves();
        struct picture_dir *dir = make_dir(shelves, NULL, 0), *next;
        size_t n = 0;

        (void)state;
        for (size_t i = 0; i < FILES; i++) {
                if (!shelves->is_there[i] || i % 300 == 1)
                        continue;
                shelves->is_there[i] = false;
                next = make_dir(shelves, dir, i);
                picture_dir_unref(dir);
                dir = next;
        }

        assert_all_there(shelves, dir);
        for (size_t i = 0; i < FILES; i++)
                n += shelves->is_there[i];
        assert_int_equal(dir->n_files, n);
        assert_true(dir->shelves.n <= 2);
        picture_dir_unref(dir);
        free_shelves(shelves);
}

static void test_the_same_shelves_are_the_same_directory(void **state)
{
        struct shelves *shelves = make_shelves();
        struct picture_dir *dir = make_dir(shelves, NULL, 0);
        struct picture_dir *again = make_dir(shelves, dir, SIZE_MAX);

        (void)state;
        assert_true(picture_dir_is_same(dir, again));
        again->ino++;
        assert_false(picture_dir_is_same(dir, again));
        picture_dir_unref(again);
        picture_dir_unref(dir);
        free_shelves(shelves);
}

static struct picture_file *make_stamped(const char *name, enum role role, int64_t mtime_ns,
                                         int64_t ctime_ns)
{
        struct picture_file *file;
        struct entry *entry;

        assert_int_equal(picture_file_new(name, NULL, &file), 0);
        assert_int_equal(entry_new_broken(role, name, "is broken", &entry), 0);
        assert_int_equal(entries_add(&file->entries, entry), 0);
        file->stamp.mtime_ns = mtime_ns;
        file->stamp.ctime_ns = ctime_ns;
        return file;
}

static void test_a_list_changed_when_the_latest_of_its_files_did(void **state)
{
        struct picture_dir *trusted, *own;
        struct picture_dir *dirs[2];
        struct picture picture = { .dirs = { dirs, 2, 2 } };

        (void)state;
        assert_int_equal(picture_dir_new(&trusted), 0);
        assert_int_equal(picture_dir_new(&own), 0);
        dirs[0] = trusted;
        dirs[1] = own;
        assert_int_equal(picture_last_change_ns(&picture), PICTURE_NEVER_NS);

        assert_int_equal(picture_dir_add(trusted, make_stamped("a", ROLE_TRUSTED, 5, 3)), 0);
        assert_int_equal(picture_dir_add(trusted, make_stamped("b", ROLE_ISSUERS, 2, 7)), 0);
        assert_int_equal(picture_dir_end(trusted), 0);
        assert_int_equal(picture_dir_add(own, make_stamped("c", ROLE_OWN, 9, 9)), 0);
        assert_int_equal(picture_dir_add(own, make_stamped("d", ROLE_REJECTED, 9, 9)), 0);
        assert_int_equal(picture_dir_end(own), 0);
        assert_int_equal(picture_last_change_ns(&picture), 7);
        picture_dir_unref(trusted);
        picture_dir_unref(own);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_where_one_file_changes_all_other_shelves_are_shared),
                cmocka_unit_test(test_shelves_do_not_stay_short),
                cmocka_unit_test(test_the_same_shelves_are_the_same_directory),
                cmocka_unit_test(test_a_list_changed_when_the_latest_of_its_files_did),
        };

        return cmocka_run_group_tests_name("store/picture", tests, NULL, NULL);
}
