/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/dirwatch.h"

#include "harness/folding.h"
#include "harness/must.h"
#include "harness/test.h"
#include "harness/tree.h"
#include "harness/watching.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is done to a tree, one word a row. Names are relative to the tree's root. */
enum verb {
        END,
        WRITE,    /* truncate and write */
        REPLACE,  /* write beside, rename over */
        APPEND,   /* and close */
        TRUNCATE, /* truncate(2): never opened */
        CREATE,   /* open for writing, and leave open until the program ends */
        MKDIR,
        REMOVE, /* whatever it is, with all below */
        RENAME, /* name to other */
        LINK,   /* other -> name: a symbolic link at other that says name */
        RELINK, /* the same by rename over what is there: how Kubernetes does it */
        CHMOD,  /* to 0700 */
        HARDLINK,
};

struct act {
        enum verb verb;
        const char *name, *other;
};

#define ACTS_MAX 6

/* Events are in the words of watching_drain(). */
struct row {
        const char *name;
        struct act before[ACTS_MAX]; /* the watch begins */
        struct act first[ACTS_MAX];
        const char *told;
        struct act then[ACTS_MAX]; /* what was told of is not lost sight of */
        const char *told_then;
};

#define BOTH                                                                                       \
        {                                                                                          \
                { MKDIR, "pki/trusted/certs", NULL }, { MKDIR, "pki/trusted/crl", NULL },          \
        }

