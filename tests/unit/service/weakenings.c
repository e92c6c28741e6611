/* SPDX-License-Identifier: Apache-2.0 */
#include "service/weakenings.h"

#include "base/log.h"
#include "harness/must.h"
#include "harness/test.h"
#include "harness/world.h"
#include "pki/cert.h"
#include "proto/message_trust.h"
#include "service/access.h"
#include "service/caller.h"
#include "service/stores.h"
#include "trust/settings.h"
#include "trust/snapshot.h"

#include <stdio.h>
#include <string.h>

static const struct mint_cert ROOT = { .ca = true, .subject = "CN=Root" };

static struct caller caller = { .ref = REF_INIT, .uid = 1000 };
static char heard[2048];

/* "SETTING=VALUE[ of SUBJECT];" of each */
static void on_reply(const struct service_reply *reply, void *userdata)
{
        const struct message_list_weakenings_reply *out = reply->out;
        size_t n = 0;

        (void)userdata;
        assert_null(reply->error);
        heard[0] = '\0';
        for (size_t i = 0; i < out->n_weakenings; i++) {
                const struct message_weakening *row = &out->weakenings[i];

                assert_string_equal(row->store, "plant");
                n += snprintf(heard + n, sizeof(heard) - n, "%s=%s%s%s;", row->setting, row->value,
                              row->subject ? " of " : "", row->subject ? row->subject : "");
        }
}

static void ask(const struct stores *stores)
{
        weakenings_call(stores, &(struct service_call){ .method = MESSAGE_LIST_WEAKENINGS,
                                                        .caller = &caller,
                                                        .reply = on_reply });
}

static void add_store(struct stores *stores, struct world *world)
{
        static const char *const NONE[] = { NULL };
        size_t handle;

        must(stores_add(stores, "plant", NONE, &handle) == 0, "stores_add");
        stores_at(stores, handle)->snap = world_build(world);
}

static void what_is_weaker_than_the_default_is_listed(void **state)
{
        static const struct {
                const char *key, *value, *heard;
        } ROWS[] = {
                { "Suppress", "", "" },
                { "Suppress", "BadCertificateTimeInvalid", "Suppress=BadCertificateTimeInvalid;" },
                { "Suppress", "BadCertificateHostNameInvalid,BadCertificateRevocationUnknown",
                  "Suppress=BadCertificateHostNameInvalid BadCertificateRevocationUnknown;" },
                { "MaySuppress", "", "" },
                { "MaySuppress", "BadCertificateTimeInvalid", "" },
                { "MaySuppress", "BadCertificateTimeInvalid BadCertificateIssuerTimeInvalid",
                  "MaySuppress=BadCertificateIssuerTimeInvalid;" },
                { "Strictness", "spec", "" },
                { "Strictness", "field", "Strictness=field;" },
                { "Policy", "Basic256Sha256", "" },
                { "Policy", "None", "Policy=None;" },
                { "Policy", "Basic128Rsa15", "Policy=Basic128Rsa15;" },
                { "DeprecatedPolicies", "yes", "DeprecatedPolicies=yes;" },
                { "SingleUri", "yes", "" },
                { "ClockSkew", "0", "" },
                { "ClockSkew", "90", "ClockSkew=90s;" },
                { "ClockSkew", "120", "ClockSkew=2min;" },
                { "CrlMaxAge", "30d", "" },
                { "CrlMaxAge", "744h", "CrlMaxAge=31d;" },
                { "CrlGrace", "36h", "CrlGrace=36h;" },
                { "WarnCertificate", "0", "" },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
                struct world *world = world_new();
                struct stores stores = { .n_given = 0 };

                world_set(world, ROWS[i].key, ROWS[i].value);
                add_store(&stores, world);
                ask(&stores);
                assert_string_equal(heard, ROWS[i].heard);
                stores_deinit(&stores);
                world_free(world);
        }
}

static void a_ca_without_a_check_is_listed_by_its_name(void **state)
{
        static const uint8_t UNKNOWN[32] = { 0xab };
        struct world *world = world_new();
        struct stores stores = { .n_given = 0 };
        struct snapshot *snap;
        char wanted[256];

        (void)state;
        world_add_cert(world, ROLE_ISSUERS, "root", &ROOT);
        snap = world_build(world);
        must(settings_set_ca(world_settings(world), snap->certs[0].cert->sha256, "if-present") == 0,
             "settings_set_ca");
        must(settings_set_ca(world_settings(world), UNKNOWN, "off") == 0, "settings_set_ca");
        add_store(&stores, world);
        ask(&stores);
        snprintf(wanted, sizeof(wanted), "RevocationCheck=off of ab%062d;", 0);
        assert_non_null(strstr(heard, wanted));
        assert_non_null(strstr(heard, "RevocationCheck=if-present of CN=Root;"));
        snapshot_unref(snap);
        stores_deinit(&stores);
        world_free(world);
}

static void who_may_not_read_a_store_does_not_see_its_settings(void **state)
{
        struct world *world = world_new();
        struct stores stores = { .n_given = 0 };
        struct access *access;

        (void)state;
        world_set(world, "Strictness", "field");
        add_store(&stores, world);
        must(access_new(&access) == 0, "access_new");
        access_set(access, ACCESS_READERS);
        stores.states.items[0]->access = access;
        ask(&stores);
        assert_string_equal(heard, "");
        stores_deinit(&stores);
        world_free(world);
}

static char logged[256];

static void on_line(enum log_level level, const char *line, void *userdata)
{
        (void)level;
        (void)userdata;
        snprintf(logged, sizeof(logged), "%s", line);
}

static void the_log_has_all_of_a_store_in_one_line(void **state)
{
        static const struct {
                const char *key, *value, *logged;
        } ROWS[] = {
                { "SingleUri", "yes", "" },
                { "CrlGrace", "36h",
                  "store plant: checking is weaker than OPC UA has it: Strictness=field, "
                  "CrlGrace=36h" },
        };
        const struct log log = { .max_level = LOG_LEVEL_INFO, .write = on_line };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
                struct world *world = world_new();
                struct stores stores = { .n_given = 0 };

                logged[0] = '\0';
                world_set(world, "Strictness", i > 0 ? "field" : "spec");
                world_set(world, ROWS[i].key, ROWS[i].value);
                add_store(&stores, world);
                weakenings_log(&log, stores_at(&stores, 0));
                assert_string_equal(logged, ROWS[i].logged);
                stores_deinit(&stores);
                world_free(world);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_is_weaker_than_the_default_is_listed),
                cmocka_unit_test(a_ca_without_a_check_is_listed_by_its_name),
                cmocka_unit_test(who_may_not_read_a_store_does_not_see_its_settings),
                cmocka_unit_test(the_log_has_all_of_a_store_in_one_line),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
