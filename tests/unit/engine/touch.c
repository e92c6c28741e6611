/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/touch.h"

#include "harness/must.h"
#include "harness/test.h"
#include "harness/world.h"
#include "pki/bytes.h"
#include "pki/crl.h"
#include "proto/compiler.h"
#include "trust/change.h"
#include "trust/snapshot.h"

/* That other judgements are not touched is held by tests/conformance/row.c, for each of its rows. */

static const struct mint_cert ROOT = { .ca = true, .subject = "CN=Root" };
static const struct mint_cert LEAF = { .subject = "CN=Leaf", .issuer = &ROOT };
static const struct mint_cert OTHER = { .subject = "CN=Other", .issuer = &ROOT, .key = "p256-o" };
static const struct mint_crl CRL = { .issuer = &ROOT };

static const struct bytes SOMETHING = { (const uint8_t *)"something else", 14 };

struct fixture {
        struct world *world;
        struct snapshot *before;
};

static int set_up(void **state)
{
        struct fixture *fixture = must_calloc(1, sizeof(*fixture));

        fixture->world = world_new();
        world_add_cert(fixture->world, ROLE_TRUSTED, "root", &ROOT);
        world_add_crl(fixture->world, ROLE_TRUSTED, "crl", &CRL);
        fixture->before = world_build(fixture->world);
        *state = fixture;
        return 0;
}

static int tear_down(void **state)
{
        struct fixture *fixture = *state;

        snapshot_unref(fixture->before);
        world_free(fixture->world);
        free(fixture);
        return 0;
}

/* Does what happened to the world reach who looked for just this? NULL: for nothing. */
static bool reaches(const struct fixture *fixture, const struct bytes *key)
{
        struct footprint footprint = { { 0 } };
        struct snapshot *after = world_build(fixture->world);
        struct change *change;
        struct touch touch;
        bool does;

        if (key)
                footprint = footprint_of(*key);
        must(change_between(fixture->before, after, &change) == 0, "change_between");
        touch_init(&touch, fixture->before, after, change);
        does = touch_reaches(&touch, &footprint);
        touch_deinit(&touch);
        change_unref(change);
        snapshot_unref(after);
        return does;
}

static void one_more_certificate_concerns_nobody_else(void **state)
{
        const struct fixture *fixture = *state;

        assert_false(reaches(fixture, NULL));
        world_add_cert(fixture->world, ROLE_TRUSTED, "other", &OTHER);
        assert_false(reaches(fixture, NULL));
        assert_false(reaches(fixture, &SOMETHING));
}

static void a_block_concerns_whom_it_blocks(void **state)
{
        const struct fixture *fixture = *state;

        struct bytes issuer = fixture->before->crls[0].crl->issuer.canon;

        world_block(fixture->world, &LEAF);
        assert_false(reaches(fixture, &issuer));
        world_block_serial(fixture->world, &LEAF);
        assert_true(reaches(fixture, &issuer));
        assert_false(reaches(fixture, NULL));
        assert_false(reaches(fixture, &SOMETHING));
}

static void a_broken_file_concerns_all(void **state)
{
        const struct fixture *fixture = *state;

        world_add_broken(fixture->world, ROLE_ISSUERS, "broken", "it cannot be read");
        assert_true(reaches(fixture, NULL));
}

static void a_last_good_content_concerns_all(void **state)
{
        const struct fixture *fixture = *state;
        struct mint_der der = mint_crl(&CRL);

        world_remove(fixture->world, "crl");
        world_add_der(fixture->world, ROLE_TRUSTED, "crl", &der, true, true);
        assert_true(reaches(fixture, NULL));
        mint_der_deinit(&der);
}

static void what_comes_from_nothing_concerns_all(void **state)
{
        const struct fixture *fixture = *state;
        struct footprint nothing = { { 0 } };
        struct touch touch;

        touch_init(&touch, NULL, fixture->before, NULL);
        assert_true(touch_reaches(&touch, &nothing));
        touch_deinit(&touch);
        touch_init(&touch, fixture->before, fixture->before, NULL);
        assert_true(touch_reaches(&touch, &nothing));
        touch_deinit(&touch);
}

static void too_many_things_concern_all(void **state)
{
        const struct fixture *fixture = *state;

        for (size_t i = 0; i <= TOUCH_MAX / 3; i++) {
                char subject[32], origin[32];
                struct mint_cert spec = { .subject = subject, .issuer = &ROOT, .key = "p256-o" };

                snprintf(subject, sizeof(subject), "CN=%zu", i);
                snprintf(origin, sizeof(origin), "%zu", i);
                world_add_cert(fixture->world, ROLE_TRUSTED, origin, &spec);
        }
        assert_true(reaches(fixture, NULL));
}

static void who_looked_at_everything_is_always_reached(void **state)
{
        struct footprint everything = footprint_everything();
        struct footprint one = footprint_of((struct bytes){ (const uint8_t *)"one", 3 });
        struct footprint two = footprint_of((struct bytes){ (const uint8_t *)"two", 3 });

        (void)state;
        assert_true(footprint_has(&everything, &one));
        assert_false(footprint_has(&one, &two));
        footprint_add(&one, &two);
        assert_true(footprint_has(&one, &two));
}

/* Whatever byte is different, also in keys as long as a digest. */
static void things_are_told_apart_by_each_byte(void **state)
{
        static const size_t LENGTHS[] = { 1, 8, 20, 31, 32, 33, 64 };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(LENGTHS); i++) {
                uint8_t key[64] = { 0 };
                struct footprint first = footprint_of((struct bytes){ key, LENGTHS[i] });

                for (size_t at = 0; at < LENGTHS[i]; at++) {
                        struct footprint other;

                        key[at] = 0x5a;
                        other = footprint_of((struct bytes){ key, LENGTHS[i] });
                        assert_false(footprint_has(&first, &other));
                        key[at] = 0;
                }
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
                TEST(one_more_certificate_concerns_nobody_else),
                TEST(a_block_concerns_whom_it_blocks),
                TEST(a_broken_file_concerns_all),
                TEST(a_last_good_content_concerns_all),
                TEST(what_comes_from_nothing_concerns_all),
                TEST(too_many_things_concern_all),
                TEST(who_looked_at_everything_is_always_reached),
                TEST(things_are_told_apart_by_each_byte),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
