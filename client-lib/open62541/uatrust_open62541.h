/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UATRUST_OPEN62541_H
#define UATRUST_OPEN62541_H

/*
 * open62541 applications that trust whom the agent of this host trusts. Copy this header and
 * uatrust_open62541.c into a project, link open62541 (1.4 or 1.5, with encryption) and libuatrust:
 *
 *         UA_ServerConfig config = { 0 };
 *
 *         UA_ServerConfig_setDefaultWithSecurityPolicies(&config, 4840, &certificate, &key,
 *                                                        NULL, 0, NULL, 0, NULL, 0);
 *         uatrust_open62541_guard_server(&config, NULL);
 *         server = UA_Server_newWithConfig(&config);
 *
 * Fail closed: where the agent cannot be asked, whoever is new is refused with
 * BadSecurityChecksFailed, and the log says that it could not be asked. Cut on knowledge: a session
 * is ended if its certificate, the client's or the user's, is known to be revoked, blocked, or
 * trusted no more, and for nothing else (OPC 10000-12 7.8.2.5).
 *
 * What is refused or cut is logged as a warning of the category SecurityPolicy that begins with
 * "uatrust: ", with the status code for the log and the agent's reason; the peer is told the status
 * code that OPC 10000-4 6.1.3 lets a server tell.
 *
 * A question blocks the server, or client, that asks: some 40 us, or none of it if it was asked
 * before and nothing has changed; at most the time limit, if the agent hangs.
 */

#include <open62541/client.h>
#include <open62541/server.h>

#ifdef __cplusplus
extern "C" {
#endif

/** struct uatrust_open62541_options - how to ask; all of it copied; zeroes are the defaults */
struct uatrust_open62541_options {
        const char *socket;      /* the agent's; NULL: as of uatrust_client_new() */
        const char *store;       /* that judges applications; NULL: as of uatrust_client_new() */
        const char *user_store;  /* of a server, that judges users; NULL: the same */
        unsigned int timeout_ms; /* how long one question may block; 0: 200 */
        unsigned int news_ms;    /* of a server: how often it looks for news; 0: 20 */
};

/**
 * uatrust_open62541_guard_server() - have the agent judge clients and users, and watch sessions
 * @config:  complete but for this: with its ApplicationUri, logger and access control; changed on
 *           success only
 * @options: NULL: the defaults
 *
 * secureChannelPKI and sessionPKI are replaced, and what they trusted is forgotten;
 * accessControl.activateSession and closeSession, and with open62541 1.5
 * secureChannelNotificationCallback, are called through. So nothing of these may be set afterwards.
 * All of it ends with the configuration.
 *
 * A client is judged when it opens a channel, and as a whole, with the security policy and
 * the ApplicationUri that it says it has, whenever it activates a session.
 *
 * Return: Good; BadConfigurationError: there is no access control, or it is guarded already;
 * BadOutOfMemory.
 */
UA_StatusCode uatrust_open62541_guard_server(UA_ServerConfig *config,
                                             const struct uatrust_open62541_options *options);

/**
 * uatrust_open62541_guard_client() - have the agent judge the server to which this client connects
 * @config:          complete but for this; changed on success only
 * @host_name:       in the URL that it will connect to, which the server's certificate must name; of
 *                   an IPv6 address without its brackets
 * @application_uri: of the server that is meant, which its certificate must name; NULL: any
 * @options:         NULL: the defaults
 *
 * certificateVerification is replaced. A server is judged when a channel to it is opened, with
 * open62541 1.4 also whenever that is renewed; it is not watched.
 *
 * Return: Good; BadConfigurationError: it is guarded already; BadOutOfMemory.
 */
UA_StatusCode uatrust_open62541_guard_client(UA_ClientConfig *config, const char *host_name,
                                             const char *application_uri,
                                             const struct uatrust_open62541_options *options);

#ifdef __cplusplus
}
#endif

#endif
