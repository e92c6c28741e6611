/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Questions that are asked again: what the agent says in the same words need not be read, and the call need not be
 * written again.
 */

#include "client-lib/src/held.h"
#include "client-lib/src/verdict.h"
#include "front/page.h"
#include "harness/held_scene.h"
#include "harness/test.h"
#include "proto/call.h"
#include "proto/message.h"
#include "proto/names.h"

#include <uatrust/uatrust.h>

#include <string.h>

#define CALL "{}"

/* What the agent says of the question, and the verdict that is held by it. */
static struct message_verdict said;
static struct uatrust_verdict *first;

static void make_key(struct fixture *fixture, struct held_key *key)
{
        held_make_key(fixture->held, &fixture->asked, key);
        if (key->is_all)
                buf_add(&key->message, CALL, sizeof(CALL));
}

static struct uatrust_verdict *answer(struct fixture *fixture)
{
        CLEANUP(held_key_deinit) struct held_key key = HELD_KEY_NULL;
        struct message_verdict message;
        struct uatrust_verdict *verdict;

        assert_int_equal(schema_copy(&message_verdict_schema, &said, &message), 0);
        verdict = verdict_new(&message);
        make_key(fixture, &key);
        held_take_in(fixture->held, fixture->socket, &key, verdict);
        return verdict;
}

static int set_up(void **state)
{
        held_set_up(state);
        schema_init(&message_verdict_schema, &said);
        said.trusted = true;
        said.status_name = (char *)"Good";
        said.store = (char *)"default";
        said.agent_id = (char *)AGENT;
        said.generation = 7;
        first = answer(*state);
        return 0;
}

static int tear_down(void **state)
{
        uatrust_verdict_free(first);
        return held_tear_down(state);
}

/* The agent says @said; Return: NULL: that has to be read */
static struct uatrust_verdict *recall(struct fixture *fixture)
{
        CLEANUP(held_key_deinit) struct held_key key = HELD_KEY_NULL;
        CLEANUP(buf_deinit) struct buf text = BUF_NULL;
        struct message_validate_reply reply = { .verdict = said };

        make_key(fixture, &key);
        call_reply_encode(&message_validate_reply_schema, &reply, false, &text);
        assert_int_equal(buf_error(&text), 0);
        return held_recall(fixture->held, fixture->socket, &key, (char *)text.data, text.n - 1);
}

/* What is found, and the message that it is asked with if nothing is. */
static struct uatrust_verdict *find(struct fixture *fixture, bool *has_message)
{
        CLEANUP(held_key_deinit) struct held_key key = HELD_KEY_NULL;
        struct uatrust_verdict *verdict;

        held_make_key(fixture->held, &fixture->asked, &key);
        verdict = held_find(fixture->held, &key);
        *has_message =
                key.message.n == sizeof(CALL) && !memcmp(key.message.data, CALL, sizeof(CALL));
        return verdict;
}

static void the_same_words_stand_under_their_own_generation(void **state)
{
        struct fixture *fixture = *state;
        struct uatrust_verdict *again, *found;
        bool has_message;

        page_writer_set(fixture->writer, "default", 8);
        said.generation = 8;
        said.valid_until = 4102444800;
        again = recall(fixture);
        assert_non_null(again);
        assert_int_equal(uatrust_verdict_get_generation(again), 8);
        assert_true(uatrust_verdict_holds(again));
        found = find(fixture, &has_message);
        assert_ptr_equal(found, again);
        uatrust_verdict_free(found);

        /* The first one is what it was, and no other's end is its own. */
        assert_int_equal(uatrust_verdict_get_generation(first), 7);
        assert_false(uatrust_verdict_holds(first));
        uatrust_verdict_free(first);
        first = NULL;
        said.generation = 9;
        page_writer_set(fixture->writer, "default", 9);
        found = recall(fixture);
        assert_int_equal(uatrust_verdict_get_generation(found), 9);
        assert_string_equal(uatrust_verdict_get_status_name(again), "Good");
        uatrust_verdict_free(again);
        held_forget(fixture->held);
        assert_string_equal(uatrust_verdict_get_status_name(found), "Good");
        uatrust_verdict_free(found);
}

static void words_of_a_generation_that_is_over_do_not_stand(void **state)
{
        struct fixture *fixture = *state;
        struct uatrust_verdict *late;
        bool has_message;

        page_writer_set(fixture->writer, "default", 9);
        said.generation = 8;
        late = recall(fixture);
        assert_non_null(late);
        assert_false(uatrust_verdict_holds(late));
        assert_null(find(fixture, &has_message));
        uatrust_verdict_free(late);
}

