/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/folder.h"
#include "harness/must.h"
#include "harness/test.h"
#include "harness/tree.h"
#include "proto/names.h"
#include "store/layout.h"
#include "store/own_folder.h"
#include "store/picture.h"
#include "store/update.h"

#include <stdlib.h>
#include <string.h>

static void end(struct folder *folder, struct update_request *request, struct update_outcome *out)
{
        update_outcome_deinit(out);
        update_request_unref(request);
        folder_free(folder);
}

static void test_what_lies_in_a_source_that_is_only_read_stays(void **state)
{
        static const enum update_kind KINDS[] = { UPDATE_REMOVE_CERT, UPDATE_UNBLOCK };
        static const char *const FILES[] = { "other/" TC "a", "other/blocked/a" };

        for (size_t i = 0; i < ARRAY_SIZE(KINDS); i++) {
                struct folder *folder = folder_new(*state);
                struct update_request *request = folder_ask(folder, KINDS[i], SELF);
                struct update_outcome out;
                char *above;

                must(asprintf(&above, "../%s", FILES[i]) > 0, "asprintf");
                folder_add_source(folder, "other", layout_default());
                folder_put(folder, TC "a", SELF);
                folder_put(folder, "blocked/a", SELF);
                folder_put(folder, above, SELF);
                folder_refresh(folder);
                folder_update(folder, request, &out);
                assert_int_equal(out.status, UPDATE_FOREIGN);
                assert_string_equal(out.subject, FILES[i]);
                assert_false(out.has_changed);
                folder_assert_seen(folder, "both are there still",
                                   i == 0 ? "block blocked/a, cert other/" TC "a, cert " TC "a"
                                          : "block blocked/a, block other/blocked/a, cert " TC "a");
                end(folder, request, &out);
                free(above);
        }
}

static void test_another_writer_is_waited_for(void **state)
{
        struct folder *folder = folder_with_crl(*state);
        struct update_request *request = folder_ask(folder, UPDATE_BLOCK, SELF);
        struct own_folder other = OWN_FOLDER_NULL;
        struct update_outcome out;

        assert_int_equal(own_folder_open(&folder->source, &other), 0);
        assert_int_equal(own_folder_lock(&other, true), 0);
        folder_update(folder, request, &out);
        assert_int_equal(out.status, UPDATE_BUSY);
        update_outcome_deinit(&out);

        own_folder_close(&other);
        folder_update(folder, request, &out);
        assert_int_equal(out.status, UPDATE_DONE);
        end(folder, request, &out);
}

static void test_a_private_key_is_not_written_again(void **state)
{
        struct folder *folder = folder_new(*state);
        struct contents *contents = *state;
        struct update_request *request = folder_ask(folder, UPDATE_REMOVE_CERT, LEAF);
        struct mint_der both = mint_join(mint_pem(&contents->of[LEAF], "CERTIFICATE"),
                                         mint_private_key("rsa2048-1"));
        struct update_outcome out;

        tree_write(folder->tree, "pki/" TC "both.pem", both.data, both.n);
        folder_refresh(folder);
        folder_update(folder, request, &out);
        assert_int_equal(out.status, UPDATE_NOT_WRITABLE);
        assert_non_null(strstr(out.subject, TC "both.pem"));
        assert_non_null(strstr(out.reason, "private key"));
        mint_der_deinit(&both);
        end(folder, request, &out);
}

static void test_a_store_that_is_not_there_is_not_ready(void **state)
{
        struct folder *folder = folder_new(*state);
        struct update_request *request = folder_ask(folder, UPDATE_BLOCK, SELF);
        struct update_outcome out;

        folder_update(folder, request, &out);
        assert_int_equal(out.status, UPDATE_NOT_READY);
        assert_non_null(out.reason);
        assert_non_null(folder->result.not_ready);
        end(folder, request, &out);
}

