/* SPDX-License-Identifier: Apache-2.0 */
#include "service/admin.h"

#include "harness/fake_lane.h"
#include "harness/must.h"
#include "harness/test.h"
#include "harness/world.h"
#include "proto/compiler.h"
#include "proto/message_peers.h"
#include "proto/names.h"
#include "service/notices.h"
#include "trust/block.h"
#include "trust/snapshot.h"

#include <stdio.h>
#include <string.h>

static int set_up(void **state)
{
        *state = fake_lane_new();
        return 0;
}

static int tear_down(void **state)
{
        fake_lane_free(*state);
        return 0;
}

/* -- calls -------------------------------------------------------------------------------------- */

static void a_call_becomes_a_request(void **state)
{
        struct fake_lane *lane = *state;
        static const struct {
                enum message_method method;
                const char *in, *request;
        } ROWS[] = {
                { MESSAGE_UPDATE_TRUST_LIST, "{}", "replace" },
                { MESSAGE_UPDATE_TRUST_LIST, "{'trustedCertificates':[]}", "replace lists=1" },
                { MESSAGE_UPDATE_TRUST_LIST, "{'trustedCertificates':['$C','$C'],'trustedCrls':[]}",
                  "replace lists=3 n=2,0,0,0" },
                { MESSAGE_UPDATE_TRUST_LIST,
                  "{'issuerCertificates':['$C'],'issuerCrls':['$R'],'dryRun':true}",
                  "replace lists=12 n=0,0,1,1 dry" },
                { MESSAGE_ADD_CERTIFICATE, "{'data':'$C'}", "addCert lists=1 n=1,0,0,0" },
                { MESSAGE_ADD_CERTIFICATE, "{'data':'$C','list':'issuers','dryRun':true}",
                  "addCert lists=4 n=0,0,1,0 dry" },
                { MESSAGE_ADD_CRL, "{'data':'$R'}", "addCrl n=0,1,0,0" },
                { MESSAGE_ADD_CRL, "{'data':'$R','list':'trusted'}", "addCrl lists=2 n=0,1,0,0" },
                { MESSAGE_ADD_CRL, "{'data':'$R','list':'issuers'}", "addCrl lists=8 n=0,0,0,1" },
                { MESSAGE_REMOVE_CERTIFICATE, "{'thumbprint':'$S'}", "removeCert $S" },
                { MESSAGE_REMOVE_CERTIFICATE, "{'thumbprint':'$T','list':'trusted'}",
                  "removeCert roles=1 $T" },
                { MESSAGE_REMOVE_CERTIFICATE, "{'thumbprint':'$T','list':'issuers','dryRun':true}",
                  "removeCert roles=2 $T dry" },
                { MESSAGE_REMOVE_CRL, "{'thumbprint':'$S'}", "removeCrl $S" },
                { MESSAGE_TRUST_REJECTED, "{'thumbprint':'$S'}", "trustRejected $S" },
                { MESSAGE_REMOVE_REJECTED, "{'thumbprint':'$T','dryRun':true}",
                  "removeRejected $T dry" },
                { MESSAGE_BLOCK, "{'thumbprint':'$S','reason':'stolen'}",
                  "block sha256=$S because=stolen by=1000 at=1" },
                { MESSAGE_BLOCK, "{'thumbprint':'$T','dryRun':true}", "block sha256=$S dry" },
                { MESSAGE_BLOCK, "{'issuerThumbprint':'$S','serialNumber':'00fe'}",
                  "block serial=fe" },
                { MESSAGE_BLOCK, "{'issuerThumbprint':'$T','serialNumber':'FEF'}",
                  "block serial=0fef" },
                { MESSAGE_UNBLOCK, "{'thumbprint':'$S'}", "unblock sha256=$S" },
                { MESSAGE_UNBLOCK, "{'issuerThumbprint':'$S','serialNumber':'fe'}",
                  "unblock serial=fe" },
        };

        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
                char *request = fake_lane_expand(ROWS[i].request);

                fake_lane_expect(fake_lane_ask(lane, ROWS[i].method, ROWS[i].in),
                                 "{'parameters':{'update':");
                assert_string_equal(lane->asked, request);
                free(request);
        }
}

