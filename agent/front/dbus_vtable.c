/* SPDX-License-Identifier: Apache-2.0 */
#include "front/dbus_vtable.h"

#include "base/vec.h"
#include "proto/buf.h"
#include "proto/introspect.h"
#include "proto/schema.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

struct dbus_vtable {
        VEC(sd_bus_vtable) rows;
        VEC(char *) texts;      /* signatures and names that the rows point at */
        VEC(char *) properties; /* NULL-terminated; among texts */
};

struct dbus_vtable *dbus_vtable_free(struct dbus_vtable *vtable)
{
        if (!vtable)
                return NULL;

        for (size_t i = 0; i < vtable->texts.n; i++)
                free(vtable->texts.items[i]);
        VEC_FREE(&vtable->texts);
        VEC_FREE(&vtable->rows);
        VEC_FREE(&vtable->properties);
        free(vtable);
        return NULL;
}

/* The text becomes the table's. */
static int keep_text(struct dbus_vtable *vtable, struct buf *text, const char **out)
{
        char *taken = NULL;
        int r;

        r = buf_take_text(text, &taken);
        if (r)
                return r;

        r = VEC_PUSH(&vtable->texts, taken);
        if (r)
                free(taken);
        else
                *out = taken;
        return r;
}

static int keep_signature(struct dbus_vtable *vtable, const struct schema *schema, const char **out)
{
        CLEANUP(buf_deinit) struct buf text = BUF_NULL;

        introspect_signature(schema, &text);
        return keep_text(vtable, &text, out);
}

static int add_method(struct dbus_vtable *vtable, const struct schema_method *method,
                      sd_bus_message_handler_t on_method)
{
        CLEANUP(buf_deinit) struct buf names = BUF_NULL;
        sd_bus_vtable row = {
                .type = _SD_BUS_VTABLE_METHOD,
                .flags = SD_BUS_VTABLE_UNPRIVILEGED,
                .x = { .method = { .member = method->name, .handler = on_method } },
        };
        int r;

        introspect_argument_names(method->in, &names);
        introspect_argument_names(method->out, &names);
        r = keep_text(vtable, &names, &row.x.method.names);
        if (!r)
                r = keep_signature(vtable, method->in, &row.x.method.signature);
        if (!r)
                r = keep_signature(vtable, method->out, &row.x.method.result);
        return r ? r : VEC_PUSH(&vtable->rows, row);
}

static int add_signal(struct dbus_vtable *vtable, const struct introspect_signal *signal)
{
        CLEANUP(buf_deinit) struct buf names = BUF_NULL;
        sd_bus_vtable row = {
                .type = _SD_BUS_VTABLE_SIGNAL,
                .x = { .signal = { .member = signal->name } },
        };
        int r;

        introspect_argument_names(signal->fields, &names);
        r = keep_text(vtable, &names, &row.x.signal.names);
        if (!r)
                r = keep_signature(vtable, signal->fields, &row.x.signal.signature);
        return r ? r : VEC_PUSH(&vtable->rows, row);
}

static int add_property(struct dbus_vtable *vtable, const struct schema_field *field,
                        sd_bus_property_get_t on_property)
{
        CLEANUP(buf_deinit) struct buf signature = BUF_NULL;
        CLEANUP(buf_deinit) struct buf text = BUF_NULL;
        sd_bus_vtable row = {
                .type = _SD_BUS_VTABLE_PROPERTY,
                .flags = SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE,
                .x = { .property = { .get = on_property } },
        };
        char name[64];
        int r;

        introspect_property_name(field, name);
        buf_add_text(&text, name);
        introspect_field_signature(field, &signature);
        r = keep_text(vtable, &text, &row.x.property.member);
        if (!r)
                r = keep_text(vtable, &signature, &row.x.property.signature);
        if (!r)
                r = VEC_PUSH(&vtable->properties, (char *)row.x.property.member);
        return r ? r : VEC_PUSH(&vtable->rows, row);
}

static int add_rows(struct dbus_vtable *vtable, const struct introspect_interface *interface,
                    sd_bus_message_handler_t on_method, sd_bus_property_get_t on_property)
{
        static const sd_bus_vtable START = SD_BUS_VTABLE_START(0), END = SD_BUS_VTABLE_END;
        int r;

        r = VEC_PUSH(&vtable->rows, START);
        for (size_t i = 0; interface->methods && i < interface->methods->n_methods && !r; i++)
                if (!(interface->methods->methods[i].flags & SCHEMA_METHOD_MORE))
                        r = add_method(vtable, &interface->methods->methods[i], on_method);
        for (size_t i = 0; i < interface->n_signals && !r; i++)
                r = add_signal(vtable, &interface->signals[i]);
        for (size_t i = 0; interface->properties && i < interface->properties->n_fields && !r; i++)
                r = add_property(vtable, &interface->properties->fields[i], on_property);
        if (!r)
                r = VEC_PUSH(&vtable->properties, NULL);
        return r ? r : VEC_PUSH(&vtable->rows, END);
}

static const struct introspect_interface *find_interface(const char *name)
{
        size_t n;
        const struct introspect_interface *interfaces = introspect_interfaces(&n);

        for (size_t i = 0; i < n; i++)
                if (strcmp(interfaces[i].name, name) == 0)
                        return &interfaces[i];
        assert(false);
        return NULL;
}

int dbus_vtable_new(const char *interface, sd_bus_message_handler_t on_method,
                    sd_bus_property_get_t on_property, struct dbus_vtable **out)
{
        CLEANUP(dbus_vtable_freep) struct dbus_vtable *vtable = calloc(1, sizeof(*vtable));
        int r;

        if (!vtable)
                return -ENOMEM;

        r = add_rows(vtable, find_interface(interface), on_method, on_property);
        if (r)
                return r;

        *out = TAKE(vtable);
        return 0;
}

const sd_bus_vtable *dbus_vtable_rows(const struct dbus_vtable *vtable)
{
        return vtable->rows.items;
}

char **dbus_vtable_properties(const struct dbus_vtable *vtable)
{
        return vtable->properties.items;
}
