/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * D-Bus codec - messages of the schema to and from the bus. How they look there is told in
 * proto/introspect.h.
 */

#include <stddef.h>

struct schema;
struct schema_field;
struct sd_bus_message;

enum {
        DBUS_CODEC_E_TOO_LARGE = 1, /* more than NAMES_REPLY_MAX_BYTES */
        DBUS_CODEC_E_FIELD, /* an option that the method does not know, or one of the wrong type */
};

struct dbus_codec_error {
        char field[128];
        char reason[128];
};

/**
 * dbus_codec_append() - append a value as the arguments of a message
 *
 * In text, each byte that is not UTF-8, or is of a noncharacter such as U+FFFE, becomes '?': sd-bus
 * refuses both, and a subject that anybody chose would else cost the whole reply.
 *
 * Return: 0, DBUS_CODEC_E_TOO_LARGE: throw the message away; or a negative errno.
 */
int dbus_codec_append(struct sd_bus_message *message, const struct schema *schema,
                      const void *value);

/**
 * dbus_codec_append_field() - append one field's value, as a property has it: "" or -1 where it is
 * absent
 */
int dbus_codec_append_field(struct sd_bus_message *message, const struct schema_field *field,
                            const void *value);

/**
 * dbus_codec_read() - read the arguments of a message
 * @out:       schema_deinit() it; an empty value after a failure
 * @out_error: written with DBUS_CODEC_E_FIELD only
 *
 * Return: 0, DBUS_CODEC_E_FIELD, or a negative errno: -ENOMEM, or the message is not as its
 * signature says.
 */
int dbus_codec_read(struct sd_bus_message *message, const struct schema *schema, void *out,
                    struct dbus_codec_error *out_error);
