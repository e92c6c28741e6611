/* SPDX-License-Identifier: Apache-2.0 */
#include "request.h"

#include "call.h"
#include "error.h"
#include "held.h"
#include "pem.h"
#include "proto/compiler.h"
#include "proto/names.h"
#include "verdict.h"

#include <uatrust/uatrust.h>

#include <errno.h>
#include <string.h>

struct uatrust_request {
        struct message_validate m;
        bool has_failed; /* memory ran short: nothing more is added, and it will not be asked */
};

static const char *purpose_name(enum uatrust_purpose purpose)
{
        switch (purpose) {
        case UATRUST_PURPOSE_CLIENT:
                return NAMES_PURPOSE_CLIENT;
        case UATRUST_PURPOSE_SERVER:
                return NAMES_PURPOSE_SERVER;
        case UATRUST_PURPOSE_USER:
                return NAMES_PURPOSE_USER;
        case UATRUST_PURPOSE_HTTPS:
                return NAMES_PURPOSE_HTTPS;
        }
        return NULL; /* whoever calls a C library may pass any number */
}

struct uatrust_request *uatrust_request_new(enum uatrust_purpose purpose)
{
        const char *name = purpose_name(purpose);
        struct uatrust_request *request = calloc(1, sizeof(*request));

        if (!request)
                return NULL;

        schema_init(&message_validate_schema, &request->m);
        if (!name)
                return request;

        request->m.purpose = strdup(name);
        request->has_failed = !request->m.purpose;
        return request;
}

void uatrust_request_free(struct uatrust_request *request)
{
        if (!request)
                return;

        schema_deinit(&message_validate_schema, &request->m);
        free(request);
}

/* Setters take a request that could not be made, and leave the report to uatrust_validate(). */

static void set_text(struct uatrust_request *request, char **at, const char *text)
{
        free(*at);
        *at = text ? strdup(text) : NULL;
        if (text && !*at)
                request->has_failed = true;
}

/* One more zeroed item at the end of an array; Return: NULL if memory is short. */
static void *add_item(struct uatrust_request *request, void **items, size_t *n, size_t item_bytes)
{
        void *grown = reallocarray(*items, *n + 1, item_bytes);

        if (!grown) {
                request->has_failed = true;
                return NULL;
        }

        *items = grown;
        grown = (char *)grown + *n * item_bytes;
        memset(grown, 0, item_bytes);
        ++*n;
        return grown;
}

void uatrust_request_add_certificate(struct uatrust_request *request, const void *der, size_t n_der)
{
        struct schema_bytes *bytes;

        if (!request)
                return;

        bytes = add_item(request, (void **)&request->m.certificates, &request->m.n_certificates,
                         sizeof(*bytes));
        if (!bytes)
                return;

        bytes->data = malloc(n_der ? n_der : 1);
        if (!bytes->data) {
                request->has_failed = true;
                return;
        }
        if (n_der)
                memcpy(bytes->data, der, n_der);
        bytes->n = n_der;
}

void uatrust_request_set_store(struct uatrust_request *request, const char *store)
{
        if (request)
                set_text(request, &request->m.store, store);
}

void uatrust_request_set_security_policy_uri(struct uatrust_request *request, const char *uri)
{
        if (request)
                set_text(request, &request->m.security_policy_uri, uri);
}

void uatrust_request_set_application_uri(struct uatrust_request *request, const char *uri)
{
        if (request)
                set_text(request, &request->m.application_uri, uri);
}

void uatrust_request_set_host_name(struct uatrust_request *request, const char *host_name)
{
        if (request)
                set_text(request, &request->m.host_name, host_name);
}

void uatrust_request_add_suppress(struct uatrust_request *request, const char *status_name)
{
        char **at;

        if (!request || !status_name)
                return;

        at = add_item(request, (void **)&request->m.suppress, &request->m.n_suppress, sizeof(*at));
        if (at)
                set_text(request, at, status_name);
}

void uatrust_request_set_at(struct uatrust_request *request, int64_t at_s)
{
        if (request)
                request->m.at = at_s;
}

