/* SPDX-License-Identifier: Apache-2.0 */
#include "call.h"
#include "error.h"
#include "parts.h"
#include "proto/compiler.h"
#include "proto/names.h"
#include "record.h"
#include "reply.h"

#include <uatrust/reading.h>

#include <errno.h>
#include <string.h>

static char *store_of(const struct uatrust_call *call, const char *store)
{
        return call ? client_store(call->client, store) : NULL;
}

/*
 * Revocation lists, in parts.
 */

static const struct call_method read_crl = {
        .name = NAMES_AGENT_INTERFACE ".ReadCrl",
        .in = &message_read_crl_schema,
        .out = &message_read_crl_reply_schema,
        .take = parts_take,
};

int uatrust_read_crl_start(struct uatrust_call *call, const char *store, const char *sha256,
                           struct uatrust_error **error)
{
        struct message_read_crl in = { .sha256 = (char *)sha256, .store = store_of(call, store) };

        return call_start(call, &read_crl, &in, error);
}

CALL_FINISH(read_crl, stored_crl)

int uatrust_read_crl(struct uatrust_client *client, const char *store, const char *sha256,
                     struct uatrust_stored_crl **out, struct uatrust_error **error)
        CALL_ASK(read_crl, store, sha256, error)

        /*
 * Trust lists. Large revocation lists of theirs are named only, and read afterwards.
 */

        static bool get_large(void *value, void *in)
{
        struct message_read_trust_list_reply *list = value;
        struct message_read_crl *asked = in;

        asked->store = list->store;
        if (list->n_large_trusted_crls)
                asked->sha256 = list->large_trusted_crls[list->n_large_trusted_crls - 1];
        else if (list->n_large_issuer_crls)
                asked->sha256 = list->large_issuer_crls[list->n_large_issuer_crls - 1];
        return asked->sha256;
}

/* The last name of @names becomes one more CRL. Return: 0 or -ENOMEM. */
static int replace_name(char **names, size_t *n_names, struct schema_bytes **crls, size_t *n_crls,
                        struct schema_bytes *crl)
{
        struct schema_bytes *grown = reallocarray(*crls, *n_crls + 1, sizeof(*grown));

        if (!grown)
                return -ENOMEM;

        *crls = grown;
        grown[(*n_crls)++] = *crl;
        *crl = (struct schema_bytes){ NULL, 0 };
        free(names[--*n_names]);
        return 0;
}

static int add_large(void *value, void *reply)
{
        struct message_read_trust_list_reply *list = value;
        struct message_read_crl_reply *crl = reply;

        if (list->n_large_trusted_crls)
                return replace_name(list->large_trusted_crls, &list->n_large_trusted_crls,
                                    &list->trusted_crls, &list->n_trusted_crls, &crl->data);
        return replace_name(list->large_issuer_crls, &list->n_large_issuer_crls, &list->issuer_crls,
                            &list->n_issuer_crls, &crl->data);
}

static const struct call_rest large_crls = { &read_crl, get_large, add_large };

static const struct call_method read_trust_list = {
        .name = NAMES_AGENT_INTERFACE ".ReadTrustList",
        .in = &message_read_trust_list_schema,
        .out = &message_read_trust_list_reply_schema,
        .take = paging_take,
        .rest = &large_crls,
};

int uatrust_read_trust_list_start(struct uatrust_call *call, const char *store,
                                  struct uatrust_error **error)
{
        struct message_read_trust_list in = { .store = store_of(call, store),
                                              .limit = SCHEMA_INT_ABSENT };

        return call_start(call, &read_trust_list, &in, error);
}

CALL_FINISH(read_trust_list, trust_list)

int uatrust_read_trust_list(struct uatrust_client *client, const char *store,
                            struct uatrust_trust_list **out, struct uatrust_error **error)
        CALL_ASK(read_trust_list, store, error)

        /*
 * Certificates.
 */

        static const struct call_method read_certificate = {
                .name = NAMES_AGENT_INTERFACE ".GetCertificate",
                .in = &message_get_certificate_schema,
                .out = &message_get_certificate_reply_schema,
        };

int uatrust_read_certificate_start(struct uatrust_call *call, const char *store,
                                   const char *thumbprint, struct uatrust_error **error)
{
        struct message_get_certificate in = { .thumbprint = (char *)thumbprint,
                                              .store = store_of(call, store) };

        return call_start(call, &read_certificate, &in, error);
}

CALL_FINISH(read_certificate, stored_certificate)

int uatrust_read_certificate(struct uatrust_client *client, const char *store,
                             const char *thumbprint, struct uatrust_stored_certificate **out,
                             struct uatrust_error **error)
        CALL_ASK(read_certificate, store, thumbprint, error)

        /*
 * Changes.
 */

        static const struct call_method get_changes = {
                .name = NAMES_AGENT_INTERFACE ".Changes",
                .in = &message_changes_schema,
                .out = &message_changes_reply_schema,
        };

int uatrust_get_changes_start(struct uatrust_call *call, const char *store, const char *agent_id,
                              int64_t since, struct uatrust_error **error)
{
        struct message_changes in = { .agent_id = (char *)agent_id,
                                      .since = since,
                                      .store = store_of(call, store) };

        return call_start(call, &get_changes, &in, error);
}

/* Events of the API have more to them than those of the wire. */
static struct uatrust_event *make_events(const struct message_changes_reply *reply)
{
        struct uatrust_event *events = calloc(reply->n_events + 1, sizeof(*events));

        for (size_t i = 0; events && i < reply->n_events; i++) {
                events[i].m = reply->events[i];
                events[i].is_resync = !strcmp(reply->events[i].kind, NAMES_EVENT_RESYNC);
        }
        return events;
}

int uatrust_get_changes_finish(struct uatrust_call *call, struct uatrust_changes **out,
                               struct uatrust_error **error)
{
        struct message_changes_reply *reply = NULL;
        struct uatrust_changes *changes;
        int r;

        r = call_finish(call, get_changes.out, (void **)&reply, error);
        if (r)
                return r;

        changes = calloc(1, sizeof(*changes));
        if (changes) {
                changes->m = *reply;
                memset(reply, 0, sizeof(*reply));
                changes->events = make_events(&changes->m);
        }
        reply_free_value(get_changes.out, reply);
        if (!changes || !changes->events) {
                uatrust_changes_free(changes);
                return error_report(error, STATUS_E_NO_MEMORY, NULL, NULL);
        }

        *out = changes;
        return 0;
}

int uatrust_get_changes(struct uatrust_client *client, const char *store, const char *agent_id,
                        int64_t since, struct uatrust_changes **out, struct uatrust_error **error)
        CALL_ASK(get_changes, store, agent_id, since, error)

        /*
 * Statistics.
 */

        static const struct call_method get_statistics = {
                .name = NAMES_AGENT_INTERFACE ".Statistics",
                .in = &message_nothing_schema,
                .out = &message_statistics_reply_schema,
        };

int uatrust_get_statistics_start(struct uatrust_call *call, struct uatrust_error **error)
{
        return call_start(call, &get_statistics, &(struct message_nothing){ 0 }, error);
}

CALL_FINISH(get_statistics, statistics)

int uatrust_get_statistics(struct uatrust_client *client, struct uatrust_statistics **out,
                           struct uatrust_error **error) CALL_ASK(get_statistics, error)
