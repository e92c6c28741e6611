/* SPDX-License-Identifier: Apache-2.0 */

/*
 * e2e-open62541-client FOLDER: OPC UA clients on open62541, as many as the driver asks for, each with
 * one session, until its input ends.
 */

#include "application.h"

#include <open62541/client_config_default.h>
#include <open62541/client_highlevel.h>
#include <open62541/plugin/log_stdout.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CONNECTIONS_MAX 8
#define ORDER_SIZE      4096
#define CHECK_MS        20   /* how soon a client sees that its session is over */
#define SESSION_MS      8000 /* how long a server keeps one that nobody uses */

struct connection {
        char name[64];
        UA_Client *client; /* NULL: none */
        UA_StatusCode
                reason; /* the first that was told: what follows from it may come to be told, too */
        bool is_active;
};

static const char *get(struct json_object *order, const char *name)
{
        return json_object_get_string(json_object_object_get(order, name));
}

static void on_state(UA_Client *client, UA_SecureChannelState channel, UA_SessionState session,
                     UA_StatusCode status)
{
        struct connection *connection = UA_Client_getContext(client);

        (void)channel;
        if (connection->reason == UA_STATUSCODE_GOOD)
                connection->reason = status;
        if (connection->is_active && session != UA_SESSIONSTATE_ACTIVATED)
                tell("client ended",
                     texts("name", connection->name, "how", UA_StatusCode_name(status), NULL));
        connection->is_active = session == UA_SESSIONSTATE_ACTIVATED;
}

static void identify(UA_ClientConfig *config, struct json_object *order)
{
        const char *user = get(order, "user");
        UA_ByteString certificate = read_whole(get(order, "identity"), ".der");
        UA_ByteString key = read_whole(get(order, "identity"), ".key");

        must(UA_ClientConfig_setDefaultEncryption(config, certificate, key, NULL, 0, NULL, 0),
             "configuration");
        UA_ByteString_clear(&certificate);
        UA_ByteString_clear(&key);
        if (!user)
                return;
        certificate = read_whole(user, ".der");
        key = read_whole(user, ".key");
        must(UA_ClientConfig_setAuthenticationCert(config, certificate, key), "user");
        UA_ByteString_clear(&certificate);
        UA_ByteString_clear(&key);
}

/* The name in "opc.tcp://name:port". */
static void host_of(const char *url, char host[static 64])
{
        if (sscanf(url, "opc.tcp://%63[^:/]", host) != 1)
                abort();
}

static void configure(UA_ClientConfig *config, struct connection *connection,
                      struct json_object *order)
{
        const struct uatrust_open62541_options options = options_of();
        const int renew_ms = json_object_get_int(json_object_object_get(order, "renewMs"));
        char host[64];

        config->logging = logger_new(connection->name);
        identify(config, order);
        config->clientContext = connection;
        config->stateCallback = on_state;
        config->securityMode = UA_MESSAGESECURITYMODE_SIGNANDENCRYPT;
        config->securityPolicyUri =
                UA_String_fromChars("http://opcfoundation.org/UA/SecurityPolicy#Basic256Sha256");
        UA_String_clear(&config->clientDescription.applicationUri);
        config->clientDescription.applicationUri =
                UA_String_fromChars(get(order, "applicationUri"));
        config->noNewSession = true;
        config->requestedSessionTimeout = SESSION_MS;
        if (renew_ms)
                config->secureChannelLifeTime = (UA_UInt32)renew_ms;
        host_of(get(order, "url"), host);
        if (!json_object_get_boolean(json_object_object_get(order, "trustsAll")))
                must(uatrust_open62541_guard_client(config, host, get(order, "serverUri"),
                                                    &options),
                     "guard");
}

static void leave(struct connection *connection)
{
        connection->is_active = false;
        UA_Client_delete(connection->client);
        *connection = (struct connection){ 0 };
}

/* -- orders: each returns the error, and puts a value */

static UA_StatusCode connect_to(struct connection *connection, struct json_object *order,
                                struct json_object **value)
{
        UA_ClientConfig config = { 0 };
        UA_StatusCode status;

