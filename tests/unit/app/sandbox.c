/* SPDX-License-Identifier: Apache-2.0 */
#include "app/sandbox.h"

#include "app/config.h"
#include "app/landlock.h"
#include "app/sockets.h"
#include "base/log.h"
#include "harness/must.h"
#include "harness/test.h"
#include "harness/tree.h"
#include "proto/buf.h"
#include "service/catalog.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SKIPPED 77

/*
 * A confined process stays so: each attempt is made by a child of its own, which enters the sandbox
 * first. Its exit code is an errno, 0 where the attempt succeeded.
 */
#define EXIT_NOT_ENTERED 200

static struct tree *tree;
static char logged[1024];

static void write_fields(enum log_level level, const char *line, const struct log_field *fields,
                         size_t n, void *userdata)
{
        (void)level;
        (void)userdata;
        must(n > 0 && !strcmp(fields[0].value, catalog_get_id(CATALOG_NOT_CONFINED)), "%s", line);
        snprintf(logged, sizeof(logged), "%s", line);
}

static void write_line(enum log_level level, const char *line, void *userdata)
{
        (void)level;
        (void)line;
        (void)userdata;
}

static const struct log LOG = { .max_level = LOG_LEVEL_INFO,
                                .write = write_line,
                                .write_fields = write_fields };

/* -- a host ------------------------------------------------------------------------------------ */

/* @text: with "@" for the path of the tree */
static struct config *read_config(const char *text)
{
        struct config *config = NULL;
        struct buf whole = BUF_NULL;
        char *fault = NULL, *path;

        for (const char *c = text; *c; c++) {
                if (*c == '@')
                        buf_add_text(&whole, tree->path);
                else
                        buf_add_byte(&whole, (uint8_t)*c);
        }
        tree_write(tree, "etc/conf", whole.data, whole.n);
        path = tree_path(tree, "etc/conf");
        must(config_read(path, false, &config, &fault) == 0, "%s", fault ? fault : "config_read");
        free(path);
        buf_deinit(&whole);
        return config;
}

static const char CONFIG[] = "[Store plant]\nPath=@/srv/plant\n"
                             "[Source old]\nStore=plant\nPath=@/opt/old\n";

static int set_up(void **state)
{
        char *path, *target;

        (void)state;
        tree = tree_new();
        logged[0] = '\0';
        tree_write(tree, "srv/plant/trusted/certs/a", "a", 1);
        tree_mkdir(tree, "srv/plant/trusted/crl");
        tree_write(tree, "opt/old/issuers/certs/b", "b", 1);
        tree_write(tree, "far/away/certs/c", "c", 1);
        tree_write(tree, "other/secret", "s", 1);
        tree_mkdir(tree, "state");
        tree_mkdir(tree, "run");
        path = tree_path(tree, "opt/old/trusted");
        target = tree_path(tree, "far/away");
        must(symlink(target, path) == 0, "symlink");
        free(path);
        free(target);
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        tree = tree_free(tree);
        return 0;
}

static struct sandbox *enter(const struct config *config)
{
        struct sockets sockets = { .page_path = tree_path(tree, "run/page") };
        char *path = tree_path(tree, "etc/conf"), *state = tree_path(tree, "state");
        struct sandbox *sandbox = NULL;

        if (sandbox_enter(&(struct sandbox_config){ .config = config,
                                                    .config_path = path,
                                                    .sockets = &sockets,
                                                    .state_directory = state,
                                                    .log = &LOG },
                          &sandbox) ||
            !sandbox)
                _exit(EXIT_NOT_ENTERED);
        free(sockets.page_path);
        free(path);
        free(state);
        return sandbox;
}

static int run_child(int (*attempt)(const char *argument), const char *argument)
{
        struct config *config = read_config(CONFIG);
        int status;
        pid_t pid;

        pid = fork();
        must(pid >= 0, "fork");
        if (pid == 0) {
                enter(config);
                must(chdir(tree->path) == 0, "chdir");
                _exit(attempt(argument));
        }
        must(waitpid(pid, &status, 0) == pid && WIFEXITED(status), "waitpid");
        config_free(config);
        return WEXITSTATUS(status);
}

/* -- attempts ---------------------------------------------------------------------------------- */

static int error_of(int r)
{
        return r < 0 ? errno : 0;
}

static int try_read(const char *path)
{
        return error_of(open(path, O_RDONLY));
}

static int try_list(const char *path)
{
        return error_of(open(path, O_RDONLY | O_DIRECTORY));
}

static int try_write(const char *path)
{
        return error_of(open(path, O_WRONLY));
}

static int try_truncate(const char *path)
{
        return error_of(truncate(path, 0));
}

static int try_make(const char *path)
{
        return error_of(open(path, O_WRONLY | O_CREAT | O_EXCL, 0600));
}

static int try_make_link(const char *path)
{
        return error_of(symlink("/etc/passwd", path));
}

