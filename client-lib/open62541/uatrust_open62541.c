/* SPDX-License-Identifier: Apache-2.0 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* for strdup() in ISO C */
#endif
#include "uatrust_open62541.h"

/*
 * A guard stands behind the plugins of one configuration. open62541 moves a configuration, and hands
 * out copies of its plugins: so a plugin's context leads to the guard, never its address, and a
 * server's guard is found by the server.
 *
 * open62541 calls plugins with its event loop's lock held, from whichever thread an application uses.
 * The guard's lock comes after that one: open62541 is not called with it, but where both are held.
 */

#include <uatrust/news.h>

#include <open62541/config.h>
#include <open62541/plugin/accesscontrol.h>
#include <open62541/plugin/eventloop.h>
#include <open62541/plugin/log.h>
#include <open62541/util.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if UA_OPEN62541_VER_MAJOR != 1 || UA_OPEN62541_VER_MINOR < 4 || UA_OPEN62541_VER_MINOR > 5
#error "uatrust_open62541.c is for open62541 1.4 and 1.5"
#endif

#if UA_OPEN62541_VER_MINOR == 4
#include <open62541/plugin/pki.h>
#define PLUGIN   UA_CertificateVerification
#define BORROWED const /* how open62541 hands a plugin to its own functions */
#else
#include <open62541/plugin/certificategroup.h>
#define PLUGIN UA_CertificateGroup
#define BORROWED
#endif

#define NEWS_MS    20 /* see news_ms */
#define CHAINS_MAX 64 /* chains that are kept from the begin of a channel to that of its session */
#define ID_SIZE    128

#define UNUSED         __attribute__((unused))
#define WARN(log, ...) UA_LOG_WARNING(log, UA_LOGCATEGORY_SECURITYPOLICY, "uatrust: " __VA_ARGS__)

/* What a plugin judges. */
struct role {
        struct guard *guard;
        enum uatrust_purpose purpose;
        PLUGIN former; /* what the plugin was before */
};

struct session {
        struct session *next;
        UA_NodeId id;
        UA_ByteString leaf;          /* of the client; empty: it has none */
        char client_key[ID_SIZE];    /* of its certificate in the watch */
        char user_key[ID_SIZE + 16]; /* of its user's */
};

/* That is open, with a client's certificate; open62541 1.4 tells of none. */
struct channel {
        struct channel *next;
        UA_ConnectionManager *manager;
        UA_UInt64 connection;
        UA_ByteString leaf;
};

struct guard {
        pthread_mutex_t lock; /* recursive, for all below that changes */
        size_t n_roles;       /* that are in use; the last one frees the guard */
        struct role application, user;
        struct uatrust_client *client;
        char *own_uri;    /* of whom it guards; NULL: not known */
        char *user_store; /* NULL: the client's */

        /* of a client */
        char *host_name;
        char *server_uri; /* NULL: any */

        /* of a server */
        struct session *sessions;
        struct channel *channels;
        struct uatrust_watch *watch;      /* NULL: there are no sessions */
        UA_ByteString chains[CHAINS_MAX]; /* that were good, no two of one leaf */
        size_t next_chain;                /* to be replaced */
        unsigned int news_ms;
        UA_UInt64 looking; /* the repeated callback, as long as there is a watch */
        UA_Server *server; /* while news are looked for */
        UA_StatusCode (*activate)(UA_Server *, UA_AccessControl *, const UA_EndpointDescription *,
                                  const UA_ByteString *, const UA_NodeId *,
                                  const UA_ExtensionObject *, void **);
        void (*close)(UA_Server *, UA_AccessControl *, const UA_NodeId *, void *);
#if UA_OPEN62541_VER_MINOR > 4
        UA_ServerNotificationCallback on_channel;
#endif
};

/* The first one of them. */
static void free_channel(struct channel **channels)
{
        struct channel *channel = *channels;

        *channels = channel->next;
        UA_ByteString_clear(&channel->leaf);
        free(channel);
}

static void guard_free(struct guard *guard)
{
        while (guard->channels)
                free_channel(&guard->channels);
        uatrust_watch_free(guard->watch);
        uatrust_client_free(guard->client);
        for (size_t i = 0; i < CHAINS_MAX; i++)
                UA_ByteString_clear(&guard->chains[i]);
        pthread_mutex_destroy(&guard->lock);
        free(guard->own_uri);
        free(guard->user_store);
        free(guard->host_name);
        free(guard->server_uri);
        free(guard);
}

