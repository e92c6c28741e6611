/* SPDX-License-Identifier: Apache-2.0 */

/* Where the kernel cannot tell all, or may not: what is not known is a doubt, or blindness. */

#include "harness/must.h"
#include "harness/test.h"
#include "harness/tree.h"
#include "harness/watching.h"
#include "watch/dirwatch.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static void move(const struct tree *tree, const char *from, const char *to)
{
        char *old = tree_path(tree, from), *new = tree_path(tree, to);

        must(rename(old, new) == 0, "rename %s", old);
        free(old);
        free(new);
}

static void set_private(const struct tree *tree, const char *name)
{
        char *path = tree_path(tree, name);

        must(chmod(path, 0700) == 0, "chmod %s", path);
        free(path);
}

/* Writes files "0", "1", ... in the first directory. */
static void write_many(const struct tree *tree, unsigned int n)
{
        char name[64];

        for (unsigned int i = 0; i < n; i++) {
                snprintf(name, sizeof(name), "%s/%u", WATCHING_DIRS[0], i);
                tree_write(tree, name, "a", 1);
        }
}

static void test_too_many_names_are_a_whole_directory(void **state)
{
        struct tree *tree = tree_new();
        struct dirwatch_events events;
        struct dirwatch *watch;

        (void)state;
        tree_mkdir(tree, WATCHING_DIRS[0]);
        watch = watching_new(tree);

        write_many(tree, DIRWATCH_NAMES_MAX);
        assert_int_equal(dirwatch_drain(watch, &events), 0);
        assert_int_equal(events.n, DIRWATCH_NAMES_MAX);
        dirwatch_events_deinit(&events);

        write_many(tree, DIRWATCH_NAMES_MAX + 1);
        watching_expect(watch, "0:*");

        dirwatch_free(watch);
        tree_free(tree);
}

/* So many events are not told any more. Two names by turns: the same twice is told once. */
static void overflow(const struct tree *tree)
{
        char *paths[] = { tree_path(tree, "pki/trusted/certs/0"),
                          tree_path(tree, "pki/trusted/certs/1") };
        FILE *file = fopen("/proc/sys/fs/inotify/max_queued_events", "r");
        long limit;

        must(file && fscanf(file, "%ld", &limit) == 1, "the limit of queues");
        fclose(file);
        for (long i = 0; i <= limit; i++)
                must(chmod(paths[i % 2], 0600) == 0, "chmod");
        free(paths[0]);
        free(paths[1]);
}

static void test_an_overflow_is_a_doubt_about_everything(void **state)
{
        struct tree *tree = tree_new();
        struct dirwatch *watch;

        (void)state;
        write_many(tree, 2);
        tree_mkdir(tree, WATCHING_DIRS[1]);
        watch = watching_new(tree);

        /* The move is lost in the overflow, and noticed all the same. */
        overflow(tree);
        move(tree, "pki/trusted/crl", "pki/trusted/old");
        tree_mkdir(tree, WATCHING_DIRS[1]);
        watching_expect(watch, "0:* 1:*");

        tree_write(tree, "pki/trusted/crl/a", "a", 1);
        watching_expect(watch, "1:a");

        dirwatch_free(watch);
        tree_free(tree);
}

static void test_without_descriptors_nothing_is_lost(void **state)
{
        struct tree *tree = tree_new();
        struct dirwatch *watch = NULL;
        struct dirwatch_events events;
        struct rlimit before, low;
        size_t dir;

        (void)state;
        tree_mkdir(tree, WATCHING_DIRS[0]);
        watch = watching_new(tree);
        move(tree, "pki", "away");
        tree_mkdir(tree, WATCHING_DIRS[0]);
        must(getrlimit(RLIMIT_NOFILE, &before) == 0, "getrlimit");
        low = (struct rlimit){ 3, before.rlim_max };
        must(setrlimit(RLIMIT_NOFILE, &low) == 0, "setrlimit");
        assert_int_equal(dirwatch_drain(watch, &events), -EMFILE);
        assert_int_equal(dirwatch_rearm(watch), -EMFILE);
        assert_int_equal(dirwatch_add(watch, tree->path, &dir), -EMFILE);
        must(setrlimit(RLIMIT_NOFILE, &before) == 0, "setrlimit");

        watching_expect(watch, "0:* 1:*");
        assert_false(dirwatch_is_blind(watch));
        assert_int_equal(dirwatch_add(watch, tree->path, &dir), 0);
        assert_int_equal(dir, 2);
        tree_write(tree, "pki/trusted/certs/a", "a", 1);
        watching_expect(watch, "0:a");
        dirwatch_free(watch);
        tree_free(tree);
}

