/* SPDX-License-Identifier: Apache-2.0 */
#include "client.h"
#include "error.h"
#include "proto/compiler.h"
#include "proto/names.h"
#include "record.h"

#include <uatrust/admin.h>

#include <assert.h>
#include <errno.h>
#include <string.h>

enum {
        RESTARTS_MAX =
                5, /* a list that is never of one generation: the store changes all the time */
};

/*
 * Pages. All paged methods have the same fields by name, so their tables say where these are.
 */

static void *field_at(const struct schema *schema, const void *value, const char *name)
{
        const struct schema_field *field = schema_find_field(schema, name);

        assert(field);
        return (char *)value + field->offset;
}

static const char *get_text(const struct schema *schema, const void *value, const char *name)
{
        return *(char **)field_at(schema, value, name);
}

/* A list without a generation of its own has no state to be the same. */
static bool is_same_state(const struct schema *schema, const void *a, const void *b)
{
        if (!schema_find_field(schema, "generation"))
                return true;

        return !strcmp(get_text(schema, a, "agentId"), get_text(schema, b, "agentId")) &&
               *(int64_t *)field_at(schema, a, "generation") ==
                       *(int64_t *)field_at(schema, b, "generation");
}

/* Moves the items of one array of @page behind those of @all. */
static int append_items(const struct schema_field *field, void *all, void *page)
{
        size_t *n_all = (size_t *)((char *)all + field->n_offset);
        size_t *n_page = (size_t *)((char *)page + field->n_offset);
        void **items = (void **)((char *)all + field->offset);
        size_t item_bytes = schema_item_bytes(field);
        void *grown;

        if (!*n_page)
                return 0;

        grown = reallocarray(*items, *n_all + *n_page, item_bytes);
        if (!grown)
                return -ENOMEM;

        *items = grown;
        memcpy((char *)grown + *n_all * item_bytes, *(void **)((char *)page + field->offset),
               *n_page * item_bytes);
        *n_all += *n_page;
        *n_page = 0; /* their array, emptied, is freed with the page */
        return 0;
}

/* Return: 0 or -ENOMEM; @n_out: how many items the page had. */
static int append_page(const struct schema *schema, void *all, void *page, size_t *n_out)
{
        int r = 0;

        *n_out = 0;
        for (size_t i = 0; !r && i < schema->n_fields; i++) {
                const struct schema_field *field = &schema->fields[i];

                if (!(field->flags & SCHEMA_ARRAY))
                        continue;
                *n_out += *(size_t *)((char *)page + field->n_offset);
                r = append_items(field, all, page);
        }
        return r;
}

/* The pages after the first, which is in @all; Return: 0, an enum uatrust_code, or -1: the store has changed. */
static int read_further_pages(struct uatrust_client *client, const struct client_call *call,
                              void *all, struct uatrust_error **error)
{
        CLEANUP(freep) void *page = malloc(call->out->size_bytes);
        char **next = field_at(call->out, all, "next");
        char **after = field_at(call->in, call->value, "after");
        int r = 0;

        if (!page)
                return error_report(error, STATUS_E_NO_MEMORY, NULL, NULL);

        while (!r && *next) {
                size_t n_items;

                *after = *next;
                r = client_call(client, call, page, error);
                if (r)
                        return r;

                if (!is_same_state(call->out, all, page))
                        r = -1;
                else if (append_page(call->out, all, page, &n_items))
                        r = error_report(error, STATUS_E_NO_MEMORY, NULL, NULL);
                else if (!n_items)
                        r = error_report(error, STATUS_E_PROTOCOL, "next",
                                         "leads to an empty page");

                free(*next);
                *next = TAKE(*(char **)field_at(call->out, page, "next"));
                schema_deinit(call->out, page);
        }
        return r;
}

static int list_all(struct uatrust_client *client, const struct client_call *call, void *out,
                    struct uatrust_error **error)
{
        for (int i = 0; i < RESTARTS_MAX; i++) {
                int r;

                *(char **)field_at(call->in, call->value, "after") = NULL;
                r = client_call(client, call, out, error);
                if (r)
                        return r;

                r = read_further_pages(client, call, out, error);
                if (!r)
                        return 0;

                schema_deinit(call->out, out);
                if (r > 0)
                        return r;
        }
        return error_report(error, STATUS_E_BUSY, NULL, "the store changes all the time");
}

/*
 * The API.
 */

int uatrust_list_stores(struct uatrust_client *client, struct uatrust_stores **out,
                        struct uatrust_error **error)
{
        CLEANUP(freep) struct uatrust_stores *stores = malloc(sizeof(*stores));
        struct client_call call = {
                .method = NAMES_AGENT_INTERFACE ".ListStores",
                .in = &message_nothing_schema,
                .out = &message_list_stores_reply_schema,
        };
        int r;

        if (!client || !stores)
                return error_report(error, STATUS_E_NO_MEMORY, NULL, NULL);

        r = client_call(client, &call, &stores->m, error);
        if (!r)
                *out = TAKE(stores);
        return r;
}

int uatrust_list_certificates(struct uatrust_client *client, const char *store, const char *list,
                              struct uatrust_certificates **out, struct uatrust_error **error)
{
        CLEANUP(freep) struct uatrust_certificates *certificates = malloc(sizeof(*certificates));
        struct message_list_certificates asked = { .list = (char *)list,
                                                   .limit = SCHEMA_INT_ABSENT };
        struct client_call call = {
                .method = NAMES_AGENT_INTERFACE ".ListCertificates",
                .in = &message_list_certificates_schema,
                .value = &asked,
                .out = &message_list_certificates_reply_schema,
        };
        int r;