static int try_make_socket(const char *path)
{
        return error_of(mknod(path, S_IFSOCK | 0600, 0));
}

static int try_make_directory(const char *path)
{
        return error_of(mkdir(path, 0700));
}

static int try_remove(const char *path)
{
        return error_of(unlink(path));
}

static int try_move(const char *path)
{
        return error_of(rename("srv/plant/trusted/certs/a", path));
}

static int try_execute(const char *path)
{
        execl(path, path, (char *)NULL);
        return errno;
}

static int try_connect(const char *address)
{
        struct sockaddr_in there = { .sin_family = AF_INET, .sin_port = htons(9) };
        int fd = socket(AF_INET, SOCK_STREAM, 0);

        inet_pton(AF_INET, address, &there.sin_addr);
        return error_of(connect(fd, (struct sockaddr *)&there, sizeof(there)));
}

static int try_signal(const char *nothing)
{
        (void)nothing;
        return error_of(kill(getppid(), 0));
}

static void *read_in_thread(void *path)
{
        return (void *)(intptr_t)try_read(path);
}

static int try_in_thread(const char *path)
{
        pthread_t thread;
        void *error;

        must(pthread_create(&thread, NULL, read_in_thread, (void *)path) == 0, "pthread_create");
        pthread_join(thread, &error);
        return (int)(intptr_t)error;
}

static int try_once_it_is_there(const char *path)
{
        for (int i = 0; i < 500 && access(path, F_OK); i++)
                usleep(10000);
        return try_read(path);
}

/* clang-format off */
static const struct row {
        const char *name;
        int (*attempt)(const char *argument);
        const char *argument;
        int error;
        int abi; /* from which on */
} ROWS[] = {
        { "reads a store", try_read, "srv/plant/trusted/certs/a", 0, 2 },
        { "lists a store", try_list, "srv/plant/trusted/certs", 0, 2 },
        { "writes into a store's own folder", try_make, "srv/plant/trusted/certs/x", 0, 2 },
        { "empties a file of it", try_truncate, "srv/plant/trusted/certs/a", 0, 2 },
        { "makes a folder in it", try_make_directory, "srv/plant/blocked", 0, 2 },
        { "moves between its folders", try_move, "srv/plant/trusted/crl/a", 0, 2 },
        { "removes a file of it", try_remove, "srv/plant/trusted/certs/a", 0, 2 },
        { "reads a source", try_read, "opt/old/issuers/certs/b", 0, 2 },
        { "reads where a source's folder leads", try_read, "opt/old/trusted/certs/c", 0, 2 },
        { "makes the page", try_make, "run/page.new", 0, 2 },
        { "keeps its state", try_make, "state/newest", 0, 2 },
        { "reads its configuration", try_read, "etc/conf", 0, 2 },
        { "looks users up", try_read, "/etc/passwd", 0, 2 },
        { "sees itself", try_read, "/proc/self/status", 0, 2 },

        { "reads nothing outside", try_read, "other/secret", EACCES, 2 },
        { "nor in a later thread", try_in_thread, "other/secret", EACCES, 2 },
        { "lists nothing outside", try_list, "other", EACCES, 2 },
        { "lists no root", try_list, "/", EACCES, 2 },
        { "writes nothing outside", try_write, "other/secret", EACCES, 2 },
        { "empties nothing outside", try_truncate, "other/secret", EACCES, 3 },
        { "makes nothing outside", try_make, "other/new", EACCES, 2 },
        { "removes nothing outside", try_remove, "other/secret", EACCES, 2 },
        { "moves nothing out", try_move, "other/a", EACCES, 2 },
        { "changes no source", try_make, "opt/old/issuers/certs/x", EACCES, 2 },
        { "makes nothing beside a store", try_make, "srv/x", EACCES, 2 },
        { "does not change its configuration", try_write, "etc/conf", EACCES, 2 },
        { "makes no link", try_make_link, "srv/plant/trusted/certs/link", EACCES, 2 },
        { "makes no socket", try_make_socket, "srv/plant/trusted/certs/socket", EACCES, 2 },
        { "executes nothing", try_execute, "/bin/true", EACCES, 2 },
        { "executes nothing of a store", try_execute, "srv/plant/trusted/certs/a", EACCES, 2 },
        { "reaches nobody by TCP", try_connect, "127.0.0.1", EACCES, 4 },
        { "signals nobody else", try_signal, NULL, EPERM, 6 },
};
/* clang-format on */

static void what_a_confined_agent_can_do(void **state)
{
        int abi = landlock_get_abi();

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
                int error;

                if (abi < ROWS[i].abi)
                        continue;
                tear_down(NULL);
                set_up(NULL);
                error = run_child(ROWS[i].attempt, ROWS[i].argument);
                if (error != ROWS[i].error)
                        fail_msg("%s: %s", ROWS[i].name, strerror(error));
        }
        assert_string_equal(logged, "");
}

