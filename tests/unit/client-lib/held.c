/* SPDX-License-Identifier: Apache-2.0 */
#include "client-lib/src/held.h"

#include "base/clock.h"
#include "client-lib/src/siphash.h"
#include "client-lib/src/verdict.h"
#include "front/page.h"
#include "harness/held_scene.h"
#include "harness/test.h"
#include "harness/tree.h"
#include "proto/message.h"
#include "proto/names.h"

#include <uatrust/uatrust.h>

#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct said {
        const char *agent, *store, *event_id;
        int64_t generation, valid_until_s;
        bool is_bad;
};

static const struct said good = { AGENT, "default", NULL, 7, SCHEMA_INT_ABSENT, false };

static struct uatrust_verdict *make_verdict(const struct said *said)
{
        struct message_verdict message;

        schema_init(&message_verdict_schema, &message);
        message.trusted = !said->is_bad;
        message.agent_id = said->agent ? strdup(said->agent) : NULL;
        message.store = said->store ? strdup(said->store) : NULL;
        message.audit_event_id = said->event_id ? strdup(said->event_id) : NULL;
        message.generation = said->generation;
        message.valid_until = said->valid_until_s;
        return verdict_new(&message);
}

/* The agent answered the fixture's question so; Return: the verdict, as its caller has it. */
static struct uatrust_verdict *answer(struct fixture *fixture, const struct said *said)
{
        CLEANUP(held_key_deinit) struct held_key key = HELD_KEY_NULL;
        struct uatrust_verdict *verdict = make_verdict(said);

        held_make_key(fixture->held, &fixture->asked, &key);
        held_take_in(fixture->held, fixture->socket, &key, verdict);
        return verdict;
}

static bool is_found(struct fixture *fixture)
{
        CLEANUP(held_key_deinit) struct held_key key = HELD_KEY_NULL;
        struct uatrust_verdict *verdict;

        held_make_key(fixture->held, &fixture->asked, &key);
        verdict = held_find(fixture->held, &key);
        uatrust_verdict_free(verdict);
        return verdict;
}

static void what_left_no_trace_is_held(void **state)
{
        static const struct {
                const char *what;
                struct said said;
                bool is_held, stands;
        } rows[] = {
                { "good", { AGENT, "default", NULL, 7, SCHEMA_INT_ABSENT, false }, true, true },
                { "until", { AGENT, "default", NULL, 7, INT64_MAX, false }, true, true },
                { "ended", { AGENT, "default", NULL, 7, 1000, false }, false, false },
                { "bad", { AGENT, "default", "e", 7, SCHEMA_INT_ABSENT, true }, false, true },
                { "quiet", { AGENT, "default", NULL, 7, SCHEMA_INT_ABSENT, true }, false, true },
                { "audit", { AGENT, "default", "e", 7, SCHEMA_INT_ABSENT, false }, false, true },
                { "late", { AGENT, "default", NULL, 6, SCHEMA_INT_ABSENT, false }, false, false },
                { "early", { AGENT, "default", NULL, 8, SCHEMA_INT_ABSENT, false }, false, false },
                { "never", { AGENT, "default", NULL, 0, SCHEMA_INT_ABSENT, false }, false, false },
                { "other", { OTHER_AGENT, "default", NULL, 7, 9, false }, false, false },
                { "store", { AGENT, "plant", NULL, 7, SCHEMA_INT_ABSENT, false }, false, false },
                { "nobody", { NULL, NULL, NULL, 7, SCHEMA_INT_ABSENT, false }, false, false },
        };

        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                struct uatrust_verdict *verdict = answer(*state, &rows[i].said);

                if (uatrust_verdict_holds(verdict) != rows[i].stands ||
                    is_found(*state) != rows[i].is_held)
                        fail_msg("%s", rows[i].what);
                held_tear_down(state); /* the verdict outlives its client */
                assert_false(uatrust_verdict_holds(verdict));
                uatrust_verdict_free(verdict);
                held_set_up(state);
        }
        assert_false(uatrust_verdict_holds(NULL));
}

static bool has_same_key(struct fixture *fixture, const struct message_validate *other)
{
        CLEANUP(held_key_deinit) struct held_key a = HELD_KEY_NULL, b = HELD_KEY_NULL;

        held_make_key(fixture->held, &fixture->asked, &a);
        held_make_key(fixture->held, other, &b);
        return a.n == b.n && a.hash == b.hash && !memcmp(a.bytes, b.bytes, a.n);
}

