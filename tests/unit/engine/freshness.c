/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/freshness.h"

#include "harness/must.h"
#include "harness/test.h"
#include "harness/world.h"
#include "pki/cert.h"
#include "pki/crl.h"
#include "trust/snapshot.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define NOW     MINT_NOW_S
#define DAY     MINT_DAY_S
#define TEXT    512
#define HOUR    INT64_C(3600)
#define FOREVER (NOW + 10 * MINT_YEAR_S)

static const struct mint_cert ROOT = { .ca = true, .subject = "CN=Root", .not_after_s = FOREVER };

/* The same CA under a new key, which its old key certifies. */
static const struct mint_cert ROOT_NEW = {
        .ca = true, .subject = "CN=Root", .key = "p256-new", .issuer = &ROOT, .not_after_s = FOREVER
};

/* A namesake that nobody certifies. */
static const struct mint_cert NAMESAKE = {
        .ca = true, .subject = "CN=Root", .key = "p256-other", .not_after_s = FOREVER
};

static struct freshness_terms terms_at(int64_t now_s)
{
        return (struct freshness_terms){
                .now_s = now_s,
                .last_update_s = FRESHNESS_UNKNOWN_S,
        };
}

static const char *const STATES[] = {
        [FRESHNESS_CURRENT] = "current", [FRESHNESS_SOON_OUT_OF_DATE] = "soon",
        [FRESHNESS_OUT_OF_DATE] = "out", [FRESHNESS_NOT_YET_VALID] = "early",
        [FRESHNESS_DAMAGED] = "damaged", [FRESHNESS_MISSING] = "missing",
};

/* "CN=Root current" of each CA, "(grace)" behind it if it is. */
static void write_authorities(const struct freshness *freshness, char out[TEXT])
{
        size_t n = 0;

        out[0] = '\0';
        for (size_t i = 0; i < freshness->authorities.n; i++) {
                const struct freshness_authority *from = &freshness->authorities.items[i];
                char *name;

                must(name_text(&from->ca->cert->subject, &name) == 0, "name_text");
                n += snprintf(out + n, TEXT - n, "%s%s %s%s", i ? ", " : "", name,
                              STATES[from->state], from->in_grace ? " (grace)" : "");
                free(name);
        }
}

/* -- CRLs ---------------------------------------------------------------------------------------- */

#define CRLS_MAX 3

struct crl_row {
        const char *name;
        struct mint_crl crls[CRLS_MAX]; /* until the first without an issuer */
        bool is_last_good[CRLS_MAX];
        const struct mint_cert *other; /* a further certificate in issuers */
        const char *key, *value;       /* a setting */
        int64_t now_s;                 /* 0: MINT_NOW_S */
        const char *state;
        int64_t next_s;
};

#define CRL(...)                                                                                   \
        {                                                                                          \
                .issuer = &ROOT, __VA_ARGS__                                                       \
        }

/* Minted ones begin a day before NOW and end 30 days after it. */
#define END (NOW + 30 * DAY)