        (void)value;
        snprintf(connection->name, sizeof(connection->name), "%s", get(order, "name"));
        configure(&config, connection, order);
        connection->client = UA_Client_newWithConfig(&config);
        if (!connection->client)
                abort();
        status = UA_Client_connect(connection->client, get(order, "url"));
        if (status == UA_STATUSCODE_GOOD)
                return status;
        if (connection->reason != UA_STATUSCODE_GOOD)
                status = connection->reason;
        leave(connection);
        return status;
}

static UA_StatusCode read_clock(struct connection *connection, struct json_object *order,
                                struct json_object **value)
{
        const UA_NodeId clock = UA_NODEID_NUMERIC(0, UA_NS0ID_SERVER_SERVERSTATUS_CURRENTTIME);
        UA_Variant now;
        UA_StatusCode status;

        (void)order;
        UA_Variant_init(&now);
        status = UA_Client_readValueAttribute(connection->client, clock, &now);
        if (status == UA_STATUSCODE_GOOD)
                *value = json_object_new_int64(*(UA_DateTime *)now.data);
        UA_Variant_clear(&now);
        return status;
}

/* Which check() does without being told to. */
static UA_StatusCode touch(struct connection *connection, struct json_object *order,
                           struct json_object **value)
{
        (void)connection;
        (void)order;
        (void)value;
        return UA_STATUSCODE_GOOD;
}

static UA_StatusCode disconnect(struct connection *connection, struct json_object *order,
                                struct json_object **value)
{
        (void)order;
        (void)value;
        leave(connection);
        return UA_STATUSCODE_GOOD;
}

static const struct {
        const char *name;
        UA_StatusCode (*carry_out)(struct connection *, struct json_object *,
                                   struct json_object **);
} orders[] = {
        { "connect", connect_to },
        { "read", read_clock },
        { "touch", touch },
        { "disconnect", disconnect },
};

/* The one of that name, or one that is free. */
static struct connection *find(struct connection *connections, const char *name)
{
        struct connection *free_one = NULL;

        for (size_t i = 0; i < CONNECTIONS_MAX; i++)
                if (!connections[i].client)
                        free_one = &connections[i];
                else if (!strcmp(connections[i].name, name))
                        return &connections[i];
        if (!free_one)
                abort();
        return free_one;
}

static void obey(struct connection *connections, const char *line)
{
        struct json_object *order = json_tokener_parse(line);
        struct connection *connection = find(connections, get(order, "name"));
        struct json_object *answer = json_object_new_object(), *value = NULL;
        UA_StatusCode status = UA_STATUSCODE_BADNOTIMPLEMENTED;

        for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++)
                if (!strcmp(orders[i].name, get(order, "order")))
                        status = orders[i].carry_out(connection, order, &value);
        json_object_object_add(answer, "id", json_object_get(json_object_object_get(order, "id")));
        if (status == UA_STATUSCODE_GOOD)
                json_object_object_add(answer, "value", value);
        else
                json_object_object_add(answer, "error",
                                       json_object_new_string(UA_StatusCode_name(status)));
        tell("answer", answer);
        json_object_put(order);
}

/* False: the input has ended. */
static bool obey_if_told(struct connection *connections)
{
        static char line[ORDER_SIZE]; /* an order comes whole or not at all */
        struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
        ssize_t n;

        if (poll(&input, 1, CHECK_MS) <= 0)
                return true;
        n = read(STDIN_FILENO, line, sizeof(line) - 1);
        if (n <= 0)
                return false;
        line[n] = 0;
        obey(connections, line);
        return true;
}

/* One who asks learns that the session is over; while it is being made there is nothing to ask. */
static void check(struct connection *connection)
{
        struct json_object *value = NULL;

        if (!connection->client)
                return;
        UA_Client_run_iterate(connection->client, 0);
        if (connection->is_active)
                read_clock(connection, NULL, &value);
        json_object_put(value);
}

int main(void)
{
        struct connection connections[CONNECTIONS_MAX] = { 0 };

        tell("started", NULL);
        while (obey_if_told(connections))
                for (size_t i = 0; i < CONNECTIONS_MAX; i++)
                        check(&connections[i]);
        for (size_t i = 0; i < CONNECTIONS_MAX; i++)
                if (connections[i].client)
                        leave(&connections[i]);
        return 0;
}
