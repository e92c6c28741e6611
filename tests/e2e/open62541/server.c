/* SPDX-License-Identifier: Apache-2.0 */

/*
 * e2e-open62541-server FOLDER IDENTITY URI PORT: an OPC UA server on open62541 that trusts whom the
 * agent trusts, until its input ends.
 */

#include "application.h"

#include <open62541/plugin/accesscontrol_default.h>
#include <open62541/server_config_default.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* An access control of the application's own, which the adapter must go on calling. */
static void on_close(UA_Server *server, UA_AccessControl *access, const UA_NodeId *id,
                     void *context)
{
        (void)server;
        (void)access;
        (void)id;
        (void)context;
        tell("session ended", NULL);
}

static void listen_at(UA_ServerConfig *config, const char *url)
{
        UA_Array_delete(config->serverUrls, config->serverUrlsSize, &UA_TYPES[UA_TYPES_STRING]);
        config->serverUrls = UA_Array_new(1, &UA_TYPES[UA_TYPES_STRING]);
        config->serverUrls[0] = UA_String_fromChars(url);
        config->serverUrlsSize = 1;
}

static void configure(UA_ServerConfig *config, const char *identity, const char *uri,
                      const char *url)
{
        const struct uatrust_open62541_options options = options_of();
        UA_ByteString certificate = read_whole(identity, ".der");
        UA_ByteString key = read_whole(identity, ".key");

        config->logging = logger_new(NULL);
        must(UA_ServerConfig_setDefaultWithSecurityPolicies(config, 0, &certificate, &key, NULL, 0,
                                                            NULL, 0, NULL, 0),
             "configuration");
        listen_at(config, url);
        UA_String_clear(&config->applicationDescription.applicationUri);
        config->applicationDescription.applicationUri = UA_String_fromChars(uri);
#if UA_OPEN62541_VER_MINOR > 4
        config->allowAllCertificateUris = UA_RULEHANDLING_ACCEPT; /* since the agent judges them */
#endif
        config->accessControl.closeSession = on_close;
        must(uatrust_open62541_guard_server(config, &options), "guard");
        UA_ByteString_clear(&certificate);
        UA_ByteString_clear(&key);
}

static bool has_input_ended(void)
{
        struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
        char byte;

        return poll(&input, 1, 0) > 0 && read(STDIN_FILENO, &byte, 1) <= 0;
}

int main(int argc, char **argv)
{
        UA_ServerConfig config = { 0 };
        UA_Server *server;
        char url[64];

        if (argc != 5)
                return 2;
        snprintf(url, sizeof(url), "opc.tcp://localhost:%s", argv[4]);
        configure(&config, argv[2], argv[3], url);
        server = UA_Server_newWithConfig(&config);
        if (!server)
                return 1;
        must(UA_Server_run_startup(server), "start");
        tell("started", texts("url", url, NULL));
        while (!has_input_ended())
                UA_Server_run_iterate(server, true);
        UA_Server_run_shutdown(server);
        UA_Server_delete(server);
        return 0;
}
