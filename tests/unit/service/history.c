/* SPDX-License-Identifier: Apache-2.0 */
#include "service/history.h"

#include "harness/must.h"
#include "harness/test.h"
#include "proto/compiler.h"
#include "proto/message_peers.h"
#include "proto/names.h"
#include "service/service_call.h"
#include "service/stores.h"

#include <stdio.h>
#include <string.h>

#define AGENT_ID "0123456789abcdef0123456789abcdef"

static struct history *history;
static struct store_state state = { .handle = 7, .name = (char *)"default" };

static int set_up(void **unused)
{
        (void)unused;
        state.generation = 0;
        return history_new(&history);
}

static int tear_down(void **unused)
{
        (void)unused;
        history = history_free(history);
        return 0;
}

/* One more generation; @n_added thumbprints came. */
static void happen(size_t n_added)
{
        static char thumbprint[65] = "";
        static char *added[1000];
        struct message_event event = {
                .kind = (char *)NAMES_EVENT_CHANGED,
                .store = state.name,
                .agent_id = (char *)AGENT_ID,
                .generation = ++state.generation,
                .added = added,
                .n_added = n_added,
        };

        memset(thumbprint, 'a', 64);
        for (size_t i = 0; i < n_added; i++)
                added[i] = thumbprint;
        history_note(history, state.handle, &event);
}

static void on_reply(const struct service_reply *reply, void *userdata)
{
        const struct message_changes_reply *out = reply->out;
        char *heard = userdata;

        assert_null(reply->error);
        assert_false(reply->continues);
        if (out->n_events == 0)
                strcpy(heard, "nothing");
        else
                sprintf(heard, "%zu %s %d..%d", out->n_events, out->events[0].kind,
                        (int)out->events[0].generation,
                        (int)out->events[out->n_events - 1].generation);
}

static void assert_changes(const char *agent_id, int64_t since, const char *expected)
{
        struct message_changes in = { (char *)agent_id, since, NULL };
        char heard[64] = "";

        history_call(history, &state, AGENT_ID,
                     &(struct service_call){ .method = MESSAGE_CHANGES,
                                             .in = &in,
                                             .reply = on_reply,
                                             .userdata = heard });
        assert_string_equal(heard, expected);
}

static void what_came_after_is_told_in_order(void **unused)
{
        (void)unused;
        for (int i = 0; i < 5; i++)
                happen(1);
        assert_changes(AGENT_ID, 0, "5 changed 1..5");
        assert_changes(AGENT_ID, 3, "2 changed 4..5");
        assert_changes(AGENT_ID, 5, "nothing");
}

static void what_nobody_knows_is_a_resync(void **unused)
{
        (void)unused;
        happen(1);
        assert_changes(AGENT_ID, 2, "1 resync 1..1");
        assert_changes(AGENT_ID, -1, "1 resync 1..1");
        assert_changes(AGENT_ID, INT64_MIN, "1 resync 1..1");
        assert_changes("fedcba9876543210fedcba9876543210", 0, "1 resync 1..1");
        history_forget(history, state.handle);
        assert_changes(AGENT_ID, 0, "1 resync 1..1");
        assert_changes(AGENT_ID, 1, "nothing");
}

static void only_so_many_are_kept(void **unused)
{
        char expected[64];

        (void)unused;
        for (int i = 0; i < HISTORY_EVENTS_MAX; i++)
                happen(1);
        sprintf(expected, "%d changed 1..%d", HISTORY_EVENTS_MAX, HISTORY_EVENTS_MAX);
        assert_changes(AGENT_ID, 0, expected);

        happen(1);
        sprintf(expected, "1 resync %d..%d", HISTORY_EVENTS_MAX + 1, HISTORY_EVENTS_MAX + 1);
        assert_changes(AGENT_ID, 0, expected);
        sprintf(expected, "%d changed 2..%d", HISTORY_EVENTS_MAX, HISTORY_EVENTS_MAX + 1);
        assert_changes(AGENT_ID, 1, expected);
}

static void only_so_many_bytes_are_kept(void **unused)
{
        int n_fit = HISTORY_BYTES_MAX / (1000 * 65);
        char expected[64];

        (void)unused;
        for (int i = 0; i < n_fit + 3; i++)
                happen(1000);
        sprintf(expected, "%d changed 4..%d", n_fit, n_fit + 3);
        assert_changes(AGENT_ID, 3, expected);
        sprintf(expected, "1 resync %d..%d", n_fit + 3, n_fit + 3);
        assert_changes(AGENT_ID, 2, expected);
}

static void stores_are_kept_apart(void **unused)
{
        (void)unused;
        happen(1);
        state.handle = 8;
        state.generation = 40;
        happen(1);
        assert_changes(AGENT_ID, 40, "1 changed 41..41");
        assert_changes(AGENT_ID, 39, "1 resync 41..41");
        state.handle = 7;
        state.generation = 1;
        assert_changes(AGENT_ID, 0, "1 changed 1..1");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
                TEST(what_came_after_is_told_in_order),
                TEST(what_nobody_knows_is_a_resync),
                TEST(only_so_many_are_kept),
                TEST(only_so_many_bytes_are_kept),
                TEST(stores_are_kept_apart),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
