/* SPDX-License-Identifier: Apache-2.0 */

/* What becomes of a configuration that is guarded, without a network or an agent. */

#include "harness/test.h"
#include "uatrust_open62541.h"

#include <open62541/client_config_default.h>
#include <open62541/plugin/log_stdout.h>
#include <open62541/server_config_default.h>
#include <string.h>

#if UA_OPEN62541_VER_MINOR == 4
#define UA_ServerConfig_clear UA_ServerConfig_clean
#endif

static const struct uatrust_open62541_options nobody = { .socket = "/nonexistent/agent" };

static UA_ServerConfig server_config(void)
{
        UA_ServerConfig config = { 0 };

        config.logging = UA_Log_Stdout_new(UA_LOGLEVEL_FATAL);
        assert_int_equal(UA_ServerConfig_setMinimal(&config, 0, NULL), UA_STATUSCODE_GOOD);
        return config;
}

static UA_ClientConfig client_config(void)
{
        UA_ClientConfig config = { 0 };

        config.logging = UA_Log_Stdout_new(UA_LOGLEVEL_FATAL);
        assert_int_equal(UA_ClientConfig_setDefault(&config), UA_STATUSCODE_GOOD);
        return config;
}

static void refuses_all_when_nobody_can_be_asked(void **state)
{
        UA_ServerConfig server = server_config();
        UA_ClientConfig client = client_config();
        UA_Byte der[] = { 0x30, 0x03, 0x02, 0x01, 0x00 };
        const UA_ByteString certificate = { sizeof(der), der };

        (void)state;
        assert_int_equal(uatrust_open62541_guard_server(&server, &nobody), UA_STATUSCODE_GOOD);
        assert_int_equal(uatrust_open62541_guard_client(&client, "localhost", "urn:a", &nobody),
                         UA_STATUSCODE_GOOD);
        assert_int_equal(
                server.secureChannelPKI.verifyCertificate(&server.secureChannelPKI, &certificate),
                UA_STATUSCODE_BADSECURITYCHECKSFAILED);
        assert_int_equal(server.sessionPKI.verifyCertificate(&server.sessionPKI, &certificate),
                         UA_STATUSCODE_BADSECURITYCHECKSFAILED);
        assert_int_equal(client.certificateVerification.verifyCertificate(
                                 &client.certificateVerification, &certificate),
                         UA_STATUSCODE_BADSECURITYCHECKSFAILED);
        UA_ServerConfig_clear(&server);
        UA_ClientConfig_clear(&client);
}

static void is_guarded_once(void **state)
{
        UA_ServerConfig server = server_config();
        UA_ClientConfig client = client_config();

        (void)state;
        assert_int_equal(uatrust_open62541_guard_server(&server, NULL), UA_STATUSCODE_GOOD);
        assert_int_equal(uatrust_open62541_guard_server(&server, NULL),
                         UA_STATUSCODE_BADCONFIGURATIONERROR);
        assert_int_equal(uatrust_open62541_guard_client(&client, "localhost", NULL, NULL),
                         UA_STATUSCODE_GOOD);
        assert_int_equal(uatrust_open62541_guard_client(&client, "localhost", NULL, NULL),
                         UA_STATUSCODE_BADCONFIGURATIONERROR);
        UA_ServerConfig_clear(&server);
        UA_ClientConfig_clear(&client);
}

static void is_left_as_it_was_when_it_cannot_be_guarded(void **state)
{
        UA_ServerConfig config = server_config(), before;

        (void)state;
        config.accessControl.activateSession = NULL;
        before = config;
        assert_int_equal(uatrust_open62541_guard_server(&config, NULL),
                         UA_STATUSCODE_BADCONFIGURATIONERROR);
        assert_memory_equal(&config, &before, sizeof(config));
        UA_ServerConfig_clear(&config);
}

static void is_moved_into_its_server(void **state)
{
        UA_ServerConfig config = server_config();
        UA_Server *server;

        (void)state;
        assert_int_equal(uatrust_open62541_guard_server(&config, &nobody), UA_STATUSCODE_GOOD);
        server = UA_Server_newWithConfig(&config);
        assert_non_null(server);
        assert_int_equal(UA_Server_delete(server), UA_STATUSCODE_GOOD);
}

#if UA_OPEN62541_VER_MINOR > 4
static void has_no_lists_to_change(void **state)
{
        UA_ServerConfig config = server_config();
        UA_CertificateGroup *groups[] = { &config.secureChannelPKI, &config.sessionPKI };
        UA_TrustListDataType list;
        UA_ByteString *certificates = NULL;
        size_t n = 0;

        (void)state;
        UA_TrustListDataType_init(&list);
        assert_int_equal(uatrust_open62541_guard_server(&config, &nobody), UA_STATUSCODE_GOOD);
        for (size_t i = 0; i < 2; i++) {
                assert_int_equal(groups[i]->getTrustList(groups[i], &list),
                                 UA_STATUSCODE_BADNOTSUPPORTED);
                assert_int_equal(groups[i]->setTrustList(groups[i], &list),
                                 UA_STATUSCODE_BADNOTSUPPORTED);
                assert_int_equal(groups[i]->addToTrustList(groups[i], &list),
                                 UA_STATUSCODE_BADNOTSUPPORTED);
                assert_int_equal(groups[i]->removeFromTrustList(groups[i], &list),
                                 UA_STATUSCODE_BADNOTSUPPORTED);
                assert_int_equal(groups[i]->getRejectedList(groups[i], &certificates, &n),
                                 UA_STATUSCODE_BADNOTSUPPORTED);
                assert_int_equal(
                        groups[i]->getCertificateCrls(groups[i], NULL, true, &certificates, &n),
                        UA_STATUSCODE_BADNOTSUPPORTED);
        }
        UA_ServerConfig_clear(&config);
}
#endif

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(refuses_all_when_nobody_can_be_asked),
                cmocka_unit_test(is_guarded_once),
                cmocka_unit_test(is_left_as_it_was_when_it_cannot_be_guarded),
                cmocka_unit_test(is_moved_into_its_server),
#if UA_OPEN62541_VER_MINOR > 4
                cmocka_unit_test(has_no_lists_to_change),
#endif
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