static void what_cannot_be_asked_is_refused_and_asks_nothing(void **state)
{
        struct fake_lane *lane = *state;
        static const struct {
                enum message_method method;
                const char *in, *error;
        } ROWS[] = {
                { MESSAGE_UPDATE_TRUST_LIST, "{'issuerCrls':['$R','$R','','$R']}",
                  REFUSED("issuerCrls[2]") },
                { MESSAGE_UPDATE_TRUST_LIST, "{'trustedCertificates':['$H']}",
                  REFUSED("trustedCertificates[0]") },
                { MESSAGE_UPDATE_TRUST_LIST, "{'store':'other'}", "NoSuchStore" },
                { MESSAGE_ADD_CERTIFICATE, "{'data':'$H'}", REFUSED("data") },
                { MESSAGE_ADD_CERTIFICATE, "{'data':'$C','list':'rejected'}", REFUSED("list") },
                { MESSAGE_ADD_CRL, "{'data':''}", REFUSED("data") },
                { MESSAGE_ADD_CRL, "{'data':'$R','list':'x'}", REFUSED("list") },
                { MESSAGE_REMOVE_CERTIFICATE, "{'thumbprint':'00'}", REFUSED("thumbprint") },
                { MESSAGE_REMOVE_CERTIFICATE, "{'thumbprint':'$S','list':'own'}", REFUSED("list") },
                { MESSAGE_REMOVE_CRL, "{'thumbprint':'$T'}", REFUSED("thumbprint") },
                { MESSAGE_TRUST_REJECTED, "{'thumbprint':'x'}", REFUSED("thumbprint") },
                { MESSAGE_REMOVE_REJECTED, "{'thumbprint':''}", REFUSED("thumbprint") },
                { MESSAGE_BLOCK, "{}", REFUSED("thumbprint") },
                { MESSAGE_BLOCK, "{'thumbprint':'x'}", REFUSED("thumbprint") },
                { MESSAGE_BLOCK, "{'thumbprint':'$S','serialNumber':'01'}", REFUSED("thumbprint") },
                { MESSAGE_BLOCK, "{'issuerThumbprint':'$S'}", REFUSED("serialNumber") },
                { MESSAGE_BLOCK, "{'issuerThumbprint':'$S','serialNumber':''}",
                  REFUSED("serialNumber") },
                { MESSAGE_BLOCK, "{'issuerThumbprint':'$S','serialNumber':'no'}",
                  REFUSED("serialNumber") },
                { MESSAGE_BLOCK, "{'issuerThumbprint':'no','serialNumber':'01'}",
                  REFUSED("issuerThumbprint") },
                { MESSAGE_BLOCK,
                  "{'issuerThumbprint':'0000000000000000000000000000000000000000',"
                  "'serialNumber':'01'}",
                  "NoSuchCertificate" },
                { MESSAGE_UNBLOCK, "{'thumbprint':'0000000000000000000000000000000000000000'}",
                  "NoSuchCertificate" },
                { MESSAGE_BEGIN_UPDATE, "{'lists':[]}", REFUSED("lists") },
                { MESSAGE_BEGIN_UPDATE, "{'lists':['trusted']}", REFUSED("lists") },
                { MESSAGE_ADD_TO_UPDATE, "{'updateId':'x','list':'trustedCrls','data':''}",
                  REFUSED("updateId") },
                { MESSAGE_APPLY_UPDATE, "{'updateId':'x'}", REFUSED("updateId") },
                { MESSAGE_CANCEL_UPDATE, "{'updateId':'x'}", REFUSED("updateId") },
        };

        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
                fake_lane_expect(fake_lane_ask(lane, ROWS[i].method, ROWS[i].in), ROWS[i].error);
                assert_int_equal(lane->n_asked, 0);
        }
}

static void a_serial_number_has_a_limit(void **state)
{
        struct fake_lane *lane = *state;
        char in[320], digits[2 * BLOCK_SERIAL_MAX + 2];

        memset(digits, '1', sizeof(digits));
        for (size_t n = 2 * BLOCK_SERIAL_MAX; n <= 2 * BLOCK_SERIAL_MAX + 1; n++) {
                snprintf(in, sizeof(in), "{'issuerThumbprint':'$S','serialNumber':'%.*s'}", (int)n,
                         digits);
                fake_lane_expect(fake_lane_ask(lane, MESSAGE_BLOCK, in),
                                 n > 2 * BLOCK_SERIAL_MAX ? REFUSED("serialNumber")
                                                          : "{'parameters'");
        }
}

