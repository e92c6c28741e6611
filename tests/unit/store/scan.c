/* SPDX-License-Identifier: Apache-2.0 */
#include "store/scan.h"

#include "harness/must.h"
#include "harness/test.h"
#include "harness/tree.h"
#include "store/layout.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum make {
        MAKE_FILE,
        MAKE_DIRECTORY,
        MAKE_LINK, /* that says target */
        MAKE_HARD_LINK,
        MAKE_FIFO,
        MAKE_SOCKET,
};

static void make(const struct tree *tree, enum make what, const char *name, const char *target)
{
        char *path = tree_path(tree, name);

        switch (what) {
        case MAKE_FILE:
                tree_write(tree, name, "a", 1);
                break;
        case MAKE_DIRECTORY:
                tree_mkdir(tree, name);
                break;
        case MAKE_LINK:
                must(symlink(target, path) == 0, "symlink %s", path);
                break;
        case MAKE_HARD_LINK: {
                char *other = tree_path(tree, target);

                must(link(other, path) == 0, "link %s", path);
                free(other);
                break;
        }
        case MAKE_FIFO:
                must(mkfifo(path, 0600) == 0, "mkfifo %s", path);
                break;
        case MAKE_SOCKET: {
                struct sockaddr_un address = { .sun_family = AF_UNIX };
                int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

                snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
                must(bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0, "bind %s", path);
                close(fd);
                break;
        }
        }
        free(path);
}

static struct scan_dir open_dir(const struct tree *tree, const char *name)
{
        struct scan_dir dir;

        char *path = tree_path(tree, name);

        assert_int_equal(scan_open_dir(AT_FDCWD, path, &dir), 0);
        free(path);
        return dir;
}

struct row {
        const char *name;
        enum make what;
        const char *target;
        enum scan_kind kind;
        int error;
        bool is_alias;
};

/* In order of name. The directory is "d"; beside it lie "out" and "d2/in". */
static const struct row ROWS[] = {
        { "a-file", MAKE_FILE, NULL, SCAN_FILE, 0, false },
        { "b-directory", MAKE_DIRECTORY, NULL, SCAN_NOTHING, 0, false },
        { "c-link", MAKE_LINK, "a-file", SCAN_FILE, 0, true },
        { "d-link down", MAKE_LINK, "b-directory/../a-file", SCAN_FILE, 0, true },
        { "e-link out", MAKE_LINK, "../out", SCAN_UNREADABLE, EXDEV, true },
        { "f-link out and in", MAKE_LINK, "../d/a-file", SCAN_UNREADABLE, EXDEV, true },
        { "g-absolute link", MAKE_LINK, "/etc/passwd", SCAN_UNREADABLE, EXDEV, true },
        { "h-magic link", MAKE_LINK, "/proc/self/exe", SCAN_UNREADABLE, EXDEV, true },
        { "i-link to nothing", MAKE_LINK, "nothing", SCAN_UNREADABLE, ENOENT, true },
        { "j-link to itself", MAKE_LINK, "j-link to itself", SCAN_UNREADABLE, ELOOP, true },
        { "k-link to a directory", MAKE_LINK, "b-directory", SCAN_NOTHING, 0, true },
        { "l-fifo", MAKE_FIFO, NULL, SCAN_SPECIAL, 0, false },
        { "m-socket", MAKE_SOCKET, NULL, SCAN_SPECIAL, 0, false },
        { "n-link to a fifo", MAKE_LINK, "l-fifo", SCAN_SPECIAL, 0, true },
        { "o-hard link", MAKE_HARD_LINK, "out", SCAN_FILE, 0, true },
        { ".p-dot-file", MAKE_FILE, NULL, SCAN_NOTHING, 0, false },
        { "q-temporary.tmp", MAKE_FILE, NULL, SCAN_NOTHING, 0, false },
};

static void make_rows(const struct tree *tree)
{
        tree_write(tree, "out", "a", 1);
        tree_mkdir(tree, "d");
        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
                char name[64];

                snprintf(name, sizeof(name), "d/%s", ROWS[i].name);
                make(tree, ROWS[i].what, name, ROWS[i].target);
        }
}

static void assert_row(const struct row *row, const struct scan_row *found)
{
        bool has_stamp = found->stamp.ino != 0;

        if (strcmp(found->name, row->name) != 0 || found->kind != row->kind ||
            found->error != row->error || found->is_alias != row->is_alias ||
            has_stamp != (row->kind == SCAN_FILE))
                fail_msg("\"%s\": found \"%s\", kind %d, error %d, alias %d", row->name,
                         found->name, found->kind, found->error, found->is_alias);
}

static void test_what_a_name_leads_to(void **state)
{
        struct tree *tree = tree_new();
        struct scan_list list;
        struct scan_dir dir;
        size_t n = 0;

        (void)state;
        make_rows(tree);
        dir = open_dir(tree, "d");
        assert_int_equal(scan_directory(&dir, &list), 0);
        assert_int_equal(list.error, 0);

        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
                struct scan_row row;

                if (layout_is_temporary(ROWS[i].name))
                        continue;

                assert_int_equal(scan_name(&dir, ROWS[i].name, &row), 0);
                assert_row(&ROWS[i], &row);
                free(row.name);

                if (ROWS[i].kind != SCAN_NOTHING) {
                        assert_true(n < list.rows.n);
                        assert_row(&ROWS[i], &list.rows.items[n++]);
                }
        }
        assert_int_equal(n, list.rows.n);

        scan_list_deinit(&list);
        scan_close_dir(&dir);
        tree_free(tree);
}