        if (!client || !certificates)
                return error_report(error, STATUS_E_NO_MEMORY, NULL, NULL);

        asked.store = store ? (char *)store : client->store;
        r = list_all(client, &call, &certificates->m, error);
        if (!r)
                *out = TAKE(certificates);
        return r;
}

int uatrust_list_crls(struct uatrust_client *client, const char *store, struct uatrust_crls **out,
                      struct uatrust_error **error)
{
        CLEANUP(freep) struct uatrust_crls *crls = malloc(sizeof(*crls));
        struct message_list_crls asked = { .limit = SCHEMA_INT_ABSENT };
        struct client_call call = {
                .method = NAMES_AGENT_INTERFACE ".ListCrls",
                .in = &message_list_crls_schema,
                .value = &asked,
                .out = &message_list_crls_reply_schema,
        };
        int r;

        if (!client || !crls)
                return error_report(error, STATUS_E_NO_MEMORY, NULL, NULL);

        asked.store = store ? (char *)store : client->store;
        r = list_all(client, &call, &crls->m, error);
        if (!r)
                *out = TAKE(crls);
        return r;
}

int uatrust_list_rejected(struct uatrust_client *client, const char *store,
                          struct uatrust_rejected_list **out, struct uatrust_error **error)
{
        CLEANUP(freep) struct uatrust_rejected_list *list = malloc(sizeof(*list));
        struct message_list_rejected asked = { .limit = SCHEMA_INT_ABSENT };
        struct client_call call = {
                .method = NAMES_AGENT_INTERFACE ".ListRejected",
                .in = &message_list_rejected_schema,
                .value = &asked,
                .out = &message_list_rejected_reply_schema,
        };
        int r;

        if (!client || !list)
                return error_report(error, STATUS_E_NO_MEMORY, NULL, NULL);

        asked.store = store ? (char *)store : client->store;
        r = list_all(client, &call, &list->m, error);
        if (!r)
                *out = TAKE(list);
        return r;
}

int uatrust_list_blocks(struct uatrust_client *client, const char *store,
                        struct uatrust_blocks **out, struct uatrust_error **error)
{
        CLEANUP(freep) struct uatrust_blocks *blocks = malloc(sizeof(*blocks));
        struct message_list_blocks asked = { .limit = SCHEMA_INT_ABSENT };
        struct client_call call = {
                .method = NAMES_AGENT_INTERFACE ".ListBlocks",
                .in = &message_list_blocks_schema,
                .value = &asked,
                .out = &message_list_blocks_reply_schema,
        };
        int r;

        if (!client || !blocks)
                return error_report(error, STATUS_E_NO_MEMORY, NULL, NULL);

        asked.store = store ? (char *)store : client->store;
        r = list_all(client, &call, &blocks->m, error);
        if (!r)
                *out = TAKE(blocks);
        return r;
}

int uatrust_get_freshness(struct uatrust_client *client, const char *store,
                          struct uatrust_freshness **out, struct uatrust_error **error)
{
        CLEANUP(freep) struct uatrust_freshness *freshness = malloc(sizeof(*freshness));
        struct message_get_freshness asked = { .limit = SCHEMA_INT_ABSENT };
        struct client_call call = {
                .method = NAMES_AGENT_INTERFACE ".GetFreshness",
                .in = &message_get_freshness_schema,
                .value = &asked,
                .out = &message_get_freshness_reply_schema,
        };
        int r;

        if (!client || !freshness)
                return error_report(error, STATUS_E_NO_MEMORY, NULL, NULL);

        asked.store = store ? (char *)store : client->store;
        r = list_all(client, &call, &freshness->m, error);
        if (!r)
                *out = TAKE(freshness);
        return r;
}

int uatrust_list_weakenings(struct uatrust_client *client, struct uatrust_weakenings **out,
                            struct uatrust_error **error)
{
        CLEANUP(freep) struct uatrust_weakenings *weakenings = malloc(sizeof(*weakenings));
        struct client_call call = {
                .method = NAMES_AGENT_INTERFACE ".ListWeakenings",
                .in = &message_nothing_schema,
                .out = &message_list_weakenings_reply_schema,
        };
        int r;

        if (!client || !weakenings)
                return error_report(error, STATUS_E_NO_MEMORY, NULL, NULL);

        r = client_call(client, &call, &weakenings->m, error);
        if (!r)
                *out = TAKE(weakenings);
        return r;
}

int uatrust_get_info(struct uatrust_client *client, struct uatrust_info **out,
                     struct uatrust_error **error)
{
        CLEANUP(freep) struct uatrust_info *info = malloc(sizeof(*info));
        struct client_call call = {
                .method = NAMES_SERVICE_INTERFACE ".GetInfo",
                .in = &message_nothing_schema,
                .out = &message_get_info_reply_schema,
        };
        int r;

        if (!client || !info)
                return error_report(error, STATUS_E_NO_MEMORY, NULL, NULL);

        r = client_call(client, &call, &info->m, error);
        if (!r)
                *out = TAKE(info);
        return r;
}