static void every_field_but_the_context_makes_another_question(void **state)
{
        struct fixture *fixture = *state;

        for (size_t i = 0; i < message_validate_schema.n_fields; i++) {
                const struct schema_field *field = &message_validate_schema.fields[i];
                struct message_validate other;
                void *items;

                if (!strcmp(field->name, "at"))
                        continue;
                assert_int_equal(schema_copy(&message_validate_schema, &fixture->asked, &other), 0);
                assert_true(has_same_key(fixture, &other));
                if (field->flags & SCHEMA_OPTIONAL) {
                        assert_int_equal(schema_make_items(field, &other, 1, &items), 0);
                        if (field->type == SCHEMA_STRING)
                                *(char **)items = strdup("x");
                } else if (field->type == SCHEMA_STRING) {
                        (*(char **)((char *)&other + field->offset))[0]++;
                } else {
                        other.certificates[0].data[0]++;
                }
                if (has_same_key(fixture, &other) != !strcmp(field->name, "context"))
                        fail_msg("%s", field->name);
                schema_deinit(&message_validate_schema, &other);
        }
}

static void bytes_that_move_between_fields_make_another_question(void **state)
{
        struct fixture *fixture = *state;
        struct schema_bytes two[] = { { (uint8_t *)"fo", 2 }, { (uint8_t *)"o", 1 } };
        char *none[] = { NULL };
        struct message_validate other = fixture->asked;

        other.certificates = two;
        other.n_certificates = 2;
        assert_false(has_same_key(fixture, &other));

        other = fixture->asked;
        other.suppress = none; /* there, and empty */
        assert_false(has_same_key(fixture, &other));

        other = fixture->asked;
        fixture->asked.host_name = (char *)"a";
        other.application_uri = (char *)"a";
        assert_false(has_same_key(fixture, &other));
}

static void a_question_about_another_moment_is_not_held(void **state)
{
        struct fixture *fixture = *state;
        struct uatrust_verdict *verdict;

        fixture->asked.at = 1000;
        verdict = answer(fixture, &good);
        assert_false(uatrust_verdict_holds(verdict));
        uatrust_verdict_free(verdict);
        assert_false(is_found(fixture));
        fixture->asked.at = SCHEMA_INT_ABSENT;
        assert_false(is_found(fixture));
}

static void change_generation(struct fixture *fixture)
{
        page_writer_set(fixture->writer, "default", 8);
}

static void change_other_store(struct fixture *fixture)
{
        page_writer_set(fixture->writer, "plant", 8);
}

static void end_lease(struct fixture *fixture)
{
        page_writer_set_lease(fixture->writer, clock_monotonic_ns());
}

static void make_unready(struct fixture *fixture)
{
        page_writer_set(fixture->writer, "default", 0);
}

static void end_store(struct fixture *fixture)
{
        page_writer_end(fixture->writer, "default");
        page_writer_set(fixture->writer, "default", 7);
}

static void end_agent(struct fixture *fixture)
{
        fixture->writer = page_writer_free(fixture->writer);
}

/* The same generation of the same store, but another agent's. */
static void replace_agent(struct fixture *fixture)
{
        end_agent(fixture);
        make_page(fixture, OTHER_AGENT, 7);
}

static void fill_page(struct fixture *fixture)
{
        for (int i = 0; i < 256; i++) {
                page_writer_set(fixture->writer, "plant", 1);
                page_writer_end(fixture->writer, "plant");
        }
        page_writer_set_lease(fixture->writer, clock_monotonic_ns() + LEASE_NS);
}

static void a_change_voids_what_is_held(void **state)
{
        static const struct {
                void (*change)(struct fixture *fixture);
                bool stands;
        } rows[] = {
                { change_generation, false }, { change_other_store, true }, { end_lease, false },
                { make_unready, false },      { end_store, false },         { end_agent, false },
                { replace_agent, false },     { fill_page, false },
        };

        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                struct uatrust_verdict *verdict = answer(*state, &good);

                assert_true(is_found(*state));
                rows[i].change(*state);
                if (uatrust_verdict_holds(verdict) != rows[i].stands ||
                    is_found(*state) != rows[i].stands)
                        fail_msg("row %zu", i);
                uatrust_verdict_free(verdict);
                held_tear_down(state);
                held_set_up(state);
        }
}

