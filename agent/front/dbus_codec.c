/* SPDX-License-Identifier: Apache-2.0 */
#include "front/dbus_codec.h"

#include "proto/buf.h"
#include "proto/introspect.h"
#include "proto/names.h"
#include "proto/schema.h"
#include "proto/utf8.h"

#include <systemd/sd-bus.h>

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Recursion here goes as deep as our own tables. */

struct writer {
        sd_bus_message *message;
        /* of texts and byte arrays so far, and some for what is around each value */
        size_t n_bytes;
};

#define VALUE_BYTES 8 /* alignment, length and terminator of one value, at most about */

static int count(struct writer *writer, size_t n)
{
        writer->n_bytes += n + VALUE_BYTES;
        return writer->n_bytes > NAMES_REPLY_MAX_BYTES ? DBUS_CODEC_E_TOO_LARGE : 0;
}

/* sd-bus answers 1 where something was opened or read. */
static int only_errors(int r)
{
        return r < 0 ? r : 0;
}

/* The signature of one item: that of the field without its "a". */
static int item_signature(const struct schema_field *field, char **out)
{
        CLEANUP(buf_deinit) struct buf signature = BUF_NULL;
        struct schema_field item = *field;

        item.flags &= ~(unsigned int)SCHEMA_ARRAY;
        introspect_field_signature(&item, &signature);
        return buf_take_text(&signature, out);
}

/*
 * -- writing ------------------------------------------------------------------------------------
 */

/* U+FFFE, U+FDD0 and the like: UTF-8, and yet refused by sd-bus. @length: of the character, 3 or 4 */
static bool is_noncharacter(const char *text, size_t length)
{
        uint32_t code = 0;

        for (size_t i = 0; i < length; i++)
                code = code << 6 | ((uint8_t)text[i] & 0x3f);
        code &= length == 3 ? 0xffff : 0x1fffff; /* without the marks of the first byte */
        return (code & 0xfffe) == 0xfffe || (code >= 0xfdd0 && code <= 0xfdef);
}

/* A copy with '?' in place of what sd-bus refuses; *@out stays NULL if there is nothing of the kind. */
static int make_sendable(const char *text, size_t n, char **out)
{
        size_t length;

        for (size_t i = 0; i < n; i += length ? length : 1) {
                length = utf8_length(text + i, n - i);
                if (length == 1 || length == 2 || (length && !is_noncharacter(text + i, length)))
                        continue;

                if (!*out)
                        *out = strdup(text);
                if (!*out)
                        return -ENOMEM;
                memset(*out + i, '?', length ? length : 1);
        }
        return 0;
}

static int append_text(struct writer *writer, const char *text)
{
        CLEANUP(freep) char *copy = NULL;
        size_t n;
        int r;

        if (!text)
                text = "";

        n = strlen(text);
        r = count(writer, n);
        if (!r)
                r = make_sendable(text, n, &copy);
        if (r)
                return r;

        if (copy)
                text = copy;
        return only_errors(sd_bus_message_append_basic(writer->message, 's', text));
}

static int append_arguments(struct writer *writer, const struct schema *schema, const void *value);

static int append_struct(struct writer *writer, const struct schema *schema, const void *value)
{
        CLEANUP(buf_deinit) struct buf signature = BUF_NULL;
        int r;

        introspect_signature(schema, &signature);
        buf_add_byte(&signature, '\0');
        if (buf_error(&signature))
                return -ENOMEM;

        r = sd_bus_message_open_container(writer->message, 'r', (const char *)signature.data);
        if (r < 0)
                return r;
        r = append_arguments(writer, schema, value);
        if (r)
                return r;
        return only_errors(sd_bus_message_close_container(writer->message));
}

static int append_item(struct writer *writer, const struct schema_field *field, const void *item)
{
        const struct schema_bytes *bytes;
        int flag, r;

        switch (field->type) {
        case SCHEMA_OBJECT:
                return -ENOTSUP;
        case SCHEMA_STRING:
                return append_text(writer, *(char *const *)item);
        case SCHEMA_BOOL:
                flag = *(const bool *)item;
                r = count(writer, 0);
                return r ? r
                         : only_errors(sd_bus_message_append_basic(writer->message, 'b', &flag));
        case SCHEMA_INT:
                r = count(writer, 0);
                return r ? r : only_errors(sd_bus_message_append_basic(writer->message, 'x', item));
        case SCHEMA_BYTES:
                bytes = item;
                r = count(writer, bytes->n);
                return r ? r
                         : only_errors(sd_bus_message_append_array(writer->message, 'y',
                                                                   bytes->data, bytes->n));
        case SCHEMA_STRUCT:
                return append_struct(writer, field->nested, item);
        }
        assert(false);
        return -EINVAL;
}