static void a_reason_has_a_limit(void **state)
{
        struct fake_lane *lane = *state;
        char in[NAMES_TEXT_MAX_BYTES + 128], reason[NAMES_TEXT_MAX_BYTES + 1];

        memset(reason, 'x', sizeof(reason));
        for (int n = NAMES_TEXT_MAX_BYTES; n <= NAMES_TEXT_MAX_BYTES + 1; n++) {
                snprintf(in, sizeof(in), "{'thumbprint':'$S','reason':'%.*s'}", n, reason);
                fake_lane_expect(fake_lane_ask(lane, MESSAGE_REMOVE_CRL, in),
                                 n > NAMES_TEXT_MAX_BYTES ? REFUSED("reason") : "{'parameters'");
                snprintf(in, sizeof(in), "{'lists':['issuerCrls'],'reason':'%.*s'}", n, reason);
                fake_lane_expect(fake_lane_ask(lane, MESSAGE_BEGIN_UPDATE, in),
                                 n > NAMES_TEXT_MAX_BYTES ? REFUSED("reason") : "{'parameters'");
        }
}

/* -- outcomes ----------------------------------------------------------------------------------- */

static void an_outcome_is_said_in_the_words_of_the_call(void **state)
{
        struct fake_lane *lane = *state;
        static const struct {
                enum message_method method;
                const char *in;
                enum update_status status;
                const char *subject, *reason;
                const char *reply;
        } ROWS[] = {
                { MESSAGE_REMOVE_CERTIFICATE, "{'thumbprint':'$S'}", UPDATE_NOT_FOUND, NULL, NULL,
                  "NoSuchCertificate','parameters':{'thumbprint':'$S'}" },
                { MESSAGE_UNBLOCK, "{'issuerThumbprint':'$S','serialNumber':'fe'}",
                  UPDATE_NOT_FOUND, NULL, NULL,
                  "NoSuchCertificate','parameters':{'thumbprint':'fe'}" },
                { MESSAGE_ADD_CERTIFICATE, "{'data':'$C'}", UPDATE_BAD_REQUEST, "data",
                  "is no certificate", REFUSED("data") "'reason':'is no certificate'" },
                { MESSAGE_UPDATE_TRUST_LIST, "{}", UPDATE_TOO_LARGE, "20000 objects", NULL,
                  "TooLarge','parameters':{'limit':'20000 objects'}" },
                { MESSAGE_ADD_CERTIFICATE, "{'data':'$C'}", UPDATE_NOT_WRITABLE, "/some/where",
                  "chown it", "ReadOnly','parameters':{'path':'/some/where','reason':'chown it'}" },
                { MESSAGE_REMOVE_CERTIFICATE, "{'thumbprint':'$S'}", UPDATE_FOREIGN,
                  "qt/trusted/certs/a", "remove it there",
                  "ReadOnly','parameters':{'path':'qt/trusted/certs/a','reason':'remove it "
                  "there'}" },
                { MESSAGE_ADD_CRL, "{'data':'$R'}", UPDATE_CONFLICT, "/some/where", NULL,
                  "Conflict','parameters':{'path':'/some/where'}" },
                { MESSAGE_ADD_CRL, "{'data':'$R'}", UPDATE_BUSY, NULL, NULL, "Busy" },
                { MESSAGE_ADD_CRL, "{'data':'$R'}", UPDATE_NOT_READY, NULL, "gone",
                  "StoreNotReady','parameters':{'store':'default','reason':'gone'}" },
        };

        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
                lane->outcome.status = ROWS[i].status;
                lane->outcome.subject = (char *)ROWS[i].subject;
                lane->outcome.reason = (char *)ROWS[i].reason;
                fake_lane_expect(fake_lane_ask(lane, ROWS[i].method, ROWS[i].in), ROWS[i].reply);
        }
}

static void a_refused_object_is_named_by_its_place(void **state)
{
        struct fake_lane *lane = *state;
        static const struct {
                enum message_method method;
                const char *in;
                size_t n, index;
                const char *reply;
        } ROWS[] = {
                { MESSAGE_UPDATE_TRUST_LIST, "{}", 1, 3,
                  REFUSED("issuerCrls[3]") "'reason':'BadCertificateInvalid: it is bad'" },
                { MESSAGE_UPDATE_TRUST_LIST, "{}", 3, 0,
                  REFUSED("issuerCrls[0]") "'reason':'BadCertificateInvalid: it is bad (and 2 "
                                           "more)'" },
                { MESSAGE_UPDATE_TRUST_LIST, "{}", 1, SIZE_MAX,
                  REFUSED("issuerCrls") "'reason':'abab" },
                { MESSAGE_ADD_CRL, "{'data':'$R'}", 1, 0, REFUSED("data") },
                { MESSAGE_TRUST_REJECTED, "{'thumbprint':'$S'}", 1, 0, REFUSED("thumbprint") },
        };

        lane->outcome.status = UPDATE_REFUSED;
        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
                struct update_refusal refusals[3] = {
                        { .list = UPDATE_ISSUER_CRLS,
                          .index = ROWS[i].index,
                          .status_code = STATUS_CERTIFICATE_INVALID,
                          .reason = (char *)"it is bad" },
                };

                memset(refusals[0].sha256, 0xab, sizeof(refusals[0].sha256));
                lane->outcome.refusals.items = refusals;
                lane->outcome.refusals.n = ROWS[i].n;
                fake_lane_expect(fake_lane_ask(lane, ROWS[i].method, ROWS[i].in), ROWS[i].reply);
        }
}

