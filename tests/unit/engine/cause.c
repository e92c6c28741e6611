/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/cause.h"

#include "engine/profile.h"
#include "engine/validate.h"
#include "engine/verdict.h"
#include "harness/must.h"
#include "harness/test.h"
#include "harness/world.h"
#include "pki/decode.h"
#include "pki/ossl.h"
#include "proto/compiler.h"
#include "trust/snapshot.h"

#define NOW_S MINT_NOW_S
#define DAY_S MINT_DAY_S

static const struct mint_cert ROOT = { .ca = true, .subject = "CN=Root" };
static const struct mint_cert LEAF = { .subject = "CN=Leaf", .issuer = &ROOT };

/* What lies in a store. */
enum has {
        HAS_ROOT = 1 << 0,
        HAS_CRL = 1 << 1,       /* current */
        HAS_STALE_CRL = 1 << 2, /* out of date */
        HAS_REVOCATION = 1 << 3,
        HAS_LAST_GOOD_REVOCATION = 1 << 4, /* of a file that is damaged now */
        HAS_BROKEN = 1 << 5,               /* a file in a judged list */
        HAS_BROKEN_OWN = 1 << 6,           /* and in one that is not */
        HAS_BLOCK = 1 << 7,
};

#define GOOD (HAS_ROOT | HAS_CRL)

struct row {
        const char *name;
        unsigned int now;
        unsigned int known; /* enum has, both; 0: nothing is lost */
        bool was_good;
        int64_t now_s;      /* 0: NOW_S */
        int64_t at_least_s; /* 0: the clock is plausible */
        const char *uri;    /* NULL: not asked for */
        enum cause cause;
        int64_t until_s; /* 0: not looked at */
};

