/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/introspect.h"

#include "proto/buf.h"
#include "proto/compiler.h"
#include "proto/message.h"
#include "proto/message_peers.h"
#include "proto/message_trust.h"
#include "proto/names.h"
#include "proto/schema.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static const struct introspect_signal manager_signals[] = {
        { "TrustListChanged", "A store has a new generation: what Monitor tells on the socket.",
          &message_event_schema },
        { "CertificateRejected", "A certificate was refused and recorded.",
          &message_rejected_schema },
        { "ExpiryWarning", "What MonitorNotices tells as warning.", &message_warning_schema },
        { "Audit", "What MonitorNotices tells as audit.", &message_audit_event_schema },
};

static const struct introspect_interface interfaces[] = {
        {
                .name = NAMES_BUS_MANAGER,
                .methods = &message_agent_interface,
                .signals = manager_signals,
                .n_signals = ARRAY_SIZE(manager_signals),
                .properties = &message_manager_schema,
        },
        {
                .name = NAMES_BUS_ADMIN,
                .doc = "Changes what this host trusts: for root, for others by polkit, for a "
                       "store's "
                       "Writers= their own store.",
                .methods = &message_admin_interface,
        },
        {
                .name = NAMES_BUS_STORE,
                .doc = "One store, at " NAMES_BUS_STORE_PATH "/NAME.",
                .properties = &message_store_schema,
        },
};

const struct introspect_interface *introspect_interfaces(size_t *n_out)
{
        *n_out = ARRAY_SIZE(interfaces);
        return interfaces;
}

/*
 * Signatures.
 */

static const char options_signature[] = "a{sv}";

void introspect_field_signature(const struct schema_field *field, struct buf *out)
{
        if (field->flags & SCHEMA_ARRAY)
                buf_add_byte(out, 'a');

        switch (field->type) {
        case SCHEMA_STRING:
                buf_add_byte(out, 's');
                return;
        case SCHEMA_BOOL:
                buf_add_byte(out, 'b');
                return;
        case SCHEMA_INT:
                buf_add_byte(out, 'x');
                return;
        case SCHEMA_BYTES:
                buf_add_text(out, "ay");
                return;
        case SCHEMA_OBJECT:
                assert(false);
                return;
        case SCHEMA_STRUCT:
                buf_add_byte(out, '(');
                introspect_signature(field->nested, out);
                buf_add_byte(out, ')');
                return;
        }
}

void introspect_signature(const struct schema *schema, struct buf *out)
{
        for (size_t i = 0; i < schema->n_fields; i++)
                if (!(schema->fields[i].flags & SCHEMA_OPTIONAL))
                        introspect_field_signature(&schema->fields[i], out);
        buf_add_text(out, options_signature);
}

void introspect_argument_names(const struct schema *schema, struct buf *out)
{
        for (size_t i = 0; i < schema->n_fields; i++)
                if (!(schema->fields[i].flags & SCHEMA_OPTIONAL))
                        buf_add(out, schema->fields[i].name, strlen(schema->fields[i].name) + 1);
        buf_add(out, "options", sizeof("options"));
}

void introspect_property_name(const struct schema_field *field, char out[64])
{
        assert(strlen(field->name) < 64);
        snprintf(out, 64, "%s", field->name);
        out[0] = (char)(out[0] - 'a' + 'A'); /* names of fields begin with a lower-case letter */
}

/*
 * The document.
 */

static void print_escaped(const char *text, size_t n, struct buf *out)
{
        for (size_t i = 0; i < n; i++) {
                switch (text[i]) {
                case '<':
                        buf_add_text(out, "&lt;");
                        break;
                case '&':
                        buf_add_text(out, "&amp;");
                        break;
                default:
                        buf_add_byte(out, (uint8_t)text[i]);
                }
        }
}

/* A comment ends at two hyphens, which no doc text has. */
static void print_doc(const char *doc, const char *indent, struct buf *out)
{
        if (!doc)
                return;

        buf_printf(out, "%s<!--\n", indent);
        while (*doc) {
                size_t n = strcspn(doc, "\n");

                buf_printf(out, "%s  ", indent);
                print_escaped(doc, n, out);
                buf_add_byte(out, '\n');
                doc += n + (doc[n] != '\0');
        }
        buf_printf(out, "%s-->\n", indent);
}

