/* SPDX-License-Identifier: Apache-2.0 */
#include "service/warnings.h"

#include "harness/must.h"
#include "harness/test.h"
#include "harness/world.h"
#include "pki/cert.h"
#include "proto/message_peers.h"
#include "service/host_clock.h"
#include "service/notices.h"
#include "service/stores.h"
#include "trust/settings.h"
#include "trust/snapshot.h"

#include <stdio.h>
#include <string.h>

#define NOW     MINT_NOW_S
#define DAY     MINT_DAY_S
#define END     (NOW + 30 * DAY) /* of a minted CRL */
#define FOREVER (NOW + 10 * MINT_YEAR_S)

static const struct mint_cert ROOT = { .ca = true, .subject = "CN=Root", .not_after_s = FOREVER };
static const struct mint_crl CRL = { .issuer = &ROOT };

static struct {
        struct world *world;
        struct stores stores;
        struct store_state *state;
        struct notices *notices;
        struct notices_subscriber *subscriber;
        struct host_clock clock;
        struct warnings *warnings;
        char heard[4096];
} scene;

static int64_t now_s;

static int64_t tell_time(void)
{
        return now_s;
}

/* "KIND " of what begins, "-KIND " of what is over. */
static void on_notice(const struct notice *notice, void *userdata)
{
        size_t n = strlen(scene.heard);

        (void)userdata;
        assert_non_null(notice->warning);
        assert_int_equal(notice->warning->time, now_s);
        assert_non_null(notice->warning->message);
        if (!notice->warning->is_over && notice->warning->store[0])
                assert_true(scene.state->n_problems > 0);
        snprintf(scene.heard + n, sizeof(scene.heard) - n, "%s%s ",
                 notice->warning->is_over ? "-" : "", notice->warning->kind);
}

static int set_up(void **state)
{
        static const char *const NONE[] = { NULL };
        size_t handle;

        (void)state;
        now_s = NOW;
        memset(&scene, 0, sizeof(scene));
        scene.world = world_new();
        scene.clock.now_s = tell_time;
        must(stores_add(&scene.stores, "default", NONE, &handle) == 0, "stores_add");
        scene.state = stores_at(&scene.stores, handle);
        must(notices_new(&scene.notices) == 0, "notices_new");
        must(notices_subscribe(scene.notices, on_notice, NULL, &scene.subscriber) == 0,
             "subscribe");
        must(warnings_new(&(struct warnings_config){ .stores = &scene.stores,
                                                     .notices = scene.notices,
                                                     .clock = &scene.clock },
                          &scene.warnings) == 0,
             "warnings_new");
        must(warnings_add(scene.warnings, handle) == 0, "warnings_add");
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        warnings_free(scene.warnings);
        notices_unsubscribe(scene.subscriber);
        notices_free(scene.notices);
        stores_deinit(&scene.stores);
        world_free(scene.world);
        return 0;
}

/* The world as it is becomes the store's picture, and is looked at. */
static void publish(void)
{
        snapshot_unref(scene.state->snap);
        scene.state->snap = world_build(scene.world);
        warnings_note(scene.warnings, scene.state->handle);
}

static void look_at(int64_t at_s)
{
        now_s = at_s;
        warnings_run(scene.warnings);
}

static void expect(const char *heard)
{
        assert_string_equal(scene.heard, heard);
        scene.heard[0] = '\0';
}

/* A CA with its CRL is the store's picture now. */
static void begin_well(void)
{
        world_add_cert(scene.world, ROLE_TRUSTED, "root", &ROOT);
        world_add_crl(scene.world, ROLE_TRUSTED, "crl", &CRL);
        publish();
        look_at(NOW);
        expect("");
}

static void begin_without_crl(void)
{
        world_add_cert(scene.world, ROLE_TRUSTED, "root", &ROOT);
        publish();
        look_at(NOW);
        expect("crlMissing ");
}