void uatrust_request_set_context(struct uatrust_request *request, const char *application,
                                 const char *peer_address, const char *endpoint_url)
{
        if (!request)
                return;

        if (!request->m.context)
                request->m.context = calloc(1, sizeof(*request->m.context));
        if (!request->m.context) {
                request->has_failed = true;
                return;
        }

        set_text(request, &request->m.context->application, application);
        set_text(request, &request->m.context->peer_address, peer_address);
        set_text(request, &request->m.context->endpoint_url, endpoint_url);
}

/*
 * Files.
 */

static int on_certificate(const uint8_t *der, size_t n_der, void *userdata)
{
        struct uatrust_request *request = userdata;

        uatrust_request_add_certificate(request, der, n_der);
        return request->has_failed ? -ENOMEM : 0;
}

int uatrust_request_add_file(struct uatrust_request *request, const char *path,
                             struct uatrust_error **error)
{
        if (!request)
                return error_report(error, STATUS_E_NO_MEMORY, NULL, NULL);

        return pem_read_file(path, on_certificate, request, error);
}

/*
 * Asking.
 */

static const struct call_method validate = {
        .name = NAMES_AGENT_INTERFACE ".Validate",
        .in = &message_validate_schema,
        .out = &message_validate_reply_schema,
};

int request_read(const struct uatrust_request *request, const struct uatrust_client *client,
                 struct message_validate *out, struct uatrust_error **error)
{
        if (!request || request->has_failed)
                return error_report(error, STATUS_E_NO_MEMORY, NULL, NULL);
        if (!request->m.purpose)
                return error_report(error, STATUS_E_INVALID_ARGUMENT, "purpose", NULL);

        *out = request->m;
        out->store = client_store(client, out->store);
        return 0;
}

/* A verdict that is held and stands; NULL: ask. @key: what its answer is to be held by. */
static struct uatrust_verdict *find_held(struct uatrust_client *client,
                                         const struct message_validate *asked, struct held_key *key)
{
        held_make_key(client->held, asked, key);
        return held_find(client->held, key);
}

int uatrust_validate_start(struct uatrust_call *call, const struct uatrust_request *request,
                           struct uatrust_error **error)
{
        struct held_key key = HELD_KEY_NULL;
        struct uatrust_verdict *held;
        struct message_validate asked;
        int r;

        if (!call)
                return error_report(error, STATUS_E_NO_MEMORY, NULL, NULL);
        r = request_read(request, call->client, &asked, error);
        if (r)
                return r;

        held = find_held(call->client, &asked, &key);
        r = held ? call_start_done(call, &validate, error)
                 : call_start_question(call, &validate, &asked, &key, error);
        held_key_deinit(&key);
        if (r)
                uatrust_verdict_free(held);
        else if (held)
                call->held = held;
        return r;
}

int uatrust_validate_finish(struct uatrust_call *call, struct uatrust_verdict **out,
                            struct uatrust_error **error)
{
        CLEANUP(freep) struct message_validate_reply *reply = NULL;
        struct uatrust_verdict *verdict;
        int r;

        r = call_finish(call, validate.out, (void **)&reply, error);
        if (r)
                return r;
        if (call->held) {
                *out = TAKE(call->held);
                return 0;
        }

        verdict = verdict_new(&reply->verdict);
        if (!verdict)
                return error_report(error, STATUS_E_NO_MEMORY, NULL, NULL);
        held_take_in(call->client->held, call->client->calls.path, &call->key, verdict);
        *out = verdict;
        return 0;
}

/* What is held is given without a call. */
int uatrust_validate(struct uatrust_client *client, const struct uatrust_request *request,
                     struct uatrust_verdict **out, struct uatrust_error **error)
{
        struct held_key key = HELD_KEY_NULL;
        struct uatrust_verdict *held;
        struct message_validate asked;
        struct uatrust_call *call;
        int r;

        if (!client)
                return error_report(error, STATUS_E_NO_MEMORY, NULL, NULL);
        r = request_read(request, client, &asked, error);
        if (r)
                return r;

        held = find_held(client, &asked, &key);
        if (held) {
                held_key_deinit(&key);
                *out = held;
                return 0;
        }

        call = uatrust_call_new(client, NULL, NULL);
        r = call_start_question(call, &validate, &asked, &key, error);
        held_key_deinit(&key);
        if (!r)
                r = uatrust_validate_finish(call, out, error);
        uatrust_call_free(call);
        return r;
}
