/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store.h"

#include "harness/folder.h"
#include "harness/must.h"
#include "harness/test.h"
#include "harness/tree.h"
#include "store/layout.h"
#include "store/picture.h"
#include "trust/change.h"
#include "trust/settings.h"
#include "trust/snapshot.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

struct put {
        const char *name;
        enum content content;
};

struct row {
        const char *name;
        struct put before[4];
        const char *seen_before;
        struct put after[4];
        const char *seen_after;
        bool is_generation; /* is the second one a new one? */
};

#define TC "trusted/certs/"
#define TR "trusted/crl/"

static const struct row ROWS[] = {
        {
                "an empty store fills",
                { { TC "a.der", NOTHING } },
                "",
                { { TC "a.der", LEAF } },
                "cert " TC "a.der",
                true,
        },
        {
                "every list is read, under both names of the issuers",
                { { "own/certs/a", LEAF }, { "issuer/certs/a", CA }, { "issuers/certs/a", CA } },
                "cert issuer/certs/a, cert issuers/certs/a, cert own/certs/a",
                { { "rejected/certs/a", LEAF }, { "rejected/b", LEAF } },
                "cert issuer/certs/a, cert issuers/certs/a, cert own/certs/a, cert rejected/b, "
                "cert rejected/certs/a",
                false,
        },
        {
                "own/private is nobody's business",
                { { "own/private/a.der", LEAF }, { TC "a", LEAF } },
                "cert " TC "a",
                { { "own/private/b.der", HUGE } },
                "cert " TC "a",
                false,
        },
        {
                "content decides, not the name",
                { { TC "a.crl", LEAF_PEM }, { TC "b.pem", LEAF }, { TR "key.pem", CA } },
                "cert " TC "a.crl, cert " TC "b.pem, cert " TR "key.pem",
                { { TC "a.crl", LEAF }, { TC "b.pem", LEAF_PEM } },
                "cert " TC "a.crl, cert " TC "b.pem, cert " TR "key.pem",
                false,
        },
        {
                "one file holds several",
                { { TC "a", LEAF_TWO } },
                "cert " TC "a, cert " TC "a",
                { { TC "a", LEAF } },
                "cert " TC "a",
                true,
        },
        {
                "a certificate that stops parsing is trusted no more",
                { { TC "a", LEAF }, { TC "b", CA } },
                "cert " TC "a, cert " TC "b",
                { { TC "a", LEAF_HALF } },
                "broken " TC "a, cert " TC "b",
                true,
        },
        {
                "what is whole in a broken file counts",
                { { TC "a", LEAF_AND_HALF } },
                "broken " TC "a, cert " TC "a",
                { { TC "a", LEAF } },
                "cert " TC "a",
                true,
        },
        {
                "what is not ours is listed and no news, what is temporary is not there",
                { { TC "README", TEXT }, { TC ".a.der", LEAF }, { TC "a.der~", LEAF } },
                "foreign " TC "README",
                { { TC "README", NOTHING } },
                "",
                false,
        },
        {
                "empty, a key, a hole, a FIFO: each broken, and nothing else lost",
                { { TC "a", LEAF }, { TC "b", EMPTY }, { TC "c", KEY }, { TC "d", HUGE } },
                "broken " TC "b, broken " TC "c, broken " TC "d, cert " TC "a",
                { { TC "b", FIFO }, { TC "c", DANGLING }, { TC "d", LEAF } },
                "broken " TC "b, broken " TC "c, cert " TC "a, cert " TC "d",
                true,
        },
        {
                "a CRL is verified by its CA",
                { { TR "a", CRL } },
                "crl(unverified) " TR "a",
                { { "issuer/certs/ca", CA } },
                "cert issuer/certs/ca, crl " TR "a",
                true,
        },
        {
                "a CRL is replaced",
                { { TC "ca", CA }, { TR "a", CRL } },
                "cert " TC "ca, crl " TR "a",
                { { TR "a", CRL_NEXT } },
                "cert " TC "ca, crl " TR "a",
                true,
        },
        {
                "an older CRL is superseded",
                { { TC "ca", CA }, { TR "a", CRL } },
                "cert " TC "ca, crl " TR "a",
                { { TR "b", CRL_NEXT } },
                "cert " TC "ca, crl " TR "b, crl(superseded) " TR "a",
                true,
        },
        {
                "a CRL that is cut off goes on revoking",
                { { TC "ca", CA }, { TR "a", CRL } },
                "cert " TC "ca, crl " TR "a",
                { { TR "a", CRL_HALF } },
                "broken " TR "a, cert " TC "ca, crl(held) " TR "a",
                true,
        },
        {
                "a CRL that is emptied goes on revoking",
                { { TC "ca", CA }, { TR "a", CRL } },
                "cert " TC "ca, crl " TR "a",
                { { TR "a", EMPTY } },
                "broken " TR "a, cert " TC "ca, crl(held) " TR "a",
                true,
        },
        {
                "a CRL that a crash filled with zeros goes on revoking",
                { { TC "ca", CA }, { TR "a", CRL } },
                "cert " TC "ca, crl " TR "a",
                { { TR "a", ZEROS } },
                "broken " TR "a, cert " TC "ca, crl(held) " TR "a",
                true,
        },
        {
                "a CRL that does not verify any more goes on revoking",
                { { TC "ca", CA }, { TR "a", CRL } },
                "cert " TC "ca, crl " TR "a",
                { { TR "a", CRL_FOREIGN } },
                "broken " TR "a, cert " TC "ca, crl(held) " TR "a, crl(unverified) " TR "a",
                true,
        },
        {
                "a CRL that is removed revokes nothing",
                { { TC "ca", CA }, { TR "a", CRL } },
                "cert " TC "ca, crl " TR "a",
                { { TR "a", NOTHING } },
                "cert " TC "ca",
                true,
        },
        {
                "a directory of CRLs that is removed revokes nothing",
                { { TC "ca", CA }, { TR "a", CRL } },
                "cert " TC "ca, crl " TR "a",
                { { "trusted/crl", NOTHING } },
                "cert " TC "ca",
                true,
        },
        {
                "a CRL that never verified is not held",
                { { TC "leaf", LEAF }, { TR "a", CRL } },
                "cert " TC "leaf, crl(unverified) " TR "a",
                { { TR "a", CRL_HALF } },
                "broken " TR "a, cert " TC "leaf",
                true,
        },
        {
                "a certificate in the place of a CRL ends what was held",
                { { TC "ca", CA }, { TR "a", CRL } },
                "cert " TC "ca, crl " TR "a",
                { { TR "a", LEAF } },
                "cert " TC "ca, cert " TR "a",
                true,
        },
        {
                "a file in the place of a directory",
                { { "trusted/certs", TEXT }, { "own/certs/a", LEAF } },
                "broken trusted/certs, cert own/certs/a",
                { { "trusted/certs", NOTHING } },
                "cert own/certs/a",
                true,
        },
};