static void a_crl_runs_out_at_its_very_second(void **state)
{
        (void)state;
        begin_well();
        assert_int_equal(warnings_due_s(scene.warnings), END - 2 * DAY);
        assert_int_equal(scene.state->soonest_s, END);
        assert_int_equal(scene.state->n_problems, 0);

        look_at(END - 2 * DAY - 1);
        expect("");
        look_at(END - 2 * DAY);
        expect("crlSoonOutOfDate ");
        assert_int_equal(warnings_due_s(scene.warnings), END + 1);
        look_at(END);
        expect("");
        look_at(END + 1);
        expect("crlOutOfDate -crlSoonOutOfDate ");
        assert_int_equal(scene.state->n_problems, 1);
        look_at(END + 2);
        expect("");
        assert_int_equal(notices_count_standing(scene.notices), 1);
        assert_int_equal(notices_get_standing(scene.notices, 0)->until, END);
        assert_string_equal(notices_get_standing(scene.notices, 0)->subject, "CN=Root");
        assert_string_equal(notices_get_standing(scene.notices, 0)->list, "trusted");
}

static void a_change_is_looked_at_within_a_second_and_a_storm_once(void **state)
{
        (void)state;
        world_add_cert(scene.world, ROLE_TRUSTED, "root", &ROOT);
        publish();
        assert_int_equal(warnings_due_s(scene.warnings), NOW);
        look_at(NOW);
        expect("crlMissing ");

        world_add_crl(scene.world, ROLE_TRUSTED, "crl", &CRL);
        publish();
        assert_int_equal(warnings_due_s(scene.warnings), NOW + 1);
        now_s = NOW + 1;
        publish();
        assert_int_equal(warnings_due_s(scene.warnings), NOW + 1);
        look_at(NOW + 1);
        expect("-crlMissing ");
        world_remove(scene.world, "crl");
        publish();
        look_at(NOW + 2);
        expect("crlMissing ");
}

static void a_renewed_certificate_is_warned_of_anew(void **state)
{
        static const struct mint_cert ONE = { .not_after_s = NOW + DAY };
        static const struct mint_cert TWO = { .not_after_s = NOW + 2 * DAY };

        (void)state;
        world_add_cert(scene.world, ROLE_OWN, "own", &ONE);
        publish();
        look_at(NOW);
        expect("certificateSoonExpired ");
        world_remove(scene.world, "own");
        world_add_cert(scene.world, ROLE_OWN, "own", &TWO);
        publish();
        look_at(NOW + 1);
        expect("certificateSoonExpired -certificateSoonExpired ");
}

static void what_the_administrator_switched_off_is_no_warning(void **state)
{
        static const struct {
                const char *check;
                bool has_crl;
                const char *heard;
        } ROWS[] = {
                { "required", false, "crlMissing " },
                { "required", true, "crlOutOfDate " },
                { "if-present", false, "" },
                { "if-present", true, "crlOutOfDate " },
                { "off", false, "" },
                { "off", true, "" },
        };

        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
                struct snapshot *snap;

                if (i > 0) {
                        tear_down(state);
                        set_up(state);
                }
                world_add_cert(scene.world, ROLE_TRUSTED, "root", &ROOT);
                snap = world_build(scene.world);
                must(settings_set_ca((struct settings *)snap->settings, snap->certs[0].cert->sha256,
                                     ROWS[i].check) == 0,
                     "settings_set_ca");
                snapshot_unref(snap);
                if (ROWS[i].has_crl)
                        world_add_crl(scene.world, ROLE_TRUSTED, "crl", &CRL);
                publish();
                look_at(END + 1);
                expect(ROWS[i].heard);
        }
}

static void lists_that_nobody_updates_are_warned_of(void **state)
{
        (void)state;
        world_set(scene.world, "UpdateFrequency", "10");
        scene.state->last_update_s = NOW - 5;
        publish();
        look_at(NOW);
        expect("");
        assert_int_equal(warnings_due_s(scene.warnings), NOW + 6);
        look_at(NOW + 6);
        expect("trustListOutOfDate ");
        scene.state->last_update_s = NOW + 6;
        publish();
        look_at(NOW + 7);
        expect("-trustListOutOfDate ");
}

