/* SPDX-License-Identifier: Apache-2.0 */
#include "service/feed.h"

#include "harness/test.h"

#include <string.h>

struct listener {
        struct feed *feed;
        char name;
        struct feed_subscriber *self, **leaves; /* leaves: who goes when this one is told */
};

static char heard[64];

static void on_event(size_t store, const struct message_event *event, uint64_t number,
                     void *userdata)
{
        struct listener *listener = userdata;
        size_t n = strlen(heard);

        (void)store;
        (void)event;
        assert_int_not_equal(number, 0);
        heard[n] = listener->name;
        heard[n + 1] = '\0';
        if (listener->leaves)
                *listener->leaves = feed_unsubscribe(*listener->leaves);
}

static struct feed *make_feed(struct listener listeners[3])
{
        struct feed *feed;

        assert_int_equal(feed_new(&feed), 0);
        for (int i = 0; i < 3; i++) {
                listeners[i] = (struct listener){ .feed = feed, .name = "abc"[i] };
                assert_int_equal(feed_subscribe(feed, on_event, &listeners[i], &listeners[i].self),
                                 0);
        }
        heard[0] = '\0';
        return feed;
}

static void end_feed(struct feed *feed, struct listener listeners[3])
{
        for (int i = 0; i < 3; i++)
                feed_unsubscribe(listeners[i].self);
        assert_int_equal(feed_count(feed), 0);
        feed_free(feed);
}

static void everybody_is_told_in_the_order_of_coming(void **state)
{
        struct listener listeners[3];
        struct feed *feed = make_feed(listeners);

        (void)state;
        feed_tell(feed, 0, NULL);
        feed_tell(feed, 0, NULL);
        assert_string_equal(heard, "abcabc");
        end_feed(feed, listeners);
}

/* Who leaves during the call of whom, and who is still told. */
static void one_may_leave_while_all_are_told(void **state)
{
        static const struct {
                int teller, leaver;
                const char *first, *second;
        } ROWS[] = {
                { 0, 0, "abc", "bc" }, { 1, 1, "abc", "ac" }, { 2, 2, "abc", "ab" },
                { 0, 1, "ac", "ac" },  { 1, 0, "abc", "bc" }, { 0, 2, "ab", "ab" },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
                struct listener listeners[3];
                struct feed *feed = make_feed(listeners);

                listeners[ROWS[i].teller].leaves = &listeners[ROWS[i].leaver].self;
                feed_tell(feed, 0, NULL);
                assert_string_equal(heard, ROWS[i].first);
                heard[0] = '\0';
                feed_tell(feed, 0, NULL);
                assert_string_equal(heard, ROWS[i].second);
                end_feed(feed, listeners);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(everybody_is_told_in_the_order_of_coming),
                cmocka_unit_test(one_may_leave_while_all_are_told),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
