/* SPDX-License-Identifier: Apache-2.0 */
#include "front/page.h"

#include "base/clock.h"
#include "harness/test.h"
#include "harness/tree.h"
#include "proto/page.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define AGENT       "0123456789abcdef0123456789abcdef"
#define OTHER_AGENT "f123456789abcdef0123456789abcdef"

static struct tree *tree;
static char *path;

static int set_up(void **state)
{
        (void)state;
        tree = tree_new();
        path = tree_path(tree, "page");
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        free(path);
        tree = tree_free(tree);
        return 0;
}

static struct page_writer *make_page(const char *agent)
{
        struct page_writer *writer = NULL;

        assert_int_equal(page_writer_new(path, agent, &writer), 0);
        return writer;
}

static struct page_reader *open_page(void)
{
        struct page_reader *reader = NULL;

        assert_int_equal(page_reader_open(path, &reader), 0);
        return reader;
}

static bool stands(const struct page_reader *reader, const char *store, int64_t generation)
{
        struct page_now now = { .monotonic_ns = clock_monotonic_ns(), .realtime_s = 1000 };
        struct page_look look;
        uint32_t slot;

        if (!page_reader_find(reader, AGENT, store, &slot))
                return false;
        page_look(reader, slot, &look);
        return page_holds(&look, generation, 2000, &now);
}

static void a_verdict_stands_while_nothing_changed(void **state)
{
        CLEANUP(page_writer_freep) struct page_writer *writer = make_page(AGENT);
        CLEANUP(page_reader_closep) struct page_reader *reader = open_page();

        (void)state;
        assert_true(page_reader_is_held(reader));
        assert_int_equal(page_writer_set(writer, "default", 7), 0);
        assert_int_equal(page_writer_set(writer, "plant", 3), 0);
        assert_false(stands(reader, "default", 7)); /* no lease yet */

        page_writer_set_lease(writer, clock_monotonic_ns() + INT64_C(2000000000));
        assert_true(stands(reader, "default", 7));
        assert_true(stands(reader, "plant", 3));
        assert_false(stands(reader, "default", 6));
        assert_false(stands(reader, "plants", 3));

        assert_int_equal(page_writer_set(writer, "default", 8), 0);
        assert_false(stands(reader, "default", 7));
        assert_true(stands(reader, "default", 8));
        assert_true(stands(reader, "plant", 3));

        page_writer_set_lease(writer, clock_monotonic_ns());
        assert_false(stands(reader, "default", 8));
}