static const struct crl_row CRL_ROWS[] = {
        { "there is none", .state = "CN=Root missing", .next_s = FOREVER - 14 * DAY },
        { "current", { CRL() }, .state = "CN=Root current", .next_s = END - 2 * DAY },
        { "a second before the warning",
          { CRL() },
          .now_s = END - 2 * DAY - 1,
          .state = "CN=Root current",
          .next_s = END - 2 * DAY },
        { "at the warning",
          { CRL() },
          .now_s = END - 2 * DAY,
          .state = "CN=Root soon",
          .next_s = END + 1 },
        { "in its last second",
          { CRL() },
          .now_s = END,
          .state = "CN=Root soon",
          .next_s = END + 1 },
        { "a second later",
          { CRL() },
          .now_s = END + 1,
          .state = "CN=Root out",
          .next_s = FOREVER - 14 * DAY },
        { "of a short life, a quarter of it",
          { CRL(.this_update_s = NOW - 5 * HOUR, .next_update_s = NOW + 3 * HOUR) },
          .state = "CN=Root current",
          .next_s = NOW + 1 * HOUR },
        { "WarnCrl=5d",
          { CRL() },
          .key = "WarnCrl",
          .value = "5d",
          .state = "CN=Root current",
          .next_s = END - 5 * DAY },
        { "without nextUpdate it ages",
          { CRL(.next_update_s = MINT_ABSENT_S) },
          .now_s = NOW + 29 * DAY + 1,
          .state = "CN=Root out",
          .next_s = FOREVER - 14 * DAY },
        { "CrlMaxAge=10d",
          { CRL() },
          .key = "CrlMaxAge",
          .value = "10d",
          .state = "CN=Root current",
          .next_s = NOW + 7 * DAY },
        { "in CrlGrace=",
          { CRL() },
          .key = "CrlGrace",
          .value = "12h",
          .now_s = END + 1,
          .state = "CN=Root out (grace)",
          .next_s = END + 12 * HOUR + 1 },
        { "after CrlGrace=",
          { CRL() },
          .key = "CrlGrace",
          .value = "12h",
          .now_s = END + 12 * HOUR + 1,
          .state = "CN=Root out",
          .next_s = FOREVER - 14 * DAY },
        { "ClockSkew=60: as the engine, a minute more",
          { CRL() },
          .key = "ClockSkew",
          .value = "60",
          .now_s = END + 60,
          .state = "CN=Root soon",
          .next_s = END + 61 },
        { "not valid yet",
          { CRL(.this_update_s = NOW + 5, .next_update_s = END) },
          .state = "CN=Root early",
          .next_s = NOW + 5 },
        { "the newest counts, not the one that lasts longer",
          { CRL(.this_update_s = NOW - 2 * DAY, .next_update_s = END + 100 * DAY),
            CRL(.this_update_s = NOW - DAY, .next_update_s = NOW - 1, .number = "02") },
          .state = "CN=Root out",
          .next_s = FOREVER - 14 * DAY },
        { "a current delta stands in for the full one",
          { CRL(.next_update_s = NOW - 1), CRL(.number = "02", .delta = "01") },
          .state = "CN=Root current",
          .next_s = END - 2 * DAY },
        { "a delta alone is none",
          { CRL(.number = "02", .delta = "01") },
          .state = "CN=Root missing",
          .next_s = FOREVER - 14 * DAY },
        { "only the last good content is known",
          { CRL() },
          .is_last_good = { true },
          .state = "CN=Root damaged",
          .next_s = FOREVER - 14 * DAY },
        { "a newer one beside the last good content",
          { CRL(), CRL(.this_update_s = NOW - 5, .next_update_s = END, .number = "02") },
          .is_last_good = { true },
          .state = "CN=Root current",
          .next_s = END - 2 * DAY },
        { "an unknown critical extension",
          { CRL(.extra = "1.2.3.4=critical,ASN1:NULL") },
          .state = "CN=Root damaged",
          .next_s = FOREVER - 14 * DAY },
        { "of two parts the worse",
          { CRL(.idp = "critical,onlyuser:TRUE"),
            CRL(.idp = "critical,onlyCA:TRUE", .next_update_s = NOW - 1) },
          .state = "CN=Root out",
          .next_s = END - 2 * DAY },
        { "a part for attribute certificates says nothing",
          { CRL(.idp = "critical,onlyAA:TRUE") },
          .state = "CN=Root missing",
          .next_s = FOREVER - 14 * DAY },
        { "signed by nobody here",
          { CRL(.signer = "p256-stranger") },
          .state = "CN=Root missing",
          .next_s = FOREVER - 14 * DAY },
        { "signed by the same CA's new key",
          { CRL(.signer = "p256-new") },
          .other = &ROOT_NEW,
          .state = "CN=Root current, CN=Root current",
          .next_s = END - 2 * DAY },
        { "signed by a namesake",
          { CRL(.signer = "p256-other") },
          .other = &NAMESAKE,
          .state = "CN=Root missing, CN=Root current",
          .next_s = END - 2 * DAY },
};

