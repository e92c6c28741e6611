/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What is asked again, of a real agent whose store changes: whoever held a verdict is told what somebody is told who
 * never asked before, whatever it knows of the words.
 */

#include "harness/plant.h"
#include "harness/test.h"

#include <uatrust/admin.h>

#include <stdlib.h>
#include <string.h>

enum {
        WAIT_MS = 20000,
        TIMES = 5,
};

struct fixture {
        struct plant *plant;
        struct uatrust_client *holder, *stranger; /* who holds verdicts, and who never does */
        struct uatrust_request *pump, *valve;
};

static struct uatrust_client *make_client(const struct plant *plant)
{
        struct uatrust_client *client = uatrust_client_new();

        uatrust_client_set_socket(client, plant->socket, NULL);
        uatrust_client_set_timeout(client, WAIT_MS);
        return client;
}

static int set_up(void **state)
{
        static struct fixture fixture;

        fixture = (struct fixture){ .plant = plant_new() };
        fixture.holder = make_client(fixture.plant);
        fixture.stranger = make_client(fixture.plant);
        uatrust_client_set_held_max(fixture.stranger, 0);
        fixture.pump = plant_request("pump");
        fixture.valve = plant_request("valve");
        *state = &fixture;
        return 0;
}

static int tear_down(void **state)
{
        struct fixture *fixture = *state;

        uatrust_client_free(fixture->holder);
        uatrust_client_free(fixture->stranger);
        uatrust_request_free(fixture->pump);
        uatrust_request_free(fixture->valve);
        plant_free(fixture->plant);
        return 0;
}

static struct uatrust_verdict *ask(struct uatrust_client *client,
                                   const struct uatrust_request *request)
{
        struct uatrust_verdict *verdict = NULL;

        assert_int_equal(uatrust_validate(client, request, &verdict, NULL), 0);
        return verdict;
}

/* All but the name of its audit event, of which each refusal has its own. */
static void expect_same(const struct uatrust_verdict *a, const struct uatrust_verdict *b)
{
        char *one = uatrust_verdict_to_json(a), *other = uatrust_verdict_to_json(b);
        char *ends[] = { strstr(one, "\"auditEventId\""), strstr(other, "\"auditEventId\"") };

        assert_non_null(ends[0]);
        assert_non_null(ends[1]);
        *ends[0] = *ends[1] = '\0';
        assert_string_equal(one, other);
        free(one);
        free(other);
}

/* The holder asks first, then the stranger; once more if the store has changed between. */
static void expect_as_strangers_are_told(struct fixture *fixture,
                                         const struct uatrust_request *request, bool is_trusted)
{
        int64_t end_ms = test_now_ms() + WAIT_MS;
        struct uatrust_verdict *held, *fresh;
        bool is_done;

        do {
                held = ask(fixture->holder, request);
                fresh = ask(fixture->stranger, request);
                is_done = uatrust_verdict_is_trusted(fresh) == is_trusted &&
                          uatrust_verdict_get_generation(held) ==
                                  uatrust_verdict_get_generation(fresh);
                if (is_done)
                        expect_same(held, fresh);
                uatrust_verdict_free(held);
                uatrust_verdict_free(fresh);
        } while (!is_done && test_now_ms() < end_ms);
        assert_true(is_done);

        /* From what one was told on, the other is told nothing else. */
        held = ask(fixture->holder, request);
        assert_int_equal(uatrust_verdict_is_trusted(held), is_trusted);
        uatrust_verdict_free(held);
}

static void a_change_is_told_to_whoever_held_the_verdict(void **state)
{
        struct fixture *fixture = *state;

        expect_as_strangers_are_told(fixture, fixture->pump, true);
        expect_as_strangers_are_told(fixture, fixture->valve, true);
        for (int i = 0; i < TIMES; i++) {
                plant_revoke(fixture->plant, true);
                expect_as_strangers_are_told(fixture, fixture->pump, false);
                expect_as_strangers_are_told(fixture, fixture->valve, true);
                plant_revoke(fixture->plant, false);
                expect_as_strangers_are_told(fixture, fixture->pump, true);
                expect_as_strangers_are_told(fixture, fixture->valve, true);
        }
}

static void another_agent_is_not_taken_for_the_former_one(void **state)
{
        struct fixture *fixture = *state;

        for (int i = 0; i < TIMES; i++) {
                struct uatrust_verdict *before = ask(fixture->holder, fixture->pump), *after;

                plant_kill(fixture->plant);
                if (i == TIMES - 1)
                        plant_revoke(fixture->plant, true);
                plant_start(fixture->plant);
                assert_false(uatrust_verdict_holds(before));
                after = ask(fixture->holder, fixture->pump);
                assert_string_not_equal(uatrust_verdict_get_agent_id(before),
                                        uatrust_verdict_get_agent_id(after));
                uatrust_verdict_free(before);
                uatrust_verdict_free(after);
                expect_as_strangers_are_told(fixture, fixture->pump, i < TIMES - 1);
        }
}

int main(void)
{
#define ROW(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
        const struct CMUnitTest tests[] = {
                ROW(a_change_is_told_to_whoever_held_the_verdict),
                ROW(another_agent_is_not_taken_for_the_former_one),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
