/* SPDX-License-Identifier: Apache-2.0 */
#include "client.h"
#include "error.h"
#include "pem.h"
#include "proto/compiler.h"
#include "proto/message_admin.h"
#include "proto/names.h"
#include "record.h"

#include <uatrust/admin.h>

#include <errno.h>
#include <string.h>

struct uatrust_change {
        char *store, *list, *reason;
        bool is_dry_run;
        bool has_failed; /* memory ran short: nothing will be asked */
};

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

/* One call of org.uatrust.admin1. Return: 0 or an enum uatrust_code. */
static int make(struct uatrust_client *client, const struct uatrust_change *change,
                const struct client_call *call, struct uatrust_update **out,
                struct uatrust_error **error)
{
        CLEANUP(freep) struct uatrust_update *update = malloc(sizeof(*update));
        int r;

        if (!client || !change || change->has_failed || !update)
                return error_report(error, STATUS_E_NO_MEMORY, NULL, NULL);

        r = client_call_admin(client, call, &update->m, error);
        if (!r)
                *out = TAKE(update);
        return r;
}

static char *store_of(const struct uatrust_client *client, const struct uatrust_change *change)
{
        return change && change->store ? change->store : client ? client->store : NULL;
}

static int add(struct uatrust_client *client, const struct uatrust_change *change,
               const char *method, struct schema_bytes data, struct uatrust_update **out,
               struct uatrust_error **error)
{
        struct message_add_object in = {
                .data = data,
                .list = change ? change->list : NULL,
                .store = store_of(client, change),
                .reason = change ? change->reason : NULL,
                .dry_run = change && change->is_dry_run,
        };

        return make(client, change,
                    &(struct client_call){ method, &message_add_object_schema, &in,
                                           &message_update_reply_schema },
                    out, error);
}

int uatrust_add_certificate(struct uatrust_client *client, const struct uatrust_change *change,
                            const void *der, size_t n_der, struct uatrust_update **out,
                            struct uatrust_error **error)
{
        return add(client, change, NAMES_ADMIN_INTERFACE ".AddCertificate",
                   (struct schema_bytes){ (uint8_t *)der, n_der }, out, error);
}

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

int uatrust_add_crl(struct uatrust_client *client, const struct uatrust_change *change,
                    const void *der, size_t n_der, struct uatrust_update **out,
                    struct uatrust_error **error)
{
        return add(client, change, NAMES_ADMIN_INTERFACE ".AddCrl",
                   (struct schema_bytes){ (uint8_t *)der, n_der }, out, error);
}

static int drop(struct uatrust_client *client, const struct uatrust_change *change,
                const char *method, const char *thumbprint, struct uatrust_update **out,
                struct uatrust_error **error)
{
        struct message_remove_object in = {
                .thumbprint = (char *)thumbprint,
                .list = change ? change->list : NULL,
                .store = store_of(client, change),
                .reason = change ? change->reason : NULL,
                .dry_run = change && change->is_dry_run,
        };

        return make(client, change,
                    &(struct client_call){ method, &message_remove_object_schema, &in,
                                           &message_update_reply_schema },
                    out, error);
}

int uatrust_remove_certificate(struct uatrust_client *client, const struct uatrust_change *change,
                               const char *thumbprint, struct uatrust_update **out,
                               struct uatrust_error **error)
{
        return drop(client, change, NAMES_ADMIN_INTERFACE ".RemoveCertificate", thumbprint, out,
                    error);
}

int uatrust_remove_crl(struct uatrust_client *client, const struct uatrust_change *change,
                       const char *sha256, struct uatrust_update **out,
                       struct uatrust_error **error)
{
        return drop(client, change, NAMES_ADMIN_INTERFACE ".RemoveCrl", sha256, out, error);
}

static int decide(struct uatrust_client *client, const struct uatrust_change *change,
                  const char *method, const char *thumbprint, struct uatrust_update **out,
                  struct uatrust_error **error)
{
        struct message_rejected_object in = {
                .thumbprint = (char *)thumbprint,
                .store = store_of(client, change),
                .reason = change ? change->reason : NULL,
                .dry_run = change && change->is_dry_run,
        };

        return make(client, change,
                    &(struct client_call){ method, &message_rejected_object_schema, &in,
                                           &message_update_reply_schema },
                    out, error);
}

int uatrust_trust_rejected(struct uatrust_client *client, const struct uatrust_change *change,
                           const char *thumbprint, struct uatrust_update **out,
                           struct uatrust_error **error)
{
        return decide(client, change, NAMES_ADMIN_INTERFACE ".TrustRejected", thumbprint, out,
                      error);
}

int uatrust_remove_rejected(struct uatrust_client *client, const struct uatrust_change *change,
                            const char *thumbprint, struct uatrust_update **out,
                            struct uatrust_error **error)
{
        return decide(client, change, NAMES_ADMIN_INTERFACE ".RemoveRejected", thumbprint, out,
                      error);
}

static int block(struct uatrust_client *client, const struct uatrust_change *change,
                 const char *method, struct message_block_object who, struct uatrust_update **out,
                 struct uatrust_error **error)
{
        who.store = store_of(client, change);
        who.reason = change ? change->reason : NULL;
        who.dry_run = change && change->is_dry_run;
        return make(client, change,
                    &(struct client_call){ method, &message_block_object_schema, &who,
                                           &message_update_reply_schema },
                    out, error);
}

int uatrust_block(struct uatrust_client *client, const struct uatrust_change *change,
                  const char *sha256, struct uatrust_update **out, struct uatrust_error **error)
{
        return block(client, change, NAMES_ADMIN_INTERFACE ".Block",
                     (struct message_block_object){ .thumbprint = (char *)sha256 }, out, error);
}

int uatrust_unblock(struct uatrust_client *client, const struct uatrust_change *change,
                    const char *sha256, struct uatrust_update **out, struct uatrust_error **error)
{
        return block(client, change, NAMES_ADMIN_INTERFACE ".Unblock",
                     (struct message_block_object){ .thumbprint = (char *)sha256 }, out, error);
}

int uatrust_block_serial(struct uatrust_client *client, const struct uatrust_change *change,
                         const char *issuer_sha256, const char *serial_number,
                         struct uatrust_update **out, struct uatrust_error **error)
{
        return block(client, change, NAMES_ADMIN_INTERFACE ".Block",
                     (struct message_block_object){ .issuer_thumbprint = (char *)issuer_sha256,
                                                    .serial_number = (char *)serial_number },
                     out, error);
}

int uatrust_unblock_serial(struct uatrust_client *client, const struct uatrust_change *change,
                           const char *issuer_sha256, const char *serial_number,
                           struct uatrust_update **out, struct uatrust_error **error)
{
        return block(client, change, NAMES_ADMIN_INTERFACE ".Unblock",
                     (struct message_block_object){ .issuer_thumbprint = (char *)issuer_sha256,
                                                    .serial_number = (char *)serial_number },
                     out, error);
}

int uatrust_reload(struct uatrust_client *client, struct uatrust_error **error)
{
        struct client_call call = {
                .method = NAMES_ADMIN_INTERFACE ".Reload",
                .in = &message_nothing_schema,
                .out = &message_nothing_schema,
        };
        struct message_nothing nothing;

        if (!client)
                return error_report(error, STATUS_E_NO_MEMORY, NULL, NULL);

        return client_call_admin(client, &call, &nothing, error);
}
