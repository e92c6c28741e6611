/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Budgets - questions that cost as much as they can: each ends within the budget of one judgement, with a verdict
 * that is not Good and, where a limit was met, a finding that names it.
 */

#include "conformance/cast.h"
#include "conformance/expect.h"
#include "conformance/row.h"
#include "conformance/stage.h"
#include "harness/must.h"
#include "harness/test.h"

#define CROWD_MAX (64 * 64)
#define TEXT_MAX  48

/* Certificates of a world that is made, and where their texts are. */
struct crowd {
        struct mint_cert specs[CROWD_MAX];
        char subjects[CROWD_MAX][TEXT_MAX], keys[CROWD_MAX][TEXT_MAX];
        const struct mint_cert *members[CROWD_MAX + 1]; /* NULL behind the last */
        size_t n;
};

static struct mint_cert *add(struct crowd *crowd, const struct mint_cert *spec)
{
        struct mint_cert *added = &crowd->specs[crowd->n];

        must(crowd->n < CROWD_MAX, "too large a crowd");
        *added = *spec;
        crowd->members[crowd->n++] = added;
        return added;
}

/* What the store says of a row, within what one judgement may cost. */
static void judge(const struct row *row, struct verdict *out)
{
        struct stage *stage = stage_new();
        struct scene scene;

        stage_set(stage, row, false, &scene);
        assert_int_equal(scene_judge(&scene, &scene.terms, out), 0);
        scene_deinit(&scene);
        stage_free(stage);
}

static bool is_told(const struct verdict *verdict, const char *text)
{
        for (size_t i = 0; i < verdict->findings.n; i++)
                if (strstr(verdict->findings.items[i].message, text))
                        return true;
        return false;
}

/* @limit: named by a finding; NULL: it may end before */
static void assert_refused(const struct row *row, uint32_t status, const char *limit)
{
        struct verdict verdict;

        judge(row, &verdict);
        if (verdict.status != status || verdict.cost_units > VALIDATE_BUDGET_UNITS ||
            (limit && !is_told(&verdict, limit))) {
                expect_print(&verdict);
                verdict_deinit(&verdict);
                fail_msg("expected %s and a word of %s", status_code_name(status),
                         limit ? limit : "anything");
        }
        verdict_deinit(&verdict);
}

/* --- graphs --- */

/* Every one of n CAs certified by every other, and by no root. */
static void make_complete_graph(struct crowd *crowd, struct mint_cert *names, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                snprintf(crowd->subjects[i], TEXT_MAX, "CN=CA %zu", i);
                snprintf(crowd->keys[i], TEXT_MAX, "p256-%zu", i);
                names[i] = (struct mint_cert){
                        .ca = true,
                        .subject = crowd->subjects[i],
                        .key = crowd->keys[i],
                };
        }

        for (size_t i = 0; i < n; i++) {
                for (size_t k = 0; k < n; k++) {
                        struct mint_cert spec = names[i];

                        spec.issuer = &names[k];
                        if (i != k)
                                add(crowd, &spec);
                }
        }
}

static void ask_complete_graph(size_t n)
{
        struct crowd *crowd = must_calloc(1, sizeof(*crowd));
        struct mint_cert *names = must_calloc(n, sizeof(*names));
        struct mint_cert leaf = { .key = "p256-leaf", .issuer = &names[0] };
        struct row row = { .crowd = crowd->members, .presented = { &leaf } };

        make_complete_graph(crowd, names, n);
        assert_refused(&row, STATUS_CERTIFICATE_CHAIN_INCOMPLETE, NULL);
        free(crowd);
        free(names);
}

static void a_complete_graph_of_4_cas(void **state)
{
        (void)state;
        ask_complete_graph(4);
}

static void a_complete_graph_of_8_cas(void **state)
{
        (void)state;
        ask_complete_graph(8);
}

static void a_complete_graph_of_16_cas(void **state)
{
        (void)state;
        ask_complete_graph(16);
}

static void a_complete_graph_of_64_cas(void **state)
{
        (void)state;
        ask_complete_graph(64);
}

/* CAs of one name and key id, of which none signed the leaf. */
static void make_false_cas(struct crowd *crowd, size_t n, const char *kind)
{
        for (size_t i = 0; i < n; i++) {
                struct mint_cert spec = { .ca = true,
                                          .subject = "CN=Plant CA",
                                          .ski = "0102030405" };

                snprintf(crowd->keys[i], TEXT_MAX, "%s-%zu", kind, i);
                spec.key = crowd->keys[i];
                add(crowd, &spec);
        }
}

static void ask_false_cas(size_t n, const char *kind, const char *limit)
{
        struct crowd *crowd = must_calloc(1, sizeof(*crowd));
        char signer[TEXT_MAX];
        struct mint_cert ca = {
                .ca = true, .subject = "CN=Plant CA", .key = signer, .ski = "0102030405"
        };
        struct mint_cert leaf = { .issuer = &ca, .key = "p256-leaf" };
        struct row row = { .crowd = crowd->members, .presented = { &leaf } };
        struct verdict verdict;

        snprintf(signer, sizeof(signer), "%s-true", kind);
        make_false_cas(crowd, n, kind);
        judge(&row, &verdict);
        assert_int_not_equal(verdict.status, STATUS_GOOD);
        assert_true(verdict.cost_units <= VALIDATE_BUDGET_UNITS);
        if (!is_told(&verdict, limit)) {
                expect_print(&verdict);
                fail_msg("no word of %s", limit);
        }
        verdict_deinit(&verdict);
        free(crowd);
}

static void more_cas_than_signature_checks(void **state)
{
        (void)state;
        ask_false_cas(VALIDATE_BUDGET_CHECKS + 10, "p256", "signature checks");
}

