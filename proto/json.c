/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/json.h"

#include "proto/base64.h"
#include "proto/buf.h"
#include "proto/json_lex.h"
#include "proto/names.h"
#include "proto/schema.h"
#include "proto/utf8.h"

#include <json-c/json.h>

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

DEFINE_CLEANUP(struct json_object *, json_free)

/* json_tokener_free() takes no NULL. */
static void free_tokener(struct json_tokener **tokener)
{
        if (*tokener)
                json_tokener_free(*tokener);
}

void json_free(struct json_object *value)
{
        json_object_put(value);
}

/*
 * Text to values.
 */

static int fail_text(struct json_error *error, const char *reason)
{
        *error = (struct json_error){ .field = "" };
        snprintf(error->reason, sizeof(error->reason), "%s", reason);
        return JSON_E_TEXT;
}

/* As deep as json-c was allowed to go: NAMES_JSON_DEPTH_MAX. */
static void count_all(struct json_object *value, struct json_lex_count *count)
{
        if (json_object_is_type(value, json_type_string))
                count->n_text_bytes += (size_t)json_object_get_string_len(value);

        if (json_object_is_type(value, json_type_array))
                for (size_t i = 0; i < json_object_array_length(value); i++)
                        count_all(json_object_array_get_idx(value, i), count);

        if (json_object_is_type(value, json_type_object)) {
                json_object_object_foreach(value, name, member)
                {
                        count->n_members++;
                        count->n_text_bytes += strlen(name);
                        count_all(member, count);
                }
        }
}

/*
 * A number ends with what follows it, which at the end of the text is the NUL. Text behind the value is an error.
 *
 * Not JSON_TOKENER_STRICT: json_lex_check() has seen to all that it is about, and the one of json-c 0.18 refuses every
 * character beyond ASCII.
 */
static const char *parse(struct json_tokener *tokener, const char *text, size_t n,
                         struct json_object **out)
{
        bool is_open;

        *out = json_tokener_parse_ex(tokener, text, (int)n);
        is_open = json_tokener_get_error(tokener) == json_tokener_continue;
        if (is_open)
                *out = json_tokener_parse_ex(tokener, "", 1);

        if (json_tokener_get_error(tokener) == json_tokener_error_depth)
                return "has too many levels";
        if (json_tokener_get_error(tokener) != json_tokener_success)
                return is_open ? "ends too early" : "is no JSON";
        if (!is_open && json_tokener_get_parse_end(tokener) < n)
                return "is no JSON";
        return NULL;
}

int json_parse(const char *text, size_t n, size_t max_values, struct json_object **out,
               struct json_error *error)
{
        CLEANUP(free_tokener) struct json_tokener *tokener = NULL;
        CLEANUP(json_freep) struct json_object *value = NULL;
        struct json_lex_count expected, found = { 0 };
        const char *fault;

        assert(n <= INT_MAX);

        if (!utf8_is_valid(text, n))
                return fail_text(error, "is not UTF-8");

        fault = json_lex_check(text, n, max_values, &expected);
        if (fault)
                return fail_text(error, fault);

        tokener = json_tokener_new_ex(NAMES_JSON_DEPTH_MAX);
        if (!tokener)
                return -ENOMEM;

        errno = 0; /* json-c 0.16 has no error of its own for memory */
        fault = parse(tokener, text, n, &value);
        count_all(value, &found);
        if (!fault && found.n_members != expected.n_members)
                fault = "has an object that holds the same name twice";
        if (errno == ENOMEM || (!fault && found.n_text_bytes != expected.n_text_bytes))
                return -ENOMEM;
        if (fault)
                return fail_text(error, fault);

        *out = TAKE(value);
        return 0;
}

/*
 * Values to structs.
 */

struct decoder {
        struct json_error *error;
        bool wants_known; /* refuse members that the schema does not know */
};

static int fail(struct decoder *decoder, int code, const char *reason)
{
        *decoder->error = (struct json_error){ .field = "" };
        snprintf(decoder->error->reason, sizeof(decoder->error->reason), "%s", reason);
        return code;
}

/* The path of a fault grows at its front while we return through the levels. */
static void put_before(struct decoder *decoder, const char *text, const char *separator)
{
        char path[sizeof(decoder->error->field)];

        snprintf(path, sizeof(path), "%.60s%s%.60s", text, separator, decoder->error->field);
        memcpy(decoder->error->field, path, sizeof(path));
}

static void put_name_before(struct decoder *decoder, const char *name)
{
        bool is_last = decoder->error->field[0] == '\0' || decoder->error->field[0] == '[';

        put_before(decoder, name, is_last ? "" : ".");
}

static void put_index_before(struct decoder *decoder, size_t i)
{
        char index[32];

        snprintf(index, sizeof(index), "[%zu]", i);
        put_before(decoder, index, decoder->error->field[0] ? "." : "");
}

