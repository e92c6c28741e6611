/* SPDX-License-Identifier: Apache-2.0 */
#include "service/notices.h"

#include "harness/must.h"
#include "harness/test.h"
#include "proto/message_peers.h"
#include "service/caller.h"
#include "service/stores.h"

#include <stdio.h>
#include <string.h>

struct fixture {
        struct notices *notices;
        struct stores stores;
        char heard[64 * 1024];
        size_t n_replies;
        size_t pause_after; /* replies; 0: never */
        struct service_pending *pending;
};

static struct fixture fixture;
static struct caller caller = { .ref = REF_INIT };

static int set_up(void **state)
{
        static const char *const NONE[] = { NULL };
        size_t handle;

        (void)state;
        fixture = (struct fixture){ .notices = NULL };
        must(notices_new(&fixture.notices) == 0, "notices_new");
        must(stores_add(&fixture.stores, "default", NONE, &handle) == 0, "stores_add");
        must(stores_add(&fixture.stores, "user", NONE, &handle) == 0, "stores_add");
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        if (fixture.pending)
                fixture.pending->cancel(fixture.pending);
        notices_free(fixture.notices);
        stores_deinit(&fixture.stores);
        return 0;
}

static void hear(const char *text)
{
        size_t n = strlen(fixture.heard);

        must((size_t)snprintf(fixture.heard + n, sizeof(fixture.heard) - n, "%s", text) <
                     sizeof(fixture.heard) - n,
             "heard more than there is room for");
}

/* "KIND:STORE", with "-" before it when it is over, "rejected:STORE", "audit:STORE". */
static void hear_reply(const struct message_monitor_notices_reply *out)
{
        char text[160] = "";

        if (out->missed != SCHEMA_INT_ABSENT) {
                snprintf(text, sizeof(text), "missed %d ", (int)out->missed);
                hear(text);
                text[0] = '\0';
        }
        if (out->warning)
                snprintf(text, sizeof(text), "%s%s:%s ", out->warning->is_over ? "-" : "",
                         out->warning->kind, out->warning->store);
        else if (out->rejected)
                snprintf(text, sizeof(text), "rejected:%s ", out->rejected->store);
        else if (out->audit)
                snprintf(text, sizeof(text), "audit:%s ", out->audit->store);
        hear(text);
}

static void on_reply(const struct service_reply *reply, void *userdata)
{
        (void)userdata;
        fixture.n_replies++;
        if (reply->error)
                hear(reply->error->error == STATUS_E_NO_SUCH_STORE ? "no such store" : "error");
        else
                hear_reply(reply->out);
        if (fixture.pending && fixture.n_replies == fixture.pause_after)
                fixture.pending->pause(fixture.pending);
}

static void listen_to(char **stores, size_t n_stores)
{
        struct message_monitor_notices in = { .stores = stores, .n_stores = n_stores };

        fixture.pending = notices_call(fixture.notices, &fixture.stores,
                                       &(struct service_call){ .method = MESSAGE_MONITOR_NOTICES,
                                                               .caller = &caller,
                                                               .in = &in,
                                                               .wants_more = true,
                                                               .reply = on_reply });
}

static void expect(const char *heard)
{
        assert_string_equal(fixture.heard, heard);
        fixture.heard[0] = '\0';
}

static void warn(const char *kind, const char *store, bool is_over)
{
        struct message_warning warning;

        schema_init(&message_warning_schema, &warning);
        warning.kind = (char *)kind;
        warning.store = (char *)store;
        warning.is_over = is_over;
        must(notices_warning(fixture.notices, &warning) == 0, "notices_warning");
}

static void refuse(const char *store)
{
        struct message_rejected rejected = { .store = (char *)store };

        notices_rejected(fixture.notices, &rejected);
}

static void audit(const char *store)
{
        struct message_audit_event event = { .store = (char *)store };

        notices_audit(fixture.notices, &event);
}

static void who_comes_late_is_told_what_stands(void **state)
{
        (void)state;
        warn("a", "default", false);
        warn("b", "user", false);
        warn("a", "user", false);
        warn("b", "user", true);
        refuse("default");
        audit("default");

        listen_to(NULL, 0);
        expect("a:default a:user ");
        assert_int_equal(notices_count_standing(fixture.notices), 2);
        assert_string_equal(notices_get_standing(fixture.notices, 1)->store, "user");
}

