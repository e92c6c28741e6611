/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/fake_agent.h"
#include "harness/test.h"
#include "harness/tree.h"
#include "proto/compiler.h"

#include <uatrust/admin.h>

#include <stdlib.h>
#include <string.h>

#define UPDATE                                                                                     \
        "{\"parameters\":{\"update\":{\"changed\":true,\"store\":\"default\",\"agentId\":\"a\","   \
        "\"generation\":7,\"added\":[\"aa\"],\"removed\":[],\"fallen\":[]}}}\n"
#define REFUSED                                                                                    \
        "{\"error\":\"org.uatrust.agent1.BadRequest\",\"parameters\":{\"field\":"                  \
        "\"trustedCertificates[0]\",\"reason\":\"its issuer is in no list\"}}\n"
#define BEGUN   "{\"parameters\":{\"updateId\":\"u1\"}}\n"
#define NOTHING "{\"parameters\":{}}\n"

struct world {
        struct tree *tree;
        char *socket;
        struct fake_agent *agent;
        struct uatrust_client *client;
        struct uatrust_change *change;
};

static void make_world(const struct fake_agent_row *rows, size_t n_rows, struct world *out)
{
        out->tree = tree_new();
        out->socket = tree_path(out->tree, "admin");
        out->agent = fake_agent_new(out->socket, rows, n_rows);
        out->client = uatrust_client_new();
        out->change = uatrust_change_new();
        assert_int_equal(uatrust_client_set_admin_socket(out->client, out->socket, NULL), 0);
        uatrust_client_set_timeout(out->client, 20000);
        uatrust_change_set_reason(out->change, "why");
}

static void end_world(struct world *world)
{
        uatrust_change_free(world->change);
        uatrust_client_free(world->client);
        fake_agent_free(world->agent);
        free(world->socket);
        tree_free(world->tree);
}

static void a_list_is_sent_in_parts_and_then_applied(void **state)
{
        static const struct fake_agent_row rows[] = {
                { "{\"lists\":[\"trustedCertificates\",\"issuerCrls\"],\"reason\":\"why\"}",
                  BEGUN },
                { "\"updateId\":\"u1\",\"list\":\"trustedCertificates\",\"data\":\"AQID\"",
                  NOTHING },
                { "ApplyUpdate\",\"parameters\":{\"updateId\":\"u1\",\"dryRun\":true}", UPDATE },
                { "ApplyUpdate\",\"parameters\":{\"updateId\":\"u1\"}", UPDATE },
        };
        struct uatrust_transaction *transaction;
        struct uatrust_update *update;
        struct world world;

        (void)state;
        make_world(rows, ARRAY_SIZE(rows), &world);
        assert_int_equal(uatrust_transaction_new(world.client, world.change,
                                                 UATRUST_LIST_TRUSTED_CERTIFICATES |
                                                         UATRUST_LIST_ISSUER_CRLS,
                                                 &transaction, NULL),
                         0);
        assert_int_equal(uatrust_transaction_add(transaction, UATRUST_LIST_TRUSTED_CERTIFICATES,
                                                 "\1\2", 2, NULL),
                         0);
        assert_int_equal(uatrust_transaction_add(transaction, UATRUST_LIST_TRUSTED_CERTIFICATES,
                                                 "\3", 1, NULL),
                         0);
        for (int is_dry_run = 1; is_dry_run >= 0; is_dry_run--) {
                assert_int_equal(uatrust_transaction_apply(transaction, is_dry_run, &update, NULL),
                                 0);
                assert_true(uatrust_update_is_changed(update));
                assert_int_equal(uatrust_update_get_generation(update), 7);
                uatrust_update_free(update);
        }
        uatrust_transaction_free(transaction);
        end_world(&world);
}

static void what_is_refused_is_named_and_then_forgotten(void **state)
{
        static const struct fake_agent_row rows[] = {
                { "BeginUpdate", BEGUN },
                { "AddToUpdate", NOTHING },
                { "ApplyUpdate", REFUSED },
                { "CancelUpdate\",\"parameters\":{\"updateId\":\"u1\"}", NOTHING },
        };
        struct uatrust_transaction *transaction;
        struct uatrust_error *error = NULL;
        struct uatrust_update *update;
        struct world world;

        (void)state;
        make_world(rows, ARRAY_SIZE(rows), &world);
        assert_int_equal(uatrust_transaction_new(world.client, world.change,
                                                 UATRUST_LIST_TRUSTED_CERTIFICATES, &transaction,
                                                 NULL),
                         0);
        assert_int_equal(uatrust_transaction_add(transaction, UATRUST_LIST_TRUSTED_CERTIFICATES,
                                                 "\1", 1, NULL),
                         0);
        assert_int_equal(uatrust_transaction_apply(transaction, false, &update, &error),
                         UATRUST_E_BAD_REQUEST);
        assert_string_equal(uatrust_error_get_subject(error), "trustedCertificates[0]");
        assert_string_equal(uatrust_error_get_reason(error), "its issuer is in no list");
        uatrust_error_free(error);
        uatrust_transaction_free(transaction);
        end_world(&world);
}

static void only_its_lists_are_added_to(void **state)
{
        static const struct fake_agent_row rows[] = {
                { "BeginUpdate", BEGUN },
                { "CancelUpdate", NOTHING },
        };
        static const unsigned int LISTS[] = { 0, 2, 3, 16 };
        struct uatrust_transaction *transaction;
        struct world world;

        (void)state;
        make_world(rows, ARRAY_SIZE(rows), &world);
        assert_int_equal(uatrust_transaction_new(world.client, world.change, 0, &transaction, NULL),
                         UATRUST_E_INVALID_ARGUMENT);
        assert_int_equal(
                uatrust_transaction_new(world.client, world.change, 16, &transaction, NULL),
                UATRUST_E_INVALID_ARGUMENT);
        assert_int_equal(uatrust_transaction_new(world.client, world.change, 1, &transaction, NULL),
                         0);
        for (size_t i = 0; i < ARRAY_SIZE(LISTS); i++)
                assert_int_equal(uatrust_transaction_add(transaction, (enum uatrust_list)LISTS[i],
                                                         "\1", 1, NULL),
                                 UATRUST_E_INVALID_ARGUMENT);
        uatrust_transaction_free(transaction);
        end_world(&world);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_list_is_sent_in_parts_and_then_applied),
                cmocka_unit_test(what_is_refused_is_named_and_then_forgotten),
                cmocka_unit_test(only_its_lists_are_added_to),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