static const struct row ROWS[] = {
        { "nothing happens", BOTH, { { END, NULL, NULL } }, "", { { END, NULL, NULL } }, "" },
        {
                "a file is written in place",
                BOTH,
                { { WRITE, "pki/trusted/certs/a.der", NULL } },
                "0:a.der",
                { { WRITE, "pki/trusted/certs/a.der", NULL } },
                "0:a.der",
        },
        {
                "a file is replaced by rename",
                BOTH,
                { { REPLACE, "pki/trusted/crl/a.crl", NULL } },
                "1:.a.crl.new 1:a.crl",
                { { REPLACE, "pki/trusted/crl/a.crl", NULL } },
                "1:.a.crl.new 1:a.crl",
        },
        {
                "a file is appended to",
                { { WRITE, "pki/trusted/certs/a.pem", NULL } },
                { { APPEND, "pki/trusted/certs/a.pem", NULL } },
                "0:a.pem",
                { { END, NULL, NULL } },
                "",
        },
        {
                "a file is truncated and nobody had it open",
                { { WRITE, "pki/trusted/certs/a.pem", NULL } },
                { { TRUNCATE, "pki/trusted/certs/a.pem", NULL } },
                "0:a.pem?",
                { { END, NULL, NULL } },
                "",
        },
        {
                "a file is made and not closed yet",
                BOTH,
                { { CREATE, "pki/trusted/certs/a.pem", NULL } },
                "0:a.pem?",
                { { WRITE, "pki/trusted/certs/a.pem", NULL } },
                "0:a.pem",
        },
        {
                "a file is removed",
                { { WRITE, "pki/trusted/certs/a.der", NULL } },
                { { REMOVE, "pki/trusted/certs/a.der", NULL } },
                "0:a.der",
                { { END, NULL, NULL } },
                "",
        },
        {
                "a file is moved from one directory to the other",
                { { WRITE, "pki/trusted/certs/a", NULL }, { MKDIR, "pki/trusted/crl", NULL } },
                { { RENAME, "pki/trusted/certs/a", "pki/trusted/crl/b" } },
                "0:a 1:b",
                { { END, NULL, NULL } },
                "",
        },
        {
                "the permissions of a file change",
                { { WRITE, "pki/trusted/certs/a.der", NULL } },
                { { CHMOD, "pki/trusted/certs/a.der", NULL } },
                "0:a.der",
                { { END, NULL, NULL } },
                "",
        },
        {
                "a second hard link to a file outside",
                { { WRITE, "a", NULL }, { MKDIR, "pki/trusted/certs", NULL } },
                { { HARDLINK, "a", "pki/trusted/certs/b" } },
                "0:b?",
                { { END, NULL, NULL } },
                "",
        },
        {
                "the permissions of the directory change",
                BOTH,
                { { CHMOD, "pki/trusted/crl", NULL } },
                "1:*",
                { { WRITE, "pki/trusted/crl/a", NULL } },
                "1:a",
        },
        {
                "the permissions of a directory above change",
                BOTH,
                { { CHMOD, "pki", NULL } },
                "0:* 1:*",
                { { WRITE, "pki/trusted/crl/a", NULL } },
                "1:a",
        },
        {
                "a directory is removed and made again",
                BOTH,
                { { REMOVE, "pki/trusted/certs", NULL } },
                "0:*",
                { { MKDIR, "pki/trusted/certs", NULL } },
                "0:*",
        },
        {
                "a directory that was made again is watched",
                BOTH,
                { { REMOVE, "pki/trusted/certs", NULL }, { MKDIR, "pki/trusted/certs", NULL } },
                "0:*",
                { { WRITE, "pki/trusted/certs/a", NULL } },
                "0:a",
        },
        {
                "a directory is replaced by rename, and the new one is watched",
                { { MKDIR, "pki/trusted/certs", NULL }, { MKDIR, "pki/trusted/new", NULL } },
                { { RENAME, "pki/trusted/certs", "pki/trusted/old" },
                  { RENAME, "pki/trusted/new", "pki/trusted/certs" } },
                "0:*",
                { { WRITE, "pki/trusted/certs/a", NULL } },
                "0:a",
        },
        {
                "a directory that was moved away is watched no more",
                BOTH,
                { { RENAME, "pki/trusted/certs", "pki/trusted/old" } },
                "0:*",
                { { WRITE, "pki/trusted/old/a", NULL } },
                "",
        },
        {
                "the root is moved away and another put in its place",
                { { MKDIR, "pki/trusted/certs", NULL }, { MKDIR, "new/trusted/certs", NULL } },
                { { RENAME, "pki", "old" }, { RENAME, "new", "pki" } },
                "0:* 1:*",
                { { WRITE, "pki/trusted/certs/a", NULL } },
                "0:a",
        },
        {
                "a missing root appears, step by step",
                { { END, NULL, NULL } },
                { { MKDIR, "pki", NULL } },
                "0:* 1:*",
                { { MKDIR, "pki/trusted/certs", NULL } },
                "0:* 1:*",
        },
        {
                "a root that appeared at once is watched wholly",
                { { END, NULL, NULL } },
                { { WRITE, "pki/trusted/certs/a", NULL } },
                "0:* 1:*",
                { { WRITE, "pki/trusted/certs/b", NULL }, { WRITE, "pki/trusted/crl/b", NULL } },
                "0:b 1:*",
        },
        {
                "a file stands in the place of a directory, then goes",
                { { WRITE, "pki/trusted/certs", NULL } },
                { { REMOVE, "pki/trusted/certs", NULL } },
                "0:*",
                { { MKDIR, "pki/trusted/certs", NULL } },
                "0:*",
        },
        {
                "a link to a directory is pointed elsewhere",
                { { MKDIR, "one/certs", NULL },
                  { MKDIR, "two/certs", NULL },
                  { MKDIR, "pki", NULL },
                  { LINK, "../one", "pki/trusted" } },
                { { RELINK, "../two", "pki/trusted" } },
                "0:* 1:*",
                { { WRITE, "two/certs/a", NULL }, { WRITE, "one/certs/a", NULL } },
                "0:a",
        },
        {
                "a link on the way of a link is pointed elsewhere",
                { { MKDIR, "v1/certs", NULL },
                  { MKDIR, "v2/certs", NULL },
                  { LINK, "v1", "..data" },
                  { MKDIR, "pki", NULL },
                  { LINK, "../..data", "pki/trusted" } },
                { { RELINK, "v2", "..data" } },
                "0:* 1:*",
                { { WRITE, "v2/certs/a", NULL } },
                "0:a",
        },
        {
                "a link to nothing comes to lead somewhere",
                { { MKDIR, "pki", NULL }, { LINK, "../far/away", "pki/trusted" } },
                { { MKDIR, "far/away/certs", NULL } },
                "0:* 1:*",
                { { WRITE, "far/away/certs/a", NULL } },
                "0:a",
        },
        {
                "a link that leads to itself is removed",
                { { MKDIR, "pki", NULL }, { LINK, "trusted", "pki/trusted" } },
                { { REMOVE, "pki/trusted", NULL } },
                "0:* 1:*",
                { { MKDIR, "pki/trusted/certs", NULL } },
                "0:* 1:*",
        },
        {
                "what happens beside is not told",
                BOTH,
                { { WRITE, "other", NULL },
                  { WRITE, "pki/README", NULL },
                  { WRITE, "pki/trusted/private/key.pem", NULL } },
                "",
                { { END, NULL, NULL } },
                "",
        },
};

static void open_and_leave(const char *path)
{
        must(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644) >= 0, "open %s", path);
}

static void append(const char *path)
{
        int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);

        must(fd >= 0 && write(fd, "b", 1) == 1 && close(fd) == 0, "append to %s", path);
}

static void relink(const char *target, const char *path)
{
        char *temporary;

        must(asprintf(&temporary, "%s_tmp", path) > 0, "asprintf");
        must(symlink(target, temporary) == 0, "symlink %s", temporary);
        must(rename(temporary, path) == 0, "rename %s", path);
        free(temporary);
}

static void act_once(const struct tree *tree, const struct act *act)
{
        char *path = tree_path(tree, act->name), *other = NULL;

        if (act->other)
                other = tree_path(tree, act->other);

        switch (act->verb) {
        case END:
                break;
        case WRITE:
                tree_write(tree, act->name, "a", 1);
                break;
        case REPLACE:
                tree_replace(tree, act->name, "a", 1);
                break;
        case APPEND:
                append(path);
                break;
        case TRUNCATE:
                must(truncate(path, 0) == 0, "truncate %s", path);
                break;
        case CREATE:
                open_and_leave(path);
                break;
        case MKDIR:
                tree_mkdir(tree, act->name);
                break;
        case REMOVE:
                tree_remove(tree, act->name);
                break;
        case RENAME:
                must(rename(path, other) == 0, "rename %s", path);
                break;
        case LINK:
                must(symlink(act->name, other) == 0, "symlink %s", other);
                break;
        case RELINK:
                relink(act->name, other);
                break;
        case CHMOD:
                must(chmod(path, 0700) == 0, "chmod %s", path);
                break;
        case HARDLINK:
                must(link(path, other) == 0, "link %s", other);
                break;
        }

        free(path);
        free(other);
}