static void what_the_machine_fails_to_do_is_busy(void **state)
{
        struct fake_lane *lane = *state;
        static const struct {
                int submit_r, r;
                const char *error;
        } ROWS[] = {
                { -EBUSY, 0, "Busy" },
                { -ENOMEM, 0, "Busy" },
                { -ENOENT, 0, "Busy" },
                { 0, -ENOMEM, "Busy" },
                { 0, -ECANCELED, "NoSuchStore','parameters':{'store':'default'}" },
        };

        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
                lane->submit_r = ROWS[i].submit_r;
                lane->r = ROWS[i].r;
                fake_lane_expect(fake_lane_ask(lane, MESSAGE_ADD_CERTIFICATE, "{'data':'$C'}"),
                                 ROWS[i].error);
        }
}

static void what_was_done_is_told(void **state)
{
        struct fake_lane *lane = *state;
        struct update_thumbprint added[2], removed[1];

        memset(added, 0x11, sizeof(added));
        memset(removed, 0x22, sizeof(removed));
        lane->outcome.has_changed = true;
        lane->outcome.added.items = added;
        lane->outcome.added.n = 2;
        lane->outcome.removed.items = removed;
        lane->outcome.removed.n = 1;
        fake_lane_expect(fake_lane_ask(lane, MESSAGE_ADD_CERTIFICATE, "{'data':'$C'}"),
                         "{'parameters':{'update':{'changed':true,'store':'default','agentId':"
                         "'" CORE_AGENT_ID "','generation':1,'added':['1111");
        fake_lane_expect(lane->core->reply, "2222'],'fallen':[]}}}");

        lane->outcome = (struct update_outcome)UPDATE_OUTCOME_NULL;
        fake_lane_expect(fake_lane_ask(lane, MESSAGE_ADD_CERTIFICATE, "{'data':'$C'}"),
                         "{'changed':false,");
}

static void who_is_gone_gets_no_reply(void **state)
{
        struct fake_lane *lane = *state;
        char *in = fake_lane_expand("{'data':'$C'}");

        service_cancel(core_begin(lane->core, MESSAGE_ADD_CERTIFICATE, in));
        assert_int_equal(lane->n_asked, 1);
        assert_true(core_run_job(lane->core));
        assert_int_equal(lane->core->n_replies, 0);
        free(in);
}

static void the_configuration_is_read_anew(void **state)
{
        struct fake_lane *lane = *state;
        fake_lane_expect(fake_lane_ask(lane, MESSAGE_RELOAD, "{}"), "{'parameters':{}}");
        lane->reload_fault = "file:3: no such key";
        fake_lane_expect(fake_lane_ask(lane, MESSAGE_RELOAD, "{}"),
                         REFUSED("configuration") "'reason':'file:3: no such key'");
}

/* -- who falls ---------------------------------------------------------------------------------- */

/* Return: what ends the watch. */
static struct service_pending *watch_leaf(struct fake_lane *lane)
{
        struct service_pending *watch;
        char in[64], *id, *peers;
        const char *at;

        watch = core_begin(lane->core, MESSAGE_WATCH_PEERS, "{}");
        at = strstr(lane->core->reply, "\"watchId\":\"");
        must(at, "no watch: %s", lane->core->reply);
        id = strndup(at + strlen("\"watchId\":\""), 32);
        snprintf(in, sizeof(in), "{'watchId':'%s','peers':[", id);
        must(asprintf(&peers,
                      "%s{'key':'session 7','certificates':['$C'],'purpose':'client',"
                      "'context':{'peerAddress':'192.0.2.1'}}]}",
                      in) > 0,
             "no memory");
        fake_lane_expect(fake_lane_ask(lane, MESSAGE_REGISTER_PEERS, peers), "'cause':'good'");
        free(peers);
        free(id);
        return watch;
}