static void test_a_directory_is_scanned_anew_each_time(void **state)
{
        struct tree *tree = tree_new();
        struct scan_dir dir;

        (void)state;
        tree_mkdir(tree, "d");
        dir = open_dir(tree, "d");
        for (size_t n = 0; n < 3; n++) {
                struct scan_list list;
                char name[32];

                assert_int_equal(scan_directory(&dir, &list), 0);
                assert_int_equal(list.rows.n, n);
                scan_list_deinit(&list);

                snprintf(name, sizeof(name), "d/%zu", n);
                tree_write(tree, name, "a", 1);
        }

        scan_close_dir(&dir);
        tree_free(tree);
}

/* The linker puts this in readdir's place: file systems may tell a name twice. */
static bool tells_twice;

struct dirent *__real_readdir(DIR *names);
struct dirent *__wrap_readdir(DIR *names);

struct dirent *__wrap_readdir(DIR *names)
{
        static struct dirent *again;
        struct dirent *entry = again ? again : __real_readdir(names);

        again = tells_twice && !again ? entry : NULL;
        return entry;
}

static void test_a_name_told_twice_is_one_to_look_at_again(void **state)
{
        struct tree *tree = tree_new();
        struct scan_list list;
        struct scan_dir dir;

        (void)state;
        tree_write(tree, "d/a", "a", 1);
        tree_write(tree, "d/b", "b", 1);
        dir = open_dir(tree, "d");
        tells_twice = true;
        assert_int_equal(scan_directory(&dir, &list), 0);
        tells_twice = false;
        assert_int_equal(list.rows.n, 2);
        for (size_t i = 0; i < 2; i++) {
                assert_string_equal(list.rows.items[i].name, i ? "b" : "a");
                assert_int_equal(list.rows.items[i].kind, SCAN_BUSY);
        }

        scan_list_deinit(&list);
        scan_close_dir(&dir);
        tree_free(tree);
}

static void test_a_stamp_tells_another_file(void **state)
{
        struct tree *tree = tree_new();
        struct scan_dir dir;
        struct scan_row before, after;

        (void)state;
        tree_write(tree, "d/a", "a", 1);
        dir = open_dir(tree, "d");
        assert_int_equal(scan_name(&dir, "a", &before), 0);
        assert_int_equal(scan_name(&dir, "a", &after), 0);
        assert_true(scan_stamp_equal(&before.stamp, &after.stamp));
        free(after.name);

        tree_replace(tree, "d/a", "b", 1);
        assert_int_equal(scan_name(&dir, "a", &after), 0);
        assert_false(scan_stamp_equal(&before.stamp, &after.stamp));
        free(after.name);
        free(before.name);

        scan_close_dir(&dir);
        tree_free(tree);
}

static void test_directories_that_cannot_be_opened(void **state)
{
        struct tree *tree = tree_new();
        struct scan_dir dir;

        (void)state;
        tree_write(tree, "file", "a", 1);
        make(tree, MAKE_LINK, "link", "file");

        dir = open_dir(tree, "missing");
        assert_int_equal(dir.fd, -1);
        assert_int_equal(dir.error, ENOENT);

        dir = open_dir(tree, "file");
        assert_int_equal(dir.fd, -1);
        assert_int_equal(dir.error, ENOTDIR);

        dir = open_dir(tree, "link");
        assert_int_equal(dir.error, ENOTDIR);

        tree_free(tree);
}

/* A file system in memory where there is one: the limit is far up. */
static struct tree *tree_new_in_memory(void)
{
        if (access("/dev/shm", W_OK) == 0)
                must(setenv("TMPDIR", "/dev/shm", 1) == 0, "setenv");
        struct tree *tree = tree_new();

        must(unsetenv("TMPDIR") == 0, "unsetenv");
        return tree;
}

static void add_files(int dir_fd, size_t from, size_t n)
{
        for (size_t i = from; i < from + n; i++) {
                char name[24];

                snprintf(name, sizeof(name), "%zu", i);
                must(mknodat(dir_fd, name, S_IFREG | 0600, 0) == 0, "mknod %s", name);
        }
}

static void test_as_many_files_as_the_limit_and_one_more(void **state)
{
        struct tree *tree = tree_new_in_memory();
        struct scan_list list;
        struct scan_dir dir;

        (void)state;
        tree_mkdir(tree, "d");
        dir = open_dir(tree, "d");
        add_files(dir.fd, 0, LAYOUT_FILES_MAX);
        assert_int_equal(scan_directory(&dir, &list), 0);
        assert_int_equal(list.error, 0);
        assert_int_equal(list.rows.n, LAYOUT_FILES_MAX);
        scan_list_deinit(&list);

        add_files(dir.fd, LAYOUT_FILES_MAX, 1);
        assert_int_equal(scan_directory(&dir, &list), 0);
        assert_int_equal(list.error, E2BIG);
        scan_list_deinit(&list);

        scan_close_dir(&dir);
        tree_free(tree);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_what_a_name_leads_to),
                cmocka_unit_test(test_a_directory_is_scanned_anew_each_time),
                cmocka_unit_test(test_a_name_told_twice_is_one_to_look_at_again),
                cmocka_unit_test(test_a_stamp_tells_another_file),
                cmocka_unit_test(test_directories_that_cannot_be_opened),
                cmocka_unit_test(test_as_many_files_as_the_limit_and_one_more),
        };

        return cmocka_run_group_tests_name("store/scan", tests, NULL, NULL);
}
