/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/idl.h"

#include "proto/buf.h"
#include "proto/schema.h"
#include "proto/status.h"

#include <string.h>

enum {
        COLUMNS = 118,
};

/* Where lines are broken: before the field that would not fit, indented to the bracket. */
struct printer {
        struct buf *out;
        size_t line_start; /* in out */
};

static size_t column(const struct printer *printer)
{
        return printer->out->n - printer->line_start;
}

static void end_line(struct printer *printer)
{
        buf_add_byte(printer->out, '\n');
        printer->line_start = printer->out->n;
}

static void print_doc(struct printer *printer, const char *doc)
{
        while (doc && *doc) {
                size_t n = strcspn(doc, "\n");

                buf_add_text(printer->out, "# ");
                buf_add(printer->out, doc, n);
                end_line(printer);
                doc += n + (doc[n] != '\0');
        }
}

static const char *type_name(const struct schema_field *field)
{
        switch (field->type) {
        case SCHEMA_STRING:
        case SCHEMA_BYTES:
                return "string";
        case SCHEMA_OBJECT:
                return "object";
        case SCHEMA_BOOL:
                return "bool";
        case SCHEMA_INT:
                return "int";
        case SCHEMA_STRUCT:
                return field->nested->name;
        }
        return NULL;
}

static void print_field(const struct schema_field *field, struct buf *out)
{
        buf_printf(out, "%s: %s%s%s", field->name, field->flags & SCHEMA_OPTIONAL ? "?" : "",
                   field->flags & SCHEMA_ARRAY ? "[]" : "", type_name(field));
}

static void print_fields(struct printer *printer, const struct schema *schema)
{
        size_t indent;

        buf_add_byte(printer->out, '(');
        indent = column(printer);

        for (size_t i = 0; i < schema->n_fields; i++) {
                struct buf text = BUF_NULL;

                print_field(&schema->fields[i], &text);
                buf_add_byte(&text, i + 1 < schema->n_fields ? ',' : ')');

                if (i && column(printer) + 1 + text.n > COLUMNS) {
                        end_line(printer);
                        buf_printf(printer->out, "%*s", (int)indent, "");
                } else if (i) {
                        buf_add_byte(printer->out, ' ');
                }
                buf_add(printer->out, text.data, text.n);
                buf_deinit(&text);
        }
        if (!schema->n_fields)
                buf_add_byte(printer->out, ')');
}

/* Of all fields in one line, or at least COLUMNS. */
static size_t line_columns(const struct schema *schema)
{
        struct buf text = BUF_NULL;
        struct printer printer = { &text, 0 };
        size_t n;

        print_fields(&printer, schema);
        n = printer.line_start ? COLUMNS : text.n;
        buf_deinit(&text);
        return n;
}

static void print_method(struct printer *printer, const struct schema_method *method)
{
        end_line(printer);
        print_doc(printer, method->doc);
        buf_printf(printer->out, "method %s", method->name);
        print_fields(printer, method->in);

        if (column(printer) + strlen(" -> ") + line_columns(method->out) > COLUMNS) {
                end_line(printer);
                buf_add_text(printer->out, "      ");
        }
        buf_add_text(printer->out, " -> ");
        print_fields(printer, method->out);
        end_line(printer);
}

static void print_error(struct printer *printer, const struct schema_error *error)
{
        const char *name = status_error_get((enum status_error)error->error)->varlink;

        end_line(printer);
        print_doc(printer, error->doc);
        buf_printf(printer->out, "error %s ", strrchr(name, '.') + 1);
        print_fields(printer, error->fields);
        end_line(printer);
}

void idl_print(const struct schema_interface *interface, struct buf *out)
{
        struct printer printer = { out, out->n };

        print_doc(&printer, interface->doc);
        buf_printf(out, "interface %s", interface->name);
        end_line(&printer);

        for (size_t i = 0; i < interface->n_types; i++) {
                const struct schema *type = interface->types[i];

                end_line(&printer);
                print_doc(&printer, type->doc);
                buf_printf(out, "type %s ", type->name);
                print_fields(&printer, type);
                end_line(&printer);
        }

        for (size_t i = 0; i < interface->n_methods; i++)
                print_method(&printer, &interface->methods[i]);
        for (size_t i = 0; i < interface->n_errors; i++)
                print_error(&printer, &interface->errors[i]);
}
