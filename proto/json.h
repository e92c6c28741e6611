/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * JSON - RFC 8259, strictly, between text and the structs of a schema.
 *
 * Reading refuses what the RFC refuses and, beyond it: an object with the same name twice, text that is not UTF-8,
 * NUL in a string, more than NAMES_JSON_DEPTH_MAX levels, numbers that are no int64 where one is wanted. Members
 * that the schema does not know are refused by name. An optional member may be missing or null.
 *
 * Writing makes one line without blanks; absent optional members are written as null.
 */

#include <stddef.h>

struct buf;
struct json_object; /* json-c's; nobody above proto looks inside */
struct schema;

enum {
        JSON_E_TEXT = 1,  /* no JSON text, or one that breaks a limit */
        JSON_E_FIELD = 2, /* a member is missing, unknown or of the wrong type */
        JSON_E_VALUE =
                3, /* right in type, but no such value: base64 that is none, a number out of range */
};

/* Where and why. The texts are ours but for names from the wire, which are cut and have no control characters. */
struct json_error {
        char field
                [128]; /* path, such as "context.application" or "certificates[2]"; "" for the text as a whole */
        char reason[128]; /* such as "is no string" */
};

/**
 * json_parse() - text to values
 * @n: at most INT_MAX; limit it before: memory grows to 24 times this, if there may be so many values
 * @max_values: refuse more than about so many numbers, strings, objects, ...
 * @out: json_free() it; written on success only
 * @error: written on JSON_E_TEXT only
 *
 * Return: 0, JSON_E_TEXT, or -ENOMEM.
 */
int json_parse(const char *text, size_t n, size_t max_values, struct json_object **out,
               struct json_error *error);
void json_free(struct json_object *value);

/**
 * json_decode() - values to a struct
 * @value: an object, or NULL: one without members
 * @out: schema_deinit() it; written on success only
 * @error: written on JSON_E_FIELD and JSON_E_VALUE only
 *
 * Return: 0, JSON_E_FIELD, JSON_E_VALUE, or -ENOMEM.
 */
int json_decode(struct json_object *value, const struct schema *schema, void *out,
                struct json_error *error);

/** json_decode_known() - the same, but members that the schema does not know are passed over: for replies */
int json_decode_known(struct json_object *value, const struct schema *schema, void *out,
                      struct json_error *error);

/** json_encode() - append @value as an object to @out; see buf_error(). Bytes that are not UTF-8 become U+FFFD */
void json_encode(const struct schema *schema, const void *value, struct buf *out);

/**
 * json_encode_present() - the same, but absent members are left out: an older reader may not know
 * them
 */
void json_encode_present(const struct schema *schema, const void *value, struct buf *out);

/** json_encode_string() - append @text with its quotes, escaped; NULL as "" */
void json_encode_string(const char *text, struct buf *out);
