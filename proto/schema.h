/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Schema - the language of tables that say what crosses a wire.
 *
 * A message is a C struct and a table of its fields. Everything that has to look into messages walks the table:
 * the JSON codec (proto/json), the D-Bus codec (front/dbus_codec), the Varlink description (proto/idl), D-Bus
 * signatures and introspection (proto/introspect), and the two generic functions here. So a field more is a member
 * and a row more. The messages themselves stand in proto/message.
 *
 * Shapes in C, by row:
 *
 *         type      required              SCHEMA_OPTIONAL               SCHEMA_ARRAY (either)
 *         STRING    char *                char *, absent: NULL          char **m; size_t n_m;
 *         BOOL      bool                  bool, absent: false           -
 *         INT       int64_t               absent: SCHEMA_INT_ABSENT     -
 *         BYTES     struct schema_bytes   -                             struct schema_bytes *m; size_t n_m;
 *         OBJECT    as STRING
 *         STRUCT    struct x (inline)     struct x *, absent: NULL      struct x *m; size_t n_m;
 *
 * A "-" does not exist. An optional array is absent if its pointer is NULL; with a pointer and n 0 it is there, and
 * empty. Strings are UTF-8 without NUL; a required STRING that is NULL is written as "". A struct full of zero bytes
 * is a valid value but for its optional INTs: schema_init() sets those.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCHEMA_INT_ABSENT INT64_MIN /* refused as a value */

enum schema_type {
        SCHEMA_STRING,
        SCHEMA_BOOL,
        SCHEMA_INT,
        SCHEMA_BYTES, /* base64 text in JSON, "string" in the IDL, `ay` on the bus */
        SCHEMA_STRUCT,
        SCHEMA_OBJECT, /* any JSON value, as its text; not on the bus */
};

enum {
        SCHEMA_OPTIONAL = 1 << 0,
        SCHEMA_ARRAY = 1 << 1,
};

struct schema_bytes {
        uint8_t *data;
        size_t n;
};

struct schema_field {
        const char *name; /* camelCase, as on the wire */
        enum schema_type type;
        unsigned int flags;
        size_t offset;               /* of the member */
        size_t n_offset;             /* of its n_ member, for SCHEMA_ARRAY */
        const struct schema *nested; /* for SCHEMA_STRUCT */
};

struct schema {
        const char *name;  /* as in the IDL; of parameters: NULL */
        const char *doc;   /* lines parted by \n, at most 118 columns; NULL: none */
        size_t size_bytes; /* of the C struct */
        const struct schema_field *fields;
        size_t n_fields;
};

enum {
        SCHEMA_METHOD_MORE =
                1
                << 0, /* must be called with `more`; not on the bus, where a signal serves instead */
        SCHEMA_METHOD_ADMIN = 1 << 1, /* changes trust */
};

struct schema_method {
        int id; /* enum message_method: what the service dispatches by */
        const char *name;
        const char *doc;
        const struct schema *in;
        const struct schema *out;
        unsigned int flags;
};

struct schema_error {
        int error; /* enum status_error, whose table has the name at each door */
        const char *doc;
        const struct schema *fields; /* of struct message_error */
};

struct schema_interface {
        const char *name; /* of Varlink */
        const char *doc;
        const struct schema *const *types; /* in the order of the description */
        size_t n_types;
        const struct schema_method *methods;
        size_t n_methods;
        const struct schema_error *errors;
        size_t n_errors;
};

/** schema_init() - an empty value: zeros, and every optional INT of @value absent */
void schema_init(const struct schema *schema, void *value);

/** schema_deinit() - free all that @value owns and leave an empty value; safe on a half-filled one */
void schema_deinit(const struct schema *schema, void *value);

/**
 * schema_copy() - a deep copy
 * @out: written on success only; schema_deinit() it
 *
 * Return: 0 or -ENOMEM.
 */
int schema_copy(const struct schema *schema, const void *value, void *out);

/** schema_is_absent() - is this optional field of @value absent? Required ones never are */
bool schema_is_absent(const struct schema_field *field, const void *value);

/** schema_item_bytes() - size of one element of an array field, or of the single value of any other */
size_t schema_item_bytes(const struct schema_field *field);

/**
 * schema_items() - a field's values as an array, whatever its shape: elements, or the single value
 * @n_out: 0 if absent or empty, 1 if it is no array
 *
 * Return: borrowed; items are char *, bool, int64_t, struct schema_bytes or the nested struct, schema_item_bytes()
 * apart.
 */
void *schema_items(const struct schema_field *field, const void *value, size_t *n_out);

/**
 * schema_make_items() - make the field of @value, which is absent or empty, hold @n empty values
 * @n: 1 if it is no array
 * @out: as of schema_items(), never NULL; written on success only
 *
 * Return: 0 or -ENOMEM.
 */
int schema_make_items(const struct schema_field *field, void *value, size_t n, void **out);

/** schema_find_field() - Return: the row of this name, NULL if there is none */
const struct schema_field *schema_find_field(const struct schema *schema, const char *name);

/** schema_find_method() - Return: the method of this name without its interface; NULL if there is none */
const struct schema_method *schema_find_method(const struct schema_interface *interface,
                                               const char *name);

/**
 * schema_find_call() - the method of a full name such as "org.uatrust.agent1.Validate"
 * @interfaces: NULL-terminated
 * @interface_out: NULL, if there is no such interface; else written also if there is no such method
 */
const struct schema_method *schema_find_call(const struct schema_interface *const *interfaces,
                                             const char *name,
                                             const struct schema_interface **interface_out);

/** schema_find_interface() - Return: the one of this name, NULL if there is none */
const struct schema_interface *schema_find_interface(
        const struct schema_interface *const *interfaces, const char *name);

/** schema_find_error() - Return: how @interface declares this enum status_error; NULL if it does not */
const struct schema_error *schema_find_error(const struct schema_interface *interface, int error);
