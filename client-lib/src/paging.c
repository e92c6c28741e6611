/* SPDX-License-Identifier: Apache-2.0 */
#include "paging.h"

#include "error.h"
#include "proto/compiler.h"
#include "proto/schema.h"
#include "reply.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

enum {
        RESTARTS_MAX =
                5, /* a list that is never of one generation: the store changes all the time */
};

static void *field_at(const struct schema *schema, void *value, const char *name)
{
        const struct schema_field *field = schema_find_field(schema, name);

        assert(field);
        return (char *)value + field->offset;
}

static const char *get_text(const struct schema *schema, void *value, const char *name)
{
        return *(char **)field_at(schema, value, name);
}

/* A list without a generation of its own has no state to be the same. */
static bool is_same_state(const struct schema *schema, void *a, void *b)
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

int paging_init(struct paging *paging, const struct schema *in_schema,
                const struct schema *out_schema, const void *in)
{
        CLEANUP(freep) void *copy = malloc(in_schema->size_bytes);

        if (!copy || schema_copy(in_schema, in, copy))
                return -ENOMEM;

        *paging = (struct paging){ in_schema, out_schema, TAKE(copy), NULL, 0 };
        return 0;
}

void paging_deinit(struct paging *paging)
{
        reply_free_value(paging->in_schema, paging->in);
        reply_free_value(paging->out_schema, paging->all);
        *paging = (struct paging){ .in = NULL };
}

static void set_after(struct paging *paging, char *after)
{
        char **at = field_at(paging->in_schema, paging->in, "after");

        free(*at);
        *at = after;
}

int paging_restart(struct paging *paging, struct uatrust_error **error)
{
        if (++paging->n_restarts == RESTARTS_MAX)
                return error_report(error, STATUS_E_BUSY, NULL, "the store changes all the time");

        reply_free_value(paging->out_schema, TAKE(paging->all));
        set_after(paging, NULL);
        return PAGING_MORE;
}

/* What is in the page moves to the list. Return: as of paging_take(), but for the next page. */
static int merge(struct paging *paging, void *page, struct uatrust_error **error)
{
        size_t n_items;

        if (!is_same_state(paging->out_schema, paging->all, page))
                return paging_restart(paging, error);
        if (append_page(paging->out_schema, paging->all, page, &n_items))
                return error_report(error, STATUS_E_NO_MEMORY, NULL, NULL);
        if (!n_items)
                return error_report(error, STATUS_E_PROTOCOL, "next", "leads to an empty page");
        return 0;
}

int paging_take(struct paging *paging, void *page, struct uatrust_error **error)
{
        char *next = TAKE(*(char **)field_at(paging->out_schema, page, "next"));
        int r = 0;

        if (paging->all) {
                r = merge(paging, page, error);
                reply_free_value(paging->out_schema, page);
        } else {
                paging->all = page;
        }
        if (r || !next) {
                free(next);
                return r;
        }

        set_after(paging, next);
        return PAGING_MORE;
}