static size_t count_watches(const struct dirwatch *watch)
{
        char path[64], line[256];
        size_t n = 0;
        FILE *file;

        snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", dirwatch_get_fd(watch));
        file = fopen(path, "r");
        must(file, "fopen");
        while (fgets(line, sizeof(line), file))
                n += strncmp(line, "inotify wd:", 11) == 0;
        fclose(file);
        return n;
}

/* So that two descriptors more can be had. */
static rlim_t find_limit_of_two(void)
{
        int first = dup(STDOUT_FILENO), second = dup(STDOUT_FILENO);

        must(first >= 0 && second > first, "dup");
        close(first);
        close(second);
        return (rlim_t)second + 1;
}

/* A link takes one descriptor more to follow than a directory, so that the walk ends in its middle. */
static void test_a_walk_that_fails_leaves_no_watch(void **state)
{
        struct tree *tree = tree_new();
        struct dirwatch *watch = NULL;
        struct dirwatch_events events;
        struct rlimit before, low;
        char *link = tree_path(tree, "pki/trusted");
        size_t n_watches;

        (void)state;
        tree_mkdir(tree, WATCHING_DIRS[0]);
        watch = watching_new(tree);
        n_watches = count_watches(watch);
        move(tree, "pki", "away");
        tree_mkdir(tree, "pki");
        must(symlink(tree->path, link) == 0, "symlink");
        free(link);

        must(getrlimit(RLIMIT_NOFILE, &before) == 0, "getrlimit");
        low = (struct rlimit){ find_limit_of_two(), before.rlim_max };
        must(setrlimit(RLIMIT_NOFILE, &low) == 0, "setrlimit");
        assert_int_equal(dirwatch_drain(watch, &events), -EMFILE);
        must(setrlimit(RLIMIT_NOFILE, &before) == 0, "setrlimit");
        assert_int_equal(count_watches(watch), n_watches);
        dirwatch_free(watch);
        tree_free(tree);
}

static void test_blind_where_the_kernel_does_not_tell(void **state)
{
        struct dirwatch *watch = NULL;
        struct tree *tree = tree_new();
        size_t dir;

        (void)state;
        watch = watching_new(tree);
        assert_false(dirwatch_is_blind(watch)); /* missing, but its parent is seen */

        assert_int_equal(dirwatch_add(watch, "/proc/self", &dir), 0);
        assert_true(dirwatch_is_blind(watch));

        dirwatch_free(watch);
        tree_free(tree);
}

static void test_blind_where_it_may_not_look(void **state)
{
        struct tree *tree = tree_new();
        struct dirwatch *watch;

        (void)state;
        if (geteuid() != 0) {
                print_message("SKIPPED: only root can become somebody else\n");
                tree_free(tree);
                skip();
        }

        tree_mkdir(tree, WATCHING_DIRS[0]);
        must(chmod(tree->path, 0755) == 0, "chmod");
        set_private(tree, "pki/trusted");
        must(seteuid(65534) == 0, "seteuid");
        watch = watching_new(tree);
        assert_true(dirwatch_is_blind(watch));

        must(seteuid(0) == 0, "seteuid");
        set_private(tree, "pki/trusted");
        watching_expect(watch, "0:* 1:*"); /* told by the parent; root may look */
        assert_false(dirwatch_is_blind(watch));

        dirwatch_free(watch);
        tree_free(tree);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_too_many_names_are_a_whole_directory),
                cmocka_unit_test(test_an_overflow_is_a_doubt_about_everything),
                cmocka_unit_test(test_without_descriptors_nothing_is_lost),
                cmocka_unit_test(test_a_walk_that_fails_leaves_no_watch),
                cmocka_unit_test(test_blind_where_the_kernel_does_not_tell),
                cmocka_unit_test(test_blind_where_it_may_not_look),
        };

        return cmocka_run_group_tests_name("watch/dirwatch_limits", tests, NULL, NULL);
}
