/* SPDX-License-Identifier: Apache-2.0 */
#include "store/hold.h"

#include "harness/folder.h"
#include "harness/test.h"

static void test_a_held_crl_is_let_go_when_the_file_is_good_again(void **state)
{
        struct folder *folder = folder_with_crl(*state);

        folder_put(folder, TR "a", CRL_HALF);
        folder_refresh(folder);
        folder_put(folder, TR "a", EMPTY);
        folder_refresh(folder);
        folder_assert_seen(folder, "twice damaged",
                           "broken " TR "a, cert " TC "ca, crl(held) " TR "a");

        folder_put(folder, TR "a", CRL_NEXT);
        folder_refresh(folder);
        folder_assert_seen(folder, "good again", "cert " TC "ca, crl " TR "a");

        folder_put(folder, TR "a", CRL_HALF);
        folder_refresh(folder);
        folder_put(folder, TR "a", NOTHING);
        folder_refresh(folder);
        folder_assert_seen(folder, "gone", "cert " TC "ca");
        folder_free(folder);
}

static void test_a_held_crl_is_let_go_when_its_successor_verifies(void **state)
{
        struct folder *folder = folder_with_crl(*state);

        folder_put(folder, TR "a", CRL_FOREIGN);
        folder_refresh(folder);
        folder_assert_reason(folder, "no certificate of the store verifies a CRL in it");

        folder_put(folder, TC "leaf", LEAF);
        folder_refresh_name(folder, "trusted/certs", "leaf", false);
        folder_assert_seen(folder, "still",
                           "broken " TR "a, cert " TC "ca, cert " TC "leaf, crl(held) " TR
                           "a, crl(unverified) " TR "a");

        folder_put(folder, TC "twin", TWIN);
        folder_refresh_name(folder, "trusted/certs", "twin", false);
        folder_assert_seen(folder, "its CA came",
                           "cert " TC "ca, cert " TC "leaf, cert " TC "twin, crl " TR "a");

        folder_put(folder, TC "twin", NOTHING);
        folder_refresh(folder);
        folder_assert_seen(folder, "what was let go stays so",
                           "cert " TC "ca, cert " TC "leaf, crl(unverified) " TR "a");
        folder_free(folder);
}

static void test_a_block_goes_on_blocking_while_its_file_is_damaged(void **state)
{
        static const struct {
                enum content content;
                const char *seen;
        } ROWS[] = {
                { BLOCK, "block blocked/a" },
                { BLOCK_HALF, "block(held) blocked/a, broken blocked/a" },
                { EMPTY, "block(held) blocked/a, broken blocked/a" },
                { TEXT, "block(held) blocked/a, broken blocked/a" },
                { CRL, "block(held) blocked/a, broken blocked/a" },
                { DANGLING, "block(held) blocked/a, broken blocked/a" },
                { KEY, "block(held) blocked/a, broken blocked/a" },
                { BLOCK, "block blocked/a" },
                { LEAF, "block blocked/a" },
                { LEAF_AND_HALF, "block blocked/a, broken blocked/a" },
                { LEAF_HALF, "block(held) blocked/a, broken blocked/a" },
                { NOTHING, "" },
                { BLOCK_HALF, "broken blocked/a" },
        };
        struct folder *folder = folder_new(*state);

        for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
                folder_put(folder, "blocked/a", NOTHING);
                if (ROWS[i].content != NOTHING)
                        folder_put(folder, "blocked/a", ROWS[i].content);
                folder_refresh(folder);
                folder_assert_seen(folder, "blocked/a", ROWS[i].seen);
        }
        folder_free(folder);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_held_crl_is_let_go_when_the_file_is_good_again),
                cmocka_unit_test(test_a_held_crl_is_let_go_when_its_successor_verifies),
                cmocka_unit_test(test_a_block_goes_on_blocking_while_its_file_is_damaged),
        };

        return cmocka_run_group_tests_name("store/hold", tests, contents_set_up,
                                           contents_tear_down);
}