static struct snapshot *build(struct world *world, const struct crl_row *row)
{
        world_add_cert(world, ROLE_TRUSTED, "root", &ROOT);
        if (row->other)
                world_add_cert(world, ROLE_ISSUERS, "other", row->other);
        if (row->key)
                world_set(world, row->key, row->value);
        for (size_t i = 0; i < CRLS_MAX && row->crls[i].issuer; i++) {
                struct mint_der der = mint_crl(&row->crls[i]);
                char origin[16];

                snprintf(origin, sizeof(origin), "crl%zu", i);
                world_add_der(world, ROLE_TRUSTED, origin, &der, true, row->is_last_good[i]);
                free(der.data);
        }
        return world_build(world);
}

static bool has_words(const char *heard, const char *wanted)
{
        char copy[TEXT], turned[TEXT];
        char *comma;

        if (strcmp(heard, wanted) == 0)
                return true;

        /* two CAs stand in the order of their hashes, which is of no interest here */
        snprintf(copy, sizeof(copy), "%s", wanted);
        comma = strstr(copy, ", ");
        if (!comma)
                return false;
        *comma = '\0';
        snprintf(turned, sizeof(turned), "%.200s, %.200s", comma + 2, copy);
        return strcmp(heard, turned) == 0;
}

static void the_crl_of_a_ca(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(CRL_ROWS); i++) {
                const struct crl_row *row = &CRL_ROWS[i];
                struct freshness_terms terms = terms_at(row->now_s ? row->now_s : NOW);
                struct world *world = world_new();
                struct snapshot *snap = build(world, row);
                struct freshness freshness;
                char heard[TEXT];

                assert_int_equal(freshness_read(snap, &terms, &freshness), 0);
                write_authorities(&freshness, heard);
                if (!has_words(heard, row->state) || freshness.next_s != row->next_s)
                        fail_msg("%s: %s, next in %" PRId64 " and not %" PRId64, row->name, heard,
                                 freshness.next_s - NOW, row->next_s - NOW);

                freshness_deinit(&freshness);
                snapshot_unref(snap);
                world_free(world);
        }
}

static void only_what_may_issue_needs_a_crl(void **state)
{
        static const struct mint_cert AN_APPLICATION = { .basic_constraints = "critical,CA:TRUE" };
        static const struct mint_cert BELOW = { .ca = true,
                                                .subject = "CN=Below",
                                                .key = "p256-below",
                                                .issuer = &ROOT,
                                                .not_after_s = FOREVER };
        static const struct mint_cert OWN = { .ca = true, .subject = "CN=Own", .key = "p256-own" };
        struct freshness_terms terms = terms_at(NOW);
        struct freshness freshness;
        struct snapshot *snap;
        struct world *world = world_new();
        char heard[TEXT];

        (void)state;
        world_add_cert(world, ROLE_TRUSTED, "application", &AN_APPLICATION);
        world_add_cert(world, ROLE_ISSUERS, "below", &BELOW);
        world_add_cert(world, ROLE_OWN, "own", &OWN);
        snap = world_build(world);
        assert_int_equal(freshness_read(snap, &terms, &freshness), 0);
        write_authorities(&freshness, heard);
        assert_string_equal(heard, "CN=Below missing");
        assert_int_equal(freshness_role(freshness.authorities.items[0].ca), ROLE_ISSUERS);
        freshness_deinit(&freshness);
        snapshot_unref(snap);
        world_free(world);
}

/* -- certificates -------------------------------------------------------------------------------- */

static void certificates_expire_in_every_list_but_rejected(void **state)
{
        static const struct {
                enum role role;
                int64_t not_after_s, now_s;
                const char *state; /* "": nothing to tell */
                int64_t next_s;
        } ROWS[] = {
                { ROLE_TRUSTED, NOW + 15 * DAY, NOW, "", NOW + DAY },
                { ROLE_TRUSTED, NOW + 14 * DAY, NOW, "soon", NOW + 14 * DAY + 1 },
                { ROLE_TRUSTED, NOW, NOW, "soon", NOW + 1 },
                { ROLE_TRUSTED, NOW, NOW + 1, "expired", INT64_MAX },
                { ROLE_ISSUERS, NOW, NOW + 1, "expired", INT64_MAX },
                { ROLE_OWN, NOW, NOW + 1, "expired", INT64_MAX },
                { ROLE_OWN, NOW + DAY, NOW, "soon", NOW + DAY + 1 },
                { ROLE_REJECTED, NOW, NOW + 1, "", INT64_MAX },
                { ROLE_TRUSTED, INT64_C(253402300799), NOW, "", INT64_MAX },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
                struct mint_cert spec = { .not_after_s = ROWS[i].not_after_s };
                struct freshness_terms terms = terms_at(ROWS[i].now_s);
                struct world *world = world_new();
                struct freshness freshness;
                struct snapshot *snap;
                const char *heard = "";

                world_add_cert(world, ROWS[i].role, "cert", &spec);
                snap = world_build(world);
                assert_int_equal(freshness_read(snap, &terms, &freshness), 0);
                if (freshness.expiries.n == 1)
                        heard = freshness.expiries.items[0].is_expired ? "expired" : "soon";
                if (strcmp(heard, ROWS[i].state) != 0 || freshness.next_s != ROWS[i].next_s)
                        fail_msg("row %zu: %s, next in %" PRId64, i, heard, freshness.next_s - NOW);

                freshness_deinit(&freshness);
                snapshot_unref(snap);
                world_free(world);
        }
}

