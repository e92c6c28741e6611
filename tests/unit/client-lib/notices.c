/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/dialogue.h"
#include "harness/test.h"
#include "harness/tree.h"
#include "proto/compiler.h"

#include <uatrust/reading.h>

#include <stdio.h>
#include <string.h>

#define MORE(fields) "{\"parameters\":{" fields "},\"continues\":true}\n"
#define WARNING                                                                                    \
        "\"warning\":{\"kind\":\"crlMissing\",\"store\":\"default\",\"generation\":7,"             \
        "\"time\":99,\"isOver\":false,\"message\":\"lacks\",\"sha256\":\"aa\",\"until\":100}"
#define REJECTED                                                                                   \
        "\"rejected\":{\"store\":\"default\",\"sha256\":\"bb\",\"thumbprint\":\"t\","              \
        "\"subject\":\"CN=X\",\"issuer\":\"CN=Y\",\"statusName\":\"Bad\",\"reason\":\"r\","        \
        "\"purpose\":\"client\",\"firstSeen\":1,\"lastSeen\":2,\"count\":3,\"chain\":[]}"
#define AUDIT                                                                                      \
        "\"audit\":{\"eventId\":\"e\",\"eventType\":\"T\",\"eventTypeId\":5,\"sourceName\":\"s\"," \
        "\"time\":9,\"store\":\"default\",\"statusName\":\"Bad\",\"severity\":\"error\","          \
        "\"message\":\"m\",\"count\":2,\"statusCode\":2149187584,\"uid\":0}"

struct fixture {
        struct dialogue dialogue;
        struct uatrust_notices *notices;
        char heard[256];
        bool frees; /* the notices, in their callback */
};

static int set_up(void **state)
{
        static struct fixture fixture;

        fixture = (struct fixture){ .frees = false };
        dialogue_init(&fixture.dialogue);
        *state = &fixture;
        return 0;
}

static int tear_down(void **state)
{
        struct fixture *fixture = *state;

        uatrust_notices_free(fixture->notices);
        dialogue_deinit(&fixture->dialogue);
        return 0;
}

static void on_notice(struct uatrust_notices *notices, const struct uatrust_notice *notice,
                      const struct uatrust_error *error, void *userdata)
{
        struct fixture *fixture = userdata;
        size_t n = strlen(fixture->heard);
        int64_t missed = 0;

        assert_true(!notice != !error);
        if (error) {
                snprintf(fixture->heard + n, sizeof(fixture->heard) - n, "error %d ",
                         uatrust_error_get_code(error));
        } else {
                uatrust_notice_get_missed(notice, &missed);
                snprintf(fixture->heard + n, sizeof(fixture->heard) - n, "%s%s%s%d ",
                         uatrust_notice_get_warning(notice) ? "warning" : "",
                         uatrust_notice_get_rejected(notice) ? "rejected" : "",
                         uatrust_notice_get_audit_event(notice) ? "audit" : "", (int)missed);
        }
        if (fixture->frees) {
                uatrust_notices_free(notices);
                fixture->notices = NULL;
        }
}

/* Until this was heard; what is heard beyond it, or instead, fails. */
static void expect(struct fixture *fixture, const char *heard)
{
        for (int i = 0; i < 200 && strlen(fixture->heard) < strlen(heard); i++) {
                uatrust_wait(fixture->dialogue.client, 100, NULL);
                assert_int_equal(uatrust_process(fixture->dialogue.client, NULL), 0);
        }
        assert_string_equal(fixture->heard, heard);
        fixture->heard[0] = '\0';
}

static void every_kind_is_told_and_again_by_the_next_agent(void **state)
{
        static const struct fake_agent_row rows[] = {
                { "\"stores\":[\"default\"]",
                  MORE(WARNING) MORE(REJECTED) MORE(AUDIT ",\"missed\":4") },
        };
        const char *stores[] = { "default" };
        struct fixture *fixture = *state;

        assert_int_equal(uatrust_notices_new(fixture->dialogue.client, stores, 1, on_notice,
                                             fixture, &fixture->notices, NULL),
                         0);
        expect(fixture, "error 40 ");
        dialogue_start(&fixture->dialogue, rows, 1);
        expect(fixture, "warning0 rejected0 audit4 ");
        fixture->dialogue.agent = fake_agent_free(fixture->dialogue.agent);
        expect(fixture, "error 40 ");
        dialogue_start(&fixture->dialogue, rows, 1);
        expect(fixture, "warning0 rejected0 audit4 ");
}

static void what_cannot_be_read_is_an_error_once(void **state)
{
        static const struct fake_agent_row rows[] = {
                { "MonitorNotices", "{\"error\":\"org.varlink.service.PermissionDenied\"}\n" },
                { "MonitorNotices", "{\"error\":\"org.varlink.service.PermissionDenied\"}\n" },
                { "MonitorNotices", MORE(WARNING) "foo\n" },
                { "MonitorNotices", MORE(REJECTED) },
        };
        struct fixture *fixture = *state;

        dialogue_start(&fixture->dialogue, rows, ARRAY_SIZE(rows));
        assert_int_equal(uatrust_notices_new(fixture->dialogue.client, NULL, 0, on_notice, fixture,
                                             &fixture->notices, NULL),
                         0);
        expect(fixture, "error 24 warning0 error 42 rejected0 ");
}

