/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Introspect - D-Bus signatures and introspection, from the same tables.
 *
 * How a message looks on the bus: its required fields in the order of the table, then always one a{sv} with those
 * optional ones that are present. This holds for method arguments, results and signals (the fields are the
 * arguments), and for structures, "(...a{sv})". A string is `s`, a bool `b`, an int `x`, bytes `ay`, an array `a` of
 * its element. In an a{sv} the variant holds that same type under the field's name. Properties are the fields of
 * a struct, first letter upper-case; optional ones are there with "" or -1 in place of absent.
 */

#include <stddef.h>

struct buf;
struct schema;
struct schema_field;
struct schema_interface;

struct introspect_signal {
        const char *name;
        const char *doc;
        const struct schema *fields;
};

struct introspect_interface {
        const char *name;                       /* of D-Bus */
        const char *doc;                        /* NULL: that of methods */
        const struct schema_interface *methods; /* all but SCHEMA_METHOD_MORE; NULL: none */
        const struct introspect_signal *signals;
        size_t n_signals;
        const struct schema *properties; /* NULL: none; all emit PropertiesChanged */
};

/** introspect_interfaces() - the interfaces of the agent on the bus; Return: @n_out of them, static */
const struct introspect_interface *introspect_interfaces(size_t *n_out);

/** introspect_field_signature() - append the signature of one field's value, "as" for an array of strings */
void introspect_field_signature(const struct schema_field *field, struct buf *out);

/** introspect_signature() - append the signature of arguments, "aaysa{sv}"; without the brackets of a structure */
void introspect_signature(const struct schema *schema, struct buf *out);

/** introspect_argument_names() - append the names of those arguments, each ended by NUL; the last is "options" */
void introspect_argument_names(const struct schema *schema, struct buf *out);

/** introspect_property_name() - @out: room for 64 characters; "agentId" becomes "AgentId" */
void introspect_property_name(const struct schema_field *field, char out[64]);

/** introspect_print() - append the XML of all our interfaces: the golden file proto/org.uatrust.Agent1.xml */
void introspect_print(struct buf *out);
