/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/frame.h"

#include "harness/test.h"
#include "proto/compiler.h"

#include <string.h>

enum {
        LIMIT = 10000,
};

/* Hands @n bytes to the frame, at most @n_step at a time, and gathers the messages, each ended by '|'. */
static int feed(struct frame *frame, const char *bytes, size_t n, size_t n_step, char *gathered)
{
        int r = FRAME_E_PARTIAL;

        while (n && r == FRAME_E_PARTIAL) {
                const char *message;
                size_t n_room, n_message;
                char *room;

                assert_int_equal(frame_get_room(frame, &room, &n_room), 0);
                assert_true(n_room > 0);
                n_room = n_room < n_step ? n_room : n_step;
                n_room = n_room < n ? n_room : n;
                memcpy(room, bytes, n_room);
                frame_add(frame, n_room);
                bytes += n_room;
                n -= n_room;

                while ((r = frame_next(frame, &message, &n_message)) == 0) {
                        assert_int_equal(message[n_message], '\0');
                        assert_int_equal(strlen(message), n_message);
                        if (gathered)
                                strcat(strcat(gathered, message), "|");
                }
        }
        return r;
}

static void messages_come_out_however_the_stream_is_cut(void **state)
{
        static const char stream[] = "one\0two\0\0four\0rest";
        static const size_t steps[] = { 1, 2, 3, 5, 100 };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
                CLEANUP(frame_deinit) struct frame frame;
                char gathered[64] = "";

                frame_init(&frame, LIMIT);
                assert_int_equal(feed(&frame, stream, sizeof(stream) - 1, steps[i], gathered),
                                 FRAME_E_PARTIAL);
                assert_string_equal(gathered, "one|two||four|");
                assert_int_equal(feed(&frame, "", 1, 1, gathered), FRAME_E_PARTIAL);
                assert_string_equal(gathered, "one|two||four|rest|");
        }
}

static void the_limit_is_exact(void **state)
{
        static const size_t steps[] = { 1, 4096, 3 * LIMIT };
        static char bytes[2 * LIMIT];

        (void)state;
        memset(bytes, 'x', sizeof(bytes));
        for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
                static char gathered[2 * LIMIT];
                CLEANUP(frame_deinit) struct frame frame;

                frame_init(&frame, LIMIT);
                gathered[0] = '\0';
                bytes[LIMIT] = '\0';
                assert_int_equal(feed(&frame, bytes, LIMIT + 1, steps[i], gathered),
                                 FRAME_E_PARTIAL);
                assert_int_equal(strlen(gathered), LIMIT + 1);

                bytes[LIMIT] = 'x';
                bytes[LIMIT + 1] = '\0';
                assert_int_equal(feed(&frame, bytes, LIMIT + 2, steps[i], NULL), FRAME_E_TOO_LARGE);
                bytes[LIMIT + 1] = 'x';
        }
}

static void too_much_without_an_end_is_refused_at_once_and_for_good(void **state)
{
        static char bytes[LIMIT + 1];
        CLEANUP(frame_deinit) struct frame frame;
        const char *message;
        size_t n;

        (void)state;
        memset(bytes, 'x', sizeof(bytes));
        frame_init(&frame, LIMIT);
        assert_int_equal(feed(&frame, bytes, LIMIT, 1000, NULL), FRAME_E_PARTIAL);
        assert_int_equal(feed(&frame, bytes, 1, 1, NULL), FRAME_E_TOO_LARGE);
        assert_int_equal(frame_next(&frame, &message, &n), FRAME_E_TOO_LARGE);
        assert_true(frame.n_room <= 2 * LIMIT);
}