/* *@out: a copy of a text that may be missing; false: memory is short. */
static bool copy_text(const char *text, char **out)
{
        if (!text)
                return true;
        *out = strdup(text);
        return *out;
}

/* Of which nothing is in use yet; NULL: memory is short. @host_name, @server_uri: NULL: any. */
static struct guard *guard_new(const struct uatrust_open62541_options *options,
                               const UA_String *own_uri, const char *host_name,
                               const char *server_uri)
{
        static const struct uatrust_open62541_options defaults;
        struct guard *guard = calloc(1, sizeof(*guard));
        pthread_mutexattr_t recursive;

        if (!guard)
                return NULL;
        if (!options)
                options = &defaults;
        pthread_mutexattr_init(&recursive);
        pthread_mutexattr_settype(&recursive, PTHREAD_MUTEX_RECURSIVE);
        pthread_mutex_init(&guard->lock, &recursive);
        pthread_mutexattr_destroy(&recursive);
        guard->news_ms = options->news_ms ? options->news_ms : NEWS_MS;
        guard->client = uatrust_client_new();
        if (own_uri->length)
                guard->own_uri = strndup((const char *)own_uri->data, own_uri->length);
        if (!guard->client || (own_uri->length && !guard->own_uri) ||
            !copy_text(options->user_store, &guard->user_store) ||
            !copy_text(host_name, &guard->host_name) ||
            !copy_text(server_uri, &guard->server_uri) ||
            (options->socket && uatrust_client_set_socket(guard->client, options->socket, NULL)) ||
            (options->store && uatrust_client_set_store(guard->client, options->store, NULL))) {
                guard_free(guard);
                return NULL;
        }
        if (options->timeout_ms)
                uatrust_client_set_timeout(guard->client, options->timeout_ms);
        return guard;
}

/* -- judging */

/* The first certificate of a chain: DER says how long it is. What is not so is all one. */
static UA_ByteString leaf_of(const UA_ByteString *chain)
{
        UA_ByteString leaf = *chain;
        size_t length;

        if (leaf.length < 4 || leaf.data[0] != 0x30 || leaf.data[1] != 0x82)
                return leaf;
        length = 4 + ((size_t)leaf.data[2] << 8) + leaf.data[3];
        if (length < leaf.length)
                leaf.length = length;
        return leaf;
}

/* The one that began with that certificate when it was presented last; NULL: none, or it was alone. */
static UA_ByteString *find_chain(struct guard *guard, const UA_ByteString *leaf)
{
        for (size_t i = 0; i < CHAINS_MAX; i++) {
                const UA_ByteString first = leaf_of(&guard->chains[i]);

                if (UA_ByteString_equal(&first, leaf))
                        return &guard->chains[i];
        }
        return NULL;
}

/* NULL, for want of memory, is a request that gets no verdict. */
static struct uatrust_request *request_new(const struct role *role,
                                           const UA_ByteString *certificates)
{
        struct guard *guard = role->guard;
        struct uatrust_request *request = uatrust_request_new(role->purpose);
        const UA_ByteString *chain;

        pthread_mutex_lock(&guard->lock);
        chain = find_chain(guard, certificates);
        if (chain)
                certificates = chain;
        uatrust_request_add_certificate(request, certificates->data, certificates->length);
        pthread_mutex_unlock(&guard->lock);
        if (role->purpose == UATRUST_PURPOSE_USER && guard->user_store)
                uatrust_request_set_store(request, guard->user_store);
        if (guard->host_name)
                uatrust_request_set_host_name(request, guard->host_name);
        if (guard->server_uri)
                uatrust_request_set_application_uri(request, guard->server_uri);
        uatrust_request_set_context(request, guard->own_uri, NULL, NULL);
        return request;
}

/* A server tells a stranger as little as it may; a client may know all of its server. */
static UA_StatusCode status_of(const struct role *role, const struct uatrust_verdict *verdict)
{
        UA_StatusCode status;

        if (uatrust_verdict_is_trusted(verdict))
                return UA_STATUSCODE_GOOD;
        status = role->purpose == UATRUST_PURPOSE_SERVER
                         ? uatrust_verdict_get_status_code(verdict)
                         : uatrust_verdict_get_wire_status_code(verdict);
        return status & 0x80000000 ? status : UA_STATUSCODE_BADSECURITYCHECKSFAILED;
}

