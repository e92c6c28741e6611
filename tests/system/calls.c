/* SPDX-License-Identifier: Apache-2.0 */

/* Calls of the library to a real agent: each is answered once and rightly, whoever drives it. */

#include "harness/calls_scene.h"

#include <uatrust/admin.h>

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
        N_LISTS = 8
};

static void pipelined_calls_are_answered_in_order(void **state)
{
        struct fixture *fixture = *state;
        struct asked asked[MANY];

        uatrust_client_set_timeout(fixture->client, 5000);
        ask(fixture, asked, MANY);
        assert_int_equal(fixture->n_done, 0);
        assert_true(run_until(fixture, MANY));
        assert_int_equal(fixture->n_good, MANY / 2);
        assert_int_equal(fixture->n_bad, MANY / 2);
        assert_true(uatrust_get_timeout(fixture->client) == UINT64_MAX);
}

/* As the manual says: fd, events and timeout, asked before each poll(). */
static void any_loop_can_drive_it(void **state)
{
        struct fixture *fixture = *state;
        int fd = uatrust_get_fd(fixture->client);
        struct asked asked[MANY];

        uatrust_client_set_timeout(fixture->client, 5000);
        for (int round = 0; round < 3; round++) {
                ask(fixture, asked, MANY);
                while (fixture->n_done < MANY) {
                        struct pollfd wanted = {
                                uatrust_get_fd(fixture->client),
                                (short)uatrust_get_events(fixture->client),
                                0,
                        };
                        uint64_t due_us = uatrust_get_timeout(fixture->client);
                        int left_ms = due_us ? 5000 : 0;

                        assert_int_equal(wanted.fd, fd);
                        assert_true(poll(&wanted, 1, left_ms) == 1 || !due_us);
                        assert_int_equal(uatrust_process(fixture->client, NULL), 0);
                }
                assert_int_equal(fixture->n_errors, 0);
                plant_start(fixture->plant); /* a restart changes nothing */
        }
}

static void every_list_can_be_asked_so(void **state)
{
        struct fixture *fixture = *state;
        struct uatrust_certificates *certificates;
        struct uatrust_rejected_list *rejected;
        struct uatrust_weakenings *weakenings;
        struct uatrust_freshness *freshness;
        struct uatrust_client *client = fixture->client;
        struct uatrust_call *calls[N_LISTS];
        struct uatrust_stores *stores;
        struct uatrust_blocks *blocks;
        struct uatrust_info *info;
        struct uatrust_crls *crls;

        uatrust_client_set_timeout(client, 5000);
        for (size_t i = 0; i < N_LISTS; i++)
                calls[i] = uatrust_call_new(client, NULL, NULL);
        assert_int_equal(uatrust_list_certificates_start(calls[0], NULL, "trusted", NULL), 0);
        assert_int_equal(uatrust_list_rejected_start(calls[1], NULL, NULL), 0);
        assert_int_equal(uatrust_list_weakenings_start(calls[2], NULL), 0);
        assert_int_equal(uatrust_get_freshness_start(calls[3], NULL, NULL), 0);
        assert_int_equal(uatrust_list_stores_start(calls[4], NULL), 0);
        assert_int_equal(uatrust_list_blocks_start(calls[5], NULL, NULL), 0);
        assert_int_equal(uatrust_get_info_start(calls[6], NULL), 0);
        assert_int_equal(uatrust_list_crls_start(calls[7], NULL, NULL), 0);

        assert_int_equal(uatrust_list_crls_finish(calls[7], &crls, NULL), 0);
        assert_int_equal(uatrust_list_certificates_finish(calls[0], &certificates, NULL), 0);
        assert_int_equal(uatrust_list_rejected_finish(calls[1], &rejected, NULL), 0);
        assert_int_equal(uatrust_list_weakenings_finish(calls[2], &weakenings, NULL), 0);
        assert_int_equal(uatrust_get_freshness_finish(calls[3], &freshness, NULL), 0);
        assert_int_equal(uatrust_list_stores_finish(calls[4], &stores, NULL), 0);
        assert_int_equal(uatrust_list_blocks_finish(calls[5], &blocks, NULL), 0);
        assert_int_equal(uatrust_get_info_finish(calls[6], &info, NULL), 0);
        assert_non_null(uatrust_certificates_get_certificate(certificates, 0));
        assert_non_null(uatrust_crls_get_crl(crls, 1));
        assert_string_equal(uatrust_info_get_product(info), "uatrustd");

        uatrust_certificates_free(certificates);
        uatrust_rejected_list_free(rejected);
        uatrust_weakenings_free(weakenings);
        uatrust_freshness_free(freshness);
        uatrust_stores_free(stores);
        uatrust_blocks_free(blocks);
        uatrust_info_free(info);
        uatrust_crls_free(crls);
        for (size_t i = 0; i < N_LISTS; i++)
                uatrust_call_free(calls[i]);
}