static void be_untrusted(struct fixture *fixture)
{
        (void)fixture;
        said.trusted = false;
}

static void be_audited(struct fixture *fixture)
{
        (void)fixture;
        said.audit_event_id = (char *)"e";
}

static void be_another_agent(struct fixture *fixture)
{
        (void)fixture;
        said.agent_id = (char *)OTHER_AGENT;
}

static void ask_something_else(struct fixture *fixture)
{
        fixture->asked.purpose = (char *)"server";
}

static void ask_another_agent(struct fixture *fixture)
{
        held_forget(fixture->held);
}

static void hold_nothing(struct fixture *fixture)
{
        held_set_max(fixture->held, 0);
}

static void anything_else_is_read(void **state)
{
        static void (*const rows[])(struct fixture *) = {
                be_untrusted,       be_audited,        be_another_agent,
                ask_something_else, ask_another_agent, hold_nothing,
        };

        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                rows[i](*state);
                if (recall(*state))
                        fail_msg("row %zu", i);
                tear_down(state);
                set_up(state);
        }
}

/* It was asked about before who is asked has changed: that answer is another's. */
static void words_of_whoever_was_asked_before_are_not_recalled(void **state)
{
        CLEANUP(held_key_deinit) struct held_key key = HELD_KEY_NULL;
        CLEANUP(buf_deinit) struct buf text = BUF_NULL;
        struct fixture *fixture = *state;
        struct message_validate_reply reply = { .verdict = said };

        make_key(fixture, &key);
        held_forget(fixture->held);
        uatrust_verdict_free(answer(fixture));
        call_reply_encode(&message_validate_reply_schema, &reply, false, &text);
        assert_null(
                held_recall(fixture->held, fixture->socket, &key, (char *)text.data, text.n - 1));
}

static void the_call_is_sent_as_it_was(void **state)
{
        struct message_context context = { .application = (char *)"a" };
        struct fixture *fixture = *state;
        bool has_message;

        uatrust_verdict_free(find(fixture, &has_message));
        assert_false(has_message); /* nor is it needed */

        page_writer_set(fixture->writer, "default", 8);
        fixture->asked.context = &context; /* is in the call, but in no key */
        assert_null(find(fixture, &has_message));
        assert_false(has_message);
        fixture->asked.context = NULL;
        assert_null(find(fixture, &has_message));
        assert_true(has_message);
        assert_null(find(fixture, &has_message)); /* it is under way */
        assert_false(has_message);

        uatrust_verdict_free(recall(fixture));
        assert_null(find(fixture, &has_message));
        assert_true(has_message);
        uatrust_verdict_free(answer(fixture));
        assert_null(find(fixture, &has_message));
        assert_true(has_message);
}

/* Calls count as what they take. */
static void calls_are_kept_within_the_limit(void **state)
{
        enum {
                LARGE = 1024 * 1024
        };
        struct fixture *fixture = *state;
        uint32_t n_max = NAMES_HELD_MAX_BYTES / LARGE, n = 0;

        for (uint32_t i = 0; i <= n_max; i++) {
                CLEANUP(held_key_deinit) struct held_key key = HELD_KEY_NULL;
                struct message_verdict message;
                struct uatrust_verdict *verdict;

                assert_int_equal(schema_copy(&message_verdict_schema, &said, &message), 0);
                verdict = verdict_new(&message);
                fixture->certificate = (struct schema_bytes){ (uint8_t *)&i, sizeof(i) };
                held_make_key(fixture->held, &fixture->asked, &key);
                assert_non_null(buf_extend(&key.message, LARGE));
                held_take_in(fixture->held, fixture->socket, &key, verdict);
                uatrust_verdict_free(verdict);
        }
        for (uint32_t i = 0; i <= n_max; i++) {
                struct uatrust_verdict *verdict;
                bool has_message;

                fixture->certificate = (struct schema_bytes){ (uint8_t *)&i, sizeof(i) };
                verdict = find(fixture, &has_message);
                n += verdict != NULL;
                uatrust_verdict_free(verdict);
        }
        assert_int_equal(n, n_max - 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(the_same_words_stand_under_their_own_generation),
                TEST(words_of_a_generation_that_is_over_do_not_stand),
                TEST(anything_else_is_read),
                TEST(words_of_whoever_was_asked_before_are_not_recalled),
                TEST(the_call_is_sent_as_it_was),
                TEST(calls_are_kept_within_the_limit),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
