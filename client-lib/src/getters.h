/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Getters - the functions of the API that look into records, one line each: TEXT(verdict,
 * status_name) is uatrust_verdict_get_status_name().
 */

#include "proto/schema.h"
#include "record.h"

#include <stdlib.h>

/** getters_to_json() - one line, to be freed; Return: NULL if memory is short */
char *getters_to_json(const struct schema *schema, const void *message);

/* Getters, by kind. A required string that the agent left out is "", never NULL. */
#define TEXT(type, field)                                                                          \
        const char *uatrust_##type##_get_##field(const struct uatrust_##type *record)              \
        {                                                                                          \
                return record->m.field ? record->m.field : "";                                     \
        }
#define OPTIONAL_TEXT(type, field)                                                                 \
        const char *uatrust_##type##_get_##field(const struct uatrust_##type *record)              \
        {                                                                                          \
                return record->m.field;                                                            \
        }
#define CONTEXT_TEXT(type, field)                                                                  \
        const char *uatrust_##type##_get_##field(const struct uatrust_##type *record)              \
        {                                                                                          \
                return record->m.context ? record->m.context->field : NULL;                        \
        }
#define TEXT_AT(type, field, member)                                                               \
        const char *uatrust_##type##_get_##field(const struct uatrust_##type *record, size_t i)    \
        {                                                                                          \
                return i < record->m.n_##member ? record->m.member[i] : NULL;                      \
        }
#define NUMBER(type, field)                                                                        \
        int64_t uatrust_##type##_get_##field(const struct uatrust_##type *record)                  \
        {                                                                                          \
                return record->m.field;                                                            \
        }
#define OPTIONAL_NUMBER(type, field)                                                               \
        bool uatrust_##type##_get_##field(const struct uatrust_##type *record, int64_t *out)       \
        {                                                                                          \
                if (record->m.field == SCHEMA_INT_ABSENT)                                          \
                        return false;                                                              \
                *out = record->m.field;                                                            \
                return true;                                                                       \
        }
#define STATUS(type, field)                                                                        \
        uint32_t uatrust_##type##_get_##field(const struct uatrust_##type *record)                 \
        {                                                                                          \
                return (uint32_t)record->m.field;                                                  \
        }
#define FLAG(type, verb, member)                                                                   \
        bool uatrust_##type##_##verb(const struct uatrust_##type *record)                          \
        {                                                                                          \
                return record->m.member;                                                           \
        }
#define RECORD_AT(type, field, item, member)                                                       \
        const struct uatrust_##item *uatrust_##type##_get_##field(                                 \
                const struct uatrust_##type *record, size_t i)                                     \
        {                                                                                          \
                if (i >= record->m.n_##member)                                                     \
                        return NULL;                                                               \
                return (const struct uatrust_##item *)&record->m.member[i];                        \
        }
#define BYTES_AT(type, field, member)                                                              \
        const void *uatrust_##type##_get_##field(const struct uatrust_##type *record, size_t i,    \
                                                 size_t *n_out)                                    \
        {                                                                                          \
                if (i >= record->m.n_##member)                                                     \
                        return NULL;                                                               \
                *n_out = record->m.member[i].n;                                                    \
                return record->m.member[i].data;                                                   \
        }
#define BYTES(type, field, member)                                                                 \
        const void *uatrust_##type##_get_##field(const struct uatrust_##type *record,              \
                                                 size_t *n_out)                                    \
        {                                                                                          \
                *n_out = record->m.member.n;                                                       \
                return record->m.member.data;                                                      \
        }
#define OPTIONAL_RECORD(type, field, item, member)                                                 \
        const struct uatrust_##item *uatrust_##type##_get_##field(                                 \
                const struct uatrust_##type *record)                                               \
        {                                                                                          \
                return (const struct uatrust_##item *)record->m.member;                            \
        }

/* Owned records: freeing, and JSON. */
#define JSON(type, schema)                                                                         \
        char *uatrust_##type##_to_json(const struct uatrust_##type *record)                        \
        {                                                                                          \
                return getters_to_json(&(schema), &record->m);                                     \
        }
#define FREE(type, schema)                                                                         \
        void uatrust_##type##_free(struct uatrust_##type *record)                                  \
        {                                                                                          \
                if (!record)                                                                       \
                        return;                                                                    \
                schema_deinit(&(schema), &record->m);                                              \
                free(record);                                                                      \
        }
#define OWNED(type, schema)                                                                        \
        JSON(type, schema)                                                                         \
        FREE(type, schema)
