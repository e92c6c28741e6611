/* SPDX-License-Identifier: Apache-2.0 */
#include "front/socket.h"

#include "front/cgroup.h"
#include "harness/must.h"
#include "harness/test.h"
#include "harness/tree.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static struct tree *tree;
static char *path;

static int set_up(void **state)
{
        (void)state;
        tree = tree_new();
        path = tree_path(tree, "socket");
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        free(path);
        tree = tree_free(tree);
        return 0;
}

static int dial(void)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        must(fd >= 0, "socket");
        memcpy(address.sun_path, path, strlen(path) + 1);
        if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
                return fd;

        close(fd);
        return -1;
}

static void the_file_has_its_mode_whatever_the_umask(void **state)
{
        static const mode_t modes[] = { 0666, 0660, 0600 };
        mode_t before = umask(077);
        struct stat status;
        int fd;

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
                assert_int_equal(socket_listen(path, modes[i], (gid_t)-1, &fd), 0);
                assert_int_equal(stat(path, &status), 0);
                assert_int_equal(status.st_mode & 07777, modes[i]);
                socket_remove(path);
                close(fd);
        }
        umask(before);
}

static void a_live_socket_is_left_alone(void **state)
{
        int first, second = -1, client;

        (void)state;
        assert_int_equal(socket_listen(path, 0666, (gid_t)-1, &first), 0);
        assert_int_equal(socket_listen(path, 0666, (gid_t)-1, &second), SOCKET_E_IN_USE);
        assert_int_equal(second, -1);
        client = dial();
        assert_true(client >= 0);
        close(client);
        close(first);
}

static void a_dead_socket_is_replaced(void **state)
{
        int fd, client;

        (void)state;
        assert_int_equal(socket_listen(path, 0600, (gid_t)-1, &fd), 0);
        close(fd); /* as if killed: the file stays */
        assert_int_equal(dial(), -1);
        assert_int_equal(socket_listen(path, 0600, (gid_t)-1, &fd), 0);
        client = dial();
        assert_true(client >= 0);
        close(client);
        close(fd);
}

static void nothing_is_left_beside_it(void **state)
{
        char *beside, *name = NULL;
        int fd;

        (void)state;
        must(asprintf(&name, ".%d", getpid()) > 0, "asprintf");
        beside = tree_path(tree, name);
        assert_int_equal(socket_listen(path, 0600, (gid_t)-1, &fd), 0);
        assert_int_not_equal(access(beside, F_OK), 0);
        close(fd);
        assert_int_equal(socket_listen(path, 0600, (gid_t)-1, &fd), 0);
        assert_int_not_equal(access(beside, F_OK), 0);
        close(fd);
        free(beside);
        free(name);
}

static void what_is_no_socket_is_not_touched(void **state)
{
        char *target;
        int fd;

        (void)state;
        tree_write(tree, "socket", "precious", 8);
        assert_int_equal(socket_listen(path, 0600, (gid_t)-1, &fd), SOCKET_E_NO_SOCKET);
        tree_remove(tree, "socket");
        tree_mkdir(tree, "socket");
        assert_int_equal(socket_listen(path, 0600, (gid_t)-1, &fd), SOCKET_E_NO_SOCKET);
        tree_remove(tree, "socket");
        target = tree_path(tree, "elsewhere");
        assert_int_equal(symlink(target, path), 0);
        assert_int_equal(socket_listen(path, 0600, (gid_t)-1, &fd), SOCKET_E_NO_SOCKET);
        free(target);
}

static void a_path_that_is_no_address_is_refused(void **state)
{
        char text[128];
        int fd;

        (void)state;
        memset(text, 'x', sizeof(text));
        memcpy(text, "/tmp/", 5);
        text[108] = '\0';
        assert_int_equal(socket_listen(text, 0600, (gid_t)-1, &fd), SOCKET_E_BAD_PATH);
        assert_int_equal(socket_listen("", 0600, (gid_t)-1, &fd), SOCKET_E_BAD_PATH);
        assert_int_equal(socket_listen("/nonexistent/socket", 0600, (gid_t)-1, &fd), -ENOENT);

        text[107] = '\0';
        assert_int_equal(socket_listen(text, 0600, (gid_t)-1, &fd), 0);
        socket_remove(text);
        close(fd);
}

