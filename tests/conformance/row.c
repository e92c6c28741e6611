/* SPDX-License-Identifier: Apache-2.0 */
#include "conformance/row.h"

#include "conformance/expect.h"
#include "conformance/stage.h"
#include "conformance/write.h"
#include "engine/touch.h"
#include "harness/must.h"
#include "harness/test.h"
#include "pki/cert.h"
#include "proto/compiler.h"
#include "trust/builder.h"
#include "trust/change.h"
#include "trust/snapshot.h"

#define YEARS_100_S        (100 * MINT_YEAR_S)
#define SMALL_BUDGET_UNITS 20

/* What a test of cmocka is given. */
struct trial {
        struct stage *stage;
        const struct row *row;
        bool is_lenient;
        struct scene scene;
        struct verdict verdict; /* the row's own */
        struct verdict again;   /* the same asked in another way */
        char *wrong;            /* what is different, or NULL */
};

/* --- what each row is put through --- */

static void complain(const struct trial *trial, const struct verdict *verdict, const char *wrong)
{
        print_error("[%s] %s\n", trial->row->clause, wrong);
        expect_print(verdict);
        fail();
}

/* Asks again; Return: was there an answer? */
static bool judge_again(struct trial *trial, const struct terms *terms)
{
        verdict_deinit(&trial->again);
        return scene_judge(&trial->scene, terms, &trial->again) == 0;
}

/* A small budget may be too small, but it makes no other verdict. */
static void ask_cheaply(struct trial *trial)
{
        struct terms terms = trial->scene.terms;

        terms.budget_units = SMALL_BUDGET_UNITS;
        if (judge_again(trial, &terms) && !expect_same(&trial->verdict, &trial->again))
                complain(trial, &trial->again, "with a small budget it differs:");
}

/* One second before its end a verdict still is what it was. */
static void ask_at_the_end(struct trial *trial)
{
        struct terms terms = trial->scene.terms;
        int64_t until_s = trial->verdict.valid_until_s;

        if (terms.at_least_s != terms.now_s)
                return;

        terms.now_s = until_s == INT64_MAX ? terms.now_s + YEARS_100_S : until_s - 1;
        terms.at_least_s = terms.now_s;
        assert_true(judge_again(trial, &terms));
        if (!expect_same(&trial->verdict, &trial->again))
                complain(trial, &trial->again, "one second before valid_until_s it differs:");
}

/* What follows the certificate in question may come in any order. */
static void ask_in_another_order(struct trial *trial)
{
        struct row row = *trial->row;
        struct scene scene;
        size_t n = 0;

        while (n < ROW_LIST_MAX && row.presented[n])
                n++;
        if (n < 3)
                return;

        for (size_t i = 1; i < n; i++)
                row.presented[i] = trial->row->presented[n - i];
        stage_set(trial->stage, &row, false, &scene);
        scene_deinit(&trial->scene);
        trial->scene = scene;
        assert_true(judge_again(trial, &trial->scene.terms));
        if (trial->again.status != trial->verdict.status)
                complain(trial, &trial->again, "presented in another order it differs:");
}

static struct snapshot *build_without(const struct snapshot *snap, size_t left_out)
{
        struct builder *builder;
        struct snapshot *out;

        must(builder_new(snap->settings, &builder) == 0, "builder_new");
        for (size_t i = 0; i < snap->n_entries; i++)
                if (i != left_out)
                        must(builder_add(builder, snap->entries[i]) == 0, "builder_add");
        must(builder_build(builder, &out) == 0, "builder_build");
        builder_free(builder);
        return out;
}

static bool is_reached(const struct snapshot *before, const struct snapshot *after,
                       const struct verdict *verdict)
{
        struct change *change;
        struct touch touch;
        bool is_reached;

        must(change_between(before, after, &change) == 0, "change_between");
        touch_init(&touch, before, after, change);
        is_reached = touch_reaches(&touch, &verdict->footprint);
        touch_deinit(&touch);
        change_unref(change);
        return is_reached;
}

/* Whose footprint a change does not reach, either way, stays as it is. */
static void ask_without_each(struct trial *trial)
{
        struct snapshot *whole = trial->scene.snap;

        for (size_t i = 0; i < whole->n_entries; i++) {
                struct snapshot *less = build_without(whole, i);

                trial->scene.snap = less;
                assert_true(judge_again(trial, &trial->scene.terms));
                trial->scene.snap = whole;
                if ((trial->again.status != trial->verdict.status ||
                     trial->again.valid_until_s != trial->verdict.valid_until_s) &&
                    (!is_reached(whole, less, &trial->verdict) ||
                     !is_reached(less, whole, &trial->again)))
                        complain(trial, &trial->again, "without an object it never looked at:");
                snapshot_unref(less);
        }
}

/* A row that holds whatever the engine says would be none. */
static void turn_round(const struct trial *trial)
{
        static const struct row_finding NEVER = FAIL_SAYS(INVALID, STRUCTURE, 0, "is never said");
        CLEANUP(freep) char *wrong = NULL;
        struct row turned = *trial->row;

        if (turned.findings[0].status)
                turned.findings[0].status ^= 0x00010000;
        else
                turned.findings[0] = NEVER;
        wrong = expect_compare(trial->stage, &turned, &trial->verdict);
        if (!wrong)
                fail_msg("the row holds whatever is expected of it");
}

static void try_row(void **state)
{
        struct trial *trial = *state;

        stage_set(trial->stage, trial->row, false, &trial->scene);
        assert_int_equal(scene_judge(&trial->scene, &trial->scene.terms, &trial->verdict), 0);
        trial->wrong = expect_compare(trial->stage, trial->row, &trial->verdict);
        if (!trial->wrong)
                trial->wrong = expect_shape(trial->row, &trial->scene.terms, &trial->verdict);
        if (trial->wrong)
                complain(trial, &trial->verdict, trial->wrong);

        ask_cheaply(trial);
        ask_at_the_end(trial);
        ask_without_each(trial);
        ask_in_another_order(trial);
        turn_round(trial);
}

static void try_leniently(void **state)
{
        struct trial *trial = *state;

        stage_set(trial->stage, trial->row, true, &trial->scene);
        assert_int_equal(scene_judge(&trial->scene, &trial->scene.terms, &trial->verdict), 0);
        if (trial->verdict.status == STATUS_GOOD)
                complain(trial, &trial->verdict, "with every suppression on it is Good:");
}

/* Also after a failure, which leaves the test by a jump. */
static int clear_away(void **state)
{
        struct trial *trial = *state;

        verdict_deinit(&trial->verdict);
        verdict_deinit(&trial->again);
        scene_deinit(&trial->scene);
        free(trial->wrong);
        return 0;
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
        const char *folder = getenv("CONFORMANCE_WRITE");
        int n_failed = 0;

        for (size_t i = 0; i < n_tests; i++) {
                trials[i] = (struct trial){
                        .stage = stage,
                        .row = &rows[i % n],
                        .is_lenient = i >= n,
                };
                tests[i] = (struct CMUnitTest){
                        .name = make_name(trials[i].row, trials[i].is_lenient),
                        .test_func = trials[i].is_lenient ? try_leniently : try_row,
                        .teardown_func = clear_away,
                        .initial_state = &trials[i],
                };
        }
        if (folder)
                write_rows(stage, folder, subject, rows, n);
        else
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
