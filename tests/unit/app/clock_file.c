/* SPDX-License-Identifier: Apache-2.0 */
#include "app/clock_file.h"

#include "harness/must.h"
#include "harness/test.h"
#include "harness/tree.h"
#include "loop/loop.h"
#include "loop/work.h"

#include <stdio.h>
#include <string.h>

#define BUILD 1700000000
#define HOUR  3600

static struct {
        struct tree *tree;
        struct loop *loop;
        struct work *work;
} scene;

static int set_up(void **state)
{
        (void)state;
        scene.tree = tree_new();
        must(loop_new(&scene.loop) == 0, "loop_new");
        must(work_new(scene.loop, &scene.work) == 0, "work_new");
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        work_free(scene.work);
        loop_free(scene.loop);
        tree_free(scene.tree);
        return 0;
}

static struct clock_file *open_file(const char *folder)
{
        struct clock_file *file;

        must(clock_file_new(folder, BUILD, scene.work, NULL, &file) == 0, "clock_file_new");
        return file;
}

/* What an agent after this one knows. */
static int64_t know_later(void)
{
        struct clock_file *file = open_file(scene.tree->path);
        int64_t s = clock_file_get_s(file);

        clock_file_free(file);
        return s;
}

static void write_and_run(struct clock_file *file, int64_t at_least_s)
{
        clock_file_keep(file, at_least_s);
        loop_run(scene.loop);
}

static void what_a_file_may_hold(void **state)
{
        static const struct {
                const char *text;
                int64_t known_s;
        } ROWS[] = {
                { "1800000000\n", 1800000000 }, /* */
                { "1600000000\n", BUILD },      /* less than is known anyway */
                { "", BUILD },
                { "\n", BUILD },
                { "soon\n", BUILD },
                { "1800000000", BUILD },
                { "1800000000\n1\n", BUILD },
                { "-1800000000\n", BUILD },
                { "99999999999999999999999999\n", BUILD },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
                tree_write(scene.tree, CLOCK_FILE_NAME, ROWS[i].text, strlen(ROWS[i].text));
                assert_int_equal(know_later(), ROWS[i].known_s);
        }
}

static void what_is_learned_outlives_the_agent(void **state)
{
        struct clock_file *file = open_file(scene.tree->path);

        (void)state;
        write_and_run(file, BUILD);
        assert_int_equal(know_later(), BUILD);
        write_and_run(file, BUILD + 1);
        assert_int_equal(know_later(), BUILD + 1);
        write_and_run(file, BUILD + HOUR);
        assert_int_equal(know_later(), BUILD + 1);
        write_and_run(file, BUILD + HOUR + 1);
        assert_int_equal(know_later(), BUILD + HOUR + 1);
        clock_file_free(file);
}

static void without_a_folder_nothing_is_kept(void **state)
{
        struct clock_file *none = open_file(NULL), *gone = open_file("/nonexistent");

        (void)state;
        write_and_run(none, BUILD + HOUR);
        write_and_run(gone, BUILD + HOUR);
        clock_file_free(none);
        clock_file_free(gone);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(what_a_file_may_hold),
                TEST(what_is_learned_outlives_the_agent),
                TEST(without_a_folder_nothing_is_kept),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
