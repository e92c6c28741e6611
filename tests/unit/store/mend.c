/* SPDX-License-Identifier: Apache-2.0 */
#include "store/mend.h"

#include "harness/must.h"
#include "harness/test.h"
#include "harness/tree.h"
#include "proto/compiler.h"
#include "store/sources.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DENIED "it cannot be read: Permission denied"
#define MEND   DENIED "; mend it with: setfacl -m "

struct row {
        const char *name;   /* of the case */
        const char *closed; /* which directory or file is taken away from others */
        const char *dir, *file;
        enum mend_need need;
        int error;
        const char *user;
        const char *expected; /* "%s": the tree's path */
};

static const struct row ROWS[] = {
        { "a file", "a/certs/x.der", "certs", "x.der", MEND_READ_FILE, EACCES, NULL,
          MEND "u:uatrust:r %s/a/certs/x.der" },
        { "a directory", "a/certs", "certs", NULL, MEND_READ_DIRECTORY, EACCES, NULL,
          MEND "u:uatrust:rx %s/a/certs" },
        { "a directory on the way", "a", "certs", NULL, MEND_READ_DIRECTORY, EACCES, NULL,
          MEND "u:uatrust:x %s/a" },
        { "a file in a directory that is closed", "a/certs", "certs", "x.der", MEND_READ_FILE,
          EACCES, NULL, MEND "u:uatrust:x %s/a/certs" },
        { "a source's folder", "a", NULL, NULL, MEND_READ_DIRECTORY, EACCES, NULL,
          MEND "u:uatrust:rx %s/a" },
        { "to write", "nothing", "certs", NULL, MEND_WRITE_DIRECTORY, EACCES, NULL,
          "it cannot be written: Permission denied; mend it with: setfacl -m u:uatrust:rwx "
          "%s/a/certs" },
        { "as another user", "a/certs/x.der", "certs", "x.der", MEND_READ_FILE, EACCES, "trust",
          MEND "u:trust:r %s/a/certs/x.der" },
        { "a name with blanks", "a/certs/plc [01].der", "certs", "plc [01].der", MEND_READ_FILE,
          EACCES, NULL, MEND "u:uatrust:r '%s/a/certs/plc [01].der'" },
        { "a name that no shell shall see", "a/certs/it's.der", "certs", "it's.der", MEND_READ_FILE,
          EACCES, NULL, DENIED },
        { "a name that would break a line", "a/certs/x\n.der", "certs", "x\n.der", MEND_READ_FILE,
          EACCES, NULL, DENIED },
        { "no matter of permissions", "nothing", "certs", "x.der", MEND_READ_FILE, EACCES, NULL,
          DENIED },
        { "another fault", "a/certs/x.der", "certs", "x.der", MEND_READ_FILE, EIO, NULL,
          "it cannot be read: Input/output error" },
};

static void check(const struct row *row)
{
        struct tree *tree = tree_new();
        char *folder = tree_path(tree, "a"), *closed = tree_path(tree, row->closed);
        struct store_source source = { .name = "a", .path = folder };
        struct mend mend = { .source = &source, .dir = row->dir, .user = row->user };
        char text[MEND_TEXT_MAX], *expected = NULL, *file = NULL;

        must(asprintf(&file, "a/certs/%s", row->file ? row->file : "other") > 0, "asprintf");
        tree_write(tree, file, "x", 1);
        must(chmod(tree->path, 0755) == 0, "chmod");
        if (strcmp(row->closed, "nothing") != 0)
                must(chmod(closed, 0700) == 0, "chmod %s", closed);

        must(seteuid(65534) == 0, "seteuid");
        mend_describe(&mend, row->need, row->file, row->error, text);
        must(seteuid(0) == 0, "seteuid");

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        must(asprintf(&expected, row->expected, tree->path) > 0, "asprintf");
#pragma GCC diagnostic pop
        if (strcmp(text, expected) != 0)
                fail_msg("%s:\nis       %s\nexpected %s", row->name, text, expected);
        free(expected);
        free(file);
        free(closed);
        free(folder);
        tree_free(tree);
}

static void test_the_first_that_keeps_us_out_is_named(void **state)
{
        (void)state;
        if (geteuid() != 0) {
                print_message("SKIPPED: only root can become somebody else\n");
                skip();
        }

        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++)
                check(&ROWS[i]);
}

static void test_a_path_that_is_too_long_has_no_command(void **state)
{
        char path[MEND_TEXT_MAX];
        struct store_source source = { .name = "a", .path = path };
        struct mend mend = { .source = &source };
        char text[MEND_TEXT_MAX];

        (void)state;
        memset(path, 'a', sizeof(path));
        path[0] = '/';
        path[sizeof(path) - 1] = '\0';
        mend_describe(&mend, MEND_READ_DIRECTORY, NULL, EACCES, text);
        assert_string_equal(text, DENIED);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_the_first_that_keeps_us_out_is_named),
                cmocka_unit_test(test_a_path_that_is_too_long_has_no_command),
        };

        return cmocka_run_group_tests_name("store/mend", tests, NULL, NULL);
}
