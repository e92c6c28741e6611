/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/builder.h"

#include "harness/objects.h"
#include "harness/test.h"
#include "harness/world.h"
#include "pki/crl.h"
#include "trust/entry.h"
#include "trust/snapshot.h"

#include <string.h>

static const struct mint_cert ROOT = { .ca = true, .subject = "CN=Root", .key = "p256-root" };
static const struct mint_cert TWIN = { .ca = true, .subject = "CN=Root", .key = "p256-twin" };
static const struct mint_cert LEAF = { .subject = "CN=Leaf", .key = "p256-leaf", .issuer = &ROOT };

#define CLEAN_WORLD    CLEANUP(free_world) struct world *
#define CLEAN_SNAPSHOT CLEANUP(snapshot_unrefp) struct snapshot *

static void free_world(struct world **world)
{
        world_free(*world);
}

static void assert_same_hash(const struct snapshot *a, const struct snapshot *b, bool is_same)
{
        uint8_t of_a[32], of_b[32];

        assert_int_equal(snapshot_hash(a, of_a), 0);
        assert_int_equal(snapshot_hash(b, of_b), 0);
        assert_int_equal(memcmp(of_a, of_b, sizeof(of_a)) == 0, is_same);
}

/* ECDSA signatures differ from one minting to the next: what is to be found again is minted once. */
static void one_certificate_in_two_files_is_one_item_of_two_origins(void **state)
{
        struct mint_der der = mint_cert(&LEAF);
        CLEAN_WORLD world = world_new();
        CLEAN_SNAPSHOT snap = NULL;

        (void)state;
        world_add_der(world, ROLE_TRUSTED, "b", &der, false, false);
        world_add_der(world, ROLE_TRUSTED, "a", &der, false, false);
        world_add_der(world, ROLE_REJECTED, "c", &der, false, false);
        mint_der_deinit(&der);
        snap = world_build(world);

        assert_int_equal(snap->n_certs, 1);
        assert_int_equal(snap->certs[0].roles, 1u << ROLE_TRUSTED | 1u << ROLE_REJECTED);
        assert_int_equal(snap->certs[0].n_entries, 3);
        assert_string_equal(snap->certs[0].entries[0]->origin, "a");
        assert_string_equal(snap->certs[0].entries[1]->origin, "b");
        assert_string_equal(snap->certs[0].entries[2]->origin, "c");
        assert_int_equal(snap->n_role_certs[ROLE_TRUSTED], 1);
        assert_int_equal(snap->n_role_certs[ROLE_REJECTED], 1);
        assert_int_equal(snap->n_role_certs[ROLE_ISSUERS], 0);
}

static void names_and_key_ids_find_the_judged_trusted_first(void **state)
{
        CLEAN_WORLD world = world_new();
        CLEAN_SNAPSHOT snap = NULL;
        const struct snapshot_cert *const *found;
        const struct cert *root = make_cert(&ROOT);
        const struct cert *leaf = make_cert(&LEAF);
        size_t n;

        (void)state;
        world_add_cert(world, ROLE_ISSUERS, "root", &ROOT);
        world_add_cert(world, ROLE_TRUSTED, "twin", &TWIN);
        world_add_cert(world, ROLE_OWN, "own", &LEAF);
        world_add_cert(world, ROLE_REJECTED, "rejected", &LEAF);
        snap = world_build(world);

        found = snapshot_find_by_subject(snap, &root->subject, &n);
        assert_int_equal(n, 2);
        assert_string_equal(found[0]->entries[0]->origin, "twin");
        assert_string_equal(found[1]->entries[0]->origin, "root");

        found = snapshot_find_by_key_id(snap, root->subject_key_id, &n);
        assert_int_equal(n, 1);
        assert_string_equal(found[0]->entries[0]->origin, "root");

        assert_null(snapshot_find_by_subject(snap, &leaf->subject, &n));
        assert_int_equal(n, 0);
        assert_null(snapshot_find_by_key_id(snap, leaf->subject_key_id, &n));
        cert_unref(root);
        cert_unref(leaf);
}