static void every_condition_is_needed(void **state)
{
        static const struct {
                struct page_look look;
                int64_t generation, valid_until_s;
                struct page_now now;
                bool holds;
        } rows[] = {
                { { 100, 5, true }, 5, 1000, { 99, 999 }, true },
                { { 100, 5, true }, 5, INT64_MAX, { 99, 999 }, true },
                { { 100, 5, false }, 5, 1000, { 99, 999 }, false },
                { { 100, 6, true }, 5, 1000, { 99, 999 }, false },
                { { 100, 5, true }, 5, 1000, { 100, 999 }, false },
                { { 100, 5, true }, 5, 1000, { 99, 1000 }, false },
                { { 0, 5, true }, 5, 1000, { 99, 999 }, false },
                { { 100, 0, true }, 0, 1000, { 99, 999 }, false },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
                assert_int_equal(page_holds(&rows[i].look, rows[i].generation,
                                            rows[i].valid_until_s, &rows[i].now),
                                 rows[i].holds);
}

static void a_store_that_came_back_has_a_new_slot(void **state)
{
        CLEANUP(page_writer_freep) struct page_writer *writer = make_page(AGENT);
        CLEANUP(page_reader_closep) struct page_reader *reader = open_page();
        struct page_look look;
        uint32_t before, after;

        (void)state;
        page_writer_set_lease(writer, clock_monotonic_ns() + INT64_C(2000000000));
        assert_int_equal(page_writer_set(writer, "default", 1), 0);
        assert_true(page_reader_find(reader, AGENT, "default", &before));
        page_writer_end(writer, "default");
        page_writer_end(writer, "default");
        page_writer_end(writer, "never");
        assert_false(stands(reader, "default", 1));

        assert_int_equal(page_writer_set(writer, "default", 1), 0);
        assert_true(page_reader_find(reader, AGENT, "default", &after));
        assert_int_not_equal(before, after);
        page_look(reader, before, &look);
        assert_int_equal(look.generation, 0);
        assert_true(stands(reader, "default", 1));
}

static void a_page_without_slots_left_is_replaced(void **state)
{
        CLEANUP(page_writer_freep) struct page_writer *writer = make_page(AGENT);
        CLEANUP(page_reader_closep) struct page_reader *old = open_page(), *new = NULL;

        (void)state;
        assert_int_equal(page_writer_set(writer, "stays", 9), 0);
        for (int i = 1; i < PAGE_SLOTS_MAX; i++) {
                assert_int_equal(page_writer_set(writer, "comes_and_goes", i), 0);
                page_writer_end(writer, "comes_and_goes");
        }
        assert_true(page_reader_is_held(old));

        assert_int_equal(page_writer_set(writer, "one_more", 1), 0);
        page_writer_set_lease(writer, clock_monotonic_ns() + INT64_C(2000000000));
        assert_false(page_reader_is_held(old));
        assert_false(stands(old, "stays", 9));
        new = open_page();
        assert_true(stands(new, "stays", 9));
        assert_true(stands(new, "one_more", 1));
}

static void more_stores_than_slots_are_refused(void **state)
{
        CLEANUP(page_writer_freep) struct page_writer *writer = make_page(AGENT);
        char name[16];

        (void)state;
        for (int i = 0; i < PAGE_SLOTS_MAX; i++) {
                snprintf(name, sizeof(name), "s%d", i);
                assert_int_equal(page_writer_set(writer, name, 1), 0);
        }
        assert_int_equal(page_writer_set(writer, "past", 1), -ENOSPC);
        assert_int_equal(page_writer_set(writer, "s0", 2), 0);
}

static void nothing_stands_after_an_agent_that_ended(void **state)
{
        struct page_writer *writer = make_page(AGENT);
        CLEANUP(page_reader_closep) struct page_reader *reader = open_page();

        (void)state;
        assert_int_equal(page_writer_set(writer, "default", 1), 0);
        page_writer_set_lease(writer, clock_monotonic_ns() + INT64_C(2000000000));
        assert_true(stands(reader, "default", 1));
        page_writer_free(writer);
        assert_false(page_reader_is_held(reader));
        assert_false(stands(reader, "default", 1));
        assert_int_not_equal(access(path, F_OK), 0);
}

static void nothing_stands_after_an_agent_that_was_killed(void **state)
{
        CLEANUP(page_reader_closep) struct page_reader *reader = NULL, *next = NULL;
        CLEANUP(page_writer_freep) struct page_writer *writer = NULL;
        int ready[2], status;
        char byte;
        pid_t pid;

        (void)state;
        assert_int_equal(pipe(ready), 0);
        pid = fork();
        assert_true(pid >= 0);
        if (!pid) {
                writer = make_page(AGENT);
                page_writer_set(writer, "default", 1);
                page_writer_set_lease(writer, clock_monotonic_ns() + INT64_C(2000000000));
                if (write(ready[1], "x", 1) == 1)
                        pause();
                _exit(1);
        }

        assert_int_equal(read(ready[0], &byte, 1), 1);
        reader = open_page();
        assert_true(stands(reader, "default", 1));
        kill(pid, SIGKILL);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_false(page_reader_is_held(reader));
        assert_false(stands(reader, "default", 1));

        /* The next agent makes a file of its own; the old mapping is not touched. */
        writer = make_page(OTHER_AGENT);
        next = open_page();
        assert_true(page_reader_is_held(next));
        assert_false(page_reader_is_held(reader));
        assert_int_equal(page_writer_set(writer, "default", 1), 0);
        page_writer_set_lease(writer, clock_monotonic_ns() + INT64_C(2000000000));
        assert_false(stands(next, "default", 1)); /* another agentId */
        close(ready[0]);
        close(ready[1]);
}

static void what_is_no_page_is_refused(void **state)
{
        CLEANUP(page_writer_freep) struct page_writer *writer = NULL;
        struct page_reader *reader = NULL;
        struct page_layout layout = { .version = PAGE_VERSION, .n_bytes = sizeof(layout) };
        char *link;

        (void)state;
        assert_int_equal(page_reader_open(path, &reader), PAGE_E_ABSENT);

        tree_write(tree, "page", "short", 5);
        assert_int_equal(page_reader_open(path, &reader), PAGE_E_FOREIGN);
        tree_write(tree, "page", &layout, sizeof(layout));
        assert_int_equal(page_reader_open(path, &reader), PAGE_E_FOREIGN);
        memcpy(layout.magic, PAGE_MAGIC, sizeof(layout.magic));
        layout.version = PAGE_VERSION + 1;
        tree_write(tree, "page", &layout, sizeof(layout));
        assert_int_equal(page_reader_open(path, &reader), PAGE_E_FOREIGN);

        tree_remove(tree, "page");
        assert_int_equal(mkfifo(path, 0600), 0);
        assert_int_equal(page_reader_open(path, &reader), PAGE_E_FOREIGN);
        tree_remove(tree, "page");

        writer = make_page(AGENT);
        link = tree_path(tree, "link");
        assert_int_equal(symlink("page", link), 0);
        assert_int_equal(page_reader_open(link, &reader), -ELOOP);
        assert_null(reader);
        free(link);
}

static void all_may_read_it_and_nobody_write(void **state)
{
        mode_t before = umask(077);
        CLEANUP(page_writer_freep) struct page_writer *writer = make_page(AGENT);
        struct stat stat_buf;

        (void)state;
        umask(before);
        assert_int_equal(stat(path, &stat_buf), 0);
        assert_int_equal(stat_buf.st_mode & 07777, 0644);
}

static void a_directory_that_is_missing_is_an_error(void **state)
{
        struct page_writer *writer = NULL;

        (void)state;
        assert_int_equal(page_writer_new("/nonexistent/page", AGENT, &writer), -ENOENT);
        assert_null(writer);
}

#define NOT_ALLOWED 77

/* What opening the page gives to a process whose monotonic clock is another one. */
static int open_in_a_time_namespace(void)
{
        struct page_reader *reader;
        int status, fd;
        pid_t pid;

        if (unshare(CLONE_NEWTIME) < 0)
                return NOT_ALLOWED;

        fd = open("/proc/self/timens_offsets", O_WRONLY | O_CLOEXEC);
        if (fd < 0 || dprintf(fd, "monotonic 1000 0\n") < 0)
                return NOT_ALLOWED;

        pid = fork(); /* children are in it, who made it is not */
        if (pid == 0)
                _exit(page_reader_open(path, &reader));
        waitpid(pid, &status, 0);
        return WEXITSTATUS(status);
}

static void a_shifted_clock_reads_no_page(void **state)
{
        struct page_writer *writer = make_page(AGENT);
        int status;
        pid_t pid;

        (void)state;
        pid = fork();
        if (pid == 0)
                _exit(open_in_a_time_namespace());
        assert_int_equal(waitpid(pid, &status, 0), pid);
        page_writer_free(writer);
        if (WEXITSTATUS(status) == NOT_ALLOWED) {
                print_message("SKIPPED: a time namespace is not allowed\n");
                skip();
        }
        assert_int_equal(WEXITSTATUS(status), PAGE_E_TIME_NAMESPACE);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(a_verdict_stands_while_nothing_changed),
                TEST(every_condition_is_needed),
                TEST(a_store_that_came_back_has_a_new_slot),
                TEST(a_page_without_slots_left_is_replaced),
                TEST(more_stores_than_slots_are_refused),
                TEST(nothing_stands_after_an_agent_that_ended),
                TEST(nothing_stands_after_an_agent_that_was_killed),
                TEST(what_is_no_page_is_refused),
                TEST(all_may_read_it_and_nobody_write),
                TEST(a_directory_that_is_missing_is_an_error),
                TEST(a_shifted_clock_reads_no_page),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