static void a_folder_that_is_made_anew_can_be_read(void **state)
{
        char *from = tree_path(tree, "srv/plant"), *to = tree_path(tree, "srv/before");
        pid_t pid;

        (void)state;
        pid = fork();
        must(pid >= 0, "fork");
        if (pid == 0) {
                usleep(300000); /* others are confined by then */
                must(rename(from, to) == 0, "rename");
                tree_write(tree, "srv/plant/trusted/certs/new", "n", 1);
                _exit(0);
        }
        free(from);
        free(to);
        assert_int_equal(run_child(try_once_it_is_there, "srv/plant/trusted/certs/new"), 0);
        waitpid(pid, NULL, 0);
}

/* -- reloads ----------------------------------------------------------------------------------- */

static void what_lies_outside_asks_for_a_restart(void **state)
{
        static const struct {
                const char *config, *outside; /* NULL: nothing */
        } NEXT[] = {
                { CONFIG, NULL },
                { "[Store plant]\nPath=@/srv/plant\n[Store other]\nPath=@/state/other\n", NULL },
                { "[Store plant]\nPath=@/srv/plant/\n", NULL },
                { "[Store plant]\nPath=@/srv/plant\n"
                  "[Source new]\nStore=plant\nPath=@/srv/beside\n",
                  NULL },
                { "[Store plant]\nPath=@/srv/plant\n"
                  "[Source new]\nStore=plant\nTrusted=@/far/away/certs\n",
                  NULL },
                { "[Store plant]\nPath=@/srv/plant\n[Store beside]\nPath=@/srv/beside\n",
                  "srv/beside" },
                { "[Store plant]\nPath=@/srv/plant\n"
                  "[Source new]\nStore=plant\nPath=@/other/pki\n",
                  "other/pki" },
                { "[Store plant]\nPath=@/srv/plant\n"
                  "[Source new]\nStore=plant\nTrusted=@/other/certs\n",
                  "other/certs" },
        };
        int status;
        pid_t pid;

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(NEXT); i++) {
                struct config *config = read_config(CONFIG), *next = read_config(NEXT[i].config);

                pid = fork();
                must(pid >= 0, "fork");
                if (pid == 0) {
                        struct sandbox *sandbox = enter(config);
                        char *fault = NULL;
                        int r = sandbox_check(sandbox, next, &fault);
                        bool is_as_it_should = NEXT[i].outside
                                                       ? r == SANDBOX_E_OUTSIDE &&
                                                                 strstr(fault, NEXT[i].outside) &&
                                                                 strstr(fault, "restart")
                                                       : r == 0;

                        if (!is_as_it_should)
                                fprintf(stderr, "row %zu: %s\n", i, fault ? fault : "inside");
                        _exit(is_as_it_should ? 0 : 1);
                }
                must(waitpid(pid, &status, 0) == pid, "waitpid");
                assert_int_equal(status, 0);
                config_free(config);
                config_free(next);
        }
}

static void without_a_sandbox_nothing_is_outside(void **state)
{
        struct config *config = read_config(CONFIG);
        char *fault;

        (void)state;
        assert_int_equal(sandbox_check(NULL, config, &fault), 0);
        config_free(config);
}

static void what_is_missing_below_the_root_leaves_reading_alone(void **state)
{
        struct config *config =
                read_config("[Store plant]\nPath=/missing-at-the-root/of-unit-app-sandbox\n");
        int status;
        pid_t pid;

        (void)state;
        pid = fork();
        must(pid >= 0, "fork");
        if (pid == 0) {
                enter(config);
                must(chdir(tree->path) == 0, "chdir");
                _exit(strstr(logged, "not confined") && !try_read("other/secret") &&
                                      try_write("other/secret") == EACCES
                              ? 0
                              : 1);
        }
        must(waitpid(pid, &status, 0) == pid, "waitpid");
        assert_int_equal(status, 0);
        config_free(config);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(what_a_confined_agent_can_do, set_up, tear_down),
                cmocka_unit_test_setup_teardown(a_folder_that_is_made_anew_can_be_read, set_up,
                                                tear_down),
                cmocka_unit_test_setup_teardown(what_lies_outside_asks_for_a_restart, set_up,
                                                tear_down),
                cmocka_unit_test_setup_teardown(without_a_sandbox_nothing_is_outside, set_up,
                                                tear_down),
                cmocka_unit_test_setup_teardown(what_is_missing_below_the_root_leaves_reading_alone,
                                                set_up, tear_down),
        };

        if (landlock_get_abi() < LANDLOCK_ABI_MIN) {
                printf("SKIPPED: unit/app/sandbox: the kernel has no Landlock that suffices\n");
                return SKIPPED;
        }
        return cmocka_run_group_tests(tests, NULL, NULL);
}