static const struct row ROWS[] = {
        { "good", GOOD, .cause = CAUSE_GOOD },
        { "good although something is lost", GOOD, .known = GOOD, .cause = CAUSE_GOOD },

        { "blocked", GOOD | HAS_BLOCK, .cause = CAUSE_BLOCKED },
        { "blocked goes before revoked", GOOD | HAS_REVOCATION | HAS_BLOCK,
          .cause = CAUSE_BLOCKED },
        { "blocked, and its CA is unreadable", HAS_BROKEN | HAS_BLOCK, .known = GOOD | HAS_BLOCK,
          .cause = CAUSE_BLOCKED },

        { "revoked", HAS_ROOT | HAS_REVOCATION, .cause = CAUSE_REVOKED },
        { "revoked by what a damaged CRL held", HAS_ROOT | HAS_LAST_GOOD_REVOCATION | HAS_BROKEN,
          .known = HAS_ROOT | HAS_REVOCATION, .cause = CAUSE_REVOKED },
        { "revoked, and its CA is unreadable", HAS_REVOCATION | HAS_BROKEN,
          .known = HAS_ROOT | HAS_REVOCATION, .cause = CAUSE_REVOKED },
        { "revoked, whatever the clock says", HAS_ROOT | HAS_REVOCATION, .now_s = 1,
          .at_least_s = NOW_S, .cause = CAUSE_REVOKED },

        { "its CA is unreadable", HAS_CRL | HAS_BROKEN, .known = GOOD, .cause = CAUSE_UNKNOWN },
        { "all is unreadable", HAS_BROKEN, .known = GOOD, .cause = CAUSE_UNKNOWN },
        { "its CA is unreadable, and its CRL was out of date", HAS_BROKEN,
          .known = HAS_ROOT | HAS_STALE_CRL, .cause = CAUSE_UNKNOWN },
        { "no CRL", HAS_ROOT, .was_good = true, .cause = CAUSE_UNKNOWN },
        { "a CRL out of date", HAS_ROOT | HAS_STALE_CRL, .was_good = true, .cause = CAUSE_UNKNOWN },
        { "a CRL out of date makes it unknown until it expires", HAS_ROOT | HAS_STALE_CRL,
          .was_good = true, .cause = CAUSE_UNKNOWN, .until_s = NOW_S + 20 * MINT_YEAR_S + 1 },
        { "a clock at 1970", GOOD, .now_s = 1, .at_least_s = NOW_S, .was_good = true,
          .cause = CAUSE_UNKNOWN },
        { "a clock at 1970 is plausible again by the time that it is at least", GOOD,
          .now_s = NOW_S - 2 * MINT_YEAR_S, .at_least_s = NOW_S - 2 * MINT_YEAR_S + 10,
          .cause = CAUSE_UNKNOWN, .until_s = NOW_S - 2 * MINT_YEAR_S + 10 },

        { "removed", HAS_CRL, .was_good = true, .cause = CAUSE_UNTRUSTED },
        { "removed, and a CRL out of date", HAS_STALE_CRL, .was_good = true,
          .cause = CAUSE_UNTRUSTED },
        { "removed while another file is broken, of which nothing was ever known",
          HAS_CRL | HAS_BROKEN, .was_good = true, .cause = CAUSE_UNTRUSTED },
        { "removed while something else is lost", HAS_CRL | HAS_BROKEN, .known = HAS_CRL,
          .was_good = true, .cause = CAUSE_UNTRUSTED },
        { "removed while the clock is at 1970", HAS_CRL, .now_s = 1, .at_least_s = NOW_S,
          .was_good = true, .cause = CAUSE_UNTRUSTED },
        { "another URI", GOOD, .uri = "urn:other", .was_good = true, .cause = CAUSE_UNTRUSTED },
        { "another URI, and a CRL out of date", HAS_ROOT | HAS_STALE_CRL, .uri = "urn:other",
          .was_good = true, .cause = CAUSE_UNTRUSTED },

        { "never good, never known", HAS_CRL, .cause = CAUSE_UNTRUSTED },
        { "never good, and nobody ever read a file that is there", HAS_CRL | HAS_BROKEN,
          .cause = CAUSE_UNKNOWN },
        { "never good, and what cannot be read is in no judged list", HAS_CRL | HAS_BROKEN_OWN,
          .cause = CAUSE_UNTRUSTED },
        { "never good, for no want of a certificate", GOOD | HAS_BROKEN, .uri = "urn:other",
          .cause = CAUSE_UNTRUSTED },

        { "expired", GOOD, .now_s = NOW_S + 21 * MINT_YEAR_S, .was_good = true,
          .cause = CAUSE_EXPIRED },
        { "expired, and a CRL that is out of date", HAS_ROOT | HAS_STALE_CRL,
          .now_s = NOW_S + 21 * MINT_YEAR_S, .was_good = true, .cause = CAUSE_EXPIRED },
        { "expired while its CA is unreadable", HAS_CRL | HAS_BROKEN, .known = GOOD,
          .now_s = NOW_S + 21 * MINT_YEAR_S, .was_good = true, .cause = CAUSE_EXPIRED },
        { "removed and expired", HAS_CRL, .now_s = NOW_S + 21 * MINT_YEAR_S, .was_good = true,
          .cause = CAUSE_UNTRUSTED },
};

static void add_revocation(struct world *world, bool is_last_good)
{
        static const struct mint_crl_entry ENTRY = { .cert = &LEAF };
        static const struct mint_crl CRL = {
                .issuer = &ROOT,
                .number = "02",
                .this_update_s = NOW_S - DAY_S / 2,
                .next_update_s = NOW_S + 30 * DAY_S,
                .entries = &ENTRY,
                .n_entries = 1,
        };
        struct mint_der der = mint_crl(&CRL);

        world_add_der(world, ROLE_TRUSTED, "revocation", &der, true, is_last_good);
        mint_der_deinit(&der);
}

static struct snapshot *build(unsigned int has)
{
        static const struct mint_crl CRL = { .issuer = &ROOT };
        static const struct mint_crl STALE = { .issuer = &ROOT, .next_update_s = NOW_S - 1 };
        struct world *world = world_new();
        struct snapshot *snap;