static void the_agent_is_killed_and_another_takes_its_place(void **state)
{
        struct fixture *fixture = *state;
        struct uatrust_verdict *verdict;
        int ready[2];
        pid_t child;

        end_agent(fixture);
        assert_int_equal(pipe(ready), 0);
        child = fork();
        if (!child) {
                make_page(fixture, AGENT, 7);
                (void)!write(ready[1], "", 1);
                pause();
        }
        assert_int_equal(read(ready[0], (char[1]){ 0 }, 1), 1);
        verdict = answer(fixture, &good);
        assert_true(is_found(fixture));

        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, NULL, 0), child);
        assert_false(uatrust_verdict_holds(verdict));
        assert_false(is_found(fixture));

        /* What the dead one said comes late: its page is gone, the new one is of somebody else. */
        usleep(600 * 1000); /* looked for twice a second at most */
        make_page(fixture, OTHER_AGENT, 7);
        uatrust_verdict_free(verdict);
        verdict = answer(fixture, &good);
        assert_false(uatrust_verdict_holds(verdict));
        assert_false(is_found(fixture));
        uatrust_verdict_free(verdict);

        verdict = answer(fixture, &(struct said){ OTHER_AGENT, "default", NULL, 7, INT64_MAX, 0 });
        assert_true(uatrust_verdict_holds(verdict));
        assert_true(is_found(fixture));
        uatrust_verdict_free(verdict);
        close(ready[0]);
        close(ready[1]);
}

static void a_lease_that_is_renewed_holds_again(void **state)
{
        struct fixture *fixture = *state;

        uatrust_verdict_free(answer(fixture, &good));
        end_lease(fixture);
        assert_false(is_found(fixture));
        page_writer_set_lease(fixture->writer, clock_monotonic_ns() + LEASE_NS);
        assert_true(is_found(fixture));
}

