/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/listing.h"

#include "engine/judgement.h"
#include "harness/objects.h"
#include "harness/test.h"
#include "harness/world.h"
#include "pki/link.h"
#include "proto/compiler.h"

#define LIST_MAX 3
#define NOW_S    MINT_NOW_S
#define DAY_S    MINT_DAY_S

/* One after another; each lists the leaf as said. */
#define ENTRY(reason_)                                                                             \
        .entries = (const struct mint_crl_entry[]){ { .cert = &LEAF, .reason = (reason_) } },      \
        .n_entries = 1
#define OLD .this_update_s = NOW_S - 5 * DAY_S, .number = "05"
#define NEW .this_update_s = NOW_S - 2 * DAY_S, .number = "08"

static const struct mint_cert CA = { .ca = true, .subject = "CN=CA" },
                              LEAF = { .subject = "CN=Leaf", .issuer = &CA };

struct row {
        const char *name;
        struct mint_crl crls[LIST_MAX]; /* up to the first without an issuer */
        bool is_last_good;              /* the first of them */
        const char *grace;              /* CrlGrace=; NULL: none */
        bool is_revoked, is_covered, is_covered_in_grace;
        enum listing_flaw flaw;
};

static const struct row ROWS[] = {
        { "none", .flaw = LISTING_FLAW_NONE_THERE },
        { "one that does not list it",
          { { .issuer = &CA } },
          .is_covered = true,
          .flaw = LISTING_FLAW_PARTIAL },
        { "one that does",
          { { .issuer = &CA, ENTRY(CRL_REASON_KEY_COMPROMISE) } },
          .is_revoked = true,
          .is_covered = true,
          .flaw = LISTING_FLAW_PARTIAL },
        { "the newest leaves it out again",
          { { .issuer = &CA, OLD, ENTRY(CRL_REASON_CERTIFICATE_HOLD) }, { .issuer = &CA, NEW } },
          .is_covered = true,
          .flaw = LISTING_FLAW_PARTIAL },
        { "the newest is not valid yet, so the older one revokes, and no more",
          { { .issuer = &CA, OLD, ENTRY(0) },
            { .issuer = &CA, .this_update_s = NOW_S + DAY_S, .number = "08" } },
          .is_revoked = true,
          .flaw = LISTING_FLAW_NOT_YET_VALID },
        { "the newest expired, though an older one did not",
          { { .issuer = &CA, OLD, .next_update_s = NOW_S + DAY_S },
            { .issuer = &CA, NEW, .next_update_s = NOW_S - 1 } },
          .flaw = LISTING_FLAW_EXPIRED },
        { "expired within the grace",
          { { .issuer = &CA, NEW, .next_update_s = NOW_S - 1 } },
          .grace = "10s",
          .is_covered_in_grace = true,
          .flaw = LISTING_FLAW_EXPIRED },
        { "expired before it",
          { { .issuer = &CA, NEW, .next_update_s = NOW_S - 11 } },
          .grace = "10s",
          .flaw = LISTING_FLAW_EXPIRED },

        { "the last good content revokes, and covers nothing",
          { { .issuer = &CA, OLD, ENTRY(0) } },
          .is_last_good = true,
          .is_revoked = true,
          .flaw = LISTING_FLAW_LAST_GOOD },
        { "also beside a newer one in another file",
          { { .issuer = &CA, OLD, ENTRY(0) }, { .issuer = &CA, NEW } },
          .is_last_good = true,
          .is_revoked = true,
          .is_covered = true,
          .flaw = LISTING_FLAW_PARTIAL },
        { "but a hold of it ends with a newer one",
          { { .issuer = &CA, OLD, ENTRY(CRL_REASON_CERTIFICATE_HOLD) }, { .issuer = &CA, NEW } },
          .is_last_good = true,
          .is_covered = true,
          .flaw = LISTING_FLAW_PARTIAL },

        { "a delta without its base revokes, and covers nothing",
          { { .issuer = &CA, NEW, .delta = "05", ENTRY(0) } },
          .is_revoked = true,
          .flaw = LISTING_FLAW_DELTA_ALONE },
        { "a delta takes a hold off",
          { { .issuer = &CA, OLD, ENTRY(CRL_REASON_CERTIFICATE_HOLD) },
            { .issuer = &CA, NEW, .delta = "05", ENTRY(CRL_REASON_REMOVE_FROM_CRL) } },
          .is_covered = true,
          .flaw = LISTING_FLAW_PARTIAL },
        { "and nothing but a hold",
          { { .issuer = &CA, OLD, ENTRY(CRL_REASON_KEY_COMPROMISE) },
            { .issuer = &CA, NEW, .delta = "05", ENTRY(CRL_REASON_REMOVE_FROM_CRL) } },
          .is_revoked = true,
          .is_covered = true,
          .flaw = LISTING_FLAW_PARTIAL },
        { "and not after its time",
          { { .issuer = &CA, OLD, ENTRY(CRL_REASON_CERTIFICATE_HOLD) },
            { .issuer = &CA,
              NEW,
              .delta = "05",
              .next_update_s = NOW_S - 1,
              ENTRY(CRL_REASON_REMOVE_FROM_CRL) } },
          .is_revoked = true,
          .is_covered = true,
          .flaw = LISTING_FLAW_PARTIAL },
        { "and not of a base older than its own",
          { { .issuer = &CA, OLD, ENTRY(CRL_REASON_CERTIFICATE_HOLD) },
            { .issuer = &CA, NEW, .delta = "06", ENTRY(CRL_REASON_REMOVE_FROM_CRL) } },
          .is_revoked = true,
          .is_covered = true,
          .flaw = LISTING_FLAW_PARTIAL },
        { "a current delta renews an expired base",
          { { .issuer = &CA, OLD, .next_update_s = NOW_S - 1 },
            { .issuer = &CA, NEW, .delta = "05" } },
          .is_covered = true,
          .flaw = LISTING_FLAW_PARTIAL },
        { "a full CRL that says removeFromCRL revokes",
          { { .issuer = &CA, ENTRY(CRL_REASON_REMOVE_FROM_CRL) } },
          .is_revoked = true,
          .is_covered = true,
          .flaw = LISTING_FLAW_PARTIAL },

        { "scopes are read apart",
          { { .issuer = &CA, OLD, .idp = "critical,onlyuser:TRUE", ENTRY(0) },
            { .issuer = &CA, NEW } },
          .is_revoked = true,
          .is_covered = true,
          .flaw = LISTING_FLAW_PARTIAL },
        { "for CAs only",
          { { .issuer = &CA, .idp = "critical,onlyCA:TRUE" } },
          .flaw = LISTING_FLAW_SCOPE },
        { "by another key",
          { { .issuer = &CA, .signer = "rsa2048-3", ENTRY(0) } },
          .flaw = LISTING_FLAW_NOT_VERIFIED },
        { "by SHA-1",
          { { .issuer = &CA, .hash = "SHA1", ENTRY(0) } },
          .is_revoked = true,
          .flaw = LISTING_FLAW_WEAK },
};