static void large_room_is_given_back_when_nothing_is_pending(void **state)
{
        static char bytes[LIMIT];
        static char gathered[2 * LIMIT];
        CLEANUP(frame_deinit) struct frame frame;
        size_t n_room;
        char *room;

        (void)state;
        memset(bytes, 'x', sizeof(bytes) - 1);
        frame_init(&frame, LIMIT);
        assert_int_equal(feed(&frame, bytes, sizeof(bytes), LIMIT, gathered), FRAME_E_PARTIAL);
        assert_true(frame.n_room >= LIMIT);
        assert_int_equal(frame_get_room(&frame, &room, &n_room), 0);
        assert_true(n_room < LIMIT);
}

static void reads_grow_with_what_comes_and_shrink_again(void **state)
{
        static char bytes[1 << 20], gathered[2 << 20];
        CLEANUP(frame_deinit) struct frame frame;
        size_t n_room;
        char *room;

        (void)state;
        frame_init(&frame, sizeof(bytes));
        memset(bytes, 'x', sizeof(bytes));
        for (size_t i = 999; i < sizeof(bytes); i += 1000)
                bytes[i] = '\0';
        assert_int_equal(feed(&frame, bytes, sizeof(bytes), sizeof(bytes), NULL), FRAME_E_PARTIAL);
        assert_int_equal(feed(&frame, "", 1, 1, gathered), FRAME_E_PARTIAL);
        assert_int_equal(frame_get_room(&frame, &room, &n_room), 0);
        assert_true(n_room >= 32 * 1024);
        assert_true(n_room <= 128 * 1024);

        for (int i = 0; i < 10; i++)
                assert_int_equal(feed(&frame, "one", 4, 4, NULL), FRAME_E_PARTIAL);
        assert_int_equal(frame_get_room(&frame, &room, &n_room), 0);
        assert_int_equal(n_room, 4096);
        frame_trim(&frame);
        assert_null(frame.data);
        assert_int_equal(feed(&frame, "two", 4, 4, gathered), FRAME_E_PARTIAL);
        assert_string_equal(gathered + strlen(gathered) - 5, "|two|");
}

static void a_part_of_a_message_is_not_trimmed(void **state)
{
        CLEANUP(frame_deinit) struct frame frame;
        char gathered[64] = "";

        (void)state;
        frame_init(&frame, LIMIT);
        assert_int_equal(feed(&frame, "one\0tw", 6, 6, gathered), FRAME_E_PARTIAL);
        frame_trim(&frame);
        assert_int_equal(feed(&frame, "o", 2, 2, gathered), FRAME_E_PARTIAL);
        assert_string_equal(gathered, "one|two|");
}

/* Reads grew with a stream; what of it is not whole stays, and room for one small read. */
static void for_want_of_memory_room_becomes_small(void **state)
{
        static char bytes[60000];
        CLEANUP(frame_deinit) struct frame frame;
        char gathered[64] = "";

        (void)state;
        frame_init(&frame, sizeof(bytes));
        for (int i = 0; i < 20; i++)
                assert_int_equal(feed(&frame, bytes, sizeof(bytes), sizeof(bytes), NULL),
                                 FRAME_E_PARTIAL);
        assert_int_equal(feed(&frame, "half", 4, 4, gathered), FRAME_E_PARTIAL);
        assert_true(frame.n_room > 8192);

        frame_read_less(&frame);
        assert_int_equal(frame.n_room, 4 + 4096);
        assert_int_equal(feed(&frame, " a call", 8, 8, gathered), FRAME_E_PARTIAL);
        assert_string_equal(gathered, "half a call|");
        assert_int_equal(frame.n_room, 4 + 4096);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(messages_come_out_however_the_stream_is_cut),
                cmocka_unit_test(the_limit_is_exact),
                cmocka_unit_test(too_much_without_an_end_is_refused_at_once_and_for_good),
                cmocka_unit_test(large_room_is_given_back_when_nothing_is_pending),
                cmocka_unit_test(reads_grow_with_what_comes_and_shrink_again),
                cmocka_unit_test(a_part_of_a_message_is_not_trimmed),
                cmocka_unit_test(for_want_of_memory_room_becomes_small),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
