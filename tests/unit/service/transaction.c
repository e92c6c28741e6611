/* SPDX-License-Identifier: Apache-2.0 */
#include "service/transaction.h"

#include "harness/fake_lane.h"
#include "harness/must.h"
#include "harness/test.h"
#include "harness/world.h"
#include "proto/names.h"
#include "service/stores.h"

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

/* -- updates in parts --------------------------------------------------------------------------- */

static void begin(struct fake_lane *lane, const char *lists, char out_id[33])
{
        char in[128];
        const char *reply, *id;

        snprintf(in, sizeof(in), "{'lists':[%s],'reason':'parts'}", lists);
        reply = fake_lane_ask(lane, MESSAGE_BEGIN_UPDATE, in);
        id = strstr(reply, "\"updateId\":\"");
        if (!id)
                fail_msg("%s", reply);
        snprintf(out_id, 33, "%s", id + strlen("\"updateId\":\""));
}

static const char *go_on(struct fake_lane *lane, enum message_method method, const char *id,
                         const char *more)
{
        char in[4096];

        snprintf(in, sizeof(in), "{'updateId':'%s'%s}", id, more);
        return fake_lane_ask(lane, method, in);
}

#define DONE "{'parameters':{}}"

static void parts_are_applied_together(void **state)
{
        struct fake_lane *lane = *state;
        char id[33];

        begin(lane, "'trustedCrls','trustedCertificates'", id);
        assert_int_equal(lane->n_ticks, 1);
        fake_lane_expect(
                go_on(lane, MESSAGE_ADD_TO_UPDATE, id, ",'list':'trustedCrls','data':'$R'"), DONE);
        fake_lane_expect(
                go_on(lane, MESSAGE_ADD_TO_UPDATE, id, ",'list':'trustedCrls','data':'$R'"), DONE);
        fake_lane_expect(
                go_on(lane, MESSAGE_ADD_TO_UPDATE, id, ",'list':'trustedCertificates','data':'$C'"),
                DONE);
        fake_lane_expect(go_on(lane, MESSAGE_ADD_TO_UPDATE, id, ",'list':'issuerCrls','data':'$R'"),
                         REFUSED("list"));
        fake_lane_expect(go_on(lane, MESSAGE_ADD_TO_UPDATE, id, ",'list':'x','data':'$R'"),
                         REFUSED("list"));
        assert_int_equal(lane->n_asked, 0);

        fake_lane_expect(go_on(lane, MESSAGE_APPLY_UPDATE, id, ",'dryRun':true"),
                         "{'parameters':{'update'");
        assert_string_equal(lane->asked, "replace lists=3 n=1,2,0,0 dry");
        fake_lane_expect(go_on(lane, MESSAGE_APPLY_UPDATE, id, ""), "{'parameters':{'update'");
        assert_string_equal(lane->asked, "replace lists=3 n=1,2,0,0");
        fake_lane_expect(go_on(lane, MESSAGE_APPLY_UPDATE, id, ""), REFUSED("updateId"));
        assert_false(service_tick(lane->core->service));
}

static void what_was_cancelled_is_gone(void **state)
{
        struct fake_lane *lane = *state;
        char id[33];

        begin(lane, "'trustedCrls'", id);
        assert_true(service_tick(lane->core->service));
        fake_lane_expect(go_on(lane, MESSAGE_CANCEL_UPDATE, id, ""), DONE);
        fake_lane_expect(go_on(lane, MESSAGE_APPLY_UPDATE, id, ""), REFUSED("updateId"));
        assert_false(service_tick(lane->core->service));
}

static void an_update_is_its_users_at_his_door(void **state)
{
        struct fake_lane *lane = *state;
        char id[33];

        begin(lane, "'trustedCrls'", id);
        lane->core->caller.uid = 0;
        fake_lane_expect(go_on(lane, MESSAGE_CANCEL_UPDATE, id, ""), REFUSED("updateId"));
        lane->core->caller.uid = 1000;
        lane->core->caller.door = CALLER_DOOR_BUS;
        fake_lane_expect(go_on(lane, MESSAGE_CANCEL_UPDATE, id, ""), "PermissionDenied");
        lane->core->caller.door = CALLER_DOOR_ADMIN;
        fake_lane_expect(go_on(lane, MESSAGE_CANCEL_UPDATE, id, ""), DONE);
}