/* As below the mount point of a file system that is away. */
static void test_nothing_is_written_where_its_own_folder_was(void **state)
{
        struct folder *folder = folder_with_crl(*state);
        struct update_request *request = folder_ask(folder, UPDATE_BLOCK, SELF);
        struct update_outcome out;

        folder_refresh(folder);
        tree_rename(folder->tree, "pki", "away");
        tree_mkdir(folder->tree, "pki");
        folder_update(folder, request, &out);
        assert_int_equal(out.status, UPDATE_NOT_READY);
        assert_non_null(strstr(out.reason, "mount what is missing"));
        assert_null(folder->result.not_ready);
        update_outcome_deinit(&out);

        tree_remove(folder->tree, "pki");
        tree_rename(folder->tree, "away", "pki");
        folder_update(folder, request, &out);
        assert_int_equal(out.status, UPDATE_DONE);
        end(folder, request, &out);
}

static void test_what_an_update_before_has_committed_comes_first(void **state)
{
        struct folder *folder = folder_with_crl(*state);
        struct update_request *request = folder_ask(folder, UPDATE_BLOCK, SELF);
        struct update_outcome out;

        folder_put(folder, ".uatrust-journal", TEXT); /* it cannot be known what that was */
        folder_update(folder, request, &out);
        assert_int_equal(out.status, UPDATE_NOT_READY);
        assert_true(out.is_stuck);
        assert_non_null(strstr(out.reason, "rm "));
        assert_non_null(folder->result.not_ready);
        end(folder, request, &out);
}

static void test_a_request_has_limits(void **state)
{
        struct update_request *request;
        uint8_t *zeros = calloc(1, 1 << 20);

        (void)state;
        assert_int_equal(update_request_new(UPDATE_REPLACE, &request), 0);
        for (size_t i = 0; i < NAMES_UPDATE_MAX_BYTES >> 20; i++)
                assert_int_equal(update_request_add(request, i % UPDATE_LIST_N,
                                                    (struct bytes){ zeros, 1 << 20 }),
                                 0);
        assert_int_equal(update_request_add(request, 0, (struct bytes){ zeros, 1 }),
                         UPDATE_REQUEST_E_TOO_LARGE);
        assert_int_equal(update_request_count_bytes(request), NAMES_UPDATE_MAX_BYTES);
        update_request_unref(request);
        free(zeros);
}

static void test_objects_are_counted(void **state)
{
        struct folder *folder = folder_with_crl(*state);
        struct update_request *request = folder_ask(folder, UPDATE_REPLACE, NOTHING);
        struct update_outcome out;

        request->lists = 1u << UPDATE_TRUSTED_CERTS;
        for (size_t i = 0; i <= NAMES_UPDATE_OBJECTS_MAX; i++)
                folder_give(folder, request, UPDATE_TRUSTED_CERTS, CA);
        folder_update(folder, request, &out);
        assert_int_equal(out.status, UPDATE_TOO_LARGE);
        assert_string_equal(out.subject, "20000 certificates and CRLs");
        update_outcome_deinit(&out);

        request->der[UPDATE_TRUSTED_CERTS].n -= folder_bytes(folder, CA).n;
        folder_update(folder, request, &out);
        assert_int_equal(out.status, UPDATE_DONE);
        end(folder, request, &out);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_what_lies_in_a_source_that_is_only_read_stays),
                cmocka_unit_test(test_another_writer_is_waited_for),
                cmocka_unit_test(test_a_private_key_is_not_written_again),
                cmocka_unit_test(test_a_store_that_is_not_there_is_not_ready),
                cmocka_unit_test(test_nothing_is_written_where_its_own_folder_was),
                cmocka_unit_test(test_what_an_update_before_has_committed_comes_first),
                cmocka_unit_test(test_a_request_has_limits),
                cmocka_unit_test(test_objects_are_counted),
        };

        return cmocka_run_group_tests_name("store/update_hindrances", tests, contents_set_up,
                                           contents_tear_down);
}
