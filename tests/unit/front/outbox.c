/* SPDX-License-Identifier: Apache-2.0 */
#include "front/outbox.h"

#include "harness/test.h"

#include <string.h>

/* Upper case: a bulletin; lower case and digits: bytes of its own. */
static void fill(struct outbox *outbox, const char *words)
{
        for (const char *at = words; *at;) {
                size_t n = strcspn(at, " ");

                if (*at >= 'A' && *at <= 'Z') {
                        struct bulletin *bulletin;

                        assert_int_equal(bulletin_new(&bulletin), 0);
                        buf_add(&bulletin->bytes, at, n);
                        assert_int_equal(outbox_add(outbox, bulletin), 0);
                        bulletin_unref(bulletin);
                } else {
                        buf_add(&outbox->own, at, n);
                }
                at += n + (at[n] == ' ');
        }
}

/* Sends at most @step bytes at a time. */
static void drain(struct outbox *outbox, size_t step, struct buf *out)
{
        struct iovec parts[OUTBOX_PARTS];
        size_t n_parts;

        while ((n_parts = outbox_peek(outbox, parts)) > 0) {
                size_t n_left = step, n_before = outbox_count(outbox);

                assert_true(n_before > 0);
                for (size_t i = 0; i < n_parts && n_left > 0; i++) {
                        size_t n = parts[i].iov_len < n_left ? parts[i].iov_len : n_left;

                        buf_add(out, parts[i].iov_base, n);
                        n_left -= n;
                }
                outbox_skip(outbox, step - n_left);
                outbox_trim(outbox, 4);
                assert_int_equal(outbox_count(outbox), n_before - (step - n_left));
        }
        assert_int_equal(outbox_count(outbox), 0);
}

static void what_is_added_is_sent_in_its_order(void **state)
{
        static const char *const rows[] = {
                "",
                "own",
                "NEWS",
                "own NEWS",
                "NEWS own",
                "a B c D e",
                "A B C",
                "one TWO THREE four five SIX seven",
                "A B C D E F G H I J K L M N O P Q R S T u V",
        };

        (void)state;
        for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
                for (size_t step = 1; step < 20; step++) {
                        struct outbox outbox = { .own = BUF_NULL };
                        CLEANUP(buf_deinit) struct buf sent = BUF_NULL;
                        size_t n = 0;

                        fill(&outbox, rows[i]);
                        drain(&outbox, step, &sent);
                        fill(&outbox, "again AGAIN"); /* an outbox is used for long */
                        drain(&outbox, step, &sent);
                        outbox_deinit(&outbox);

                        for (const char *at = rows[i]; *at; at++)
                                if (*at != ' ')
                                        assert_int_equal(sent.data[n++], *at);
                        assert_int_equal(sent.n, n + strlen("againAGAIN"));
                        assert_memory_equal(sent.data + n, "againAGAIN", strlen("againAGAIN"));
                }
        }
}

static void a_bulletin_lives_as_long_as_somebody_has_to_send_it(void **state)
{
        struct outbox outboxes[3] = { 0 };
        struct bulletin *bulletin;

        (void)state;
        assert_int_equal(bulletin_new(&bulletin), 0);
        buf_add_text(&bulletin->bytes, "news");
        for (size_t i = 0; i < 3; i++)
                assert_int_equal(outbox_add(&outboxes[i], bulletin), 0);
        assert_int_equal(bulletin->n_refs, 4);

        outbox_skip(&outboxes[0], 4);
        assert_int_equal(bulletin->n_refs, 3);
        outbox_skip(&outboxes[1], 3);
        assert_int_equal(bulletin->n_refs, 3);
        for (size_t i = 0; i < 3; i++)
                outbox_deinit(&outboxes[i]);
        assert_int_equal(bulletin->n_refs, 1);
        bulletin_unref(bulletin);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_is_added_is_sent_in_its_order),
                cmocka_unit_test(a_bulletin_lives_as_long_as_somebody_has_to_send_it),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