static void log_refused(const UA_Logger *log, const char *who,
                        const struct uatrust_verdict *verdict)
{
        const struct uatrust_chain_element *element = uatrust_verdict_get_chain(verdict, 0);
        const struct uatrust_finding *finding;
        size_t i = 0;

        do
                finding = uatrust_verdict_get_finding(verdict, i++);
        while (finding && strcmp(uatrust_finding_get_severity(finding), "error"));
        WARN(log, "refused a %s's certificate: %s, %s: %s", who,
             uatrust_verdict_get_status_name(verdict),
             element ? uatrust_chain_element_get_subject(element) : "",
             finding ? uatrust_finding_get_message(finding) : "");
}

/* Whatever keeps the agent from a verdict refuses. */
static UA_StatusCode judge(const struct role *role, const struct uatrust_request *request,
                           const UA_Logger *log)
{
        static const char *const names[] = { [UATRUST_PURPOSE_CLIENT] = "client",
                                             [UATRUST_PURPOSE_SERVER] = "server",
                                             [UATRUST_PURPOSE_USER] = "user" };
        struct guard *guard = role->guard;
        struct uatrust_verdict *verdict = NULL;
        struct uatrust_error *error = NULL;
        UA_StatusCode status = UA_STATUSCODE_BADSECURITYCHECKSFAILED;

        pthread_mutex_lock(&guard->lock);
        uatrust_validate(guard->client, request, &verdict, &error);
        pthread_mutex_unlock(&guard->lock);
        if (verdict)
                status = status_of(role, verdict);
        else
                WARN(log, "refused a %s's certificate: could not ask: %s", names[role->purpose],
                     uatrust_error_get_text(error));
        if (verdict && status != UA_STATUSCODE_GOOD)
                log_refused(log, names[role->purpose], verdict);
        uatrust_verdict_free(verdict);
        uatrust_error_free(error);
        return status;
}

/*
 * Whoever judges a session is given the client's certificate without the chain that it was presented
 * with when the channel was opened, in which there may be a CA that nobody else has.
 */
static void remember_chain(struct guard *guard, const UA_ByteString *chain)
{
        const UA_ByteString leaf = leaf_of(chain);
        UA_ByteString *place;

        if (leaf.length == chain->length)
                return;
        pthread_mutex_lock(&guard->lock);
        place = find_chain(guard, &leaf);
        if (!place)
                place = &guard->chains[guard->next_chain++ % CHAINS_MAX];
        UA_ByteString_clear(place);
        UA_ByteString_copy(chain, place); /* without memory: judged without, and refused */
        pthread_mutex_unlock(&guard->lock);
}

/*
 * open62541 1.4 asks also when a channel is renewed, and does not say so. A session that is open is
 * not ended by a refusal, for which there may be no knowledge, but by the watch. What else begins on
 * such a channel is judged when it is activated.
 */
static bool may_be_renewing(struct guard *guard, const UA_ByteString *chain)
{
        const UA_ByteString leaf = leaf_of(chain);
        const struct session *session;

        pthread_mutex_lock(&guard->lock);
        session = guard->sessions;
        while (session && !UA_ByteString_equal(&session->leaf, &leaf))
                session = session->next;
        pthread_mutex_unlock(&guard->lock);
        return session && UA_OPEN62541_VER_MINOR == 4;
}

/* -- plugins */

static UA_StatusCode verify(BORROWED PLUGIN *plugin, const UA_ByteString *certificate)
{
        const struct role *role = plugin->context;
        struct uatrust_request *request = request_new(role, certificate);
        UA_StatusCode status = judge(role, request, plugin->logging);

        uatrust_request_free(request);
        if (role->purpose != UATRUST_PURPOSE_CLIENT)
                return status;
        if (status == UA_STATUSCODE_GOOD)
                remember_chain(role->guard, certificate);
        else if (may_be_renewing(role->guard, certificate)) {
                WARN(plugin->logging, "but it has a session, whose channel may be renewed");
                status = UA_STATUSCODE_GOOD;
        }
        return status;
}