static int append_field(struct writer *writer, const struct schema_field *field, const void *value)
{
        CLEANUP(freep) char *signature = NULL;
        size_t n, item_bytes = schema_item_bytes(field);
        const char *items = schema_items(field, value, &n);
        int r;

        if (!(field->flags & SCHEMA_ARRAY))
                return append_item(writer, field, items);

        r = item_signature(field, &signature);
        if (!r)
                r = only_errors(sd_bus_message_open_container(writer->message, 'a', signature));
        for (size_t i = 0; i < n && !r; i++)
                r = append_item(writer, field, items + i * item_bytes);
        return r ? r : only_errors(sd_bus_message_close_container(writer->message));
}

/* One optional field that is there, as an entry of the a{sv}. */
static int append_option(struct writer *writer, const struct schema_field *field, const void *value)
{
        CLEANUP(buf_deinit) struct buf signature = BUF_NULL;
        int r;

        introspect_field_signature(field, &signature);
        buf_add_byte(&signature, '\0');
        if (buf_error(&signature))
                return -ENOMEM;

        r = sd_bus_message_open_container(writer->message, 'e', "sv");
        if (r >= 0)
                r = append_text(writer, field->name);
        if (r == 0)
                r = only_errors(sd_bus_message_open_container(writer->message, 'v',
                                                              (const char *)signature.data));
        if (r == 0)
                r = append_field(writer, field, value);
        if (r == 0)
                r = only_errors(sd_bus_message_close_container(writer->message));
        if (r == 0)
                r = only_errors(sd_bus_message_close_container(writer->message));
        return r;
}

static int append_arguments(struct writer *writer, const struct schema *schema, const void *value)
{
        int r = 0;

        for (size_t i = 0; i < schema->n_fields && !r; i++)
                if (!(schema->fields[i].flags & SCHEMA_OPTIONAL))
                        r = append_field(writer, &schema->fields[i], value);
        if (!r)
                r = only_errors(sd_bus_message_open_container(writer->message, 'a', "{sv}"));
        for (size_t i = 0; i < schema->n_fields && !r; i++)
                if (schema->fields[i].flags & SCHEMA_OPTIONAL &&
                    !schema_is_absent(&schema->fields[i], value))
                        r = append_option(writer, &schema->fields[i], value);
        return r ? r : only_errors(sd_bus_message_close_container(writer->message));
}

int dbus_codec_append(struct sd_bus_message *message, const struct schema *schema,
                      const void *value)
{
        struct writer writer = { .message = message };

        return append_arguments(&writer, schema, value);
}

int dbus_codec_append_field(struct sd_bus_message *message, const struct schema_field *field,
                            const void *value)
{
        static const int64_t NONE = -1;
        struct writer writer = { .message = message };

        if (schema_is_absent(field, value) && !(field->flags & SCHEMA_ARRAY))
                return field->type == SCHEMA_INT
                               ? only_errors(sd_bus_message_append_basic(message, 'x', &NONE))
                               : append_text(&writer, "");
        return append_field(&writer, field, value);
}

/*
 * -- reading ------------------------------------------------------------------------------------
 */

static int read_arguments(sd_bus_message *message, const struct schema *schema, void *out,
                          struct dbus_codec_error *error);

static int fail(struct dbus_codec_error *error, const char *field, const char *reason)
{
        snprintf(error->field, sizeof(error->field), "%.100s", field);
        snprintf(error->reason, sizeof(error->reason), "%s", reason);
        return DBUS_CODEC_E_FIELD;
}

static int read_bytes(sd_bus_message *message, struct schema_bytes *out)
{
        const void *data;
        size_t n;
        int r;

        r = sd_bus_message_read_array(message, 'y', &data, &n);
        if (r < 0)
                return r;

        out->data = malloc(n + 1);
        if (!out->data)
                return -ENOMEM;

        if (n > 0)
                memcpy(out->data, data, n);
        out->n = n;
        return 0;
}

static int read_struct(sd_bus_message *message, const struct schema *schema, void *out,
                       struct dbus_codec_error *error)
{
        int r;

        r = only_errors(sd_bus_message_enter_container(message, 'r', NULL));
        if (!r)
                r = read_arguments(message, schema, out, error);
        return r ? r : only_errors(sd_bus_message_exit_container(message));
}

static int read_item(sd_bus_message *message, const struct schema_field *field, void *out,
                     struct dbus_codec_error *error)
{
        const char *text;
        int flag, r;