static void a_call_is_used_once_and_for_one_thing(void **state)
{
        struct fixture *fixture = *state;
        struct uatrust_call *call = uatrust_call_new(fixture->client, NULL, NULL);
        struct uatrust_verdict *verdict;
        struct uatrust_stores *stores;

        uatrust_client_set_timeout(fixture->client, 5000);
        assert_int_equal(uatrust_call_finish(call, NULL), UATRUST_E_INVALID_ARGUMENT);
        assert_int_equal(uatrust_list_stores_start(call, NULL), 0);
        assert_int_equal(uatrust_list_stores_start(call, NULL), UATRUST_E_INVALID_ARGUMENT);
        assert_int_equal(uatrust_validate_finish(call, &verdict, NULL), UATRUST_E_INVALID_ARGUMENT);
        assert_int_equal(uatrust_list_stores_finish(call, &stores, NULL), 0);
        assert_int_equal(uatrust_list_stores_finish(call, &stores, NULL),
                         UATRUST_E_INVALID_ARGUMENT);
        uatrust_stores_free(stores);
        uatrust_call_free(call);

        assert_int_equal(uatrust_list_stores_start(NULL, NULL), UATRUST_E_NO_MEMORY);
        assert_int_equal(uatrust_list_stores_finish(NULL, &stores, NULL), UATRUST_E_NO_MEMORY);
        assert_null(uatrust_call_new(NULL, NULL, NULL));
}

/* Every third one, at once; then, in the first callback, every third of the others. */
static void on_verdict_cancel(struct uatrust_call *call, void *userdata)
{
        struct asked *first = (struct asked *)userdata - ((struct asked *)userdata)->number;

        if (!first->fixture->n_done)
                for (size_t i = 2; i < MANY; i += 3) {
                        uatrust_call_free(first[i].call);
                        first[i].call = NULL;
                }
        on_verdict(call, userdata);
}

static void what_is_cancelled_is_told_no_more(void **state)
{
        struct fixture *fixture = *state;
        struct asked asked[MANY];

        uatrust_client_set_timeout(fixture->client, 5000);
        for (size_t i = 0; i < MANY; i++)
                ask_one(fixture, asked, i, on_verdict_cancel);
        for (size_t i = 1; i < MANY; i += 3)
                uatrust_call_free(asked[i].call);
        assert_true(run_until(fixture, (MANY + 2) / 3));
        uatrust_wait(fixture->client, 100, NULL);
        uatrust_process(fixture->client, NULL);
        assert_int_equal(fixture->n_done, (MANY + 2) / 3);
        assert_int_equal(fixture->n_errors, 0);

        ask(fixture, asked, MANY);
        for (size_t i = 0; i < MANY; i++)
                uatrust_call_free(asked[i].call);
        ask(fixture, asked, MANY);
        assert_true(run_until(fixture, MANY));
        assert_int_equal(fixture->n_errors, 0);
}

/* In a callback: block, ask again; but do not process. */
static void on_verdict_ask(struct uatrust_call *call, void *userdata)
{
        struct asked *asked = userdata;
        struct fixture *fixture = asked->fixture;
        struct uatrust_verdict *verdict;

        assert_int_equal(uatrust_process(fixture->client, NULL), UATRUST_E_INVALID_ARGUMENT);
        assert_int_equal(uatrust_wait(fixture->client, 0, NULL), UATRUST_E_INVALID_ARGUMENT);
        assert_int_equal(uatrust_validate(fixture->client, fixture->good, &verdict, NULL), 0);
        assert_true(uatrust_verdict_is_trusted(verdict));
        uatrust_verdict_free(verdict);
        assert_int_equal(uatrust_call_finish(call, NULL), 0);
        uatrust_call_free(call);
        if (++fixture->n_done == 3)
                return;

        asked->call = uatrust_call_new(fixture->client, on_verdict_ask, asked);
        assert_int_equal(uatrust_validate_start(asked->call, fixture->good, NULL), 0);
}

