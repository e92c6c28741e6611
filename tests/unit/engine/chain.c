/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/chain.h"

#include "engine/judgement.h"
#include "harness/objects.h"
#include "harness/test.h"
#include "harness/world.h"

#define LIST_MAX 6
#define TEXT_MAX 256

/* RSA signatures are the same on every minting, so that a spec is one certificate. */
static const struct mint_cert
        ROOT = { .ca = true, .subject = "CN=R", .key = "rsa2048-2" },
        OTHER = { .ca = true, .subject = "CN=O", .key = "rsa2048-3" },
        CA = { .ca = true, .subject = "CN=A", .key = "rsa2048-4", .issuer = &ROOT },
        CA_BY_OTHER = { .ca = true, .subject = "CN=A", .key = "rsa2048-4", .issuer = &OTHER },
        CA_OTHER_KEY = { .ca = true, .subject = "CN=A", .key = "rsa2048-5", .issuer = &ROOT },
        CA_NO_KEY_ID = { .ca = true,
                         .subject = "CN=A",
                         .key = "rsa2048-4",
                         .issuer = &ROOT,
                         .ski = MINT_NONE },
        LEAF = { .subject = "CN=l", .issuer = &CA };

/* Two CAs that certified each other. */
static const struct mint_cert
        B = { .ca = true, .subject = "CN=B", .key = "rsa2048-6" },
        C = { .ca = true, .subject = "CN=C", .key = "rsa2048-7" },
        B_BY_C = { .ca = true, .subject = "CN=B", .key = "rsa2048-6", .issuer = &C },
        C_BY_B = { .ca = true, .subject = "CN=C", .key = "rsa2048-7", .issuer = &B },
        LEAF_OF_B = { .subject = "CN=l", .issuer = &B };

static const struct mint_cert SELF = { .subject = "CN=s" }, IMPOSTOR = { .subject = "CN=l",
                                                                         .issuer = &CA,
                                                                         .signer = "rsa2048-8" };

struct row {
        const char *name;
        const struct mint_cert *trusted[LIST_MAX], *issuers[LIST_MAX], *presented[LIST_MAX];
        bool uses_presented, is_crl_signer;
        const char *chains; /* in the order found: names, a place of origin each, from the leaf */
        const char *gap;    /* NULL: not compared */
        enum chain_gap_kind kind;
};

/* Names are followed by t, i or p: trusted, issuers or presented only. */
static const struct row ROWS[] = {
        { .name = "a chain of three",
          .trusted = { &CA },
          .issuers = { &ROOT },
          .presented = { &LEAF },
          .chains = "lp At Ri;" },
        { .name = "a self-signed certificate is complete alone",
          .presented = { &SELF },
          .chains = "sp;" },
        { .name = "but not as the signer of a CRL, unless it is in the store",
          .presented = { &SELF },
          .is_crl_signer = true,
          .chains = "",
          .gap = "sp" },
        { .name = "trusted before issuers",
          .trusted = { &CA, &OTHER },
          .issuers = { &CA_BY_OTHER, &ROOT },
          .presented = { &LEAF },
          .chains = "lp At Ri;lp Ai Ot;" },
        { .name = "with the key id before without",
          .issuers = { &CA_NO_KEY_ID, &CA_BY_OTHER, &ROOT, &OTHER },
          .presented = { &LEAF },
          .chains = "lp Ai Oi;lp Ai Ri;" },
        { .name = "a candidate of another key leads nowhere",
          .issuers = { &CA_OTHER_KEY, &CA, &ROOT },
          .presented = { &LEAF },
          .chains = "lp Ai Ri;" },
        { .name = "self-signed before what leads on",
          .issuers = { &B_BY_C, &B, &C },
          .presented = { &LEAF_OF_B },
          .chains = "lp Bi;lp Bi Ci;" },
        { .name = "no CA stands in a chain twice",
          .issuers = { &B_BY_C, &C_BY_B, &C },
          .presented = { &LEAF_OF_B },
          .chains = "lp Bi Ci;" },
        { .name = "a loop is a gap",
          .issuers = { &B_BY_C, &C_BY_B },
          .presented = { &LEAF_OF_B },
          .chains = "",
          .gap = "lp Bi Ci",
          .kind = CHAIN_GAP_LOOP },
        { .name = "what is presented is not looked at",
          .trusted = { &ROOT },
          .presented = { &LEAF, &CA },
          .chains = "",
          .gap = "lp",
          .kind = CHAIN_GAP_NO_ISSUER },
        { .name = "unless it is wanted",
          .trusted = { &ROOT },
          .presented = { &LEAF, &CA },
          .uses_presented = true,
          .chains = "lp Ap Rt;" },
        { .name = "what is presented and in the store is the store's",
          .trusted = { &ROOT },
          .issuers = { &CA },
          .presented = { &LEAF, &CA, &ROOT },
          .uses_presented = true,
          .chains = "lp Ai Rt;" },
        { .name = "a root of the message completes nothing",
          .presented = { &LEAF, &CA, &ROOT },
          .uses_presented = true,
          .chains = "",
          .gap = "lp Ap",
          .kind = CHAIN_GAP_PRESENTED_ROOT },
        { .name = "the key id names who did not sign it",
          .issuers = { &CA, &ROOT },
          .presented = { &IMPOSTOR },
          .chains = "",
          .gap = "lp",
          .kind = CHAIN_GAP_WRONG_SIGNATURE },
};