static void notices_may_be_freed_in_their_callback(void **state)
{
        static const struct fake_agent_row row = { "MonitorNotices", MORE(WARNING) MORE(REJECTED) };
        struct fixture *fixture = *state;

        fixture->frees = true;
        dialogue_start(&fixture->dialogue, &row, 1);
        assert_int_equal(uatrust_notices_new(fixture->dialogue.client, NULL, 0, on_notice, fixture,
                                             &fixture->notices, NULL),
                         0);
        expect(fixture, "warning0 ");
        assert_null(fixture->notices);
}

static void without_a_callback_there_are_none(void **state)
{
        struct fixture *fixture = *state;

        assert_int_equal(uatrust_notices_new(fixture->dialogue.client, NULL, 0, NULL, NULL,
                                             &fixture->notices, NULL),
                         UATRUST_E_INVALID_ARGUMENT);
        assert_int_equal(
                uatrust_notices_new(NULL, NULL, 0, on_notice, NULL, &fixture->notices, NULL),
                UATRUST_E_NO_MEMORY);
        assert_null(fixture->notices);
}

static void look(struct uatrust_notices *notices, const struct uatrust_notice *notice,
                 const struct uatrust_error *error, void *userdata)
{
        const struct uatrust_warning *warning = uatrust_notice_get_warning(notice);
        const struct uatrust_audit_event *audit = uatrust_notice_get_audit_event(notice);
        struct fixture *fixture = userdata;
        int64_t number;
        char *json;

        (void)notices;
        (void)error;
        strcat(fixture->heard, "x");
        if (warning) {
                assert_string_equal(uatrust_warning_get_kind(warning), "crlMissing");
                assert_string_equal(uatrust_warning_get_store(warning), "default");
                assert_int_equal(uatrust_warning_get_generation(warning), 7);
                assert_int_equal(uatrust_warning_get_time(warning), 99);
                assert_false(uatrust_warning_is_over(warning));
                assert_string_equal(uatrust_warning_get_message(warning), "lacks");
                assert_string_equal(uatrust_warning_get_sha256(warning), "aa");
                assert_null(uatrust_warning_get_subject(warning));
                assert_null(uatrust_warning_get_list(warning));
                assert_true(uatrust_warning_get_until(warning, &number));
                assert_int_equal(number, 100);
                json = uatrust_notice_to_json(notice);
                assert_non_null(strstr(json, "crlMissing"));
                free(json);
                return;
        }

        assert_string_equal(uatrust_audit_event_get_event_id(audit), "e");
        assert_string_equal(uatrust_audit_event_get_event_type(audit), "T");
        assert_int_equal(uatrust_audit_event_get_event_type_id(audit), 5);
        assert_string_equal(uatrust_audit_event_get_source_name(audit), "s");
        assert_int_equal(uatrust_audit_event_get_time(audit), 9);
        assert_string_equal(uatrust_audit_event_get_store(audit), "default");
        assert_string_equal(uatrust_audit_event_get_status_name(audit), "Bad");
        assert_string_equal(uatrust_audit_event_get_severity(audit), "error");
        assert_string_equal(uatrust_audit_event_get_message(audit), "m");
        assert_int_equal(uatrust_audit_event_get_count(audit), 2);
        assert_false(uatrust_audit_event_get_generation(audit, &number));
        assert_true(uatrust_audit_event_get_status_code(audit, &number));
        assert_int_equal(number, 0x801a0000);
        assert_null(uatrust_audit_event_get_thumbprint(audit));
        assert_null(uatrust_audit_event_get_subject(audit));
        assert_true(uatrust_audit_event_get_uid(audit, &number));
        assert_false(uatrust_audit_event_get_pid(audit, &number));
        assert_null(uatrust_audit_event_get_unit(audit));
        assert_null(uatrust_audit_event_get_application(audit));
}

static void fields_are_read_one_by_one(void **state)
{
        static const struct fake_agent_row row = { "MonitorNotices", MORE(WARNING) MORE(AUDIT) };
        struct fixture *fixture = *state;

        dialogue_start(&fixture->dialogue, &row, 1);
        assert_int_equal(uatrust_notices_new(fixture->dialogue.client, NULL, 0, look, fixture,
                                             &fixture->notices, NULL),
                         0);
        expect(fixture, "xx");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(every_kind_is_told_and_again_by_the_next_agent),
                TEST(what_cannot_be_read_is_an_error_once),
                TEST(notices_may_be_freed_in_their_callback),
                TEST(without_a_callback_there_are_none),
                TEST(fields_are_read_one_by_one),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
