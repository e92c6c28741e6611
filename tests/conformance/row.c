/* SPDX-License-Identifier: Apache-2.0 */
#include "conformance/row.h"

#include "conformance/expect.h"
#include "conformance/stage.h"
#include "harness/must.h"
#include "harness/test.h"
#include "pki/cert.h"
#include "proto/compiler.h"

#define YEARS_100_S (100 * MINT_YEAR_S)

/* What a test of cmocka is given. */
struct trial {
        struct stage *stage;
        const struct row *row;
        bool is_lenient;
};

/* --- what each row is put through --- */

static void complain(const struct row *row, const struct verdict *verdict, const char *wrong)
{
        print_error("[%s] %s\n", row->clause, wrong);
        expect_print(verdict);
        fail();
}

/* A small budget may be too small, but it makes no other verdict. */
static void ask_cheaply(const struct row *row, const struct scene *scene,
                        const struct verdict *usual)
{
        struct terms terms = scene->terms;
        struct verdict verdict;

        terms.budget_units = 20;
        if (scene_judge(scene, &terms, &verdict) == VALIDATE_E_BUDGET)
                return;

        if (!expect_same(usual, &verdict))
                complain(row, &verdict, "with a budget of 20 units it differs:");
        verdict_deinit(&verdict);
}

/* One second before its end a verdict still is what it was. */
static void ask_at_the_end(const struct row *row, const struct scene *scene,
                           const struct verdict *usual)
{
        struct terms terms = scene->terms;
        struct verdict verdict;

        if (terms.at_least_s != terms.now_s)
                return;

        terms.now_s = usual->valid_until_s == INT64_MAX ? terms.now_s + YEARS_100_S
                                                        : usual->valid_until_s - 1;
        terms.at_least_s = terms.now_s;
        assert_int_equal(scene_judge(scene, &terms, &verdict), 0);
        if (!expect_same(usual, &verdict))
                complain(row, &verdict, "one second before valid_until_s it differs:");
        verdict_deinit(&verdict);
}

/* A row that holds whatever the engine says would be none. */
static void turn_round(struct stage *stage, const struct row *row, const struct verdict *verdict)
{
        static const struct row_finding NEVER = FAIL_SAYS(INVALID, STRUCTURE, 0, "is never said");
        CLEANUP(freep) char *wrong = NULL;
        struct row turned = *row;

        if (turned.findings[0].status)
                turned.findings[0].status ^= 0x00010000;
        else
                turned.findings[0] = NEVER;
        wrong = expect_compare(stage, &turned, verdict);
        if (!wrong)
                fail_msg("the row holds whatever is expected of it");
}

static void try_row(void **state)
{
        const struct trial *trial = *state;
        const struct row *row = trial->row;
        CLEANUP(freep) char *wrong = NULL;
        struct verdict verdict;
        struct scene scene;

        stage_set(trial->stage, row, false, &scene);
        assert_int_equal(scene_judge(&scene, &scene.terms, &verdict), 0);
        wrong = expect_compare(trial->stage, row, &verdict);
        if (!wrong)
                wrong = expect_shape(row, &scene.terms, &verdict);
        if (wrong)
                complain(row, &verdict, wrong);

        ask_cheaply(row, &scene, &verdict);
        ask_at_the_end(row, &scene, &verdict);
        turn_round(trial->stage, row, &verdict);
        verdict_deinit(&verdict);
        scene_deinit(&scene);
}

static void try_leniently(void **state)
{
        const struct trial *trial = *state;
        struct verdict verdict;
        struct scene scene;

        stage_set(trial->stage, trial->row, true, &scene);
        assert_int_equal(scene_judge(&scene, &scene.terms, &verdict), 0);
        if (verdict.status == STATUS_GOOD)
                complain(trial->row, &verdict, "with every suppression on it is Good:");
        verdict_deinit(&verdict);
        scene_deinit(&scene);
}

/* --- the group --- */

static char *make_name(const struct row *row, bool is_lenient)
{
        char *name;

        must(asprintf(&name, "%s%s", row->id, is_lenient ? ", with every suppression on" : "") > 0,
             "memory");
        return name;
}

static int run(const char *subject, const struct row *rows, size_t n, bool are_attacks)
{
        size_t n_tests = are_attacks ? 2 * n : n;
        struct CMUnitTest *tests = must_calloc(n_tests, sizeof(*tests));
        struct trial *trials = must_calloc(n_tests, sizeof(*trials));
        struct stage *stage = stage_new();
        int n_failed;

        for (size_t i = 0; i < n_tests; i++) {
                trials[i] = (struct trial){ stage, &rows[i % n], i >= n };
                tests[i] = (struct CMUnitTest){
                        .name = make_name(trials[i].row, trials[i].is_lenient),
                        .test_func = trials[i].is_lenient ? try_leniently : try_row,
                        .initial_state = &trials[i],
                };
        }
        n_failed = _cmocka_run_group_tests(subject, tests, n_tests, NULL, NULL);

        for (size_t i = 0; i < n_tests; i++)
                free((char *)tests[i].name);
        free(tests);
        free(trials);
        stage_free(stage);
        return n_failed;
}

int row_run(const char *subject, const struct row *rows, size_t n)
{
        return run(subject, rows, n, false);
}

int row_run_attacks(const struct row *rows, size_t n)
{
        return run("attacks", rows, n, true);
}
