/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/budget.h"

#include "harness/objects.h"
#include "harness/test.h"

static const struct mint_cert CA = { .ca = true }, TWIN = { .ca = true, .key = "rsa2048-3" },
                              LEAF = { .issuer = &CA };

static void units_run_out(void **state)
{
        struct budget budget;

        (void)state;
        budget_init(&budget, 10, 100);
        assert_int_equal(budget_charge(&budget, 10), 0);
        assert_null(budget.spent);
        assert_int_equal(budget_charge(&budget, 1), BUDGET_E_SPENT);
        assert_string_equal(budget.spent, "units");
        assert_int_equal(budget.units_spent, 10);
}

static void small_steps_add_up(void **state)
{
        struct budget budget;

        (void)state;
        budget_init(&budget, 1, 100);
        for (int i = 0; i < 2 * BUDGET_STEPS_IN_UNIT - 1; i++)
                assert_int_equal(budget_step(&budget, 1), 0);
        assert_int_equal(budget_step(&budget, 1), BUDGET_E_SPENT);
}

static void a_signature_is_paid_for_once(void **state)
{
        const struct cert *ca = make_cert(&CA), *leaf = make_cert(&LEAF);
        enum link_result result;
        struct budget budget;

        (void)state;
        budget_init(&budget, 10, 1);
        assert_int_equal(budget_verify_cert(&budget, ca, leaf, &result), 0);
        assert_int_equal(result, LINK_VERIFIED);
        assert_int_equal(budget.units_spent, 1);

        assert_int_equal(budget_verify_cert(&budget, ca, leaf, &result), 0);
        assert_int_equal(result, LINK_VERIFIED);
        assert_int_equal(budget.units_spent, 1);
        assert_int_equal(budget.checks_left, 0);

        cert_unref(ca);
        cert_unref(leaf);
}

static void a_wrong_signature_is_paid_for_once(void **state)
{
        const struct cert *twin = make_cert(&TWIN), *leaf = make_cert(&LEAF);
        enum link_result result;
        struct budget budget;

        (void)state;
        budget_init(&budget, 10, 1);
        for (int i = 0; i < 3; i++) {
                assert_int_equal(budget_verify_cert(&budget, twin, leaf, &result), 0);
                assert_int_equal(result, LINK_WRONG_SIGNATURE);
        }
        assert_int_equal(budget.units_spent, 1);

        cert_unref(twin);
        cert_unref(leaf);
}

static void nothing_is_computed_on_credit(void **state)
{
        const struct cert *ca = make_cert(&CA), *leaf = make_cert(&LEAF);
        enum link_result result;
        struct budget budget;

        (void)state;
        budget_init(&budget, 0, 100);
        assert_int_equal(budget_verify_cert(&budget, ca, leaf, &result), BUDGET_E_SPENT);
        assert_string_equal(budget.spent, "units");

        budget_init(&budget, 10, 0);
        assert_int_equal(budget_verify_cert(&budget, ca, leaf, &result), BUDGET_E_SPENT);
        assert_string_equal(budget.spent, "signature checks");
        assert_int_equal(budget.units_spent, 0);

        cert_unref(ca);
        cert_unref(leaf);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(units_run_out),
                cmocka_unit_test(small_steps_add_up),
                cmocka_unit_test(a_signature_is_paid_for_once),
                cmocka_unit_test(a_wrong_signature_is_paid_for_once),
                cmocka_unit_test(nothing_is_computed_on_credit),
        };

        return cmocka_run_group_tests(tests, set_up_ossl, tear_down_ossl);
}