static int64_t realtime_ms(void)
{
        struct timespec now;

        clock_gettime(CLOCK_REALTIME, &now);
        return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

static void the_last_second_is_over_in_time(void **state)
{
        struct fixture *fixture = *state;
        struct said said = good;
        int64_t before_ms;

        said.valid_until_s = realtime_ms() / 1000 + 3;
        uatrust_verdict_free(answer(fixture, &said));
        assert_true(is_found(fixture));
        do {
                usleep(1000);
                before_ms = realtime_ms();
        } while (is_found(fixture) && before_ms < said.valid_until_s * 1000);

        assert_false(is_found(fixture));
        assert_true(realtime_ms() >= said.valid_until_s * 1000 - 50);
}

/* A page that is full is replaced by one of the same agent. */
static void a_new_page_of_the_same_agent_is_found(void **state)
{
        struct fixture *fixture = *state;

        uatrust_verdict_free(answer(fixture, &good));
        usleep(600 * 1000); /* looked for twice a second at most */
        fill_page(fixture);
        assert_false(is_found(fixture));
        uatrust_verdict_free(answer(fixture, &good));
        assert_true(is_found(fixture));
}

static void a_page_is_looked_for_now_and_then(void **state)
{
        struct fixture *fixture = *state;

        end_agent(fixture);
        uatrust_verdict_free(answer(fixture, &good));
        make_page(fixture, AGENT, 7);
        uatrust_verdict_free(answer(fixture, &good));
        assert_false(is_found(fixture));

        usleep(600 * 1000);
        uatrust_verdict_free(answer(fixture, &good));
        assert_true(is_found(fixture));
}

static void a_child_holds_what_its_parent_held(void **state)
{
        struct fixture *fixture = *state;
        int looked[2];
        pid_t child;
        int status;

        uatrust_verdict_free(answer(fixture, &good));
        assert_int_equal(pipe(looked), 0);
        child = fork();
        if (!child) {
                char is_held = is_found(fixture);

                (void)!write(looked[1], &is_held, 1);
                while (is_found(fixture))
                        usleep(1000);
                _exit(!is_held);
        }
        assert_int_equal(read(looked[0], (char[1]){ 0 }, 1), 1);
        close(looked[0]);
        close(looked[1]);
        change_generation(fixture);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
}

static void a_page_where_others_may_write_is_not_used(void **state)
{
        struct fixture *fixture = *state;
        struct uatrust_verdict *verdict;

        assert_int_equal(chmod(fixture->tree->path, 01777), 0);
        verdict = answer(fixture, &good);
        assert_false(uatrust_verdict_holds(verdict));
        uatrust_verdict_free(verdict);
}

static void whoever_is_asked_from_now_on_did_not_say_it(void **state)
{
        struct fixture *fixture = *state;

        uatrust_verdict_free(answer(fixture, &good));
        held_forget(fixture->held);
        assert_false(is_found(fixture));
        uatrust_verdict_free(answer(fixture, &good));
        assert_true(is_found(fixture));
}

static void an_answer_of_whoever_was_asked_before_is_not_held(void **state)
{
        CLEANUP(held_key_deinit) struct held_key key = HELD_KEY_NULL;
        struct fixture *fixture = *state;
        struct uatrust_verdict *verdict = make_verdict(&good);

        held_make_key(fixture->held, &fixture->asked, &key);
        held_forget(fixture->held);
        held_take_in(fixture->held, fixture->socket, &key, verdict);
        assert_false(is_found(fixture));
        uatrust_verdict_free(verdict);
}

/* Question number @i, with @n bytes. */
static void ask_about(struct fixture *fixture, uint32_t i, size_t n)
{
        struct schema_bytes *certificate = fixture->asked.certificates;
        static uint8_t der[NAMES_CERTIFICATES_MAX_BYTES];

        memcpy(der, &i, sizeof(i));
        *certificate = (struct schema_bytes){ der, n };
}

static size_t count_found(struct fixture *fixture, uint32_t from, uint32_t to, size_t n)
{
        size_t count = 0;

        for (uint32_t i = from; i < to; i++) {
                ask_about(fixture, i, n);
                count += is_found(fixture);
        }
        return count;
}

static void fill(struct fixture *fixture, uint32_t n_questions, size_t n)
{
        for (uint32_t i = 0; i < n_questions; i++) {
                ask_about(fixture, i, n);
                uatrust_verdict_free(answer(fixture, &good));
        }
}

static void what_is_least_asked_for_goes_first(void **state)
{
        struct fixture *fixture = *state;

        fill(fixture, NAMES_HELD_MAX, 100);
        assert_int_equal(count_found(fixture, 1, NAMES_HELD_MAX, 100), NAMES_HELD_MAX - 1);
        assert_int_equal(count_found(fixture, 0, 1, 100), 1); /* so that 1 is the oldest */

        ask_about(fixture, NAMES_HELD_MAX, 100);
        uatrust_verdict_free(answer(fixture, &good));
        assert_int_equal(count_found(fixture, 0, NAMES_HELD_MAX + 1, 100), NAMES_HELD_MAX);
        assert_int_equal(count_found(fixture, 1, 2, 100), 0);

        held_set_max(fixture->held, 10);
        assert_int_equal(count_found(fixture, 0, NAMES_HELD_MAX + 1, 100), 10);
        held_set_max(fixture->held, 0);
        assert_int_equal(count_found(fixture, 0, NAMES_HELD_MAX + 1, 100), 0);
        uatrust_verdict_free(answer(fixture, &good));
        assert_false(is_found(fixture));
        held_set_max(fixture->held, SIZE_MAX);
        fill(fixture, NAMES_HELD_MAX + 1, 100);
        assert_int_equal(count_found(fixture, 0, NAMES_HELD_MAX + 1, 100), NAMES_HELD_MAX);
}

static void large_questions_are_held_within_a_limit(void **state)
{
        enum {
                LARGE = NAMES_CERTIFICATES_MAX_BYTES
        };
        const uint32_t n_max = NAMES_HELD_MAX_BYTES / LARGE;
        struct fixture *fixture = *state;

        fill(fixture, n_max - 1, LARGE);
        assert_int_equal(count_found(fixture, 0, n_max - 1, LARGE), n_max - 1);
        fill(fixture, n_max,
             LARGE); /* the same, and one more than have room with what is about them */
        assert_int_equal(count_found(fixture, 0, n_max, LARGE), n_max - 1);
        assert_int_equal(count_found(fixture, 0, 1, LARGE), 0);
}

/* The hash of CPython 3.11, which is SipHash-1-3 too, under no secret. */
static void the_hash_is_siphash(void **state)
{
        static const struct {
                const char *text;
                uint64_t hash;
        } rows[] = {
                { "a", UINT64_C(0x407448d2b89b1813) },
                { "abc", UINT64_C(0xc03bc3a0042630f2) },
                { "12345678", UINT64_C(0x3489982430560a87) },
                { "hold what stands", UINT64_C(0xb4998e79b118ca85) },
        };
        const uint64_t secret[2] = { 0, 0 };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
                assert_int_equal(siphash(secret, rows[i].text, strlen(rows[i].text)), rows[i].hash);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, held_set_up, held_tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(what_left_no_trace_is_held),
                TEST(every_field_but_the_context_makes_another_question),
                TEST(bytes_that_move_between_fields_make_another_question),
                TEST(a_question_about_another_moment_is_not_held),
                TEST(a_change_voids_what_is_held),
                TEST(the_agent_is_killed_and_another_takes_its_place),
                TEST(a_lease_that_is_renewed_holds_again),
                TEST(the_last_second_is_over_in_time),
                TEST(a_new_page_of_the_same_agent_is_found),
                TEST(a_page_is_looked_for_now_and_then),
                TEST(a_child_holds_what_its_parent_held),
                TEST(a_page_where_others_may_write_is_not_used),
                TEST(whoever_is_asked_from_now_on_did_not_say_it),
                TEST(an_answer_of_whoever_was_asked_before_is_not_held),
                TEST(what_is_least_asked_for_goes_first),
                TEST(large_questions_are_held_within_a_limit),
                cmocka_unit_test(the_hash_is_siphash),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