        switch (field->type) {
        case SCHEMA_OBJECT:
                return -ENOTSUP;
        case SCHEMA_STRING:
                r = sd_bus_message_read_basic(message, 's', &text);
                if (r < 0)
                        return r;
                *(char **)out = strdup(text);
                return *(char **)out ? 0 : -ENOMEM;
        case SCHEMA_BOOL:
                r = sd_bus_message_read_basic(message, 'b', &flag);
                if (r >= 0)
                        *(bool *)out = flag;
                return only_errors(r);
        case SCHEMA_INT:
                r = only_errors(sd_bus_message_read_basic(message, 'x', out));
                return !r && *(int64_t *)out == SCHEMA_INT_ABSENT
                               ? fail(error, field->name, "is out of range")
                               : r;
        case SCHEMA_BYTES:
                return read_bytes(message, out);
        case SCHEMA_STRUCT:
                return read_struct(message, field->nested, out, error);
        }
        assert(false);
        return -EINVAL;
}

/* sd_bus_message_skip() would go over the bytes of an array one by one. */
static int skip_item(sd_bus_message *message, const struct schema_field *field,
                     const char *signature)
{
        const void *data;
        size_t n;

        return field->type == SCHEMA_BYTES ? sd_bus_message_read_array(message, 'y', &data, &n)
                                           : sd_bus_message_skip(message, signature);
}

/* The bus does not tell how many items an array has: they are counted, then read. */
static int enter_array(sd_bus_message *message, const struct schema_field *field, size_t *out_n)
{
        CLEANUP(freep) char *signature = NULL;
        int r;

        *out_n = 0;
        r = item_signature(field, &signature);
        if (r)
                return r;

        r = sd_bus_message_enter_container(message, 'a', signature);
        while (r >= 0 && !sd_bus_message_at_end(message, false)) {
                r = skip_item(message, field, signature);
                ++*out_n;
        }
        return r < 0 ? r : only_errors(sd_bus_message_rewind(message, false));
}

static int read_array(sd_bus_message *message, const struct schema_field *field, void *out,
                      struct dbus_codec_error *error)
{
        size_t n, item_bytes = schema_item_bytes(field);
        void *items;
        int r;

        r = enter_array(message, field, &n);
        if (!r)
                r = schema_make_items(field, out, n, &items);
        for (size_t i = 0; !r && i < n; i++)
                r = read_item(message, field, (char *)items + i * item_bytes, error);
        return r ? r : only_errors(sd_bus_message_exit_container(message));
}

static int read_field(sd_bus_message *message, const struct schema_field *field, void *out,
                      struct dbus_codec_error *error)
{
        void *item;
        int r;

        if (field->flags & SCHEMA_ARRAY)
                return read_array(message, field, out, error);

        r = schema_make_items(field, out, 1, &item);
        return r ? r : read_item(message, field, item, error);
}

static int read_option(sd_bus_message *message, const struct schema *schema, void *out,
                       struct dbus_codec_error *error)
{
        CLEANUP(buf_deinit) struct buf signature = BUF_NULL;
        const struct schema_field *field;
        const char *name;
        int r;

        r = sd_bus_message_read_basic(message, 's', &name);
        if (r < 0)
                return r;

        field = schema_find_field(schema, name);
        if (!field || !(field->flags & SCHEMA_OPTIONAL))
                return fail(error, name, "is unknown");
        if (!schema_is_absent(field, out))
                return fail(error, name, "is there twice");

        introspect_field_signature(field, &signature);
        buf_add_byte(&signature, '\0');
        if (buf_error(&signature))
                return -ENOMEM;

        r = sd_bus_message_enter_container(message, 'v', (const char *)signature.data);
        if (r == -ENXIO)
                return fail(error, name, "is of the wrong type");
        if (r >= 0)
                r = read_field(message, field, out, error);
        return r ? r : only_errors(sd_bus_message_exit_container(message));
}

static int read_options(sd_bus_message *message, const struct schema *schema, void *out,
                        struct dbus_codec_error *error)
{
        int r;

        r = only_errors(sd_bus_message_enter_container(message, 'a', "{sv}"));
        while (!r) {
                r = sd_bus_message_enter_container(message, 'e', "sv");
                if (r <= 0)
                        break;
                r = read_option(message, schema, out, error);
                if (!r)
                        r = only_errors(sd_bus_message_exit_container(message));
        }
        return r ? r : only_errors(sd_bus_message_exit_container(message));
}

static int read_arguments(sd_bus_message *message, const struct schema *schema, void *out,
                          struct dbus_codec_error *error)
{
        int r = 0;

        for (size_t i = 0; i < schema->n_fields && !r; i++)
                if (!(schema->fields[i].flags & SCHEMA_OPTIONAL))
                        r = read_field(message, &schema->fields[i], out, error);
        return r ? r : read_options(message, schema, out, error);
}

/*
 * schema_make_items() finds empty values: a nested struct's own optional numbers are absent from
 * the start.
 */
int dbus_codec_read(struct sd_bus_message *message, const struct schema *schema, void *out,
                    struct dbus_codec_error *out_error)
{
        int r;

        schema_init(schema, out);
        r = read_arguments(message, schema, out, out_error);
        if (r)
                schema_deinit(schema, out);
        return r;
}
