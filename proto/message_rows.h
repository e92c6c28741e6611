/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Message rows - the macros that the message tables are written in; for the proto/message*.c alone.
 */

#include "proto/compiler.h"
#include "proto/schema.h"

/* Rows: the message's struct without its prefix, the member, the name on the wire, the type. */
#define FIELD(of, member, wire, kind)                                                              \
        {                                                                                          \
                .name = wire, .type = SCHEMA_##kind,                                               \
                .offset = offsetof(struct message_##of, member)                                    \
        }
#define OPTIONAL(of, member, wire, kind)                                                           \
        {                                                                                          \
                .name = wire, .type = SCHEMA_##kind, .flags = SCHEMA_OPTIONAL,                     \
                .offset = offsetof(struct message_##of, member)                                    \
        }
#define LIST(of, member, wire, kind)                                                               \
        {                                                                                          \
                .name = wire, .type = SCHEMA_##kind, .flags = SCHEMA_ARRAY,                        \
                .offset = offsetof(struct message_##of, member),                                   \
                .n_offset = offsetof(struct message_##of, n_##member)                              \
        }
#define OPTIONAL_LIST(of, member, wire, kind)                                                      \
        {                                                                                          \
                .name = wire, .type = SCHEMA_##kind, .flags = SCHEMA_ARRAY | SCHEMA_OPTIONAL,      \
                .offset = offsetof(struct message_##of, member),                                   \
                .n_offset = offsetof(struct message_##of, n_##member)                              \
        }

/* The same for structures: their table in place of the type. */
#define NESTED(of, member, wire, table)                                                            \
        {                                                                                          \
                .name = wire, .type = SCHEMA_STRUCT, .nested = &(table),                           \
                .offset = offsetof(struct message_##of, member)                                    \
        }
#define OPTIONAL_NESTED(of, member, wire, table)                                                   \
        {                                                                                          \
                .name = wire, .type = SCHEMA_STRUCT, .flags = SCHEMA_OPTIONAL, .nested = &(table), \
                .offset = offsetof(struct message_##of, member)                                    \
        }
#define NESTED_LIST(of, member, wire, table)                                                       \
        {                                                                                          \
                .name = wire, .type = SCHEMA_STRUCT, .flags = SCHEMA_ARRAY, .nested = &(table),    \
                .offset = offsetof(struct message_##of, member),                                   \
                .n_offset = offsetof(struct message_##of, n_##member)                              \
        }

/*
 * What the rows make: a type of the description has a name and a doc text, parameters have neither.
 */
#define TYPE(of, rows, type_name, type_doc)                                                        \
        {                                                                                          \
                .name = type_name, .doc = type_doc, .size_bytes = sizeof(struct message_##of),     \
                .fields = rows, .n_fields = ARRAY_SIZE(rows)                                       \
        }
#define PARAMETERS(of, rows) TYPE(of, rows, NULL, NULL)