static void put_all(const struct folder *folder, const struct put puts[4])
{
        for (size_t i = 0; i < 4 && puts[i].name; i++)
                folder_put(folder, puts[i].name, puts[i].content);
}

static void run_row(struct contents *contents, const struct row *row)
{
        uint8_t hash[32], fresh_hash[32];
        struct folder *folder = folder_new(contents), *fresh;

        tree_mkdir(folder->tree, "pki");
        put_all(folder, row->before);
        folder_refresh(folder);
        folder_assert_seen(folder, row->name, row->seen_before);
        assert_non_null(folder->result.change);

        put_all(folder, row->after);
        folder_refresh(folder);
        folder_assert_seen(folder, row->name, row->seen_after);
        if (row->is_generation != (folder->result.change && folder->result.change->is_generation))
                fail_msg("%s: generation", row->name);

        /* Nothing is left to do or to say. */
        assert_int_equal(folder->result.again_ms, STORE_NEVER_MS);
        assert_null(folder->result.doubt);
        folder_refresh(folder);
        assert_null(folder->result.change);

        /* Who comes later judges alike, but for what is held. */
        fresh = folder_new(contents);
        free(fresh->root);
        fresh->root = must_strdup(folder->root);
        fresh->source.path = fresh->root;
        folder_refresh(fresh);
        assert_int_equal(snapshot_hash(picture_get_snapshot(fresh->picture), hash), 0);
        assert_int_equal(snapshot_hash(picture_get_snapshot(folder->picture), fresh_hash), 0);
        assert_memory_equal(fresh_hash, hash, 32);
        folder_free(fresh);
        folder_free(folder);
}

static void test_rows(void **state)
{
        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++)
                run_row(*state, &ROWS[i]);
}

struct reason_row {
        enum content content;
        const char *reason;
};

static void test_reasons(void **state)
{
        static const struct reason_row REASONS[] = {
                { KEY, "it is a private key, which was not read" },
                { HUGE, "it is larger than 128 MiB" },
                { FIFO, "it is no regular file" },
                { DANGLING, "it is a link that leads nowhere" },
        };

        for (size_t i = 0; i < ARRAY_SIZE(REASONS); i++) {
                struct folder *folder = folder_new(*state);

                tree_mkdir(folder->tree, "pki/trusted/certs");
                folder_put(folder, TC "a", REASONS[i].content);
                folder_refresh(folder);
                folder_assert_reason(folder, REASONS[i].reason);
                folder_free(folder);
        }
}