/* One of the processes that want the place: says whether it got it, and keeps it until @done is closed. */
static void run_for_it(int gate, int told, int done)
{
        int fd;
        char byte;
        bool has_won = read(gate, &byte, 1) == 0 && socket_listen(path, 0600, (gid_t)-1, &fd) == 0;

        must(write(told, has_won ? "1" : "0", 1) == 1, "write");
        _exit(read(done, &byte, 1));
}

/* Child processes that all want the same place at the same moment. Return: how many got it. */
static unsigned int race(unsigned int n)
{
        int gate[2], told[2], done[2], status, fd;
        unsigned int n_won = 0;
        pid_t pids[16];
        char byte;

        must(pipe(gate) == 0 && pipe(told) == 0 && pipe(done) == 0, "pipe");
        for (unsigned int i = 0; i < n; i++) {
                pids[i] = fork();
                must(pids[i] >= 0, "fork");
                if (pids[i])
                        continue;
                close(gate[1]);
                close(done[1]);
                run_for_it(gate[0], told[1], done[0]);
        }
        close(gate[0]);
        close(gate[1]);
        for (unsigned int i = 0; i < n; i++) {
                must(read(told[0], &byte, 1) == 1, "read");
                n_won += byte == '1';
        }
        fd = dial();
        assert_true(fd >= 0);
        close(fd);
        close(told[0]);
        close(told[1]);
        close(done[0]);
        close(done[1]);
        for (unsigned int i = 0; i < n; i++) {
                must(waitpid(pids[i], &status, 0) == pids[i], "waitpid");
                assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
        }
        return n_won;
}

static void of_many_that_start_at_once_one_wins(void **state)
{
        (void)state;
        for (unsigned int i = 0; i < 8; i++)
                assert_int_equal(race(8), 1); /* the first time there is none, then a dead one */
}

static void only_listening_sockets_are_adopted(void **state)
{
        int pair[2], fd;

        (void)state;
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
        assert_int_equal(socket_adopt(pair[0]), SOCKET_E_NOT_LISTENING);
        close(pair[0]);
        close(pair[1]);
        assert_int_equal(socket_adopt(-1), SOCKET_E_NOT_LISTENING);
        fd = open("/dev/null", O_RDONLY);
        assert_int_equal(socket_adopt(fd), SOCKET_E_NOT_LISTENING);
        close(fd);

        assert_int_equal(socket_listen(path, 0600, (gid_t)-1, &fd), 0);
        fcntl(fd, F_SETFL, 0);
        assert_int_equal(socket_adopt(fd), 0);
        assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
        close(fd);
}

static void the_caller_is_who_connected(void **state)
{
        CLEANUP(caller_unrefp) struct caller *caller = NULL;
        char cgroup[CALLER_CGROUP_MAX_BYTES + 1];
        gid_t groups[256];
        int fd, client, accepted, n_groups;

        (void)state;
        assert_int_equal(socket_listen(path, 0600, (gid_t)-1, &fd), 0);
        client = dial();
        accepted = accept(fd, NULL, NULL);
        assert_true(accepted >= 0);
        assert_int_equal(socket_read_caller(accepted, CALLER_DOOR_ADMIN, &caller), 0);
        assert_int_equal(caller->uid, getuid());
        assert_int_equal(caller->gid, getgid());
        assert_int_equal(caller->pid, getpid());
        assert_int_equal(caller->door, CALLER_DOOR_ADMIN);
        n_groups = getgroups(256, groups);
        assert_int_equal(caller->n_groups, n_groups);
        for (int i = 0; i < n_groups; i++)
                assert_int_equal(caller->groups[i], groups[i]);
        cgroup_read(getpid(), getuid(), cgroup);
        assert_string_equal(caller->cgroup, cgroup);
        close(accepted);
        close(client);
        close(fd);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(the_file_has_its_mode_whatever_the_umask),
                TEST(a_live_socket_is_left_alone),
                TEST(a_dead_socket_is_replaced),
                TEST(nothing_is_left_beside_it),
                TEST(what_is_no_socket_is_not_touched),
                TEST(a_path_that_is_no_address_is_refused),
                TEST(of_many_that_start_at_once_one_wins),
                TEST(only_listening_sockets_are_adopted),
                TEST(the_caller_is_who_connected),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
