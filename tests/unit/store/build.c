/* SPDX-License-Identifier: Apache-2.0 */
#include "store/build.h"

#include "harness/folder.h"
#include "harness/must.h"
#include "harness/test.h"
#include "harness/tree.h"
#include "proto/compiler.h"
#include "store/picture.h"
#include "trust/snapshot.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define GOOD "cert " TC "ca, cert " TC "leaf, crl " TR "a"

static struct folder *make(struct contents *contents)
{
        struct folder *folder = folder_with_crl(contents);

        folder_put(folder, TC "leaf", LEAF);
        folder_refresh(folder);
        return folder;
}

static void test_what_a_broken_file_held_is_known(void **state)
{
        static const struct {
                const char *name;
                const char *file;
                enum content content;
                const char *seen, *known;
        } ROWS[] = {
                { "half of it", TC "leaf", LEAF_HALF,
                  "broken " TC "leaf, cert " TC "ca, crl " TR "a", GOOD },
                { "empty", TC "leaf", EMPTY, "broken " TC "leaf, cert " TC "ca, crl " TR "a",
                  GOOD },
                { "a key", TC "leaf", KEY, "broken " TC "leaf, cert " TC "ca, crl " TR "a", GOOD },
                { "a text", TC "leaf", TEXT, "broken " TC "leaf, cert " TC "ca, crl " TR "a",
                  GOOD },
                { "a FIFO", TC "leaf", FIFO, "broken " TC "leaf, cert " TC "ca, crl " TR "a",
                  GOOD },
                { "a link to nothing", TC "leaf", DANGLING,
                  "broken " TC "leaf, cert " TC "ca, crl " TR "a", GOOD },
                { "a CRL", TR "a", CRL_HALF,
                  "broken " TR "a, cert " TC "ca, cert " TC "leaf, crl(held) " TR "a", GOOD },
                { "the CA, and with it its CRL", TC "ca", EMPTY,
                  "broken " TC "ca, cert " TC "leaf, crl(unverified) " TR "a", GOOD },
                { "another whole certificate: that is known", TC "leaf", TWIN,
                  "cert " TC "ca, cert " TC "leaf, crl " TR "a", NULL },
                { "gone: that is known", TC "leaf", NOTHING, "cert " TC "ca, crl " TR "a", NULL },
        };

        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
                struct folder *folder = make(*state);

                folder_assert_known(folder, ROWS[i].name, NULL);
                folder_put(folder, ROWS[i].file, ROWS[i].content);
                folder_refresh(folder);
                folder_assert_seen(folder, ROWS[i].name, ROWS[i].seen);
                folder_assert_known(folder, ROWS[i].name, ROWS[i].known);

                /* It stays so while other things happen. */
                folder_put(folder, TC "other", TWIN);
                folder_refresh(folder);
                if (ROWS[i].known)
                        folder_assert_known(folder, ROWS[i].name,
                                            "cert " TC "ca, cert " TC "leaf, cert " TC
                                            "other, crl " TR "a");
                folder_put(folder, TC "other", NOTHING);
                folder_refresh(folder);
                folder_assert_known(folder, ROWS[i].name, ROWS[i].known);

                folder_put(folder, ROWS[i].file, NOTHING);
                folder_refresh(folder);
                folder_assert_known(folder, "it is gone", NULL);
                folder_free(folder);
        }
}

static void test_what_it_held_last_is_known_however_often_it_breaks(void **state)
{
        struct folder *folder = make(*state);

        folder_put(folder, TC "leaf", EMPTY);
        folder_refresh(folder);
        folder_put(folder, TC "leaf", LEAF_HALF);
        folder_refresh(folder);
        folder_put(folder, TC "leaf", TEXT);
        folder_refresh(folder);
        folder_assert_known(folder, "thrice broken", GOOD);

        folder_put(folder, TC "leaf", TWIN);
        folder_refresh(folder);
        folder_assert_known(folder, "good", NULL);
        folder_put(folder, TC "leaf", EMPTY);
        folder_refresh(folder);
        folder_put(folder, TC "ca", NOTHING);
        folder_refresh(folder);
        folder_assert_known(folder, "the newer one, and no CA",
                            "cert " TC "leaf, crl(unverified) " TR "a");
        folder_free(folder);
}

static void test_what_never_was_whole_is_not_known(void **state)
{
        struct folder *folder = folder_new(*state);

        folder_put(folder, TC "half", LEAF_HALF);
        folder_put(folder, TC "text", TEXT);
        folder_refresh(folder);
        folder_put(folder, TC "half", EMPTY);
        folder_refresh(folder);
        folder_assert_seen(folder, "all broken", "broken " TC "half, foreign " TC "text");
        folder_assert_known(folder, "nothing lost", NULL);
        folder_free(folder);
}

static void test_what_lies_in_an_unreadable_directory_is_known(void **state)
{
        struct folder *folder;
        char *dir;

        if (geteuid() != 0) {
                print_message("SKIPPED: only root can become somebody else\n");
                skip();
        }

        folder = make(*state);
        dir = tree_path(folder->tree, "pki/trusted/certs");
        must(chmod(folder->tree->path, 0755) == 0 && chmod(dir, 0700) == 0, "chmod");
        must(seteuid(65534) == 0, "seteuid");
        folder_refresh(folder);
        folder_assert_seen(folder, "unreadable", "broken trusted/certs, crl(unverified) " TR "a");
        folder_assert_known(folder, "unreadable", GOOD);
        folder_refresh(folder);
        folder_assert_known(folder, "still", GOOD);

        must(seteuid(0) == 0 && chmod(dir, 0755) == 0, "chmod");
        folder_refresh(folder);
        folder_assert_seen(folder, "readable", GOOD);
        folder_assert_known(folder, "readable", NULL);
        free(dir);
        folder_free(folder);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_what_a_broken_file_held_is_known),
                cmocka_unit_test(test_what_it_held_last_is_known_however_often_it_breaks),
                cmocka_unit_test(test_what_never_was_whole_is_not_known),
                cmocka_unit_test(test_what_lies_in_an_unreadable_directory_is_known),
        };

        return cmocka_run_group_tests_name("store/build", tests, contents_set_up,
                                           contents_tear_down);
}