static void test_a_store_that_is_missing_is_not_ready(void **state)
{
        struct folder *folder = folder_new(*state);
        char *expected = NULL;

        must(asprintf(&expected, "%s: there is no such directory", folder->root) > 0, "asprintf");
        folder_refresh(folder);
        assert_string_equal(folder->result.not_ready, expected);
        assert_null(picture_get_snapshot(folder->picture));

        folder_put(folder, TC "a", LEAF);
        folder_refresh(folder);
        assert_null(folder->result.not_ready);
        assert_int_equal(folder_count_added(folder), 1);

        tree_remove(folder->tree, "pki");
        folder_refresh(folder);
        assert_string_equal(folder->result.not_ready, expected);
        assert_null(folder->result.change);

        /* Changes are against what was last in force. */
        folder_put(folder, TC "a", LEAF);
        folder_put(folder, TC "b", CA);
        folder_refresh(folder);
        assert_int_equal(folder_count_added(folder), 1);
        free(expected);
        folder_free(folder);
}

static void test_a_store_that_is_a_file_is_not_ready(void **state)
{
        struct folder *folder = folder_new(*state);
        char *expected = NULL;

        must(asprintf(&expected, "%s: it is no directory", folder->root) > 0, "asprintf");
        tree_write(folder->tree, "pki", "a", 1);
        folder_refresh(folder);
        assert_string_equal(folder->result.not_ready, expected);
        free(expected);
        folder_free(folder);
}

static void test_a_store_that_may_not_be_entered_is_not_ready(void **state)
{
        struct folder *folder;
        char *expected = NULL;

        if (geteuid() != 0) {
                print_message("SKIPPED: only root can become somebody else\n");
                skip();
        }

        folder = folder_with_crl(*state);
        must(asprintf(&expected,
                      "%s: it cannot be read: Permission denied; mend it with: "
                      "setfacl -m u:uatrust:rx %s",
                      folder->root, folder->root) > 0,
             "asprintf");
        must(chmod(folder->tree->path, 0755) == 0 && chmod(folder->root, 0700) == 0, "chmod");
        must(seteuid(65534) == 0, "seteuid");
        folder_refresh(folder);
        must(seteuid(0) == 0, "seteuid");
        assert_string_equal(folder->result.not_ready, expected);
        assert_null(picture_get_snapshot(folder->picture));

        folder_refresh(folder);
        assert_null(folder->result.not_ready);
        free(expected);
        folder_free(folder);
}

static void test_new_settings_are_a_new_generation(void **state)
{
        struct folder *folder = folder_with_crl(*state);
        struct settings *settings;
        char *reason = NULL;

        assert_int_equal(settings_new(&settings), 0);
        assert_int_equal(settings_set(settings, "SingleUri", "yes", &reason), 0);
        folder->config.settings = settings;
        folder_refresh_nothing(folder);
        assert_true(folder->result.change->is_generation);
        folder_assert_seen(folder, "the same files", "cert " TC "ca, crl " TR "a");

        settings_unref(settings);
        folder_free(folder);
}

static void test_what_may_not_be_read_is_broken_until_it_may(void **state)
{
        struct folder *folder;
        char *file, *dir;

        if (geteuid() != 0) {
                print_message("SKIPPED: only root can become somebody else\n");
                skip();
        }

        folder = folder_with_crl(*state);
        file = tree_path(folder->tree, "pki/" TC "ca");
        dir = tree_path(folder->tree, "pki/trusted/crl");
        must(chmod(folder->tree->path, 0755) == 0, "chmod");
        must(chmod(file, 0600) == 0, "chmod");
        must(seteuid(65534) == 0, "seteuid");
        folder_refresh(folder);
        folder_assert_seen(folder, "the CA", "broken " TC "ca, crl(unverified) " TR "a");
        folder_refresh(folder);
        assert_null(folder->result.change);

        /* Not all that makes a file readable leaves a stamp. */
        must(seteuid(0) == 0, "seteuid");
        folder_refresh(folder);
        folder_assert_seen(folder, "readable", "cert " TC "ca, crl " TR "a");

        must(chmod(file, 0644) == 0 && chmod(dir, 0700) == 0, "chmod");
        folder_refresh(folder);
        must(seteuid(65534) == 0, "seteuid");
        folder_refresh(folder);
        folder_assert_seen(folder, "the CRLs",
                           "broken trusted/crl, broken " TR "a, cert " TC "ca, crl(held) " TR "a");
        folder_refresh(folder);
        assert_null(folder->result.change);

        must(seteuid(0) == 0, "seteuid");
        must(chmod(dir, 0755) == 0, "chmod");
        folder_refresh(folder);
        folder_assert_seen(folder, "given back", "cert " TC "ca, crl " TR "a");
        free(file);
        free(dir);
        folder_free(folder);
}

