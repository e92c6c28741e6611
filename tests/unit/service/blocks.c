/* SPDX-License-Identifier: Apache-2.0 */
#include "service/blocks.h"

#include "harness/core.h"
#include "harness/fake_lane.h"
#include "harness/test.h"
#include "harness/world.h"
#include "proto/compiler.h"

#include <stdio.h>
#include <string.h>

static const struct mint_cert CA = { .ca = true, .subject = "CN=Plant CA" };
static const struct mint_cert PUMP = { .subject = "CN=Pump", .issuer = &CA, .serial = "1f00" };
static const struct mint_cert VALVE = { .subject = "CN=Valve", .issuer = &CA, .key = "rsa2048-3" };

static int set_up(void **state)
{
        struct core *core = core_new(NULL);

        core_publish(core);
        *state = core;
        return 0;
}

static int tear_down(void **state)
{
        core_free(*state);
        return 0;
}

static void what_is_blocked_is_listed_in_pages(void **state)
{
        struct core *core = *state;
        struct mint_der der = mint_cert(&VALVE);
        char in[256], sha256[65], expected[128], next[160];
        const char *reply, *at;
        bool has_serial = false, has_sha256 = false;

        fake_lane_expect(core_ask(core, MESSAGE_LIST_BLOCKS, "{}"), "'blocks':[],");
        world_block_serial(core->world, &PUMP);
        world_block(core->world, &VALVE);
        core_publish(core);
        mint_sha256(&der, sha256);
        mint_der_deinit(&der);
        snprintf(expected, sizeof(expected), "'sha256':'%s'", sha256);

        reply = core_ask(core, MESSAGE_LIST_BLOCKS, "{}");
        fake_lane_expect(reply, expected);
        fake_lane_expect(reply, "'issuer':'CN=Plant CA','serialNumber':'1f00',");
        fake_lane_expect(reply, "'generation':2,");
        fake_lane_expect(reply, "'next':null");

        snprintf(in, sizeof(in), "{\"limit\":1}");
        for (size_t i = 0; i < 2; i++) {
                reply = core_ask(core, MESSAGE_LIST_BLOCKS, in);
                has_serial |= strstr(reply, "1f00") != NULL;
                has_sha256 |= strstr(reply, sha256) != NULL;
                at = strstr(reply, "\"next\":\"");
                assert_true(i == 0 ? at != NULL : at == NULL);
                snprintf(next, sizeof(next), "%.*s", (int)strcspn(at ? at + 8 : "", "\""),
                         at ? at + 8 : "");
                snprintf(in, sizeof(in), "{\"limit\":1,\"after\":\"%s\"}", next);
        }
        assert_true(has_serial && has_sha256);
}

static void what_cannot_be_asked_is_refused(void **state)
{
        static const struct {
                const char *in, *error;
        } ROWS[] = {
                { "{\"limit\":0}", REFUSED("limit") },
                { "{\"limit\":1001}", REFUSED("limit") },
                { "{\"after\":\"\"}", REFUSED("after") },
                { "{\"after\":\"00/x\"}", REFUSED("after") },
        };

        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++)
                fake_lane_expect(core_ask(*state, MESSAGE_LIST_BLOCKS, ROWS[i].in), ROWS[i].error);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(what_is_blocked_is_listed_in_pages, set_up,
                                                tear_down),
                cmocka_unit_test_setup_teardown(what_cannot_be_asked_is_refused, set_up, tear_down),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