static struct snapshot *make_snapshot(const struct row *row)
{
        struct world *world = world_new();
        struct snapshot *snap;

        for (size_t i = 0; i < LIST_MAX && row->trusted[i]; i++)
                world_add_cert(world, ROLE_TRUSTED, "t", row->trusted[i]);
        for (size_t i = 0; i < LIST_MAX && row->issuers[i]; i++)
                world_add_cert(world, ROLE_ISSUERS, "i", row->issuers[i]);
        snap = world_build(world);
        world_free(world);
        return snap;
}

/* "CN=A" in trusted is "At". */
static void write_chain(const struct chain *chain, char out[TEXT_MAX])
{
        size_t n = strlen(out);

        for (size_t i = 0; i < chain->n; i++) {
                CLEANUP(freep) char *name = NULL;

                must(name_text(&chain->links[i].cert->subject, &name) == 0, "memory");
                n += snprintf(out + n, TEXT_MAX - n, "%s%s%c", i > 0 ? " " : "", name + 3,
                              "pti"[chain_link_list(&chain->links[i])]);
        }
}

static int search_all(struct chain_search *search, char out[TEXT_MAX])
{
        int r;

        while (!(r = chain_search_next(search))) {
                write_chain(&search->chain, out);
                strcat(out, ";");
        }
        return r;
}

static void init_judgement(struct judgement *judgement, const struct snapshot *snap,
                           const struct row *row, unsigned int units)
{
        *judgement = (struct judgement){ .snap = snap };
        for (size_t i = 0; i < LIST_MAX && row->presented[i]; i++)
                judgement->presented[judgement->n_presented++] = make_cert(row->presented[i]);
        budget_init(&judgement->budget, units, 100);
}

static void deinit_judgement(struct judgement *judgement)
{
        for (size_t i = 0; i < judgement->n_presented; i++)
                cert_unref(judgement->presented[i]);
}

static void try(const struct row *row)
{
        CLEANUP(snapshot_unrefp) struct snapshot *snap = make_snapshot(row);
        char chains[TEXT_MAX] = "", gap[TEXT_MAX] = "";
        struct judgement judgement;
        struct chain_search search;
        int r;

        init_judgement(&judgement, snap, row, 1000);
        chain_search_init(&search, &judgement, judgement.presented[0], row->is_crl_signer,
                          row->uses_presented);
        r = search_all(&search, chains);
        write_chain(&search.gap.chain, gap);
        if (r != CHAIN_E_END || strcmp(chains, row->chains) != 0)
                fail_msg("%s: %d, \"%s\"", row->name, r, chains);
        if (row->gap && (strcmp(gap, row->gap) != 0 || search.gap.kind != row->kind))
                fail_msg("%s: gap \"%s\", %d", row->name, gap, search.gap.kind);
        deinit_judgement(&judgement);
}

static void chains_are_found_in_order(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++)
                try(&ROWS[i]);
}

static int search_for(const struct snapshot *snap, unsigned int units)
{
        struct judgement judgement;
        struct chain_search search;
        int r;

        init_judgement(&judgement, snap, &ROWS[0], units);
        chain_search_init(&search, &judgement, judgement.presented[0], false, false);
        r = chain_search_next(&search);
        assert_int_equal(r == CHAIN_E_BUDGET, judgement.budget.spent != NULL);
        deinit_judgement(&judgement);
        return r;
}

/* Of the leaf, the CA and the root itself, a unit each; the store's are verified once for good. */
static void a_search_stops_where_the_budget_ends(void **state)
{
        CLEANUP(snapshot_unrefp) struct snapshot *snap = make_snapshot(&ROWS[0]);

        (void)state;
        assert_int_equal(search_for(snap, 0), CHAIN_E_BUDGET);
        assert_int_equal(search_for(snap, 1), CHAIN_E_BUDGET);
        assert_int_equal(search_for(snap, 3), 0);
        assert_int_equal(search_for(snap, 1), 0);
        assert_int_equal(search_for(snap, 0), CHAIN_E_BUDGET);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(chains_are_found_in_order),
                cmocka_unit_test(a_search_stops_where_the_budget_ends),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