static int decode_string(struct decoder *decoder, struct json_object *value, char **out)
{
        if (!json_object_is_type(value, json_type_string))
                return fail(decoder, JSON_E_FIELD, "is no string");

        *out = strdup(json_object_get_string(value));
        return *out ? 0 : -ENOMEM;
}

static int decode_object(struct json_object *value, char **out)
{
        const char *text = json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN);

        *out = text ? strdup(text) : NULL;
        return *out ? 0 : -ENOMEM;
}

static int decode_bytes(struct decoder *decoder, struct json_object *value,
                        struct schema_bytes *out)
{
        const char *text;
        size_t n;

        if (!json_object_is_type(value, json_type_string))
                return fail(decoder, JSON_E_FIELD, "is no string");

        text = json_object_get_string(value);
        n = (size_t)json_object_get_string_len(value);
        out->data = malloc(base64_decoded_bytes(n) + 1);
        if (!out->data)
                return -ENOMEM;

        if (base64_decode(text, n, out->data, &out->n))
                return fail(decoder, JSON_E_VALUE, "is no base64");
        return 0;
}

static int decode_int(struct decoder *decoder, struct json_object *value, int64_t *out)
{
        int64_t number;

        if (!json_object_is_type(value, json_type_int))
                return fail(decoder, JSON_E_FIELD, "is no integer");

        /* json-c cuts at the ends of int64 and uint64; the lower end of int64 is never a value of ours. */
        number = json_object_get_int64(value);
        if (number == SCHEMA_INT_ABSENT ||
            (number > 0 && json_object_get_uint64(value) > INT64_MAX))
                return fail(decoder, JSON_E_VALUE, "is out of range");

        *out = number;
        return 0;
}

static int decode_struct(struct decoder *decoder, struct json_object *value,
                         const struct schema *schema, void *out);

static int decode_item(struct decoder *decoder, struct json_object *value,
                       const struct schema_field *field, void *out)
{
        switch (field->type) {
        case SCHEMA_STRING:
                return decode_string(decoder, value, out);
        case SCHEMA_OBJECT:
                return decode_object(value, out);
        case SCHEMA_BOOL:
                if (!json_object_is_type(value, json_type_boolean))
                        return fail(decoder, JSON_E_FIELD, "is no boolean");
                *(bool *)out = json_object_get_boolean(value);
                return 0;
        case SCHEMA_INT:
                return decode_int(decoder, value, out);
        case SCHEMA_BYTES:
                return decode_bytes(decoder, value, out);
        case SCHEMA_STRUCT:
                return decode_struct(decoder, value, field->nested, out);
        }
        assert(false);
        return -EINVAL;
}

static int decode_array(struct decoder *decoder, struct json_object *value,
                        const struct schema_field *field, void *out)
{
        size_t n, item_bytes = schema_item_bytes(field);
        void *items;
        int r;

        if (!json_object_is_type(value, json_type_array))
                return fail(decoder, JSON_E_FIELD, "is no array");

        n = json_object_array_length(value);
        r = schema_make_items(field, out, n, &items);

        for (size_t i = 0; !r && i < n; i++) {
                r = decode_item(decoder, json_object_array_get_idx(value, i), field,
                                (char *)items + i * item_bytes);
                if (r > 0)
                        put_index_before(decoder, i);
        }
        return r;
}

static int decode_member(struct decoder *decoder, struct json_object *value,
                         const struct schema_field *field, void *out)
{
        void *item;
        int r;

        if (!value && (field->flags & SCHEMA_OPTIONAL))
                return 0;
        if (!value)
                return fail(decoder, JSON_E_FIELD, "is missing");
        if (field->flags & SCHEMA_ARRAY)
                return decode_array(decoder, value, field, out);

        r = schema_make_items(field, out, 1, &item);
        if (r)
                return r;
        return decode_item(decoder, value, field, item);
}

/* The name comes from a wire: only what is plain ASCII goes into a text of ours. */
static int fail_unknown(struct decoder *decoder, struct json_object *value,
                        const struct schema *schema)
{
        int r = fail(decoder, JSON_E_FIELD, "is unknown");

        json_object_object_foreach(value, name, member)
        {
                (void)member;
                if (schema_find_field(schema, name))
                        continue;

                for (size_t i = 0; name[i] && i < 60; i++)
                        decoder->error->field[i] =
                                (char)(name[i] > 0x20 && name[i] < 0x7f ? name[i] : '?');
                break;
        }
        return r;
}

/* As deep as the schema. On failure @out is half filled. */
static int decode_struct(struct decoder *decoder, struct json_object *value,
                         const struct schema *schema, void *out)
{
        size_t n_known = 0;

        if (!json_object_is_type(value, json_type_object))
                return fail(decoder, JSON_E_FIELD, "is no object");

        for (size_t i = 0; i < schema->n_fields; i++) {
                const struct schema_field *field = &schema->fields[i];
                struct json_object *member = NULL;
                int r;

                n_known += json_object_object_get_ex(value, field->name, &member) != 0;
                r = decode_member(decoder, member, field, out);
                if (r > 0)
                        put_name_before(decoder, field->name);
                if (r)
                        return r;
        }

        if (decoder->wants_known && n_known < (size_t)json_object_object_length(value))
                return fail_unknown(decoder, value, schema);
        return 0;
}