/* -- the lists as a whole ------------------------------------------------------------------------ */

static void lists_that_nobody_updates_are_out_of_date(void **state)
{
        static const struct {
                int64_t last_update_s;
                const char *update_frequency;
                bool is_out_of_date;
                int64_t next_s;
        } ROWS[] = {
                { NOW - 10, "0", false, INT64_MAX },
                { FRESHNESS_UNKNOWN_S, "10", false, INT64_MAX },
                { NOW - 10, "20", false, NOW + 11 },
                { NOW - 10, "10", false, NOW + 1 },
                { NOW - 11, "10", true, INT64_MAX },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
                struct freshness_terms terms = terms_at(NOW);
                struct world *world = world_new();
                struct freshness freshness;
                struct snapshot *snap;

                world_set(world, "UpdateFrequency", ROWS[i].update_frequency);
                snap = world_build(world);
                terms.last_update_s = ROWS[i].last_update_s;
                assert_int_equal(freshness_read(snap, &terms, &freshness), 0);
                assert_int_equal(freshness.is_out_of_date, ROWS[i].is_out_of_date);
                assert_int_equal(freshness.next_s, ROWS[i].next_s);
                freshness_deinit(&freshness);
                snapshot_unref(snap);
                world_free(world);
        }
}

/* -- the clock ----------------------------------------------------------------------------------- */

static void the_newest_crl_says_what_time_it_is_at_least(void **state)
{
        static const struct mint_crl OLD = { .issuer = &ROOT, .this_update_s = NOW - 9 };
        static const struct mint_crl NEW = { .issuer = &ROOT, .this_update_s = NOW - 2 };
        static const struct mint_crl OF_TOMORROW = { .issuer = &ROOT, .this_update_s = NOW + DAY };
        static const struct mint_crl OF_NOBODY = { .issuer = &ROOT,
                                                   .signer = "p256-stranger",
                                                   .this_update_s = NOW - 1 };
        struct world *world = world_new();
        struct snapshot *snap = world_build(world);

        (void)state;
        assert_int_equal(freshness_newest_crl_s(snap, NOW), FRESHNESS_UNKNOWN_S);
        snapshot_unref(snap);

        world_add_cert(world, ROLE_TRUSTED, "root", &ROOT);
        world_add_crl(world, ROLE_TRUSTED, "old", &OLD);
        world_add_crl(world, ROLE_TRUSTED, "new", &NEW);
        world_add_crl(world, ROLE_TRUSTED, "tomorrow", &OF_TOMORROW);
        world_add_crl(world, ROLE_TRUSTED, "nobody", &OF_NOBODY);
        snap = world_build(world);
        assert_int_equal(freshness_newest_crl_s(snap, NOW), NOW - 2);
        assert_int_equal(freshness_newest_crl_s(snap, NOW + DAY), NOW + DAY);
        snapshot_unref(snap);
        world_free(world);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_crl_of_a_ca),
                cmocka_unit_test(only_what_may_issue_needs_a_crl),
                cmocka_unit_test(certificates_expire_in_every_list_but_rejected),
                cmocka_unit_test(lists_that_nobody_updates_are_out_of_date),
                cmocka_unit_test(the_newest_crl_says_what_time_it_is_at_least),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
