/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/change.h"

#include "harness/test.h"
#include "harness/world.h"
#include "trust/snapshot.h"

#include <string.h>

static const struct mint_cert ROOT = { .ca = true, .subject = "CN=Root" };
static const struct mint_cert LEAF = { .subject = "CN=Leaf", .issuer = &ROOT };

/* What is in the picture before and after: a letter an object. */
struct row {
        const char *what;
        const char *before, *after;
        bool is_generation, has_own_changed, has_rejected_changed;
        size_t n_added, n_removed, n_affected, n_broken, n_healed;
};

/*
 * R: root in issuers; T: root in trusted; L: leaf in trusted; M: the same in a second file; O: leaf in own; J: leaf in
 * rejected; C: a CRL of root; D: another; B: a broken file in trusted; K: one in rejected; G: the last good CRL C.
 */
static const struct row ROWS[] = {
        { "nothing changed", "RLC", "RLC", false, false, false, 0, 0, 0, 0, 0 },
        { "a certificate more", "R", "RL", true, false, false, 1, 0, 0, 0, 0 },
        { "a certificate less", "RL", "R", true, false, false, 0, 1, 0, 0, 0 },
        { "a second file of one certificate", "RL", "RLM", false, false, false, 0, 0, 0, 0, 0 },
        { "one of two files gone", "RLM", "RM", false, false, false, 0, 0, 0, 0, 0 },
        { "an issuer becomes trusted", "R", "T", true, false, false, 1, 1, 0, 0, 0 },
        { "an issuer is trusted too", "R", "RT", true, false, false, 1, 0, 0, 0, 0 },
        { "a CRL more", "R", "RC", true, false, false, 1, 0, 1, 0, 0 },
        { "a CRL replaced", "RC", "RD", true, false, false, 1, 1, 1, 0, 0 },
        { "a CRL damaged", "RC", "RGB", true, false, false, 0, 1, 1, 1, 0 },
        { "a damaged CRL good again", "RGB", "RC", true, false, false, 1, 0, 1, 0, 1 },
        { "a file broken", "R", "RB", true, false, false, 0, 0, 0, 1, 0 },
        { "a broken file mended or gone", "RB", "R", true, false, false, 0, 0, 0, 0, 1 },
        { "own changes", "R", "RO", false, true, false, 0, 0, 0, 0, 0 },
        { "rejected changes", "RJ", "R", false, false, true, 0, 0, 0, 0, 0 },
        { "rejected broken", "R", "RK", false, false, true, 0, 0, 0, 0, 0 },
        { "the first picture", NULL, "RL", true, true, true, 2, 0, 0, 0, 0 },
        { "the first picture, empty", NULL, "", true, true, true, 0, 0, 0, 0, 0 },
        { "all gone", "RLCB", "", true, false, false, 0, 3, 1, 0, 1 },
};

static struct snapshot *picture(const char *letters)
{
        static const struct mint_crl_entry ENTRY = { .cert = &LEAF };
        struct mint_crl c = { .issuer = &ROOT };
        struct mint_crl d = { .issuer = &ROOT, .number = "02", .entries = &ENTRY, .n_entries = 1 };
        struct mint_der c_der = mint_crl(&c);
        struct world *world = world_new();
        struct snapshot *snap;

        for (const char *letter = letters; *letter; letter++) {
                const char origin[] = { *letter, '\0' };

                switch (*letter) {
                case 'R':
                        world_add_cert(world, ROLE_ISSUERS, origin, &ROOT);
                        break;
                case 'T':
                        world_add_cert(world, ROLE_TRUSTED, origin, &ROOT);
                        break;
                case 'L':
                case 'M':
                        world_add_cert(world, ROLE_TRUSTED, origin, &LEAF);
                        break;
                case 'O':
                        world_add_cert(world, ROLE_OWN, origin, &LEAF);
                        break;
                case 'J':
                        world_add_cert(world, ROLE_REJECTED, origin, &LEAF);
                        break;
                case 'C':
                        world_add_der(world, ROLE_ISSUERS, origin, &c_der, true, false);
                        break;
                case 'D':
                        world_add_crl(world, ROLE_ISSUERS, origin, &d);
                        break;
                case 'G':
                        world_add_der(world, ROLE_ISSUERS, origin, &c_der, true, true);
                        break;
                case 'B':
                        world_add_broken(world, ROLE_TRUSTED, origin, "is cut off");
                        break;
                case 'K':
                        world_add_broken(world, ROLE_REJECTED, origin, "is cut off");
                        break;
                }
        }

        snap = world_build(world);
        mint_der_deinit(&c_der);
        world_free(world);
        return snap;
}

static void compare(const struct row *row, const char *what, size_t got, size_t expected)
{
        if (got != expected)
                fail_msg("%s: %zu %s, not %zu", row->what, got, what, expected);
}

static void each_change_is_told(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
                const struct row *row = &ROWS[i];
                CLEANUP(snapshot_unrefp) struct snapshot *before = NULL;
                CLEANUP(snapshot_unrefp) struct snapshot *after = picture(row->after);
                CLEANUP(change_unrefp) struct change *change = NULL;

                if (row->before)
                        before = picture(row->before);
                assert_int_equal(change_between(before, after, &change), 0);

                compare(row, "generation", change->is_generation, row->is_generation);
                compare(row, "own changed", change->has_own_changed, row->has_own_changed);
                compare(row, "rejected changed", change->has_rejected_changed,
                        row->has_rejected_changed);
                compare(row, "added", change->added.n, row->n_added);
                compare(row, "removed", change->removed.n, row->n_removed);
                compare(row, "affected", change->affected.n, row->n_affected);
                compare(row, "broken", change->broken.n, row->n_broken);
                compare(row, "healed", change->healed.n, row->n_healed);
        }
}

static void a_changed_setting_is_a_generation(void **state)
{
        CLEANUP(snapshot_unrefp) struct snapshot *before = picture("");
        CLEANUP(snapshot_unrefp) struct snapshot *after = NULL;
        CLEANUP(change_unrefp) struct change *change = NULL;
        struct world *world = world_new();

        (void)state;
        world_set(world, "SingleUri", "yes");
        after = world_build(world);
        world_free(world);

        assert_int_equal(change_between(before, after, &change), 0);
        assert_true(change->is_generation);
        assert_int_equal(change->added.n + change->removed.n, 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(each_change_is_told),
                cmocka_unit_test(a_changed_setting_is_a_generation),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
