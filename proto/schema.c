/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/schema.h"

#include "proto/compiler.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Recursion here goes as deep as our own tables, which hold no circle. */

static void *member(const void *value, size_t offset)
{
        return (char *)value + offset;
}

/* Is the value behind a pointer, rather than inside the struct? */
static bool is_apart(const struct schema_field *field)
{
        return (field->flags & SCHEMA_ARRAY) ||
               (field->type == SCHEMA_STRUCT && (field->flags & SCHEMA_OPTIONAL));
}

size_t schema_item_bytes(const struct schema_field *field)
{
        switch (field->type) {
        case SCHEMA_STRING:
        case SCHEMA_OBJECT:
                return sizeof(char *);
        case SCHEMA_BOOL:
                return sizeof(bool);
        case SCHEMA_INT:
                return sizeof(int64_t);
        case SCHEMA_BYTES:
                return sizeof(struct schema_bytes);
        case SCHEMA_STRUCT:
                return field->nested->size_bytes;
        }
        assert(false);
        return 0;
}

bool schema_is_absent(const struct schema_field *field, const void *value)
{
        void *at = member(value, field->offset);

        if (!(field->flags & SCHEMA_OPTIONAL))
                return false;
        if (field->type == SCHEMA_INT && !is_apart(field))
                return *(int64_t *)at == SCHEMA_INT_ABSENT;
        if (field->type == SCHEMA_BOOL && !is_apart(field))
                return !*(bool *)at;

        return !*(void **)at;
}

void *schema_items(const struct schema_field *field, const void *value, size_t *n_out)
{
        void *at = member(value, field->offset);

        if (field->flags & SCHEMA_ARRAY)
                *n_out = *(size_t *)member(value, field->n_offset);
        else
                *n_out = !schema_is_absent(field, value);

        return is_apart(field) ? *(void **)at : at;
}

int schema_make_items(const struct schema_field *field, void *value, size_t n, void **out)
{
        void *at = member(value, field->offset);
        size_t item_bytes = schema_item_bytes(field);
        void *items;

        if (!is_apart(field)) {
                *out = at;
                return 0;
        }

        items = calloc(n ? n : 1, item_bytes);
        if (!items)
                return -ENOMEM;

        for (size_t i = 0; field->type == SCHEMA_STRUCT && i < n; i++)
                schema_init(field->nested, member(items, i * item_bytes));

        if (field->flags & SCHEMA_ARRAY)
                *(size_t *)member(value, field->n_offset) = n;
        *(void **)at = items;
        *out = items;
        return 0;
}

static void init_field(const struct schema_field *field, void *value)
{
        if (is_apart(field))
                return;
        if (field->type == SCHEMA_STRUCT)
                schema_init(field->nested, member(value, field->offset));
        if (field->type == SCHEMA_INT && (field->flags & SCHEMA_OPTIONAL))
                *(int64_t *)member(value, field->offset) = SCHEMA_INT_ABSENT;
}

void schema_init(const struct schema *schema, void *value)
{
        memset(value, 0, schema->size_bytes);
        for (size_t i = 0; i < schema->n_fields; i++)
                init_field(&schema->fields[i], value);
}

static void deinit_item(const struct schema_field *field, void *item)
{
        switch (field->type) {
        case SCHEMA_STRING:
        case SCHEMA_OBJECT:
                free(*(char **)item);
                return;
        case SCHEMA_BYTES:
                free(((struct schema_bytes *)item)->data);
                return;
        case SCHEMA_STRUCT:
                schema_deinit(field->nested, item);
                return;
        case SCHEMA_BOOL:
        case SCHEMA_INT:
                return;
        }
}

void schema_deinit(const struct schema *schema, void *value)
{
        for (size_t i = 0; i < schema->n_fields; i++) {
                const struct schema_field *field = &schema->fields[i];
                size_t n, item_bytes = schema_item_bytes(field);
                void *items = schema_items(field, value, &n);

                for (size_t k = 0; k < n; k++)
                        deinit_item(field, member(items, k * item_bytes));
                if (is_apart(field))
                        free(items);
        }
        schema_init(schema, value);
}