static void print_argument(const char *name, const char *signature, const char *direction,
                           struct buf *out)
{
        buf_printf(out, "      <arg name=\"%s\" type=\"%s\"", name, signature);
        if (direction)
                buf_printf(out, " direction=\"%s\"", direction);
        buf_add_text(out, "/>\n");
}

/* NUL-ended, for buf_printf(). */
static const char *field_signature(const struct schema_field *field, struct buf *scratch)
{
        buf_reset(scratch);
        introspect_field_signature(field, scratch);
        buf_add_byte(scratch, '\0');
        return buf_error(scratch) ? "" : (const char *)scratch->data;
}

static void print_optionals(const struct schema *schema, struct buf *out)
{
        CLEANUP(buf_deinit) struct buf scratch = BUF_NULL;
        const char *separator = "      <!-- options: ";
        bool has_any = false;

        for (size_t i = 0; i < schema->n_fields; i++) {
                if (!(schema->fields[i].flags & SCHEMA_OPTIONAL))
                        continue;

                buf_printf(out, "%s%s %s", separator, schema->fields[i].name,
                           field_signature(&schema->fields[i], &scratch));
                separator = ", ";
                has_any = true;
        }
        if (has_any)
                buf_add_text(out, " -->\n");
}

static void print_arguments(const struct schema *schema, const char *direction, struct buf *out)
{
        CLEANUP(buf_deinit) struct buf scratch = BUF_NULL;

        for (size_t i = 0; i < schema->n_fields; i++)
                if (!(schema->fields[i].flags & SCHEMA_OPTIONAL))
                        print_argument(schema->fields[i].name,
                                       field_signature(&schema->fields[i], &scratch), direction,
                                       out);
        print_optionals(schema, out);
        print_argument("options", options_signature, direction, out);
}

static void print_method(const struct schema_method *method, struct buf *out)
{
        if (method->flags & SCHEMA_METHOD_MORE)
                return;

        print_doc(method->doc, "    ", out);
        buf_printf(out, "    <method name=\"%s\">\n", method->name);
        print_arguments(method->in, "in", out);
        print_arguments(method->out, "out", out);
        buf_add_text(out, "    </method>\n");
}

static void print_signal(const struct introspect_signal *signal, struct buf *out)
{
        print_doc(signal->doc, "    ", out);
        buf_printf(out, "    <signal name=\"%s\">\n", signal->name);
        print_arguments(signal->fields, NULL, out);
        buf_add_text(out, "    </signal>\n");
}

static void print_property(const struct schema_field *field, struct buf *out)
{
        CLEANUP(buf_deinit) struct buf scratch = BUF_NULL;
        char name[64];

        introspect_property_name(field, name);
        buf_printf(out, "    <property name=\"%s\" type=\"%s\" access=\"read\"/>\n", name,
                   field_signature(field, &scratch));
}

static void print_interface(const struct introspect_interface *interface, struct buf *out)
{
        const struct schema_interface *methods = interface->methods;

        print_doc(interface->doc ? interface->doc : methods->doc, "  ", out);
        buf_printf(out, "  <interface name=\"%s\">\n", interface->name);

        for (size_t i = 0; methods && i < methods->n_methods; i++)
                print_method(&methods->methods[i], out);
        for (size_t i = 0; i < interface->n_signals; i++)
                print_signal(&interface->signals[i], out);
        for (size_t i = 0; interface->properties && i < interface->properties->n_fields; i++)
                print_property(&interface->properties->fields[i], out);

        buf_add_text(out, "  </interface>\n");
}

void introspect_print(struct buf *out)
{
        buf_add_text(
                out,
                "<!DOCTYPE node PUBLIC \"-//freedesktop//DTD D-BUS Object Introspection 1.0//EN\"\n"
                "        \"http://www.freedesktop.org/standards/dbus/1.0/introspect.dtd\">\n"
                "<node>\n");
        for (size_t i = 0; i < ARRAY_SIZE(interfaces); i++)
                print_interface(&interfaces[i], out);
        buf_add_text(out, "</node>\n");
}