static void who_falls_is_named(void **state)
{
        struct fake_lane *lane = *state;
        struct world *world = world_new();
        struct snapshot *empty = world_build(world);
        struct service_pending *watch = watch_leaf(lane);

        lane->outcome.has_changed = true;
        lane->outcome.after = lane->core->snap;
        fake_lane_expect(fake_lane_ask(lane, MESSAGE_REMOVE_CERTIFICATE, "{'thumbprint':'$S'}"),
                         "'fallen':[]");

        lane->outcome.after = empty;
        fake_lane_expect(
                fake_lane_ask(lane, MESSAGE_REMOVE_CERTIFICATE,
                              "{'thumbprint':'$S','dryRun':true}"),
                "'fallen':[{'key':'session 7','cause':'untrusted','statusName':"
                "'BadCertificateChainIncomplete','subject':'CN=Leaf','uid':1000,'context':{"
                "'application':null,'peerAddress':'192.0.2.1','endpointUrl':null}}]");

        lane->outcome.has_changed = false;
        fake_lane_expect(fake_lane_ask(lane, MESSAGE_REMOVE_CERTIFICATE, "{'thumbprint':'$S'}"),
                         "'fallen':[]");
        service_cancel(watch);
        snapshot_unref(empty);
        world_free(world);
}

/* -- audit -------------------------------------------------------------------------------------- */

static void on_notice(const struct notice *notice, void *userdata)
{
        char *heard = userdata;
        const struct message_audit_event *event = notice->audit;

        must(event, "no audit event");
        assert_string_equal(event->event_type, "TrustListUpdatedAuditEventType");
        assert_int_equal(event->event_type_id, 12561);
        assert_int_equal(strlen(event->event_id), 32);
        assert_int_equal(event->time, MINT_NOW_S);
        assert_int_equal(event->generation, 1);
        assert_int_equal(event->uid, 4);
        assert_string_equal(event->store, "default");
        snprintf(heard + strlen(heard), 512 - strlen(heard), "%s, %s\n", event->source_name,
                 event->message);
}

static void what_changed_something_is_audited_once(void **state)
{
        struct fake_lane *lane = *state;
        struct notices_subscriber *subscriber;
        char heard[512] = "", *expected;

        must(notices_subscribe(service_notices(lane->core->service), on_notice, heard,
                               &subscriber) == 0,
             "notices_subscribe");
        lane->core->caller.uid = 4;
        lane->outcome.has_changed = true;
        lane->outcome.removed.n = 2;
        lane->outcome.removed.items = (struct update_thumbprint[2]){ { { 1 } }, { { 2 } } };
        fake_lane_ask(lane, MESSAGE_REMOVE_CERTIFICATE,
                      "{'thumbprint':'$S','reason':'old','dryRun':true}");
        fake_lane_ask(lane, MESSAGE_REMOVE_CERTIFICATE, "{'thumbprint':'$S','reason':'old'}");
        fake_lane_ask(lane, MESSAGE_UPDATE_TRUST_LIST, "{'trustedCrls':[],'reason':'all'}");
        fake_lane_ask(lane, MESSAGE_BLOCK, "{'thumbprint':'$S'}");
        lane->outcome.has_changed = false;
        fake_lane_ask(lane, MESSAGE_REMOVE_CERTIFICATE, "{'thumbprint':'$S'}");

        expected = fake_lane_expand(
                "Method/RemoveCertificate, RemoveCertificate $S: 0 added, 2 removed; "
                "reason: old\n"
                "Method/CloseAndUpdate, UpdateTrustList: 0 added, 2 removed; reason: all\n"
                "Method/Block, Block $S: 0 added, 2 removed\n");
        assert_string_equal(heard, expected);
        free(expected);
        notices_unsubscribe(subscriber);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
                TEST(a_call_becomes_a_request),
                TEST(what_cannot_be_asked_is_refused_and_asks_nothing),
                TEST(a_serial_number_has_a_limit),
                TEST(a_reason_has_a_limit),
                TEST(an_outcome_is_said_in_the_words_of_the_call),
                TEST(a_refused_object_is_named_by_its_place),
                TEST(what_the_machine_fails_to_do_is_busy),
                TEST(what_was_done_is_told),
                TEST(who_is_gone_gets_no_reply),
                TEST(the_configuration_is_read_anew),
                TEST(who_falls_is_named),
                TEST(what_changed_something_is_audited_once),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