static void more_costly_cas_than_units(void **state)
{
        (void)state;
        ask_false_cas(60, "p521", "units");
}

/* --- one certificate --- */

/* "URI:urn:a,DNS:a0.b,DNS:a1.b,..." of n names, to free(). */
static char *make_names(size_t n)
{
        char *text = must_calloc(n + 1, 24), *at = text;

        at += sprintf(at, "URI:urn:a");
        for (size_t i = 1; i < n; i++)
                at += sprintf(at, ",DNS:a%zu.b", i);
        return text;
}

static void a_thousand_names(void **state)
{
        char *names = make_names(1000);
        struct mint_cert leaf = { .issuer = &CA, .san = names };
        struct row row = { PLANT, .presented = { &leaf } };
        struct verdict verdict;

        (void)state;
        judge(&row, &verdict);
        assert_int_equal(verdict.status, STATUS_GOOD);
        verdict_deinit(&verdict);
        free(names);
}

static void a_thousand_names_and_one(void **state)
{
        char *names = make_names(1001);
        struct mint_cert leaf = { .issuer = &CA, .san = names };
        struct row row = { PLANT, .presented = { &leaf } };

        (void)state;
        assert_refused(&row, STATUS_CERTIFICATE_INVALID, "1,000");
        free(names);
}

/* As many names as 64 KiB have room for: 30,000 of two octets. */
static void as_many_names_as_there_is_room_for(void **state)
{
        size_t n = 30000;
        char *text = must_calloc(1, 64 + 4 * n);
        struct mint_cert leaf = { .issuer = &CA, .san = MINT_NONE, .extra = text };
        struct row row = { PLANT, .presented = { &leaf } };
        char *at = text + sprintf(text, "subjectAltName=DER:3082%04zX", 2 * n);

        (void)state;
        for (size_t i = 0; i < n; i++)
                at += sprintf(at, "8200");
        assert_refused(&row, STATUS_CERTIFICATE_INVALID, "1,000");
        free(text);
}

/* --- constraints and policies --- */

/* A CA that permits n domains, to free(). */
static char *make_constraints(size_t n)
{
        char *text = must_calloc(n + 1, 40), *at = text;

        at += sprintf(at, "nameConstraints=critical,permitted;DNS:b");
        for (size_t i = 1; i < n; i++)
                at += sprintf(at, ",permitted;DNS:x%zu.c", i);
        return text;
}

static void a_thousand_names_under_a_thousand_constraints(void **state)
{
        char *names = make_names(1000), *constraints = make_constraints(1000);
        struct mint_cert ca = { .ca = true,
                                .subject = "CN=Plant CA",
                                .key = "rsa2048-3",
                                .issuer = &ROOT,
                                .extra = constraints };
        struct mint_cert leaf = { .issuer = &CA, .san = names };
        struct row row = { .trusted = { &ca },
                           .issuers = { &ROOT },
                           .crls = { &ROOT_CRL, &CA_CRL },
                           .presented = { &leaf } };

        (void)state;
        assert_refused(&row, STATUS_CERTIFICATE_INVALID, "250000");
        free(names);
        free(constraints);
}

/* n policies, each mapped to each: a tree of n to the power of the depth; to free() */
static char *make_policies(size_t n, bool is_explicit)
{
        char *text = must_calloc(n * n + n + 8, 32), *at = text;

        if (is_explicit)
                at += sprintf(at, "policyConstraints=critical,requireExplicitPolicy:0\n");
        at += sprintf(at, "certificatePolicies=1.2.0");
        for (size_t i = 1; i < n; i++)
                at += sprintf(at, ",1.2.%zu", i);
        at += sprintf(at, "\npolicyMappings=");
        for (size_t i = 0; i < n * n; i++)
                at += sprintf(at, "%s1.2.%zu:1.2.%zu", i ? "," : "", i / n, i % n);
        sprintf(at, "\n");
        return text;
}

/* CVE-2023-0464 */
static void a_tree_of_policies_that_grows(void **state)
{
        char *first = make_policies(10, true), *further = make_policies(10, false);
        struct crowd *crowd = must_calloc(1, sizeof(*crowd));
        struct row row = { .trusted = { &EC_ROOT }, .crowd = crowd->members };
        const struct mint_cert *above = &EC_ROOT;
        struct mint_cert leaf = { .key = "p256-leaf", .extra = "certificatePolicies=1.2.1\n" };

        (void)state;
        for (size_t i = 0; i < 8; i++) {
                struct mint_cert spec = { .ca = true, .issuer = above };

                snprintf(crowd->subjects[i], TEXT_MAX, "CN=CA %zu", i);
                snprintf(crowd->keys[i], TEXT_MAX, "p256-%zu", i);
                spec.subject = crowd->subjects[i];
                spec.key = crowd->keys[i];
                spec.extra = i == 0 ? first : further;
                above = add(crowd, &spec);
        }
        leaf.issuer = above;
        row.presented[0] = &leaf;
        assert_refused(&row, STATUS_CERTIFICATE_INVALID, "policies");
        free(crowd);
        free(first);
        free(further);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_complete_graph_of_4_cas),
                cmocka_unit_test(a_complete_graph_of_8_cas),
                cmocka_unit_test(a_complete_graph_of_16_cas),
                cmocka_unit_test(a_complete_graph_of_64_cas),
                cmocka_unit_test(more_cas_than_signature_checks),
                cmocka_unit_test(more_costly_cas_than_units),
                cmocka_unit_test(a_thousand_names),
                cmocka_unit_test(a_thousand_names_and_one),
                cmocka_unit_test(as_many_names_as_there_is_room_for),
                cmocka_unit_test(a_thousand_names_under_a_thousand_constraints),
                cmocka_unit_test(a_tree_of_policies_that_grows),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