/* No CRL is out of date because the clock stands wrong; the clock is what is wrong. */
static void a_clock_that_stands_too_early_is_told_and_changes_nothing_else(void **state)
{
        (void)state;
        begin_well();
        assert_int_equal(scene.clock.at_least_s, NOW - DAY);

        now_s = 1000;
        warnings_note_step(scene.warnings);
        look_at(1000);
        expect("clockNotPlausible ");
        assert_string_equal(notices_get_standing(scene.notices, 0)->store, "");
        assert_int_equal(warnings_due_s(scene.warnings), NOW - DAY);

        now_s = NOW + 9;
        warnings_note_step(scene.warnings);
        look_at(NOW + 9);
        expect("-clockNotPlausible ");
}

static void a_crl_that_is_out_of_date_stays_so_when_the_clock_is_set_back(void **state)
{
        static const struct mint_cert OTHER = {
                .ca = true, .subject = "CN=Other", .key = "p256-other", .not_after_s = FOREVER
        };
        static const struct mint_crl NEWER = { .issuer = &OTHER,
                                               .this_update_s = END + DAY,
                                               .next_update_s = FOREVER };

        (void)state;
        world_add_cert(scene.world, ROLE_TRUSTED, "root", &ROOT);
        world_add_crl(scene.world, ROLE_TRUSTED, "crl", &CRL);
        world_add_cert(scene.world, ROLE_TRUSTED, "other", &OTHER);
        world_add_crl(scene.world, ROLE_TRUSTED, "newer", &NEWER);
        publish();
        look_at(END + 2 * DAY);
        expect("crlOutOfDate ");

        now_s = NOW;
        warnings_note_step(scene.warnings);
        look_at(NOW);
        expect("clockNotPlausible ");
}

static void a_store_that_goes_takes_its_warnings_along(void **state)
{
        (void)state;
        begin_without_crl();
        warnings_forget(scene.warnings, scene.state->handle);
        expect("-crlMissing ");
        assert_int_equal(warnings_due_s(scene.warnings), WARNINGS_NEVER_S);
}

static void a_store_that_cannot_be_read_keeps_its_warnings(void **state)
{
        (void)state;
        begin_without_crl();
        scene.state->snap = snapshot_unref(scene.state->snap);
        warnings_note(scene.warnings, scene.state->handle);
        look_at(NOW + 1);
        expect("");
        assert_int_equal(warnings_due_s(scene.warnings), WARNINGS_NEVER_S);
}

static void warnings_of_a_store_are_limited(void **state)
{
        char origin[16], serial[16];

        (void)state;
        for (int i = 0; i <= WARNINGS_STORE_MAX; i++) {
                struct mint_cert spec = { .serial = serial, .not_after_s = NOW - 1 };

                snprintf(serial, sizeof(serial), "%04x", i + 1);
                snprintf(origin, sizeof(origin), "%d", i);
                world_add_cert(scene.world, ROLE_TRUSTED, origin, &spec);
        }
        world_add_cert(scene.world, ROLE_TRUSTED, "root", &ROOT);
        publish();
        look_at(NOW);
        assert_int_equal(notices_count_standing(scene.notices), WARNINGS_STORE_MAX);
        assert_string_equal(notices_get_standing(scene.notices, 0)->kind, "crlMissing");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(a_crl_runs_out_at_its_very_second),
                TEST(a_change_is_looked_at_within_a_second_and_a_storm_once),
                TEST(a_renewed_certificate_is_warned_of_anew),
                TEST(what_the_administrator_switched_off_is_no_warning),
                TEST(lists_that_nobody_updates_are_warned_of),
                TEST(a_clock_that_stands_too_early_is_told_and_changes_nothing_else),
                TEST(a_crl_that_is_out_of_date_stays_so_when_the_clock_is_set_back),
                TEST(a_store_that_goes_takes_its_warnings_along),
                TEST(a_store_that_cannot_be_read_keeps_its_warnings),
                TEST(warnings_of_a_store_are_limited),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