static struct snapshot *make_snapshot(const struct row *row)
{
        struct world *world = world_new();
        struct snapshot *snap;

        if (row->grace)
                world_set(world, "CrlGrace", row->grace);
        world_add_cert(world, ROLE_TRUSTED, "ca", &CA);
        for (size_t i = 0; i < LIST_MAX && row->crls[i].issuer; i++) {
                struct mint_der der = mint_crl(&row->crls[i]);

                world_add_der(world, ROLE_TRUSTED, "crl", &der, true, i == 0 && row->is_last_good);
                mint_der_deinit(&der);
        }
        snap = world_build(world);
        world_free(world);
        return snap;
}

static void compare(const struct row *row, const struct listing *listing)
{
        bool is_covered = listing->reasons == LINK_REASONS_ALL;
        bool is_in_grace = listing->reasons_in_grace == LINK_REASONS_ALL;

        if (listing->is_revoked != row->is_revoked || is_covered != row->is_covered ||
            is_in_grace != row->is_covered_in_grace || listing->flaw != row->flaw)
                fail_msg("%s: revoked %d, covered %d, in grace %d; it %s", row->name,
                         listing->is_revoked, is_covered, is_in_grace,
                         listing_flaw_text(listing->flaw));
}

static void a_signers_crls_say_what_they_say(void **state)
{
        struct profile profile = { .purpose = PURPOSE_CLIENT };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
                CLEANUP(snapshot_unrefp) struct snapshot *snap = make_snapshot(&ROWS[i]);
                CLEANUP(cert_unrefp) const struct cert *leaf = make_cert(&LEAF);
                CLEANUP(cert_unrefp) const struct cert *ca = make_cert(&CA);
                struct judgement judgement = { .snap = snap, .profile = &profile };
                struct listing listing;

                moment_init(&judgement.moment, NOW_S, NOW_S, 0);
                budget_init(&judgement.budget, 1000, 100);
                listing_init(&listing, &judgement, leaf);
                assert_int_equal(listing_read_issuer(&listing, ca), 0);
                compare(&ROWS[i], &listing);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_signers_crls_say_what_they_say),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