static int copy_bytes(const struct schema_bytes *bytes, struct schema_bytes *out)
{
        out->data = malloc(bytes->n ? bytes->n : 1);
        if (!out->data)
                return -ENOMEM;

        if (bytes->n)
                memcpy(out->data, bytes->data, bytes->n);
        out->n = bytes->n;
        return 0;
}

static int copy_item(const struct schema_field *field, const void *item, void *out)
{
        const char *text;

        switch (field->type) {
        case SCHEMA_STRING:
        case SCHEMA_OBJECT:
                text = *(char *const *)item;
                *(char **)out = strdup(text ? text : "");
                return *(char **)out ? 0 : -ENOMEM;
        case SCHEMA_BOOL:
                *(bool *)out = *(const bool *)item;
                return 0;
        case SCHEMA_INT:
                *(int64_t *)out = *(const int64_t *)item;
                return 0;
        case SCHEMA_BYTES:
                return copy_bytes(item, out);
        case SCHEMA_STRUCT:
                return schema_copy(field->nested, item, out);
        }
        assert(false);
        return -EINVAL;
}

static int copy_field(const struct schema_field *field, const void *value, void *out)
{
        size_t n, item_bytes = schema_item_bytes(field);
        const char *items = schema_items(field, value, &n);
        void *copies;
        int r;

        if (schema_is_absent(field, value))
                return 0;

        r = schema_make_items(field, out, n, &copies);
        for (size_t i = 0; !r && i < n; i++)
                r = copy_item(field, items + i * item_bytes, member(copies, i * item_bytes));

        return r;
}

int schema_copy(const struct schema *schema, const void *value, void *out)
{
        char *copy = malloc(schema->size_bytes);
        int r = 0;

        if (!copy)
                return -ENOMEM;

        schema_init(schema, copy);
        for (size_t i = 0; !r && i < schema->n_fields; i++)
                r = copy_field(&schema->fields[i], value, copy);

        if (r)
                schema_deinit(schema, copy);
        else
                memcpy(out, copy, schema->size_bytes);
        free(copy);
        return r;
}

const struct schema_field *schema_find_field(const struct schema *schema, const char *name)
{
        for (size_t i = 0; i < schema->n_fields; i++)
                if (!strcmp(schema->fields[i].name, name))
                        return &schema->fields[i];
        return NULL;
}

const struct schema_method *schema_find_method(const struct schema_interface *interface,
                                               const char *name)
{
        for (size_t i = 0; i < interface->n_methods; i++)
                if (!strcmp(interface->methods[i].name, name))
                        return &interface->methods[i];
        return NULL;
}

const struct schema_interface *schema_find_interface(
        const struct schema_interface *const *interfaces, const char *name)
{
        for (; *interfaces; interfaces++)
                if (!strcmp((*interfaces)->name, name))
                        return *interfaces;
        return NULL;
}

const struct schema_method *schema_find_call(const struct schema_interface *const *interfaces,
                                             const char *name,
                                             const struct schema_interface **interface_out)
{
        const char *dot = strrchr(name, '.');
        size_t n = dot ? (size_t)(dot - name) : 0;

        *interface_out = NULL;
        for (; *interfaces && !*interface_out; interfaces++)
                if (strlen((*interfaces)->name) == n && !memcmp((*interfaces)->name, name, n))
                        *interface_out = *interfaces;
        return *interface_out ? schema_find_method(*interface_out, dot + 1) : NULL;
}

const struct schema_error *schema_find_error(const struct schema_interface *interface, int error)
{
        for (size_t i = 0; i < interface->n_errors; i++)
                if (interface->errors[i].error == error)
                        return &interface->errors[i];
        return NULL;
}