static void a_callback_may_ask_and_block(void **state)
{
        struct fixture *fixture = *state;
        struct asked asked;

        uatrust_client_set_timeout(fixture->client, 5000);
        ask_one(fixture, &asked, 0, on_verdict_ask);
        assert_true(run_until(fixture, 3));
}

/* One that blocks, while others are done: these are told afterwards. */
static void no_callback_runs_in_a_call_that_blocks(void **state)
{
        struct fixture *fixture = *state;
        struct uatrust_verdict *verdict;
        struct asked asked[MANY];

        uatrust_client_set_timeout(fixture->client, 5000);
        ask(fixture, asked, MANY);
        assert_int_equal(uatrust_validate(fixture->client, fixture->good, &verdict, NULL), 0);
        uatrust_verdict_free(verdict);
        assert_int_equal(fixture->n_done, 0);
        assert_true(uatrust_call_is_done(asked[0].call));
        assert_true(uatrust_get_timeout(fixture->client) == 0);
        assert_int_equal(uatrust_process(fixture->client, NULL), 0);
        assert_int_equal(fixture->n_done, MANY);

        /* Whose answer was fetched is not told of it. */
        ask(fixture, asked, MANY);
        for (size_t i = 0; i < MANY; i++)
                assert_int_equal(uatrust_call_finish(asked[i].call, NULL), 0);
        assert_int_equal(uatrust_process(fixture->client, NULL), 0);
        assert_int_equal(fixture->n_done, 0);
        for (size_t i = 0; i < MANY; i++)
                uatrust_call_free(asked[i].call);
}

static void on_verdict_free(struct uatrust_call *call, void *userdata)
{
        struct fixture *fixture = ((struct asked *)userdata)->fixture;

        (void)call;
        fixture->n_done++;
        uatrust_client_free(fixture->client);
        fixture->client = NULL;
}

static void a_client_may_be_freed_in_a_callback_and_its_calls_later(void **state)
{
        struct fixture *fixture = *state;
        struct uatrust_client *client = fixture->client;
        struct uatrust_call *idle = uatrust_call_new(client, NULL, NULL);
        struct uatrust_verdict *verdict;
        struct asked asked[MANY];

        uatrust_client_set_timeout(client, 5000);
        for (size_t i = 0; i < MANY; i++)
                ask_one(fixture, asked, i, on_verdict_free);
        while (!fixture->n_done) {
                uatrust_wait(client, -1, NULL);
                uatrust_process(client, NULL);
        }

        assert_int_equal(fixture->n_done, 1);
        assert_int_equal(uatrust_validate_start(idle, fixture->good, NULL),
                         UATRUST_E_INVALID_ARGUMENT);
        assert_int_equal(uatrust_validate_finish(asked[0].call, &verdict, NULL), 0);
        uatrust_verdict_free(verdict);
        uatrust_call_free(idle);
        for (size_t i = 0; i < MANY; i++)
                uatrust_call_free(asked[i].call);
}

/* Done at once, but told in uatrust_process() as any other: the very verdict that was given before. */
static void what_is_held_is_told_as_any_other(void **state)
{
        struct fixture *fixture = *state;
        struct uatrust_verdict *held = NULL, *again = NULL;
        struct asked asked;
        struct uatrust_call *call;

        uatrust_client_set_held_max(fixture->client, 1);
        do {
                uatrust_verdict_free(held);
                assert_int_equal(uatrust_validate(fixture->client, fixture->good, &held, NULL), 0);
        } while (!uatrust_verdict_holds(held)); /* until the agent has settled */

        call = uatrust_call_new(fixture->client, NULL, NULL);
        assert_int_equal(uatrust_validate_start(call, fixture->good, NULL), 0);
        assert_true(uatrust_call_is_done(call));
        assert_int_equal(uatrust_validate_finish(call, &again, NULL), 0);
        assert_ptr_equal(again, held);
        uatrust_verdict_free(again);
        uatrust_call_free(call);

        ask(fixture, &asked, 1);
        assert_int_equal(fixture->n_done, 0);
        assert_int_equal(uatrust_get_timeout(fixture->client), 0);
        assert_int_equal(uatrust_process(fixture->client, NULL), 0);
        assert_int_equal(fixture->n_good, 1);
        uatrust_verdict_free(held);
}

