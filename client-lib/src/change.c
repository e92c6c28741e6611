/* SPDX-License-Identifier: Apache-2.0 */
#include "change.h"

#include "call.h"
#include "error.h"
#include "pem.h"
#include "proto/message_admin.h"
#include "proto/names.h"
#include "record.h"

#include <uatrust/admin.h>

#include <errno.h>
#include <string.h>

struct uatrust_change *uatrust_change_new(void)
{
        return calloc(1, sizeof(struct uatrust_change));
}

void uatrust_change_free(struct uatrust_change *change)
{
        if (!change)
                return;

        free(change->store);
        free(change->list);
        free(change->reason);
        free(change);
}

static void set_text(struct uatrust_change *change, char **at, const char *text)
{
        free(*at);
        *at = text ? strdup(text) : NULL;
        if (text && !*at)
                change->has_failed = true;
}

void uatrust_change_set_store(struct uatrust_change *change, const char *store)
{
        if (change)
                set_text(change, &change->store, store);
}

void uatrust_change_set_list(struct uatrust_change *change, const char *list)
{
        if (change)
                set_text(change, &change->list, list);
}

void uatrust_change_set_reason(struct uatrust_change *change, const char *reason)
{
        if (change)
                set_text(change, &change->reason, reason);
}

void uatrust_change_set_dry_run(struct uatrust_change *change, bool is_dry_run)
{
        if (change)
                change->is_dry_run = is_dry_run;
}

/*
 * The methods. What is not as the change says is what they are about.
 */

#define METHOD(of, wire, schema)                                                                   \
        static const struct call_method of = { .name = NAMES_ADMIN_INTERFACE "." wire,             \
                                               .in = &(schema),                                    \
                                               .out = &message_update_reply_schema,                \
                                               .is_admin = true }

METHOD(add_certificate, "AddCertificate", message_add_object_schema);
METHOD(add_crl, "AddCrl", message_add_object_schema);
METHOD(remove_certificate, "RemoveCertificate", message_remove_object_schema);
METHOD(remove_crl, "RemoveCrl", message_remove_object_schema);
METHOD(trust_rejected, "TrustRejected", message_rejected_object_schema);
METHOD(remove_rejected, "RemoveRejected", message_rejected_object_schema);
METHOD(block, "Block", message_block_object_schema);
METHOD(unblock, "Unblock", message_block_object_schema);

static const struct call_method reload = {
        .name = NAMES_ADMIN_INTERFACE ".Reload",
        .in = &message_nothing_schema,
        .out = &message_nothing_schema,
        .is_admin = true,
};

/* Finishes and frees a call that was started with result @r. */
static int finish(struct uatrust_call *call, int r, struct uatrust_update **out,
                  struct uatrust_error **error)
{
        if (!r)
                r = uatrust_change_finish(call, out, error);
        uatrust_call_free(call);
        return r;
}

int uatrust_change_finish(struct uatrust_call *call, struct uatrust_update **out,
                          struct uatrust_error **error)
{
        return call_finish(call, &message_update_reply_schema, (void **)out, error);
}

/*
 * The API.
 */

static bool is_whole(const struct uatrust_call *call, const struct uatrust_change *change)
{
        return call && change && !change->has_failed;
}

/* Of what @call, @change and @error of the function around say, and what the object has beside. */
#define START(of, object, ...)                                                                     \
        is_whole(call, change)                                                                     \
                ? call_start(call, &of,                                                            \
                             &(struct message_##object){                                           \
                                     .store = client_store(call->client, change->store),           \
                                     .reason = change->reason,                                     \
                                     .dry_run = change->is_dry_run,                                \
                                     __VA_ARGS__ },                                                \
                             error)                                                                \
                : error_report(error, STATUS_E_NO_MEMORY, NULL, NULL)

/* The functions of one method: to start it, and to do it. */
#define ADD(of)                                                                                    \
        int uatrust_##of##_start(struct uatrust_call *call, const struct uatrust_change *change,   \
                                 const void *der, size_t n_der, struct uatrust_error **error)      \
        {                                                                                          \
                return START(of, add_object, .list = change->list,                                 \
                             .data = { (uint8_t *)der, n_der });                                   \
        }                                                                                          \
        int uatrust_##of(struct uatrust_client *client, const struct uatrust_change *change,       \
                         const void *der, size_t n_der, struct uatrust_update **out,               \
                         struct uatrust_error **error)                                             \
        {                                                                                          \
                struct uatrust_call *call = uatrust_call_new(client, NULL, NULL);                  \
                                                                                                   \
                return finish(call, uatrust_##of##_start(call, change, der, n_der, error), out,    \
                              error);                                                              \
        }