static void test_without_descriptors_the_old_picture_stays(void **state)
{
        struct folder *folder = folder_with_crl(*state);
        struct store_hints all = { .is_all = true };
        struct store_result result = STORE_RESULT_NULL;
        struct rlimit before, low;

        folder_put(folder, TC "b", LEAF);
        must(getrlimit(RLIMIT_NOFILE, &before) == 0, "getrlimit");
        for (rlim_t n = 3; n < 16; n++) {
                int r;

                low = (struct rlimit){ n, before.rlim_max };
                must(setrlimit(RLIMIT_NOFILE, &low) == 0, "setrlimit");
                r = store_refresh(&folder->config, folder->picture, &all, &folder->now, &result);
                must(setrlimit(RLIMIT_NOFILE, &before) == 0, "setrlimit");
                if (r == 0)
                        break;
                assert_int_equal(r, -EMFILE);
                assert_null(result.picture);
        }

        assert_non_null(result.picture);
        assert_int_equal(picture_get_snapshot(result.picture)->n_broken, 0);
        store_result_deinit(&result);
        folder_free(folder);
}

static void test_a_file_as_large_as_the_limit_and_one_more(void **state)
{
        struct folder *folder = folder_new(*state);
        char *path = tree_path(folder->tree, "pki/" TC "a");

        folder_put(folder, TC "a", TEXT);
        must(truncate(path, LAYOUT_FILE_BYTES_MAX) == 0, "truncate");
        folder_refresh(folder);
        folder_assert_seen(folder, "read, and none of ours", "foreign " TC "a");

        must(truncate(path, LAYOUT_FILE_BYTES_MAX + 1) == 0, "truncate");
        folder_refresh(folder);
        folder_assert_seen(folder, "not read", "broken " TC "a");
        free(path);
        folder_free(folder);
}

static void test_ten_thousand_files_and_one_more(void **state)
{
        struct folder *folder = folder_new(*state);
        char name[64];

        for (unsigned int i = 0; i < 10000; i++) {
                snprintf(name, sizeof(name), TC "%u", i);
                folder_write(folder, name, LEAF);
        }
        folder_refresh(folder);
        assert_int_equal(picture_get_snapshot(folder->picture)->n_entries, 10000);
        assert_int_equal(picture_get_snapshot(folder->picture)->n_certs, 1);

        folder_put(folder, TC "ca", CA);
        folder_refresh_name(folder, "trusted/certs", "ca", false);
        assert_int_equal(picture_get_snapshot(folder->picture)->n_entries, 10001);
        assert_int_equal(folder_count_added(folder), 1);

        tree_remove(folder->tree, "pki/trusted/certs");
        folder_refresh_name(folder, "trusted/certs", NULL, false);
        assert_int_equal(picture_get_snapshot(folder->picture)->n_entries, 0);
        folder_free(folder);
}

static void test_directories_are_listed_in_the_order_of_their_numbers(void **state)
{
        struct folder *folder = folder_new(*state);
        char **paths, *expected = tree_path(folder->tree, "pki/trusted/crl");
        size_t n;

        assert_int_equal(store_list_dirs(&folder->config, &paths, &n), 0);
        assert_int_equal(n, folder->source.layout->n_dirs);
        assert_string_equal(paths[folder_find_dir(folder, "trusted/crl")], expected);
        free(paths);
        free(expected);
        folder_free(folder);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_rows),
                cmocka_unit_test(test_reasons),
                cmocka_unit_test(test_a_store_that_is_missing_is_not_ready),
                cmocka_unit_test(test_a_store_that_is_a_file_is_not_ready),
                cmocka_unit_test(test_a_store_that_may_not_be_entered_is_not_ready),
                cmocka_unit_test(test_new_settings_are_a_new_generation),
                cmocka_unit_test(test_what_may_not_be_read_is_broken_until_it_may),
                cmocka_unit_test(test_without_descriptors_the_old_picture_stays),
                cmocka_unit_test(test_a_file_as_large_as_the_limit_and_one_more),
                cmocka_unit_test(test_ten_thousand_files_and_one_more),
                cmocka_unit_test(test_directories_are_listed_in_the_order_of_their_numbers),
        };

        return cmocka_run_group_tests_name("store/store", tests, contents_set_up,
                                           contents_tear_down);
}
