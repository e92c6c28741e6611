/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/calls_scene.h"

#include <uatrust/admin.h>

int calls_set_up(void **state)
{
        static struct fixture fixture;

        fixture = (struct fixture){ .plant = plant_new(), .client = uatrust_client_new() };
        fixture.good = plant_request("pump");
        fixture.bad = plant_request("stranger");
        uatrust_client_set_socket(fixture.client, fixture.plant->socket, NULL);
        uatrust_client_set_admin_socket(fixture.client, fixture.plant->admin_socket, NULL);
        uatrust_client_set_held_max(fixture.client, 0);
        *state = &fixture;
        return 0;
}

int calls_tear_down(void **state)
{
        struct fixture *fixture = *state;

        uatrust_client_free(fixture->client);
        uatrust_request_free(fixture->good);
        uatrust_request_free(fixture->bad);
        plant_free(fixture->plant);
        return 0;
}

void on_verdict(struct uatrust_call *call, void *userdata)
{
        struct asked *asked = userdata;
        struct fixture *fixture = asked->fixture;
        struct uatrust_verdict *verdict = NULL;

        assert_true(uatrust_call_is_done(call));
        assert_ptr_equal(call, asked->call);
        assert_true(asked->number >= fixture->next);
        fixture->next = asked->number + 1;
        fixture->n_done++;
        fixture->last = (enum uatrust_code)uatrust_validate_finish(call, &verdict, NULL);
        if (fixture->last) {
                fixture->n_errors++;
        } else {
                assert_int_equal(uatrust_verdict_is_trusted(verdict), asked->number % 2 == 0);
                fixture->n_good += uatrust_verdict_is_trusted(verdict);
                fixture->n_bad += !uatrust_verdict_is_trusted(verdict);
        }
        uatrust_verdict_free(verdict);
        uatrust_call_free(call);
        asked->call = NULL;
}

void ask_one(struct fixture *fixture, struct asked *asked, size_t number, uatrust_call_fn fn)
{
        const struct uatrust_request *request = number % 2 ? fixture->bad : fixture->good;

        asked[number] = (struct asked){ .fixture = fixture, .number = number };
        asked[number].call = uatrust_call_new(fixture->client, fn, &asked[number]);
        assert_int_equal(uatrust_validate_start(asked[number].call, request, NULL), 0);
}

void ask(struct fixture *fixture, struct asked *asked, size_t n)
{
        fixture->n_done = fixture->n_good = fixture->n_bad = fixture->n_errors = fixture->next = 0;
        for (size_t i = 0; i < n; i++)
                ask_one(fixture, asked, i, on_verdict);
}

bool run_until(struct fixture *fixture, size_t n_done)
{
        int64_t end_ms = test_now_ms() + WAIT_MS;

        while (fixture->n_done < n_done && test_now_ms() < end_ms) {
                uatrust_wait(fixture->client, 100, NULL);
                assert_int_equal(uatrust_process(fixture->client, NULL), 0);
        }
        return fixture->n_done >= n_done;
}