static void clear(PLUGIN *plugin)
{
        struct role *role = plugin->context;
        struct guard *guard = role->guard;

        if (role->former.clear)
                role->former.clear(&role->former);
        if (!--guard->n_roles)
                guard_free(guard);
        memset(plugin, 0, sizeof(*plugin));
}

#if UA_OPEN62541_VER_MINOR == 4

/*
 * A client's URI is judged with all else when it activates its session. Other plugins are asked
 * about the application's own certificate, which is nobody's to trust.
 */
static UA_StatusCode verify_uri(const PLUGIN *plugin, const UA_ByteString *certificate,
                                const UA_String *uri)
{
        const struct role *role = plugin->context;
        const PLUGIN *former = &role->former;

        if (role->purpose == UATRUST_PURPOSE_USER || !former->verifyApplicationURI)
                return UA_STATUSCODE_GOOD;
        return former->verifyApplicationURI(former, certificate, uri);
}

static void set_functions(PLUGIN *plugin)
{
        plugin->verifyApplicationURI = verify_uri;
}

#else

static UA_StatusCode get_list(UNUSED PLUGIN *plugin, UNUSED UA_TrustListDataType *list)
{
        return UA_STATUSCODE_BADNOTSUPPORTED;
}

static UA_StatusCode set_list(UNUSED PLUGIN *plugin, UNUSED const UA_TrustListDataType *list)
{
        return UA_STATUSCODE_BADNOTSUPPORTED;
}

static UA_StatusCode get_rejected(UNUSED PLUGIN *plugin, UNUSED UA_ByteString **list,
                                  UNUSED size_t *n_list)
{
        return UA_STATUSCODE_BADNOTSUPPORTED;
}

static UA_StatusCode get_crls(UNUSED PLUGIN *plugin, UNUSED const UA_ByteString *certificate,
                              UNUSED UA_Boolean is_trusted, UNUSED UA_ByteString **crls,
                              UNUSED size_t *n_crls)
{
        return UA_STATUSCODE_BADNOTSUPPORTED;
}

/* The lists are the agent's: nobody reads or changes them through an application. */
static void set_functions(PLUGIN *plugin)
{
        plugin->getTrustList = get_list;
        plugin->setTrustList = set_list;
        plugin->addToTrustList = set_list;
        plugin->removeFromTrustList = set_list;
        plugin->getRejectedList = get_rejected;
        plugin->getCertificateCrls = get_crls;
}

#endif

static void take_over(PLUGIN *plugin, struct guard *guard, struct role *role,
                      enum uatrust_purpose purpose)
{
        *role = (struct role){ guard, purpose, *plugin };
        guard->n_roles++;
        plugin->context = role;
        plugin->verifyCertificate = verify;
        plugin->clear = clear;
        set_functions(plugin);
}

/* -- sessions of a server */

/* NULL: another plugin was put in its place. */
static struct guard *guard_of(UA_Server *server)
{
        const PLUGIN *plugin = &UA_Server_getConfig(server)->secureChannelPKI;

        return plugin->verifyCertificate == verify ? ((struct role *)plugin->context)->guard : NULL;
}

/* A user's certificate ends the session alone, a client's its channels, too. */
static void cut(const struct guard *guard, const struct session *session, const char *key)
{
        struct channel *channel = strcmp(key, session->client_key) ? NULL : guard->channels;
        UA_NodeId id;

        for (; channel; channel = channel->next)
                if (UA_ByteString_equal(&channel->leaf, &session->leaf))
                        channel->manager->closeConnection(channel->manager,
                                                          (uintptr_t)channel->connection);
        if (UA_NodeId_copy(&session->id, &id) != UA_STATUSCODE_GOOD)
                return;
        UA_Server_closeSession(guard->server, &id); /* which frees ours */
        UA_NodeId_clear(&id);
}

static void on_news(UNUSED struct uatrust_watch *watch, const struct uatrust_news *news,
                    const struct uatrust_error *error, void *userdata)
{
        const struct guard *guard = userdata;
        const UA_Logger *log = UA_Server_getConfig(guard->server)->logging;
        const char *key = news ? uatrust_news_get_key(news) : "any session";

        if (error)
                WARN(log, "not watching %s: %s", key, uatrust_error_get_text(error));
        else if (!news)
                UA_LOG_INFO(log, UA_LOGCATEGORY_SECURITYPOLICY, "uatrust: watching all sessions");
        else if (uatrust_news_asks_to_cut(news)) {
                WARN(log, "cut: %s, %s, %s", uatrust_news_get_cause(news),
                     uatrust_news_get_status_name(news), key);
                cut(guard, uatrust_news_get_peer(news), key);
        }
}

