/* SPDX-License-Identifier: Apache-2.0 */
#include "service/aging.h"

#include "harness/must.h"
#include "harness/test.h"
#include "harness/world.h"
#include "proto/message_trust.h"
#include "service/host_clock.h"
#include "service/stores.h"
#include "trust/snapshot.h"

#include <stdio.h>
#include <string.h>

#define NOW     MINT_NOW_S
#define DAY     MINT_DAY_S
#define FOREVER (NOW + 10 * MINT_YEAR_S)
#define N_CAS   5
#define N_CERTS 4

static int64_t tell_time(void)
{
        return NOW;
}

static struct {
        struct world *world;
        struct stores stores;
        struct store_state *state;
        struct host_clock clock;
        char heard[1024];
        char *next;
        enum status_error error;
        struct message_get_freshness_reply reply; /* without what has pointers */
} scene;

static int set_up(void **state)
{
        static const char *const NONE[] = { NULL };
        size_t handle;

        (void)state;
        memset(&scene, 0, sizeof(scene));
        scene.world = world_new();
        scene.clock.now_s = tell_time;
        must(stores_add(&scene.stores, "default", NONE, &handle) == 0, "stores_add");
        scene.state = stores_at(&scene.stores, handle);
        scene.state->generation = 7;
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        free(scene.next);
        stores_deinit(&scene.stores);
        world_free(scene.world);
        return 0;
}

static void on_reply(const struct service_reply *reply, void *userdata)
{
        const struct message_get_freshness_reply *out = reply->out;
        size_t n = 0;

        (void)userdata;
        scene.error = reply->error ? reply->error->error : 0;
        if (reply->error)
                return;

        scene.reply = *out;
        scene.heard[0] = '\0';
        for (size_t i = 0; i < out->n_authorities; i++)
                n += snprintf(scene.heard + n, sizeof(scene.heard) - n, "%s %s,",
                              out->authorities[i].subject, out->authorities[i].state);
        for (size_t i = 0; i < out->n_expiries; i++)
                n += snprintf(scene.heard + n, sizeof(scene.heard) - n, "%s %s,",
                              out->expiries[i].subject, out->expiries[i].state);
        free(scene.next);
        scene.next = out->next ? strdup(out->next) : NULL;
}

static void ask(const char *after, int64_t limit)
{
        struct message_get_freshness in = { .after = (char *)after, .limit = limit };

        aging_call(scene.state, "agent", &scene.clock,
                   &(struct service_call){
                           .method = MESSAGE_GET_FRESHNESS, .in = &in, .reply = on_reply });
}

static void each_row_says_how_it_stands(void **state)
{
        static const struct mint_cert ROOT = { .ca = true,
                                               .subject = "CN=Root",
                                               .not_after_s = FOREVER };
        static const struct mint_crl CRL = { .issuer = &ROOT, .next_update_s = NOW - 1 };
        static const struct mint_cert OWN = { .subject = "CN=Own", .not_after_s = NOW + DAY };

        (void)state;
        world_set(scene.world, "CrlGrace", "1h");
        world_set(scene.world, "UpdateFrequency", "1d");
        world_add_cert(scene.world, ROLE_ISSUERS, "root", &ROOT);
        world_add_crl(scene.world, ROLE_ISSUERS, "crl", &CRL);
        world_add_cert(scene.world, ROLE_OWN, "own", &OWN);
        scene.state->snap = world_build(scene.world);
        scene.state->last_update_s = NOW - 2 * DAY;
        ask(NULL, SCHEMA_INT_ABSENT);

        assert_string_equal(scene.heard, "CN=Root outOfDate,CN=Own soonExpired,");
        assert_null(scene.next);
        assert_int_equal(scene.reply.generation, 7);
        assert_true(scene.reply.clock_is_plausible);
        assert_true(scene.reply.is_out_of_date);
        assert_int_equal(scene.reply.last_update_time, NOW - 2 * DAY);
        assert_int_equal(scene.reply.update_frequency, DAY);
}

static void what_is_not_known_is_absent(void **state)
{
        (void)state;
        scene.state->snap = world_build(scene.world);
        scene.clock.at_least_s = NOW + 1;
        ask(NULL, SCHEMA_INT_ABSENT);
        assert_false(scene.reply.clock_is_plausible);
        assert_false(scene.reply.is_out_of_date);
        assert_int_equal(scene.reply.last_update_time, SCHEMA_INT_ABSENT);
        assert_int_equal(scene.reply.update_frequency, SCHEMA_INT_ABSENT);
}

static void publish_many(void)
{
        char subject[32], key[32], origin[32];

        for (int i = 0; i < N_CAS + N_CERTS; i++) {
                bool is_ca = i < N_CAS;
                struct mint_cert spec = { .ca = is_ca,
                                          .subject = subject,
                                          .key = key,
                                          .not_after_s = is_ca ? FOREVER : NOW - 1 };

                snprintf(subject, sizeof(subject), "CN=%c%d", is_ca ? 'a' : 'e', i);
                snprintf(key, sizeof(key), "p256-%d", i);
                snprintf(origin, sizeof(origin), "%d", i);
                world_add_cert(scene.world, ROLE_TRUSTED, origin, &spec);
        }
        scene.state->snap = world_build(scene.world);
}

/* Page by page the same as all at once, whatever the length of a page. */
static void pages_join_without_a_seam(void **state)
{
        char whole[1024];

        (void)state;
        publish_many();
        ask(NULL, SCHEMA_INT_ABSENT);
        assert_null(scene.next);
        snprintf(whole, sizeof(whole), "%s", scene.heard);

        for (int length = 1; length <= N_CAS + N_CERTS; length++) {
                char joined[1024] = "";
                char *after = NULL;
                size_t n = 0;

                do {
                        ask(after, length);
                        n += snprintf(joined + n, sizeof(joined) - n, "%s", scene.heard);
                        free(after);
                        after = scene.next ? strdup(scene.next) : NULL;
                } while (after);
                assert_string_equal(joined, whole);
        }
}

static void what_is_no_cursor_is_refused(void **state)
{
        static const char *const ROWS[] = { "", "ca", "ca/", "ca/00", "certificate/zz", "own/00" };

        (void)state;
        scene.state->snap = world_build(scene.world);
        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
                ask(ROWS[i], SCHEMA_INT_ABSENT);
                assert_int_equal(scene.error, STATUS_E_BAD_REQUEST);
        }
        ask(NULL, 0);
        assert_int_equal(scene.error, STATUS_E_BAD_REQUEST);
        ask(NULL, 1001);
        assert_int_equal(scene.error, STATUS_E_BAD_REQUEST);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(each_row_says_how_it_stands),
                TEST(what_is_not_known_is_absent),
                TEST(pages_join_without_a_seam),
                TEST(what_is_no_cursor_is_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
