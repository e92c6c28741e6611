/* SPDX-License-Identifier: Apache-2.0 */
#include "call.h"
#include "error.h"
#include "proto/names.h"
#include "record.h"

#include <uatrust/admin.h>

/* Each list: what it is asked by, and its three functions. */

#define METHOD(of, door, wire, ...)                                                                \
        static const struct call_method of = { .name = door "." wire,                              \
                                               .out = &message_##of##_reply_schema,                \
                                               __VA_ARGS__ }

METHOD(list_stores, NAMES_AGENT_INTERFACE, "ListStores", .in = &message_nothing_schema);
METHOD(list_weakenings, NAMES_AGENT_INTERFACE, "ListWeakenings", .in = &message_nothing_schema);
METHOD(get_info, NAMES_SERVICE_INTERFACE, "GetInfo", .in = &message_nothing_schema);
METHOD(list_certificates, NAMES_AGENT_INTERFACE, "ListCertificates",
       .in = &message_list_certificates_schema, .take = paging_take);
METHOD(list_crls, NAMES_AGENT_INTERFACE, "ListCrls", .in = &message_list_crls_schema,
       .take = paging_take);
METHOD(get_freshness, NAMES_AGENT_INTERFACE, "GetFreshness", .in = &message_get_freshness_schema,
       .take = paging_take);
METHOD(list_rejected, NAMES_AGENT_INTERFACE, "ListRejected", .in = &message_list_rejected_schema,
       .take = paging_take);
METHOD(list_blocks, NAMES_AGENT_INTERFACE, "ListBlocks", .in = &message_list_blocks_schema,
       .take = paging_take);

/* Nothing is asked for. */
#define LIST(of, type)                                                                             \
        int uatrust_##of##_start(struct uatrust_call *call, struct uatrust_error **error)          \
        {                                                                                          \
                return call_start(call, &of, &(struct message_nothing){ 0 }, error);               \
        }                                                                                          \
        CALL_FINISH(of, type)                                                                      \
        int uatrust_##of(struct uatrust_client *client, struct uatrust_##type **out,               \
                         struct uatrust_error **error) CALL_ASK(of, error)

/* A store is, in pages. */
#define LIST_OF_STORE(of, type)                                                                    \
        int uatrust_##of##_start(struct uatrust_call *call, const char *store,                     \
                                 struct uatrust_error **error)                                     \
        {                                                                                          \
                struct message_##of in = { .limit = SCHEMA_INT_ABSENT };                           \
                                                                                                   \
                in.store = call ? client_store(call->client, store) : NULL;                        \
                return call_start(call, &of, &in, error);                                          \
        }                                                                                          \
        CALL_FINISH(of, type)                                                                      \
        int uatrust_##of(struct uatrust_client *client, const char *store,                         \
                         struct uatrust_##type **out, struct uatrust_error **error)                \
                CALL_ASK(of, store, error)

LIST(list_stores, stores)
LIST(list_weakenings, weakenings)
LIST(get_info, info)
LIST_OF_STORE(list_crls, crls)
LIST_OF_STORE(get_freshness, freshness)
LIST_OF_STORE(list_rejected, rejected_list)
LIST_OF_STORE(list_blocks, blocks)
CALL_FINISH(list_certificates, certificates)

int uatrust_list_certificates_start(struct uatrust_call *call, const char *store, const char *list,
                                    struct uatrust_error **error)
{
        struct message_list_certificates in = { .list = (char *)list, .limit = SCHEMA_INT_ABSENT };

        in.store = call ? client_store(call->client, store) : NULL;
        return call_start(call, &list_certificates, &in, error);
}

int uatrust_list_certificates(struct uatrust_client *client, const char *store, const char *list,
                              struct uatrust_certificates **out, struct uatrust_error **error)
        CALL_ASK(list_certificates, store, list, error)