static void look_for_news(UA_Server *server, UNUSED void *userdata)
{
        UA_EventLoop *loop = UA_Server_getConfig(server)->eventLoop;
        struct guard *guard = guard_of(server);

        if (!guard)
                return;
        if (loop->lock)
                loop->lock(loop);
        pthread_mutex_lock(&guard->lock);
        guard->server = server;
        uatrust_process(guard->client, NULL);
        pthread_mutex_unlock(&guard->lock);
        if (loop->unlock)
                loop->unlock(loop);
}

static UA_StatusCode begin_to_look(UA_Server *server, struct guard *guard)
{
        UA_StatusCode status;

        if (guard->watch)
                return UA_STATUSCODE_GOOD;
        status = UA_Server_addRepeatedCallback(server, look_for_news, NULL, guard->news_ms,
                                               &guard->looking);
        if (status != UA_STATUSCODE_GOOD)
                return status;
        pthread_mutex_lock(&guard->lock);
        guard->watch = uatrust_watch_new(guard->client, on_news, guard);
        pthread_mutex_unlock(&guard->lock);
        if (guard->watch)
                return UA_STATUSCODE_GOOD;
        UA_Server_removeCallback(server, guard->looking);
        return UA_STATUSCODE_BADOUTOFMEMORY;
}

/* An event loop may outlive its server, and one that is idle sleeps. */
static void look_no_more_than_needed(UA_Server *server, struct guard *guard)
{
        if (!guard->watch || guard->sessions)
                return;
        UA_Server_removeCallback(server, guard->looking);
        pthread_mutex_lock(&guard->lock);
        uatrust_watch_free(guard->watch);
        guard->watch = NULL;
        pthread_mutex_unlock(&guard->lock);
}

/* The link to the session of that id, or the last one. */
static struct session **find_session(struct guard *guard, const UA_NodeId *id)
{
        struct session **place = &guard->sessions;

        while (*place && !UA_NodeId_equal(&(*place)->id, id))
                place = &(*place)->next;
        return place;
}

static void session_free(struct session *session)
{
        UA_NodeId_clear(&session->id);
        UA_ByteString_clear(&session->leaf);
        free(session);
}

static struct session *session_new(const UA_NodeId *id)
{
        struct session *session = calloc(1, sizeof(*session));
        UA_String key;

        if (!session)
                return NULL;
        key = (UA_String){ ID_SIZE - 1, (UA_Byte *)session->client_key };
        if (UA_NodeId_print(id, &key) == UA_STATUSCODE_GOOD &&
            UA_NodeId_copy(id, &session->id) == UA_STATUSCODE_GOOD) {
                snprintf(session->user_key, sizeof(session->user_key), "user of %s",
                         session->client_key);
                return session;
        }
        session_free(session);
        return NULL;
}

/* From now on it is that of @client, if there is one, and of @user, or of no certificate's user. */
static UA_StatusCode hold(struct guard *guard, const UA_NodeId *id, const UA_ByteString *leaf,
                          const struct uatrust_request *client, const struct uatrust_request *user)
{
        struct session **place, *session;
        bool is_held = false;

        pthread_mutex_lock(&guard->lock);
        place = find_session(guard, id);
        if (!*place)
                *place = session_new(id);
        session = *place;
        if (session) {
                uatrust_watch_remove(guard->watch, session->user_key);
                UA_ByteString_clear(&session->leaf);
                is_held = UA_ByteString_copy(leaf, &session->leaf) == UA_STATUSCODE_GOOD &&
                          !(client && uatrust_watch_add(guard->watch, session->client_key, client,
                                                        session, NULL)) &&
                          !(user && uatrust_watch_add(guard->watch, session->user_key, user,
                                                      session, NULL));
        }
        pthread_mutex_unlock(&guard->lock);
        return is_held ? UA_STATUSCODE_GOOD : UA_STATUSCODE_BADOUTOFMEMORY;
}