        if (has & HAS_ROOT)
                world_add_cert(world, ROLE_TRUSTED, "root", &ROOT);
        if (has & HAS_CRL)
                world_add_crl(world, ROLE_TRUSTED, "crl", &CRL);
        if (has & HAS_STALE_CRL)
                world_add_crl(world, ROLE_TRUSTED, "stale", &STALE);
        if (has & (HAS_REVOCATION | HAS_LAST_GOOD_REVOCATION))
                add_revocation(world, has & HAS_LAST_GOOD_REVOCATION);
        if (has & HAS_BROKEN)
                world_add_broken(world, ROLE_TRUSTED, "broken", "it cannot be read");
        if (has & HAS_BROKEN_OWN)
                world_add_broken(world, ROLE_OWN, "own", "it cannot be read");
        if (has & HAS_BLOCK)
                world_block(world, &LEAF);
        snap = world_build(world);
        world_free(world);
        return snap;
}

static void causes_are_what_is_known(void **state)
{
        struct mint_der der = mint_cert(&LEAF);
        struct bytes element = { der.data, der.n };
        struct decode_chain chain;

        (void)state;
        must(ossl_init() == 0, "ossl_init");
        must(decode_message_chain(&element, 1, &chain) == 0, "decode");
        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
                const struct row *row = &ROWS[i];
                struct snapshot *snap = build(row->now);
                struct profile profile = { .purpose = PURPOSE_CLIENT, .application_uri = row->uri };
                struct cause_case who = { &chain, &profile, row->was_good };
                struct terms terms = { .now_s = row->now_s ? row->now_s : NOW_S,
                                       .budget_units = VALIDATE_BUDGET_UNITS };
                struct verdict verdict;
                enum cause cause;

                terms.at_least_s = row->at_least_s ? row->at_least_s : terms.now_s;
                if (row->known)
                        snap->known = build(row->known);
                must(cause_judge(snap, &who, &terms, &verdict, &cause) == 0, "%s", row->name);
                if (cause != row->cause)
                        fail_msg("%s: %s", row->name, cause_name(cause));
                if ((verdict.status == 0) != (cause == CAUSE_GOOD))
                        fail_msg("%s: status %#x", row->name, verdict.status);
                if (row->until_s && verdict.valid_until_s != row->until_s)
                        fail_msg("%s: until %+lld s", row->name,
                                 (long long)(verdict.valid_until_s - row->until_s));
                verdict_deinit(&verdict);
                snapshot_unref(snap);
        }
        decode_chain_deinit(&chain);
        mint_der_deinit(&der);
}

/* More CAs of one name than signatures may be checked: whether one of them issued it, nobody knows. */
static void what_costs_too_much_is_unknown(void **state)
{
        static const struct mint_cert MISSING = {
                .ca = true, .subject = "CN=Root", .key = "p256-ca", .ski = MINT_NONE
        };
        static const struct mint_cert ORPHAN = { .subject = "CN=Leaf",
                                                 .issuer = &MISSING,
                                                 .aki = MINT_NONE };
        struct mint_der der = mint_cert(&ORPHAN);
        struct bytes element = { der.data, der.n };
        struct profile profile = { .purpose = PURPOSE_CLIENT };
        struct terms terms = { NOW_S, NOW_S, VALIDATE_BUDGET_UNITS };
        struct world *world = world_new();
        struct decode_chain chain;
        struct snapshot *snap;
        struct verdict verdict;
        enum cause cause;

        (void)state;
        must(decode_message_chain(&element, 1, &chain) == 0, "decode");
        for (int i = 0; i <= VALIDATE_BUDGET_CHECKS; i++) {
                char text[24];
                struct mint_cert ca = {
                        .ca = true, .subject = "CN=Root", .key = text, .ski = MINT_NONE
                };

                snprintf(text, sizeof(text), "p256-%d", i);
                world_add_cert(world, ROLE_TRUSTED, text, &ca);
        }
        snap = world_build(world);

        assert_int_equal(cause_judge(snap,
                                     &(struct cause_case){ &chain, &profile, .was_good = true },
                                     &terms, &verdict, &cause),
                         0);
        assert_true(verdict.is_unfinished);
        assert_int_equal(cause, CAUSE_UNKNOWN);
        verdict_deinit(&verdict);
        snapshot_unref(snap);
        world_free(world);
        decode_chain_deinit(&chain);
        mint_der_deinit(&der);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(causes_are_what_is_known),
                cmocka_unit_test(what_costs_too_much_is_unknown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