static void act_all(const struct tree *tree, const struct act acts[ACTS_MAX])
{
        for (size_t i = 0; i < ACTS_MAX && acts[i].verb != END; i++)
                act_once(tree, &acts[i]);
}

static void assert_told(const struct row *row, struct dirwatch *watch, const char *expected)
{
        bool is_there = dirwatch_peek(watch); /* which takes nothing away */
        char *told = watching_drain(watch);

        if (is_there != (expected[0] != '\0'))
                fail_msg("%s: %s to tell", row->name, is_there ? "something" : "nothing");
        if (strcmp(told, expected) != 0)
                fail_msg("%s: told \"%s\", not \"%s\"", row->name, told, expected);
        free(told);
}

static void run_row(const struct row *row)
{
        struct tree *tree = tree_new();
        struct dirwatch *watch;

        act_all(tree, row->before);
        watch = watching_new(tree);
        assert_told(row, watch, "");

        act_all(tree, row->first);
        assert_told(row, watch, row->told);

        act_all(tree, row->then);
        assert_told(row, watch, row->told_then);

        dirwatch_free(watch);
        tree_free(tree);
}

static void test_rows(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++)
                run_row(&ROWS[i]);
}

/* The kernel tells a directory's own end only when the last who has it open lets go. */
static void test_a_removed_directory_that_is_open_elsewhere(void **state)
{
        struct tree *tree = tree_new();
        struct dirwatch *watch;
        char *path = tree_path(tree, WATCHING_DIRS[0]);
        int fd;

        (void)state;
        tree_mkdir(tree, WATCHING_DIRS[0]);
        watch = watching_new(tree);
        fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        must(fd >= 0, "open %s", path);

        tree_remove(tree, WATCHING_DIRS[0]);
        tree_mkdir(tree, WATCHING_DIRS[0]);
        watching_expect(watch, "0:*");

        tree_write(tree, "pki/trusted/certs/a", "a", 1);
        watching_expect(watch, "0:a");

        close(fd);
        dirwatch_free(watch);
        tree_free(tree);
        free(path);
}

static bool is_readable(const struct dirwatch *watch)
{
        struct pollfd fd = { .fd = dirwatch_get_fd(watch), .events = POLLIN };

        return poll(&fd, 1, 0) == 1;
}

/* Others work in the directory of temporary ones, too, which is on the way: it may take a while. */
static void assert_silent(struct dirwatch *watch)
{
        for (int i = 0; is_readable(watch); i++) {
                char *told = watching_drain(watch);

                assert_string_equal(told, "");
                assert_true(i < 1000);
                free(told);
        }
}

static void test_the_level_is_high_until_drained(void **state)
{
        struct tree *tree = tree_new();
        struct dirwatch *watch;

        (void)state;
        tree_mkdir(tree, WATCHING_DIRS[0]);
        watch = watching_new(tree);
        assert_silent(watch);

        tree_write(tree, "pki/trusted/certs/a", "a", 1);
        assert_true(is_readable(watch));
        free(watching_drain(watch));
        assert_silent(watch);

        dirwatch_free(watch);
        tree_free(tree);
}

/* As on FAT: what was made may be what is waited for. */
static void test_where_names_fold_any_may_be_the_next_step(void **state)
{
        struct tree *tree = tree_new();
        struct dirwatch *watch;

        (void)state;
        folding_pretend(true);
        watch = watching_new(tree);
        folding_pretend(false);
        assert_silent(watch);

        tree_mkdir(tree, "PKI");
        watching_expect(watch, "0:* 1:*");
        dirwatch_free(watch);
        tree_free(tree);
}

static void test_rearming_keeps_what_is_watched(void **state)
{
        struct tree *tree = tree_new();
        struct dirwatch *watch;

        (void)state;
        tree_mkdir(tree, WATCHING_DIRS[0]);
        watch = watching_new(tree);

        tree_write(tree, "pki/trusted/certs/a", "a", 1);
        dirwatch_rearm(watch);
        tree_write(tree, "pki/trusted/certs/b", "a", 1);
        watching_expect(watch, "0:a 0:b");

        dirwatch_free(watch);
        tree_free(tree);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_rows),
                cmocka_unit_test(test_a_removed_directory_that_is_open_elsewhere),
                cmocka_unit_test(test_the_level_is_high_until_drained),
                cmocka_unit_test(test_where_names_fold_any_may_be_the_next_step),
                cmocka_unit_test(test_rearming_keeps_what_is_watched),
        };

        return cmocka_run_group_tests_name("watch/dirwatch", tests, NULL, NULL);
}
