/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/mounts.h"

#include "harness/must.h"
#include "harness/test.h"
#include "harness/tree.h"
#include "watch/dirwatch.h"

#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

static bool has_changed(int fd)
{
        struct pollfd ready = { .fd = fd, .events = POLLPRI };

        return poll(&ready, 1, 0) == 1 && ready.revents & POLLPRI;
}

static void assert_one_event(struct dirwatch *watch, const char *name)
{
        struct dirwatch_events events;

        assert_int_equal(dirwatch_drain(watch, &events), 0);
        assert_int_equal(events.n, 1);
        assert_string_equal(events.items[0].name, name);
        dirwatch_events_deinit(&events);
}

static void test_a_file_system_mounted_over_a_watched_directory(void **state)
{
        struct tree *tree = tree_new();
        struct dirwatch *watch = NULL;
        char *path = tree_path(tree, "certs");
        size_t dir;
        int fd;

        (void)state;
        if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) {
                print_message("SKIPPED: may not mount\n");
                tree_free(tree);
                free(path);
                skip();
        }

        tree_mkdir(tree, "certs");
        assert_int_equal(mounts_open(&fd), 0);
        assert_false(has_changed(fd));
        assert_int_equal(dirwatch_new(&watch), 0);
        assert_int_equal(dirwatch_add(watch, path, &dir), 0);

        must(mount("none", path, "tmpfs", 0, NULL) == 0, "mount %s", path);
        assert_true(has_changed(fd));
        assert_false(has_changed(fd));

        dirwatch_rearm(watch);
        tree_write(tree, "certs/a", "a", 1);
        assert_one_event(watch, "a");

        must(umount2(path, MNT_DETACH) == 0, "umount %s", path);
        assert_true(has_changed(fd));
        dirwatch_rearm(watch);
        tree_write(tree, "certs/b", "b", 1);
        assert_one_event(watch, "b");

        close(fd);
        dirwatch_free(watch);
        tree_free(tree);
        free(path);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_file_system_mounted_over_a_watched_directory),
        };

        return cmocka_run_group_tests_name("watch/mounts", tests, NULL, NULL);
}