/* False: memory is short, or @text is empty, or holds a zero, or what would begin a line of a log. */
static bool set_text(struct uatrust_request *request,
                     void (*set)(struct uatrust_request *, const char *), const UA_String *text)
{
        char *copy = text->length ? strndup((const char *)text->data, text->length) : NULL;
        bool is_whole = copy;

        for (size_t i = 0; i < text->length; i++)
                is_whole = is_whole && text->data[i] >= ' ' && text->data[i] != 0x7f;
        if (is_whole)
                set(request, copy);
        free(copy);
        return is_whole;
}

/* By all that it says it is. UA_STATUSCODE_GOOD, and what it was judged by; or else what it was not. */
static UA_StatusCode judge_client(UA_Server *server, const UA_EndpointDescription *endpoint,
                                  const UA_ByteString *leaf, const UA_NodeId *id,
                                  struct uatrust_request **out)
{
        const UA_QualifiedName name = { 0, UA_STRING_STATIC("clientDescription") };
        const UA_Logger *log = UA_Server_getConfig(server)->logging;
        struct guard *guard = guard_of(server);
        UA_ApplicationDescription client; /* borrowed */
        UA_StatusCode status;

        status = UA_Server_getSessionAttribute_scalar(
                server, id, name, &UA_TYPES[UA_TYPES_APPLICATIONDESCRIPTION], &client);
        if (status != UA_STATUSCODE_GOOD)
                return status;
        *out = request_new(&guard->application, leaf);
        if (set_text(*out, uatrust_request_set_security_policy_uri, &endpoint->securityPolicyUri) &&
            set_text(*out, uatrust_request_set_application_uri, &client.applicationUri))
                return judge(&guard->application, *out, log);
        WARN(log, "refused a client whose ApplicationUri cannot be asked about");
        return UA_STATUSCODE_BADCERTIFICATEURIINVALID;
}

static const UA_ByteString *user_certificate(const UA_ExtensionObject *token)
{
        if (token->encoding < UA_EXTENSIONOBJECT_DECODED ||
            token->content.decoded.type != &UA_TYPES[UA_TYPES_X509IDENTITYTOKEN])
                return NULL;
        return &((UA_X509IdentityToken *)token->content.decoded.data)->certificateData;
}

/* A user is judged by open62541's call to the other plugin. */
static UA_StatusCode activate(UA_Server *server, UA_AccessControl *access,
                              const UA_EndpointDescription *endpoint, const UA_ByteString *leaf,
                              const UA_NodeId *id, const UA_ExtensionObject *token, void **context)
{
        struct guard *guard = guard_of(server);
        const UA_ByteString *certificate = user_certificate(token);
        struct uatrust_request *client = NULL, *user = NULL;
        UA_StatusCode status = UA_STATUSCODE_GOOD;

        if (!guard)
                return UA_STATUSCODE_BADCONFIGURATIONERROR;
        if (leaf->length)
                status = judge_client(server, endpoint, leaf, id, &client);
        if (status == UA_STATUSCODE_GOOD)
                status = guard->activate(server, access, endpoint, leaf, id, token, context);
        if (status == UA_STATUSCODE_GOOD && certificate) {
                user = request_new(&guard->user, certificate);
                status = user ? UA_STATUSCODE_GOOD : UA_STATUSCODE_BADOUTOFMEMORY;
        }
        if (status == UA_STATUSCODE_GOOD && (client || user))
                status = begin_to_look(server, guard);
        if (status == UA_STATUSCODE_GOOD && (client || user))
                status = hold(guard, id, leaf, client, user);
        look_no_more_than_needed(server, guard);
        uatrust_request_free(client);
        uatrust_request_free(user);
        return status;
}

static void close_session(UA_Server *server, UA_AccessControl *access, const UA_NodeId *id,
                          void *context)
{
        struct guard *guard = guard_of(server);
        struct session **place, *session;

        if (!guard)
                return;
        pthread_mutex_lock(&guard->lock);
        place = find_session(guard, id);
        session = *place;
        if (session) {
                *place = session->next;
                uatrust_watch_remove(guard->watch, session->client_key);
                uatrust_watch_remove(guard->watch, session->user_key);
                session_free(session);
        }
        pthread_mutex_unlock(&guard->lock);
        look_no_more_than_needed(server, guard);
        if (guard->close)
                guard->close(server, access, id, context);
}

#if UA_OPEN62541_VER_MINOR > 4