/* The request knows its base, by which the store tells a conflict. */
static void a_list_that_changed_meanwhile_is_known(void **state)
{
        static const struct mint_crl NEXT = { .issuer = &FAKE_LANE_ROOT, .number = "02" };
        struct fake_lane *lane = *state;
        char crls[33], certs[33];

        begin(lane, "'trustedCrls'", crls);
        begin(lane, "'trustedCertificates','issuerCrls'", certs);
        world_add_crl(lane->core->world, ROLE_TRUSTED, "default/trusted/crl/next", &NEXT);
        core_publish(lane->core);
        go_on(lane, MESSAGE_APPLY_UPDATE, crls, "");
        assert_string_equal(lane->asked, "replace lists=2 stale");
        go_on(lane, MESSAGE_APPLY_UPDATE, certs, "");
        assert_string_equal(lane->asked, "replace lists=9");

        begin(lane, "'trustedCertificates'", certs);
        world_add_cert(lane->core->world, ROLE_TRUSTED, "default/trusted/certs/leaf",
                       &FAKE_LANE_LEAF);
        core_publish(lane->core);
        go_on(lane, MESSAGE_APPLY_UPDATE, certs, "");
        assert_string_equal(lane->asked, "replace lists=1 stale");
}

static void so_many_updates_are_open_and_no_more(void **state)
{
        struct fake_lane *lane = *state;
        char id[33];

        for (size_t i = 0; i < NAMES_UPDATES_OPEN_MAX; i++) {
                lane->core->caller.uid = (uid_t)(i / NAMES_USER_UPDATES_OPEN_MAX);
                begin(lane, "'trustedCrls'", id);
                if ((i + 1) % NAMES_USER_UPDATES_OPEN_MAX == 0)
                        fake_lane_expect(fake_lane_ask(lane, MESSAGE_BEGIN_UPDATE,
                                                       "{'lists':['trustedCrls']}"),
                                         "QuotaExceeded");
        }
        lane->core->caller.uid = NAMES_UPDATES_OPEN_MAX;
        fake_lane_expect(fake_lane_ask(lane, MESSAGE_BEGIN_UPDATE, "{'lists':['trustedCrls']}"),
                         "QuotaExceeded");

        lane->core->caller.uid = (NAMES_UPDATES_OPEN_MAX - 1) / NAMES_USER_UPDATES_OPEN_MAX;
        fake_lane_expect(go_on(lane, MESSAGE_CANCEL_UPDATE, id, ""), DONE);
        lane->core->caller.uid = NAMES_UPDATES_OPEN_MAX;
        begin(lane, "'trustedCrls'", id);
}

static void what_is_being_applied_is_left_alone(void **state)
{
        struct fake_lane *lane = *state;
        char id[33], in[64];

        begin(lane, "'trustedCrls'", id);
        snprintf(in, sizeof(in), "{\"updateId\":\"%s\"}", id);
        core_begin(lane->core, MESSAGE_APPLY_UPDATE, in);
        core_begin(lane->core, MESSAGE_CANCEL_UPDATE, in);
        fake_lane_expect(lane->core->reply, "Busy");
        core_begin(lane->core, MESSAGE_APPLY_UPDATE, in);
        fake_lane_expect(lane->core->reply, "Busy");
        assert_int_equal(lane->n_asked, 1);

        assert_true(core_run_job(lane->core));
        fake_lane_expect(lane->core->reply, "{'parameters':{'update'");
}

static void an_update_that_was_refused_is_over_but_a_busy_one_is_not(void **state)
{
        struct fake_lane *lane = *state;
        char id[33];

        begin(lane, "'trustedCrls'", id);
        lane->outcome.status = UPDATE_BUSY;
        fake_lane_expect(go_on(lane, MESSAGE_APPLY_UPDATE, id, ""), "Busy");
        lane->outcome.status = UPDATE_CONFLICT;
        fake_lane_expect(go_on(lane, MESSAGE_APPLY_UPDATE, id, ""), "Conflict");
        fake_lane_expect(go_on(lane, MESSAGE_APPLY_UPDATE, id, ""), REFUSED("updateId"));
}

