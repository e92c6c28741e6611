/* SPDX-License-Identifier: Apache-2.0 */
#include "service/rejections.h"

#include "harness/must.h"
#include "harness/test.h"
#include "harness/world.h"
#include "pki/cert.h"
#include "proto/hex.h"
#include "proto/message_trust.h"
#include "service/recorder.h"
#include "service/service_call.h"
#include "service/stores.h"
#include "trust/snapshot.h"

#include <string.h>

static const struct mint_cert A = { .subject = "CN=a", .key = "p256-a" };
static const struct mint_cert B = { .subject = "CN=b", .key = "p256-b" };
static const struct mint_cert C = { .subject = "CN=c", .key = "p256-c" };
static const struct mint_cert OTHER = { .subject = "CN=other", .key = "p256-other" };

static struct scene {
        struct world *world;
        struct stores stores;
        struct store_state *state;
        struct recorder *recorder;

        char subjects[64]; /* of the last reply */
        char next[128];
        char reason[128]; /* of its first row */
        int64_t count;
        enum status_error error;
} scene;

static int64_t tell_time(void)
{
        return MINT_NOW_S;
}

static void on_wake(bool is_new, void *userdata)
{
        (void)is_new;
        (void)userdata;
}

static void on_reply(const struct service_reply *reply, void *userdata)
{
        const struct message_list_rejected_reply *out = reply->out;

        (void)userdata;
        scene.error = reply->error ? reply->error->error : STATUS_OK;
        scene.subjects[0] = scene.next[0] = scene.reason[0] = '\0';
        scene.count = -1;
        if (reply->error)
                return;

        assert_string_equal(out->store, "default");
        for (size_t i = 0; i < out->n_rejected; i++)
                strncat(scene.subjects, out->rejected[i].subject + strlen("CN="), 8);
        if (out->next)
                snprintf(scene.next, sizeof(scene.next), "%s", out->next);
        if (out->n_rejected > 0) {
                snprintf(scene.reason, sizeof(scene.reason), "%s", out->rejected[0].reason);
                scene.count = out->rejected[0].count;
        }
}

static void list(const char *after, int64_t limit)
{
        struct message_list_rejected in = { .after = (char *)after, .limit = limit };

        rejections_list(scene.recorder, scene.state,
                        &(struct service_call){
                                .method = MESSAGE_LIST_REJECTED, .in = &in, .reply = on_reply });
}

/* The recorder learns that a certificate was last seen then. */
static void know(struct rejected_list *known, const struct cert *cert, int64_t last_seen)
{
        struct rejected_note note;
        struct rejected_file *file;

        schema_init(&rejected_note_schema, &note);
        note.sha256 = must_calloc(1, 65);
        hex_encode(cert->sha256, 32, note.sha256);
        note.status_name = must_strdup("BadCertificateUntrusted");
        note.reason = must_strdup("it is unknown");
        note.purpose = must_strdup("client");
        note.last_seen = last_seen;
        note.count = 3;
        must(rejected_list_add(known, cert->sha256, &file) == 0, "rejected_list_add");
        must(rejected_record_new(&note, &file->record) == 0, "rejected_record_new");
        file->has_cert = file->has_note = true;
}

static const struct cert *find(const char *subject)
{
        const struct snapshot *snap = scene.state->snap;

        for (size_t i = 0; i < snap->n_certs; i++) {
                CLEANUP(freep) char *text = NULL;

                must(name_text(&snap->certs[i].cert->subject, &text) == 0, "name_text");
                if (strcmp(text, subject) == 0)
                        return snap->certs[i].cert;
        }
        must(false, "no %s", subject);
        return NULL;
}

static int set_up(void **state)
{
        static const char *const SOURCES[] = { "/nowhere", NULL };
        const struct recorder_writer writer = { on_wake, NULL };
        struct rejected_outcome outcome = REJECTED_OUTCOME_NULL;
        size_t handle;

        (void)state;
        scene = (struct scene){ .world = world_new() };
        world_add_cert(scene.world, ROLE_REJECTED, "default/rejected/certs/a.der", &A);
        world_add_cert(scene.world, ROLE_REJECTED, "default/rejected/certs/b.der", &B);
        world_add_cert(scene.world, ROLE_REJECTED, "old/rejected/c.der", &C);
        world_add_cert(scene.world, ROLE_ISSUERS, "default/issuers/certs/other.der", &OTHER);
        must(stores_add(&scene.stores, "default", SOURCES, &handle) == 0, "stores_add");
        scene.state = stores_at(&scene.stores, handle);
        scene.state->snap = world_build(scene.world);
        must(recorder_new(&(struct recorder_config){ .stores = &scene.stores,
                                                     .now_s = tell_time,
                                                     .monotonic_ns = tell_time },
                          &scene.recorder) == 0,
             "recorder_new");
        must(recorder_open(scene.recorder, handle, &writer) == 0, "recorder_open");
        must(rejected_list_new(&outcome.list) == 0, "rejected_list_new");
        know(outcome.list, find("CN=a"), 100);
        know(outcome.list, find("CN=b"), 200);
        recorder_settle(scene.recorder, handle, &outcome, 0);
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        recorder_free(scene.recorder);
        stores_deinit(&scene.stores);
        world_free(scene.world);
        return 0;
}

/* -- tests ------------------------------------------------------------------------------------- */

static void last_seen_first_and_what_is_not_known_at_the_end(void **state)
{
        (void)state;
        list(NULL, SCHEMA_INT_ABSENT);
        assert_int_equal(scene.error, STATUS_OK);
        assert_string_equal(scene.subjects, "bac");
        assert_string_equal(scene.next, "");
        assert_string_equal(scene.reason, "it is unknown");
        assert_int_equal(scene.count, 3);
}

static void pages_follow_each_other(void **state)
{
        char after[sizeof(scene.next)];

        (void)state;
        list(NULL, 1);
        assert_string_equal(scene.subjects, "b");
        snprintf(after, sizeof(after), "%s", scene.next);
        list(after, 1);
        assert_string_equal(scene.subjects, "a");
        snprintf(after, sizeof(after), "%s", scene.next);
        list(after, 1);
        assert_string_equal(scene.subjects, "c");
        assert_string_equal(scene.next, "");
        assert_string_equal(scene.reason, "not known: found as old/rejected/c.der");
        assert_int_equal(scene.count, 0);

        list(NULL, 3);
        assert_string_equal(scene.next, "");
}

#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"

static void what_is_no_page_is_refused(void **state)
{
        static const struct {
                const char *after;
                int64_t limit;
                bool is_page;
        } ROWS[] = {
                { NULL, 1, true },
                { NULL, 1000, true },
                { "0-" ZEROS, 1, true },
                { "999999999999999999-" ZEROS, 1, true },
                { NULL, 0, false },
                { NULL, 1001, false },
                { NULL, -1, false },
                { "", 1, false },
                { "-" ZEROS, 1, false },
                { "-1-" ZEROS, 1, false },
                { "1000000000000000000-" ZEROS, 1, false },
                { "1-" ZEROS "00", 1, false },
                { "1-" ZEROS "\n", 1, false },
                { "1-00", 1, false },
                { "x-" ZEROS, 1, false },
                { ZEROS, 1, false },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
                list(ROWS[i].after, ROWS[i].limit);
                assert_int_equal(scene.error, ROWS[i].is_page ? STATUS_OK : STATUS_E_BAD_REQUEST);
        }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(last_seen_first_and_what_is_not_known_at_the_end),
                TEST(pages_follow_each_other),
                TEST(what_is_no_page_is_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