static const void *get(const UA_KeyValueMap *payload, const char *name, size_t type)
{
        const UA_QualifiedName key = { 0, { strlen(name), (UA_Byte *)(uintptr_t)name } };

        return UA_KeyValueMap_getScalar(payload, key, &UA_TYPES[type]);
}

/* Without memory its session is ended all the same. */
static void add_channel(UA_Server *server, struct guard *guard, const UA_KeyValueMap *payload)
{
        const UA_String *name = get(payload, "connection-manager-name", UA_TYPES_STRING);
        const UA_UInt64 *connection = get(payload, "connection-id", UA_TYPES_UINT64);
        const UA_ByteString *leaf = get(payload, "remote-certificate", UA_TYPES_BYTESTRING);
        UA_EventSource *source = UA_Server_getConfig(server)->eventLoop->eventSources;
        struct channel *channel;

        while (source && name && !UA_String_equal(&source->name, name))
                source = source->next;
        if (!source || source->eventSourceType != UA_EVENTSOURCETYPE_CONNECTIONMANAGER ||
            !connection || !leaf || !leaf->length)
                return;
        channel = calloc(1, sizeof(*channel));
        if (!channel)
                return;
        channel->manager = (UA_ConnectionManager *)source;
        channel->connection = *connection;
        channel->next = guard->channels;
        guard->channels = channel;
        if (UA_ByteString_copy(leaf, &channel->leaf) != UA_STATUSCODE_GOOD)
                free_channel(&guard->channels);
}

static void remove_channel(struct guard *guard, const UA_KeyValueMap *payload)
{
        const UA_UInt64 *connection = get(payload, "connection-id", UA_TYPES_UINT64);
        struct channel **place = &guard->channels;

        while (*place && connection && (*place)->connection != *connection)
                place = &(*place)->next;
        if (*place && connection)
                free_channel(place);
}

static void on_channel(UA_Server *server, UA_ApplicationNotificationType type,
                       const UA_KeyValueMap payload)
{
        struct guard *guard = guard_of(server);

        if (!guard)
                return;
        pthread_mutex_lock(&guard->lock);
        if (type == UA_APPLICATIONNOTIFICATIONTYPE_SECURECHANNEL_OPENED)
                add_channel(server, guard, &payload);
        else if (type == UA_APPLICATIONNOTIFICATIONTYPE_SECURECHANNEL_CLOSED)
                remove_channel(guard, &payload);
        pthread_mutex_unlock(&guard->lock);
        if (guard->on_channel)
                guard->on_channel(server, type, payload);
}

#endif

/* -- what is begun with */

UA_StatusCode uatrust_open62541_guard_server(UA_ServerConfig *config,
                                             const struct uatrust_open62541_options *options)
{
        UA_AccessControl *access = &config->accessControl;
        struct guard *guard;

        if (!access->activateSession || config->secureChannelPKI.verifyCertificate == verify)
                return UA_STATUSCODE_BADCONFIGURATIONERROR;
        guard = guard_new(options, &config->applicationDescription.applicationUri, NULL, NULL);
        if (!guard)
                return UA_STATUSCODE_BADOUTOFMEMORY;
        take_over(&config->secureChannelPKI, guard, &guard->application, UATRUST_PURPOSE_CLIENT);
        take_over(&config->sessionPKI, guard, &guard->user, UATRUST_PURPOSE_USER);
        guard->activate = access->activateSession;
        guard->close = access->closeSession;
        access->activateSession = activate;
        access->closeSession = close_session;
#if UA_OPEN62541_VER_MINOR > 4
        guard->on_channel = config->secureChannelNotificationCallback;
        config->secureChannelNotificationCallback = on_channel;
#endif
        return UA_STATUSCODE_GOOD;
}

UA_StatusCode uatrust_open62541_guard_client(UA_ClientConfig *config, const char *host_name,
                                             const char *application_uri,
                                             const struct uatrust_open62541_options *options)
{
        PLUGIN *plugin = &config->certificateVerification;
        struct guard *guard;

        if (plugin->verifyCertificate == verify)
                return UA_STATUSCODE_BADCONFIGURATIONERROR;
        guard = guard_new(options, &config->clientDescription.applicationUri, host_name,
                          application_uri);
        if (!guard)
                return UA_STATUSCODE_BADOUTOFMEMORY;
        take_over(plugin, guard, &guard->application, UATRUST_PURPOSE_SERVER);
        return UA_STATUSCODE_GOOD;
}
