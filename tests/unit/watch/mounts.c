/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/mounts.h"

#include "harness/must.h"
#include "harness/test.h"
#include "harness/tree.h"
#include "watch/dirwatch.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mount.h>
#include <unistd.h>

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
        tree_mkdir(tree, "certs");
        assert_int_equal(mounts_open(&fd), 0);
        assert_false(mounts_have_changed(fd));
        assert_int_equal(dirwatch_new(&watch), 0);
        assert_int_equal(dirwatch_add(watch, path, &dir), 0);

        must(mount("none", path, "tmpfs", 0, NULL) == 0, "mount %s", path);
        assert_true(mounts_have_changed(fd));
        assert_false(mounts_have_changed(fd));

        dirwatch_rearm(watch);
        tree_write(tree, "certs/a", "a", 1);
        assert_one_event(watch, "a");

        must(umount2(path, MNT_DETACH) == 0, "umount %s", path);
        assert_true(mounts_have_changed(fd));
        dirwatch_rearm(watch);
        tree_write(tree, "certs/b", "b", 1);
        assert_one_event(watch, "b");

        close(fd);
        dirwatch_free(watch);
        tree_free(tree);
        free(path);
}

/* The kernel polls a descriptor as it comes into an epoll set, and forgets what it hears then. */
static void test_a_mount_before_the_first_poll_of_an_epoll_set(void **state)
{
        struct tree *tree = tree_new();
        char *path = tree_path(tree, "certs");
        struct epoll_event event = { .events = EPOLLPRI };
        int epoll_fd = epoll_create1(EPOLL_CLOEXEC), early_fd, fd;

        (void)state;
        tree_mkdir(tree, "certs");
        assert_int_equal(mounts_open(&early_fd), 0);
        assert_int_equal(mounts_open(&fd), 0);
        must(mount("none", path, "tmpfs", 0, NULL) == 0, "mount %s", path);
        assert_int_equal(epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event), 0);
        assert_int_equal(epoll_wait(epoll_fd, &event, 1, 0), 0);
        assert_true(mounts_have_changed(early_fd));
        assert_false(mounts_have_changed(early_fd));

        must(umount2(path, MNT_DETACH) == 0, "umount %s", path);
        assert_int_equal(epoll_wait(epoll_fd, &event, 1, 0), 1);
        close(epoll_fd);
        close(early_fd);
        close(fd);
        tree_free(tree);
        free(path);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_mount_before_the_first_poll_of_an_epoll_set),
                cmocka_unit_test(test_a_file_system_mounted_over_a_watched_directory),
        };

        if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) < 0) {
                printf("SKIPPED: watch/mounts: may not mount\n");
                return 77;
        }

        return cmocka_run_group_tests_name("watch/mounts", tests, NULL, NULL);
}
