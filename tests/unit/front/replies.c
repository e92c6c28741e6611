/* SPDX-License-Identifier: Apache-2.0 */
#include "front/replies.h"

#include "harness/must.h"
#include "harness/test.h"
#include "service/caller.h"

static const struct caller usual = { .door = CALLER_DOOR_CLIENT, .uid = 1000, .gid = 1000 };

static struct replies_question question_of(struct caller *caller, const char *message)
{
        return (struct replies_question){ caller, message, strlen(message) };
}

static void keep(struct replies *replies, struct caller *caller, const char *message,
                 const char *reply)
{
        struct replies_question question = question_of(caller, message);

        replies_keep(replies, &question,
                     &(struct replies_kept){ .stamp = { .generation = (int64_t)strlen(reply) },
                                             .reply = (const uint8_t *)reply,
                                             .n_reply = strlen(reply) });
}

static void expect(struct replies *replies, struct caller *caller, const char *message,
                   const char *reply)
{
        struct replies_question question = question_of(caller, message);
        const struct replies_kept *kept = replies_find(replies, &question);

        if (!reply) {
                assert_null(kept);
                return;
        }

        assert_non_null(kept);
        assert_int_equal(kept->n_reply, strlen(reply));
        assert_memory_equal(kept->reply, reply, kept->n_reply);
        assert_int_equal(kept->stamp.generation, strlen(reply));
}

static struct caller *make_caller(const struct caller *from)
{
        struct caller *caller;

        assert_int_equal(caller_new(from, &caller), 0);
        return caller;
}

static struct replies *make_replies(void)
{
        struct replies *replies;

        assert_int_equal(replies_new(&replies), 0);
        return replies;
}

static void the_very_same_message_finds_its_reply(void **state)
{
        struct replies *replies = make_replies();
        struct caller *caller = make_caller(&usual);

        (void)state;
        expect(replies, caller, "question", NULL);
        keep(replies, caller, "question", "answer");
        keep(replies, caller, "", "nothing");
        expect(replies, caller, "question", "answer");
        expect(replies, caller, "", "nothing");
        expect(replies, caller, "question ", NULL);
        expect(replies, caller, "questioN", NULL);
        expect(replies, caller, "questio", NULL);
        keep(replies, caller, "question", "another answer");
        expect(replies, caller, "question", "another answer");
        replies_free(replies);
        caller_unref(caller);
}

static void only_who_has_the_same_rights_gets_a_reply(void **state)
{
        gid_t groups[] = { 4, 20 }, others[] = { 4, 21 };
        const struct caller rows[] = {
                { .door = CALLER_DOOR_ADMIN,
                  .uid = 1000,
                  .gid = 1000,
                  .groups = groups,
                  .n_groups = 2 },
                { .uid = 1001, .gid = 1000, .groups = groups, .n_groups = 2 },
                { .uid = 1000, .gid = 1001, .groups = groups, .n_groups = 2 },
                { .uid = 1000, .gid = 1000, .groups = groups, .n_groups = 1 },
                { .uid = 1000, .gid = 1000, .groups = others, .n_groups = 2 },
                { .uid = 1000, .gid = 1000 },
        };
        struct caller first = {
                .uid = 1000, .gid = 1000, .pid = 1, .groups = groups, .n_groups = 2
        };
        struct caller *caller = make_caller(&first), *other;
        struct replies *replies = make_replies();

        (void)state;
        keep(replies, caller, "question", "answer");
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                other = make_caller(&rows[i]);
                expect(replies, other, "question", NULL);
                caller_unref(other);
        }

        first.pid = 2;
        other = make_caller(&first);
        expect(replies, other, "question", "answer");
        caller_unref(other);
        replies_free(replies);
        caller_unref(caller);
}

static void what_is_too_long_is_not_kept(void **state)
{
        struct replies *replies = make_replies();
        struct caller *caller = make_caller(&usual);
        char *reply = must_calloc(1, REPLIES_MAX_BYTES + 1);

        (void)state;
        memset(reply, 'x', REPLIES_MAX_BYTES - 1);
        keep(replies, caller, "1", reply);
        expect(replies, caller, "1", reply);
        keep(replies, caller, "12", reply);
        expect(replies, caller, "12", NULL);

        reply[REPLIES_MAX_BYTES - 1] = 'x';
        keep(replies, caller, "2", reply);
        expect(replies, caller, "2", NULL);
        keep(replies, caller, reply, "1");
        expect(replies, caller, reply, NULL);
        free(reply);
        replies_free(replies);
        caller_unref(caller);
}

/* Whoever is asked for in between stays; of many others no more than REPLIES_MAX are held. */
static void the_ones_not_asked_for_make_room(void **state)
{
        struct replies *replies = make_replies();
        struct caller *caller = make_caller(&usual);
        unsigned int n_kept = 0;
        char text[16];

        (void)state;
        keep(replies, caller, "often", "answer");
        for (unsigned int i = 0; i < 10 * REPLIES_MAX; i++) {
                snprintf(text, sizeof(text), "%u", i);
                keep(replies, caller, text, text);
                expect(replies, caller, text, text);
                expect(replies, caller, "often", "answer");
        }

        for (unsigned int i = 0; i < 10 * REPLIES_MAX; i++) {
                struct replies_question question;

                snprintf(text, sizeof(text), "%u", i);
                question = question_of(caller, text);
                n_kept += replies_find(replies, &question) != NULL;
        }
        assert_in_range(n_kept, REPLIES_MAX / 2, REPLIES_MAX - 1);
        replies_free(replies);
        caller_unref(caller);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_very_same_message_finds_its_reply),
                cmocka_unit_test(only_who_has_the_same_rights_gets_a_reply),
                cmocka_unit_test(what_is_too_long_is_not_kept),
                cmocka_unit_test(the_ones_not_asked_for_make_room),
        };

        return cmocka_run_group_tests_name("front/replies", tests, NULL, NULL);
}