static void trust_is_by_the_whole_certificate(void **state)
{
        CLEAN_WORLD world = world_new();
        CLEAN_SNAPSHOT snap = NULL;
        struct mint_der der = mint_cert(&LEAF);
        const struct cert *same = NULL;
        const struct cert *impostor = make_cert(&LEAF); /* all is equal but the signature */

        (void)state;
        assert_int_equal(cert_new((struct bytes){ der.data, der.n }, NULL, &same), 0);
        world_add_der(world, ROLE_TRUSTED, "leaf", &der, false, false);
        mint_der_deinit(&der);
        snap = world_build(world);

        assert_true(snapshot_is_trusted(snap, same));
        assert_false(snapshot_is_trusted(snap, impostor));
        cert_unref(same);
        cert_unref(impostor);
}

static void in_issuers_own_or_rejected_nothing_is_trusted(void **state)
{
        static const enum role ROLES[] = { ROLE_ISSUERS, ROLE_OWN, ROLE_REJECTED };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(ROLES); i++) {
                CLEAN_WORLD world = world_new();
                CLEAN_SNAPSHOT snap = NULL;

                world_add_cert(world, ROLES[i], "leaf", &LEAF);
                snap = world_build(world);
                assert_false(snapshot_is_trusted(snap, snap->certs[0].cert));
        }
}

static void a_crl_belongs_to_the_key_that_verifies_it(void **state)
{
        struct mint_crl by_root = { .issuer = &ROOT, .number = "05" };
        struct mint_crl by_twin = { .issuer = &TWIN, .number = "06" };
        struct mint_crl by_nobody = { .issuer = &ROOT, .signer = "p256-nobody" };
        CLEAN_WORLD world = world_new();
        CLEAN_SNAPSHOT snap = NULL;
        size_t n_seen = 0;

        (void)state;
        world_add_cert(world, ROLE_ISSUERS, "root", &ROOT);
        world_add_cert(world, ROLE_TRUSTED, "twin", &TWIN);
        world_add_crl(world, ROLE_ISSUERS, "by root", &by_root);
        world_add_crl(world, ROLE_ISSUERS, "by twin", &by_twin);
        world_add_crl(world, ROLE_ISSUERS, "by nobody", &by_nobody);
        snap = world_build(world);

        assert_int_equal(snap->n_crls, 3);
        for (size_t i = 0; i < 3; i++) {
                const struct snapshot_crl *crl = &snap->crls[i];
                const char *origin = crl->entries[0]->origin;

                if (strcmp(origin, "by nobody") == 0) {
                        assert_int_equal(crl->state, SNAPSHOT_CRL_UNVERIFIED);
                        assert_null(crl->signer);
                } else {
                        const struct snapshot_cert *signer =
                                snapshot_find_cert(snap, crl->signer->sha256);

                        assert_int_equal(crl->state, SNAPSHOT_CRL_NEWEST);
                        assert_string_equal(origin + strlen("by "), signer->entries[0]->origin);
                }
                n_seen++;
        }
        assert_int_equal(n_seen, 3);
}

struct order_row {
        const char *what;
        struct mint_crl older, newer;
};

#define DAY(n) (MINT_NOW_S - (n)*MINT_DAY_S)

static const struct order_row ORDER_ROWS[] = {
        { "thisUpdate decides",
          { .issuer = &ROOT, .this_update_s = DAY(5), .number = "09" },
          { .issuer = &ROOT, .this_update_s = DAY(3), .number = "01" } },
        { "at equal thisUpdate the number decides",
          { .issuer = &ROOT, .this_update_s = DAY(3), .number = "7f" },
          { .issuer = &ROOT, .this_update_s = DAY(3), .number = "0100" } },
};