static void each_notice_is_told_once_in_order(void **state)
{
        (void)state;
        listen_to(NULL, 0);
        warn("a", "default", false);
        refuse("user");
        audit("default");
        warn("a", "default", true);
        expect("a:default rejected:user audit:default -a:default ");
}

static void what_did_not_stand_has_no_end(void **state)
{
        (void)state;
        listen_to(NULL, 0);
        warn("a", "default", true);
        expect("");
}

static void a_warning_told_again_takes_the_place_of_the_first(void **state)
{
        (void)state;
        warn("a", "default", false);
        warn("a", "default", false);
        assert_int_equal(notices_count_standing(fixture.notices), 1);
}

static void what_is_about_the_host_is_told_to_all(void **state)
{
        char *user[] = { (char *)"user" };

        (void)state;
        warn("a", "default", false);
        warn("b", "user", false);
        listen_to(user, 1);
        warn("c", "", false);
        refuse("default");
        audit("user");
        expect("b:user c: audit:user ");
}

static void a_store_that_is_not_there_is_refused(void **state)
{
        char *nobody[] = { (char *)"user", (char *)"nobody" };

        (void)state;
        listen_to(nobody, 2);
        expect("no such store");
        assert_null(fixture.pending);
}

/* What happens while the reader is paused, and what it is told afterwards. */
static void a_slow_reader_knows_what_it_missed(void **state)
{
        static const struct {
                const char *deeds; /* a, b: warnings; A, B: they are over; r, e: refusal, event */
                const char *heard;
        } ROWS[] = {
                { "", "" },
                { "r", "missed 1 " },
                { "reer", "missed 4 " },
                { "b", "b:default " },
                { "bB", "missed 1 a:default " },
                { "A", "missed 1 " },
                { "Aa", "missed 1 a:default " },
                { "a", "a:default " },
                { "rb", "missed 1 b:default " },
                { "bA", "missed 1 b:default " },
        };

        (void)state;
        warn("a", "default", false);
        listen_to(NULL, 0);
        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
                warn("a", "default", false);
                warn("b", "default", true);
                fixture.heard[0] = '\0';

                fixture.pending->pause(fixture.pending);
                for (const char *deed = ROWS[i].deeds; *deed; deed++) {
                        if (*deed == 'r')
                                refuse("default");
                        else if (*deed == 'e')
                                audit("default");
                        else
                                warn(*deed == 'a' || *deed == 'A' ? "a" : "b", "default",
                                     *deed < 'a');
                }
                expect("");
                fixture.pending->resume(fixture.pending);
                expect(ROWS[i].heard);
                refuse("user");
                expect("rejected:user ");
        }
}

static void a_reader_that_is_slow_at_once_goes_on_where_it_stopped(void **state)
{
        (void)state;
        listen_to(NULL, 0);
        fixture.pending->pause(fixture.pending);
        warn("a", "default", false);
        warn("b", "default", false);
        warn("c", "default", false);

        fixture.pause_after = 2;
        fixture.pending->resume(fixture.pending);
        expect("a:default b:default ");
        fixture.pending->resume(fixture.pending);
        expect("c:default ");
}

static void warnings_that_stand_are_limited(void **state)
{
        (void)state;
        for (int i = 0; i <= NOTICES_STANDING_MAX; i++) {
                char kind[16];

                snprintf(kind, sizeof(kind), "%d", i);
                warn(kind, "default", false);
        }
        assert_int_equal(notices_count_standing(fixture.notices), NOTICES_STANDING_MAX);

        listen_to(NULL, 0);
        assert_int_equal(fixture.n_replies, NOTICES_STANDING_MAX);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(who_comes_late_is_told_what_stands),
                TEST(each_notice_is_told_once_in_order),
                TEST(what_did_not_stand_has_no_end),
                TEST(a_warning_told_again_takes_the_place_of_the_first),
                TEST(what_is_about_the_host_is_told_to_all),
                TEST(a_store_that_is_not_there_is_refused),
                TEST(a_slow_reader_knows_what_it_missed),
                TEST(a_reader_that_is_slow_at_once_goes_on_where_it_stopped),
                TEST(warnings_that_stand_are_limited),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