static int decode(struct decoder *decoder, struct json_object *value, const struct schema *schema,
                  void *out)
{
        CLEANUP(json_freep) struct json_object *empty = value ? NULL : json_object_new_object();
        CLEANUP(freep) void *filled = malloc(schema->size_bytes);
        int r;

        if (!filled || (!value && !empty))
                return -ENOMEM;

        schema_init(schema, filled);
        r = decode_struct(decoder, value ? value : empty, schema, filled);
        if (r)
                schema_deinit(schema, filled);
        else
                memcpy(out, filled, schema->size_bytes);
        return r;
}

int json_decode(struct json_object *value, const struct schema *schema, void *out,
                struct json_error *error)
{
        struct decoder decoder = { .error = error, .wants_known = true };

        return decode(&decoder, value, schema, out);
}

int json_decode_known(struct json_object *value, const struct schema *schema, void *out,
                      struct json_error *error)
{
        struct decoder decoder = { .error = error };

        return decode(&decoder, value, schema, out);
}

/*
 * Structs to text.
 */

static bool is_plain(unsigned char c)
{
        return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* One character that cannot simply be copied; Return: its bytes. */
static size_t encode_special(const char *text, size_t n, struct buf *out)
{
        size_t length = utf8_length(text, n);

        if (!length)
                buf_add_text(out, "\xef\xbf\xbd"); /* U+FFFD */
        else if (length > 1)
                buf_add(out, text, length);
        else if (*text == '"' || *text == '\\')
                buf_printf(out, "\\%c", *text);
        else
                buf_printf(out, "\\u%04x", (unsigned int)*text);

        return length ? length : 1;
}

void json_encode_string(const char *text, struct buf *out)
{
        size_t n = text ? strlen(text) : 0;
        size_t i = 0;

        buf_add_byte(out, '"');
        while (i < n) {
                size_t start = i;

                while (i < n && is_plain((unsigned char)text[i]))
                        i++;
                buf_add(out, text + start, i - start);
                if (i < n)
                        i += encode_special(text + i, n - i, out);
        }
        buf_add_byte(out, '"');
}

static void encode_bytes(const struct schema_bytes *bytes, struct buf *out)
{
        buf_add_byte(out, '"');
        base64_encode(bytes->data, bytes->n, out);
        buf_add_byte(out, '"');
}

static void encode_item(const struct schema_field *field, const void *item, bool wants_null,
                        struct buf *out)
{
        switch (field->type) {
        case SCHEMA_STRING:
                json_encode_string(*(char *const *)item, out);
                return;
        case SCHEMA_OBJECT:
                buf_add_text(out, *(char *const *)item);
                return;
        case SCHEMA_BOOL:
                buf_add_text(out, *(const bool *)item ? "true" : "false");
                return;
        case SCHEMA_INT:
                buf_add_int(out, *(const int64_t *)item);
                return;
        case SCHEMA_BYTES:
                encode_bytes(item, out);
                return;
        case SCHEMA_STRUCT:
                (wants_null ? json_encode : json_encode_present)(field->nested, item, out);
                return;
        }
}

static void encode_member(const struct schema_field *field, const void *value, bool wants_null,
                          struct buf *out)
{
        size_t n, item_bytes = schema_item_bytes(field);
        const char *items = schema_items(field, value, &n);

        if (schema_is_absent(field, value)) {
                buf_add_text(out, "null");
                return;
        }
        if (!(field->flags & SCHEMA_ARRAY)) {
                encode_item(field, items, wants_null, out);
                return;
        }

        buf_add_byte(out, '[');
        for (size_t i = 0; i < n; i++) {
                if (i)
                        buf_add_byte(out, ',');
                encode_item(field, items + i * item_bytes, wants_null, out);
        }
        buf_add_byte(out, ']');
}

/* As deep as the schema. */
static void encode_struct(const struct schema *schema, const void *value, bool wants_null,
                          struct buf *out)
{
        const char *separator = "{";

        for (size_t i = 0; i < schema->n_fields; i++) {
                const struct schema_field *field = &schema->fields[i];

                if (!wants_null && schema_is_absent(field, value))
                        continue;
                buf_add_text(out, separator);
                buf_add_byte(out, '"');
                buf_add_text(out, field->name);
                buf_add_text(out, "\":");
                encode_member(field, value, wants_null, out);
                separator = ",";
        }
        buf_add_text(out, *separator == '{' ? "{}" : "}");
}

void json_encode(const struct schema *schema, const void *value, struct buf *out)
{
        encode_struct(schema, value, true, out);
}

void json_encode_present(const struct schema *schema, const void *value, struct buf *out)
{
        encode_struct(schema, value, false, out);
}