static void of_one_signer_and_scope_the_newest_counts(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(ORDER_ROWS); i++) {
                CLEAN_WORLD world = world_new();
                CLEAN_SNAPSHOT snap = NULL;

                world_add_cert(world, ROLE_ISSUERS, "root", &ROOT);
                world_add_crl(world, ROLE_ISSUERS, "older", &ORDER_ROWS[i].older);
                world_add_crl(world, ROLE_TRUSTED, "newer", &ORDER_ROWS[i].newer);
                snap = world_build(world);

                assert_int_equal(snap->n_crls, 2);
                if (strcmp(snap->crls[0].entries[0]->origin, "newer") != 0)
                        fail_msg("%s", ORDER_ROWS[i].what);
                assert_int_equal(snap->crls[0].state, SNAPSHOT_CRL_NEWEST);
                assert_int_equal(snap->crls[1].state, SNAPSHOT_CRL_SUPERSEDED);
        }
}

static void another_scope_supersedes_nothing(void **state)
{
        struct mint_crl full = { .issuer = &ROOT, .this_update_s = DAY(5) };
        struct mint_crl delta = { .issuer = &ROOT, .number = "02", .delta = "01" };
        struct mint_crl users = { .issuer = &ROOT, .idp = "critical,onlyuser:TRUE" };
        CLEAN_WORLD world = world_new();
        CLEAN_SNAPSHOT snap = NULL;

        (void)state;
        world_add_cert(world, ROLE_ISSUERS, "root", &ROOT);
        world_add_crl(world, ROLE_ISSUERS, "full", &full);
        world_add_crl(world, ROLE_ISSUERS, "delta", &delta);
        world_add_crl(world, ROLE_ISSUERS, "users", &users);
        snap = world_build(world);

        assert_int_equal(snap->n_crls, 3);
        for (size_t i = 0; i < 3; i++)
                assert_int_equal(snap->crls[i].state, SNAPSHOT_CRL_NEWEST);
}

static void a_last_good_content_supersedes_nothing_and_is_not_in_the_hash(void **state)
{
        struct mint_crl older = { .issuer = &ROOT, .this_update_s = DAY(5) };
        struct mint_crl newer = { .issuer = &ROOT, .this_update_s = DAY(3) };
        struct mint_der der = mint_crl(&newer);
        CLEAN_WORLD world = world_new();
        CLEAN_SNAPSHOT without = NULL;
        CLEAN_SNAPSHOT with = NULL;

        (void)state;
        world_add_cert(world, ROLE_ISSUERS, "root", &ROOT);
        world_add_crl(world, ROLE_ISSUERS, "older", &older);
        without = world_build(world);
        world_add_der(world, ROLE_ISSUERS, "newer", &der, true, true);
        mint_der_deinit(&der);
        with = world_build(world);

        assert_int_equal(with->n_crls, 2);
        for (size_t i = 0; i < 2; i++)
                assert_int_equal(with->crls[i].state,
                                 strcmp(with->crls[i].entries[0]->origin, "newer") == 0
                                         ? SNAPSHOT_CRL_LAST_GOOD
                                         : SNAPSHOT_CRL_NEWEST);
        assert_same_hash(with, without, true);
}

static void crls_of_unjudged_lists_do_not_count(void **state)
{
        struct mint_crl crl = { .issuer = &ROOT };
        CLEAN_WORLD world = world_new();
        CLEAN_SNAPSHOT snap = NULL;

        (void)state;
        world_add_cert(world, ROLE_TRUSTED, "root", &ROOT);
        world_add_crl(world, ROLE_REJECTED, "crl", &crl);
        snap = world_build(world);
        assert_int_equal(snap->n_crls, 0);
}