#define BY_THUMBPRINT(of, object, ...)                                                             \
        int uatrust_##of##_start(struct uatrust_call *call, const struct uatrust_change *change,   \
                                 const char *sha256, struct uatrust_error **error)                 \
        {                                                                                          \
                return START(of, object, .thumbprint = (char *)sha256, __VA_ARGS__);               \
        }                                                                                          \
        int uatrust_##of(struct uatrust_client *client, const struct uatrust_change *change,       \
                         const char *sha256, struct uatrust_update **out,                          \
                         struct uatrust_error **error)                                             \
        {                                                                                          \
                struct uatrust_call *call = uatrust_call_new(client, NULL, NULL);                  \
                                                                                                   \
                return finish(call, uatrust_##of##_start(call, change, sha256, error), out,        \
                              error);                                                              \
        }

#define BY_SERIAL(of)                                                                              \
        int uatrust_##of##_serial_start(struct uatrust_call *call,                                 \
                                        const struct uatrust_change *change,                       \
                                        const char *issuer_sha256, const char *serial_number,      \
                                        struct uatrust_error **error)                              \
        {                                                                                          \
                return START(of, block_object, .issuer_thumbprint = (char *)issuer_sha256,         \
                             .serial_number = (char *)serial_number);                              \
        }                                                                                          \
        int uatrust_##of##_serial(struct uatrust_client *client,                                   \
                                  const struct uatrust_change *change, const char *issuer_sha256,  \
                                  const char *serial_number, struct uatrust_update **out,          \
                                  struct uatrust_error **error)                                    \
        {                                                                                          \
                struct uatrust_call *call = uatrust_call_new(client, NULL, NULL);                  \
                                                                                                   \
                return finish(call,                                                                \
                              uatrust_##of##_serial_start(call, change, issuer_sha256,             \
                                                          serial_number, error),                   \
                              out, error);                                                         \
        }

ADD(add_certificate)
ADD(add_crl)
BY_THUMBPRINT(remove_certificate, remove_object, .list = change->list)
BY_THUMBPRINT(remove_crl, remove_object, .list = change->list)
BY_THUMBPRINT(trust_rejected, rejected_object)
BY_THUMBPRINT(remove_rejected, rejected_object)
BY_THUMBPRINT(block, block_object)
BY_THUMBPRINT(unblock, block_object)
BY_SERIAL(block)
BY_SERIAL(unblock)

int uatrust_reload_start(struct uatrust_call *call, struct uatrust_error **error)
{
        return call_start(call, &reload, &(struct message_nothing){ 0 }, error);
}

int uatrust_reload(struct uatrust_client *client, struct uatrust_error **error)
{
        struct uatrust_call *call = uatrust_call_new(client, NULL, NULL);
        int r = uatrust_reload_start(call, error);

        if (!r)
                r = uatrust_call_finish(call, error);
        uatrust_call_free(call);
        return r;
}

/*
 * Files.
 */

/* The one certificate of a file. */
struct lone {
        uint8_t *der;
        size_t n;
};

static int on_certificate(const uint8_t *der, size_t n, void *userdata)
{
        struct lone *lone = userdata;

        if (lone->der)
                return -E2BIG;

        lone->der = malloc(n ? n : 1);
        if (!lone->der)
                return -ENOMEM;

        memcpy(lone->der, der, n);
        lone->n = n;
        return 0;
}

int uatrust_add_certificate_file(struct uatrust_client *client, const struct uatrust_change *change,
                                 const char *path, struct uatrust_update **out,
                                 struct uatrust_error **error)
{
        struct lone lone = { NULL, 0 };
        int r;

        r = pem_read_file(path, on_certificate, &lone, error);
        if (!r)
                r = uatrust_add_certificate(client, change, lone.der, lone.n, out, error);
        free(lone.der);
        return r;
}