/* The first second at which it is forgotten, and the last at which it is not. */
static void what_nobody_uses_is_forgotten(void **state)
{
        static const int64_t IDLE_NS = TRANSACTION_IDLE_S * INT64_C(1000000000);
        struct fake_lane *lane = *state;
        struct store_state store = { .snap = lane->core->snap };
        const struct transaction_begin what = { .caller = &lane->core->caller,
                                                .state = &store,
                                                .lists = 1u << UPDATE_ISSUER_CRLS,
                                                .now_ns = 1000 };
        struct transactions *transactions;
        struct transaction *transaction;

        must(transactions_new(&transactions) == 0, "transactions_new");
        must(transaction_begin(transactions, &what, &transaction) == 0, "transaction_begin");
        assert_int_equal(transactions_forget(transactions, 1000 + IDLE_NS - 1), 1);
        assert_ptr_equal(transaction_find(transactions, transaction_get_id(transaction),
                                          &lane->core->caller, 2000),
                         transaction);
        assert_int_equal(transactions_forget(transactions, 2000 + IDLE_NS - 1), 1);

        transaction_set_applying(transaction, true, 3000);
        assert_int_equal(transactions_forget(transactions, 3000 + IDLE_NS), 1);
        transaction_set_applying(transaction, false, 4000);
        assert_int_equal(transactions_forget(transactions, 4000 + IDLE_NS), 0);
        transactions_free(transactions);
}

/* What is there already is only said to be: a test needs no such memory. */
static void so_many_bytes_are_open_and_no_more(void **state)
{
        static const uint8_t BYTES[10];
        struct fake_lane *lane = *state;
        struct store_state store = { .snap = lane->core->snap };
        const struct transaction_begin what = { .caller = &lane->core->caller,
                                                .state = &store,
                                                .lists = 1u << UPDATE_ISSUER_CRLS |
                                                         1u << UPDATE_TRUSTED_CRLS };
        struct transactions *transactions;
        struct transaction *opened[3];
        size_t *n[3];

        must(transactions_new(&transactions) == 0, "transactions_new");
        for (size_t i = 0; i < 3; i++) {
                must(transaction_begin(transactions, &what, &opened[i]) == 0, "transaction_begin");
                n[i] = &transaction_get_request(opened[i])->der[UPDATE_TRUSTED_CRLS].n;
        }

        *n[0] = NAMES_UPDATE_MAX_BYTES - 10;
        assert_int_equal(
                transaction_add(opened[0], UPDATE_ISSUER_CRLS, (struct bytes){ BYTES, 10 }), 0);
        assert_int_equal(transaction_add(opened[0], UPDATE_ISSUER_CRLS, (struct bytes){ BYTES, 1 }),
                         TRANSACTION_E_TOO_LARGE);
        *n[1] = NAMES_UPDATES_OPEN_MAX_BYTES - NAMES_UPDATE_MAX_BYTES - 10;
        assert_int_equal(
                transaction_add(opened[2], UPDATE_ISSUER_CRLS, (struct bytes){ BYTES, 10 }), 0);
        assert_int_equal(transaction_add(opened[2], UPDATE_ISSUER_CRLS, (struct bytes){ BYTES, 1 }),
                         TRANSACTION_E_TOO_LARGE_ALL);
        *n[0] = *n[1] = 0;
        transactions_free(transactions);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
                TEST(parts_are_applied_together),
                TEST(what_was_cancelled_is_gone),
                TEST(an_update_is_its_users_at_his_door),
                TEST(a_list_that_changed_meanwhile_is_known),
                TEST(so_many_updates_are_open_and_no_more),
                TEST(what_is_being_applied_is_left_alone),
                TEST(an_update_that_was_refused_is_over_but_a_busy_one_is_not),
                TEST(what_nobody_uses_is_forgotten),
                TEST(so_many_bytes_are_open_and_no_more),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
