/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fs.h"

#include "harness/folding.h"
#include "harness/must.h"
#include "harness/test.h"
#include "harness/tree.h"

#include <fcntl.h>
#include <unistd.h>

static bool is_local(const char *path)
{
        int fd = open(path, O_PATH | O_CLOEXEC);
        bool is_local;

        must(fd >= 0, "open %s", path);
        is_local = fs_is_local(fd);
        close(fd);
        return is_local;
}

static void test_what_the_kernel_makes_up_is_not_local(void **state)
{
        struct tree *tree = tree_new();

        (void)state;
        assert_true(is_local(tree->path));
        assert_false(is_local("/proc/self"));
        assert_false(fs_is_local(-1));
        tree_free(tree);
}

static void test_fat_folds_names(void **state)
{
        struct tree *tree = tree_new();
        int fd = open(tree->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        (void)state;
        assert_false(fs_folds_names(fd));
        folding_pretend(true);
        assert_true(fs_folds_names(fd));
        assert_true(fs_is_local(fd));
        folding_pretend(false);
        assert_false(fs_folds_names(-1));
        close(fd);
        tree_free(tree);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_what_the_kernel_makes_up_is_not_local),
                cmocka_unit_test(test_fat_folds_names),
        };

        return cmocka_run_group_tests_name("base/fs", tests, NULL, NULL);
}