static void on_change(struct uatrust_call *call, void *userdata)
{
        struct fixture *fixture = userdata;
        struct uatrust_update *update;

        fixture->n_done++;
        fixture->last = (enum uatrust_code)uatrust_change_finish(call, &update, NULL);
        fixture->n_errors += !!fixture->last;
        if (!fixture->last) {
                assert_true(uatrust_update_is_changed(update));
                uatrust_update_free(update);
        }
        uatrust_call_free(call);
}

/* What they change is in force when they are done; one that is lost is not asked again. */
static void changes_are_made_without_blocking(void **state)
{
        struct fixture *fixture = *state;
        struct uatrust_change *change = uatrust_change_new();
        struct uatrust_verdict *verdict;
        struct uatrust_call *calls[2];
        char sha256[65];

        uatrust_client_set_timeout(fixture->client, WAIT_MS);
        assert_int_equal(uatrust_validate(fixture->client, fixture->good, &verdict, NULL), 0);
        snprintf(sha256, sizeof(sha256), "%s",
                 uatrust_chain_element_get_sha256(uatrust_verdict_get_chain(verdict, 0)));
        uatrust_verdict_free(verdict);

        calls[0] = uatrust_call_new(fixture->client, on_change, fixture);
        assert_int_equal(uatrust_block_start(calls[0], change, sha256, NULL), 0);
        assert_true(run_until(fixture, 1));
        assert_int_equal(fixture->n_errors, 0);
        assert_int_equal(uatrust_validate(fixture->client, fixture->good, &verdict, NULL), 0);
        assert_false(uatrust_verdict_is_trusted(verdict));
        uatrust_verdict_free(verdict);

        /* One is cancelled, the other one's agent is replaced. */
        plant_signal(fixture->plant, SIGSTOP);
        for (int i = 0; i < 2; i++) {
                calls[i] = uatrust_call_new(fixture->client, on_change, fixture);
                assert_int_equal(uatrust_unblock_start(calls[i], change, sha256, NULL), 0);
        }
        uatrust_call_free(calls[0]);
        plant_start(fixture->plant);
        assert_true(run_until(fixture, 2));
        assert_int_equal(fixture->last, UATRUST_E_UNREACHABLE);
        assert_int_equal(uatrust_validate(fixture->client, fixture->good, &verdict, NULL), 0);
        assert_false(uatrust_verdict_is_trusted(verdict));
        uatrust_verdict_free(verdict);
        uatrust_change_free(change);
}

/* Both sides have calls under way, which are asked by each on its own. */
static void both_sides_of_a_fork_go_on(void **state)
{
        struct fixture *fixture = *state;
        struct asked asked[MANY];
        int fd = uatrust_get_fd(fixture->client), status;
        pid_t child;

        uatrust_client_set_timeout(fixture->client, 5000);
        ask(fixture, asked, MANY);
        child = fork();
        if (!child) {
                bool is_well = run_until(fixture, MANY) && !fixture->n_errors;

                ask(fixture, asked, MANY);
                is_well = is_well && run_until(fixture, MANY) && !fixture->n_errors;
                _exit(is_well ? 0 : 1);
        }
        assert_true(run_until(fixture, MANY));
        assert_int_equal(fixture->n_errors, 0);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
        ask(fixture, asked, MANY);
        assert_true(run_until(fixture, MANY));
        assert_int_equal(fixture->n_errors, 0);
        assert_int_equal(uatrust_get_fd(fixture->client), fd);

        /* A child that only frees it takes nothing from its parent. */
        ask(fixture, asked, MANY);
        child = fork();
        if (!child) {
                uatrust_client_free(fixture->client);
                _exit(0);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(run_until(fixture, MANY));
        assert_int_equal(fixture->n_errors, 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                CALLS_TEST(pipelined_calls_are_answered_in_order),
                CALLS_TEST(any_loop_can_drive_it),
                CALLS_TEST(every_list_can_be_asked_so),
                CALLS_TEST(a_call_is_used_once_and_for_one_thing),
                CALLS_TEST(what_is_cancelled_is_told_no_more),
                CALLS_TEST(a_callback_may_ask_and_block),
                CALLS_TEST(no_callback_runs_in_a_call_that_blocks),
                CALLS_TEST(a_client_may_be_freed_in_a_callback_and_its_calls_later),
                CALLS_TEST(what_is_held_is_told_as_any_other),
                CALLS_TEST(changes_are_made_without_blocking),
                CALLS_TEST(both_sides_of_a_fork_go_on),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
