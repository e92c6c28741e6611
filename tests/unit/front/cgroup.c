/* SPDX-License-Identifier: Apache-2.0 */
#include "front/cgroup.h"

#include "harness/test.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void the_one_hierarchy_counts_else_that_of_the_service_manager(void **state)
{
        static const struct {
                const char *text, *cgroup;
        } rows[] = {
                { "0::/system.slice/ua.service\n", "/system.slice/ua.service" },
                { "0::/system.slice/ua.service", "/system.slice/ua.service" },
                { "9:name=systemd:/system.slice/a.service\n8:pids:/x\n0::/\n",
                  "/system.slice/a.service" },
                { "9:name=systemd:/a\n0::/b\n", "/b" },
                { "0::/a:b\n", "/a:b" },
                { "0::/..\n", "/.." },
                { "0::/\n", "" },
                { "1:memory:/x\n0::/\n", "" },
                { "0::\n", "" },
                { "0::relative\n", "" },
                { "0:/a\n", "" },
                { "0\n::\n", "" },
                { "\n\n", "" },
                { "", "" },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                char cgroup[CALLER_CGROUP_MAX_BYTES + 1] = "before";

                cgroup_parse(rows[i].text, cgroup);
                if (strcmp(cgroup, rows[i].cgroup) != 0)
                        fail_msg("\"%s\" gives \"%s\"", rows[i].text, cgroup);
        }
}

static void a_path_that_is_too_long_is_unknown(void **state)
{
        char text[CALLER_CGROUP_MAX_BYTES + 8], cgroup[CALLER_CGROUP_MAX_BYTES + 1];

        (void)state;
        memset(text, 'a', sizeof(text));
        memcpy(text, "0::/", 4);
        text[3 + CALLER_CGROUP_MAX_BYTES] = '\0';
        cgroup_parse(text, cgroup);
        assert_int_equal(strlen(cgroup), CALLER_CGROUP_MAX_BYTES);

        text[3 + CALLER_CGROUP_MAX_BYTES] = 'a';
        text[3 + CALLER_CGROUP_MAX_BYTES + 1] = '\0';
        cgroup_parse(text, cgroup);
        assert_string_equal(cgroup, "");
}

static void our_own_is_as_the_kernel_writes_it(void **state)
{
        char text[8192], expected[CALLER_CGROUP_MAX_BYTES + 1], cgroup[CALLER_CGROUP_MAX_BYTES + 1];
        FILE *file = fopen("/proc/self/cgroup", "re");
        size_t n;

        (void)state;
        assert_non_null(file);
        n = fread(text, 1, sizeof(text) - 1, file);
        text[n] = '\0';
        fclose(file);
        cgroup_parse(text, expected);
        cgroup_read(getpid(), geteuid(), cgroup);
        assert_string_equal(cgroup, expected);
}

static void a_process_of_another_user_or_none_has_none(void **state)
{
        char cgroup[CALLER_CGROUP_MAX_BYTES + 1];
        pid_t gone = fork();

        (void)state;
        if (gone == 0)
                _exit(0);
        waitpid(gone, NULL, 0);

        snprintf(cgroup, sizeof(cgroup), "before");
        cgroup_read(getpid(), geteuid() + 1, cgroup);
        assert_string_equal(cgroup, "");
        snprintf(cgroup, sizeof(cgroup), "before");
        cgroup_read(gone, geteuid(), cgroup);
        assert_string_equal(cgroup, "");
        snprintf(cgroup, sizeof(cgroup), "before");
        cgroup_read(0, geteuid(), cgroup);
        assert_string_equal(cgroup, "");
}

/* In a control group of its own: 0 if it is found by its owner's number and by no other. */
static int look_from_inside(const char *procs, const char *expected)
{
        char own[CALLER_CGROUP_MAX_BYTES + 1], others[CALLER_CGROUP_MAX_BYTES + 1];
        FILE *file = fopen(procs, "we");

        if (!file || fputs("0", file) < 0 || fclose(file) != 0)
                return 77;

        cgroup_read(getpid(), geteuid(), own);
        cgroup_read(getpid(), geteuid() + 1, others);
        return strcmp(own, expected) != 0 || others[0];
}

static void what_is_another_users_by_now_is_unknown(void **state)
{
        static const char *const ROOTS[] = { "/sys/fs/cgroup/systemd", "/sys/fs/cgroup" };
        char folder[64], procs[96], expected[32];
        int status = 77 << 8;

        (void)state;
        snprintf(expected, sizeof(expected), "/uatrust-%d.service", (int)getpid());
        for (size_t i = 0; i < ARRAY_SIZE(ROOTS) && WEXITSTATUS(status) == 77; i++) {
                pid_t child;

                snprintf(folder, sizeof(folder), "%s%s", ROOTS[i], expected);
                snprintf(procs, sizeof(procs), "%s/cgroup.procs", folder);
                if (mkdir(folder, 0755) < 0)
                        continue;
                child = fork();
                if (child == 0)
                        _exit(look_from_inside(procs, expected));
                waitpid(child, &status, 0);
                rmdir(folder);
        }

        if (WEXITSTATUS(status) == 77) {
                print_message("may make no control group here\n");
                skip();
        }
        assert_int_equal(status, 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_one_hierarchy_counts_else_that_of_the_service_manager),
                cmocka_unit_test(a_path_that_is_too_long_is_unknown),
                cmocka_unit_test(our_own_is_as_the_kernel_writes_it),
                cmocka_unit_test(a_process_of_another_user_or_none_has_none),
                cmocka_unit_test(what_is_another_users_by_now_is_unknown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