static void the_state_hash_follows_what_decides_verdicts(void **state)
{
        struct mint_der leaf = mint_cert(&LEAF);
        CLEAN_WORLD world = world_new();
        CLEAN_SNAPSHOT first = NULL;
        struct snapshot *next;

        (void)state;
        world_add_der(world, ROLE_TRUSTED, "leaf", &leaf, false, false);
        first = world_build(world);

        world_add_der(world, ROLE_REJECTED, "rejected", &leaf, false, false);
        world_add_der(world, ROLE_TRUSTED, "leaf again", &leaf, false, false);
        world_add_broken(world, ROLE_TRUSTED, "broken", "is cut off");
        next = world_build(world);
        assert_same_hash(first, next, true);
        snapshot_unref(next);

        world_add_der(world, ROLE_ISSUERS, "issuer", &leaf, false, false);
        next = world_build(world);
        assert_same_hash(first, next, false);
        snapshot_unref(next);
        world_remove(world, "issuer");

        world_block(world, &ROOT);
        next = world_build(world);
        assert_same_hash(first, next, false);
        snapshot_unref(next);
        mint_der_deinit(&leaf);
}

static void a_blocked_certificate_is_known_as_such(void **state)
{
        struct mint_cert good = { .subject = "CN=Good" }, bad = { .subject = "CN=Bad" };
        CLEAN_WORLD world = world_new();
        CLEAN_SNAPSHOT snap = NULL;
        const struct cert *a = make_cert(&good), *b = make_cert(&bad);

        (void)state;
        world_block(world, &bad);
        snap = world_build(world);
        assert_false(snapshot_is_blocked(snap, a));
        assert_true(snapshot_is_blocked(snap, b));
        cert_unref(a);
        cert_unref(b);
}

static void a_certificate_is_blocked_by_issuer_and_serial(void **state)
{
        struct mint_cert ca = { .ca = true }, twin = { .ca = true, .subject = "CN=Twin" };
        struct mint_cert bad = { .issuer = &ca, .serial = "00ab01" };
        struct mint_cert next = { .issuer = &ca, .serial = "00ab02" };
        struct mint_cert other = { .issuer = &twin, .serial = "00ab01" };
        CLEAN_WORLD world = world_new();
        CLEAN_SNAPSHOT snap = NULL;
        const struct cert *a = make_cert(&bad), *b = make_cert(&next), *c = make_cert(&other);

        (void)state;
        world_block_serial(world, &bad);
        world_block_serial(world, &bad);
        world_block(world, &twin);
        snap = world_build(world);
        assert_int_equal(snap->n_blocks, 2);
        assert_true(snapshot_is_blocked(snap, a));
        assert_false(snapshot_is_blocked(snap, b));
        assert_false(snapshot_is_blocked(snap, c));
        cert_unref(a);
        cert_unref(b);
        cert_unref(c);
}

static void an_empty_store_is_a_picture_too(void **state)
{
        CLEAN_WORLD world = world_new();
        CLEAN_SNAPSHOT snap = world_build(world);
        const struct cert *leaf = make_cert(&LEAF);
        size_t n;

        (void)state;
        assert_false(snapshot_is_trusted(snap, leaf));
        assert_null(snapshot_find_by_subject(snap, &leaf->issuer, &n));
        assert_null(snapshot_find_crls(snap, &leaf->issuer, &n));
        cert_unref(leaf);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(one_certificate_in_two_files_is_one_item_of_two_origins),
                cmocka_unit_test(names_and_key_ids_find_the_judged_trusted_first),
                cmocka_unit_test(trust_is_by_the_whole_certificate),
                cmocka_unit_test(in_issuers_own_or_rejected_nothing_is_trusted),
                cmocka_unit_test(a_crl_belongs_to_the_key_that_verifies_it),
                cmocka_unit_test(of_one_signer_and_scope_the_newest_counts),
                cmocka_unit_test(another_scope_supersedes_nothing),
                cmocka_unit_test(a_last_good_content_supersedes_nothing_and_is_not_in_the_hash),
                cmocka_unit_test(crls_of_unjudged_lists_do_not_count),
                cmocka_unit_test(the_state_hash_follows_what_decides_verdicts),
                cmocka_unit_test(a_blocked_certificate_is_known_as_such),
                cmocka_unit_test(a_certificate_is_blocked_by_issuer_and_serial),
                cmocka_unit_test(an_empty_store_is_a_picture_too),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
