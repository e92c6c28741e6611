/* SPDX-License-Identifier: Apache-2.0 */
#include "store/foreign.h"

#include "harness/folder.h"
#include "harness/must.h"
#include "harness/test.h"
#include "harness/tree.h"
#include "proto/compiler.h"
#include "store/picture.h"
#include "trust/change.h"
#include "trust/entry.h"
#include "trust/snapshot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put_junk(const struct folder *folder, const char *dir, int n)
{
        char name[64];

        for (int i = 0; i < n; i++) {
                snprintf(name, sizeof(name), "%sjunk%04d", dir, i);
                folder_put(folder, name, TEXT);
        }
}

static const struct entry *find(const struct folder *folder, const char *origin)
{
        const struct snapshot *snap = picture_get_snapshot(folder->picture);

        for (size_t i = 0; i < snap->n_entries; i++) {
                if (strcmp(snap->entries[i]->origin, origin) == 0)
                        return snap->entries[i];
        }
        return NULL;
}

static void test_the_first_are_listed_and_the_rest_counted(void **state)
{
        static const struct {
                int n_junk;
                size_t n_listed;
                const char *rest; /* or NULL */
        } ROWS[] = {
                { 1, 1, NULL },
                { FOREIGN_LISTED_MAX, FOREIGN_LISTED_MAX, NULL },
                { FOREIGN_LISTED_MAX + 1, FOREIGN_LISTED_MAX + 1,
                  "1 files more in it hold no certificate and no CRL" },
                { 1000, FOREIGN_LISTED_MAX + 1,
                  "900 files more in it hold no certificate and no CRL" },
        };

        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
                struct folder *folder = folder_new(*state);
                const struct snapshot *snap;
                const struct entry *entry;

                put_junk(folder, TC, ROWS[i].n_junk);
                folder_put(folder, TC "a.der", LEAF);
                folder_refresh(folder);
                snap = picture_get_snapshot(folder->picture);
                assert_int_equal(snap->n_broken, ROWS[i].n_listed);
                assert_int_equal(snap->n_certs, 1);

                entry = find(folder, "default/" TC "junk0000");
                assert_string_equal(entry->reason, "it is neither DER nor PEM");
                entry = find(folder, "default/trusted/certs");
                if (!entry != !ROWS[i].rest || (entry && strcmp(entry->reason, ROWS[i].rest) != 0))
                        fail_msg("%d: %s", ROWS[i].n_junk, entry ? entry->reason : "no rest");
                folder_free(folder);
        }
}

static void test_what_comes_and_goes_is_listed_and_no_news(void **state)
{
        struct folder *folder = folder_new(*state);

        folder_put(folder, TC "a.der", LEAF);
        folder_refresh(folder);
        folder_put(folder, TC "README", TEXT);
        folder_refresh(folder);
        folder_assert_seen(folder, "it came", "cert " TC "a.der, foreign " TC "README");
        assert_false(folder->result.change->is_generation);
        assert_int_equal(folder->result.change->broken.n, 0);

        folder_put(folder, TC "README", NOTHING);
        folder_refresh(folder);
        folder_assert_seen(folder, "it went", "cert " TC "a.der");
        assert_false(folder->result.change->is_generation);
        assert_int_equal(folder->result.change->healed.n, 0);
        folder_free(folder);
}

static void test_a_file_that_holds_something_of_ours_is_none(void **state)
{
        struct folder *folder = folder_new(*state);

        folder_put(folder, TC "a", TEXT);
        folder_put(folder, "rejected/certs/a.json", TEXT);
        folder_put(folder, "own/certs/notes", TEXT);
        folder_refresh(folder);
        folder_assert_seen(folder, "records of what was rejected are no news",
                           "foreign own/certs/notes, foreign " TC "a");

        folder_put(folder, TC "a", LEAF_PEM);
        folder_refresh(folder);
        folder_assert_seen(folder, "it became one", "cert " TC "a, foreign own/certs/notes");
        assert_true(folder->result.change->is_generation);
        folder_free(folder);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_the_first_are_listed_and_the_rest_counted),
                cmocka_unit_test(test_what_comes_and_goes_is_listed_and_no_news),
                cmocka_unit_test(test_a_file_that_holds_something_of_ours_is_none),
        };

        return cmocka_run_group_tests_name("store/foreign", tests, contents_set_up,
                                           contents_tear_down);
}
