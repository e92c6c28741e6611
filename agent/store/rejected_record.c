/* SPDX-License-Identifier: Apache-2.0 */
#include "store/rejected_record.h"

#include "pki/ossl.h"
#include "proto/buf.h"
#include "proto/hex.h"
#include "proto/json.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define VALUES_MAX 256

#define ROW(member, wire, kind, how)                                                               \
        {                                                                                          \
                .name = wire, .type = SCHEMA_##kind, .flags = how,                                 \
                .offset = offsetof(struct rejected_note, member)                                   \
        }
#define REQUIRED(member, wire, kind) ROW(member, wire, kind, 0)
#define OPTIONAL(member, wire, kind) ROW(member, wire, kind, SCHEMA_OPTIONAL)

static const struct schema_field CALLER_ROWS[] = {
        { .name = "uid",
          .type = SCHEMA_INT,
          .flags = SCHEMA_OPTIONAL,
          .offset = offsetof(struct rejected_caller, uid) },
        { .name = "unit",
          .type = SCHEMA_STRING,
          .flags = SCHEMA_OPTIONAL,
          .offset = offsetof(struct rejected_caller, unit) },
};

static const struct schema CALLER_SCHEMA = {
        .size_bytes = sizeof(struct rejected_caller),
        .fields = CALLER_ROWS,
        .n_fields = ARRAY_SIZE(CALLER_ROWS),
};

static const struct schema_field ROWS[] = {
        REQUIRED(sha256, "sha256", STRING),
        REQUIRED(status_name, "statusName", STRING),
        REQUIRED(reason, "reason", STRING),
        REQUIRED(purpose, "purpose", STRING),
        { .name = "context",
          .type = SCHEMA_STRUCT,
          .flags = SCHEMA_OPTIONAL,
          .nested = &message_context_schema,
          .offset = offsetof(struct rejected_note, context) },
        { .name = "caller",
          .type = SCHEMA_STRUCT,
          .nested = &CALLER_SCHEMA,
          .offset = offsetof(struct rejected_note, caller) },
        OPTIONAL(first_uid, "firstUid", INT),
        REQUIRED(first_seen, "firstSeen", INT),
        REQUIRED(last_seen, "lastSeen", INT),
        REQUIRED(count, "count", INT),
        { .name = "issuers",
          .type = SCHEMA_BYTES,
          .flags = SCHEMA_ARRAY,
          .offset = offsetof(struct rejected_note, issuers),
          .n_offset = offsetof(struct rejected_note, n_issuers) },
};

const struct schema rejected_note_schema = {
        .size_bytes = sizeof(struct rejected_note),
        .fields = ROWS,
        .n_fields = ARRAY_SIZE(ROWS),
};

void rejected_note_deinit(struct rejected_note *note)
{
        schema_deinit(&rejected_note_schema, note);
}

int rejected_note_read(struct bytes content, struct rejected_note *out)
{
        struct json_object *value;
        struct json_error error;
        int r;

        if (content.n > REJECTED_RECORD_MAX_BYTES)
                return REJECTED_RECORD_E_INVALID;

        r = json_parse((const char *)content.data, content.n, VALUES_MAX, &value, &error);
        if (!r) {
                r = json_decode_known(value, &rejected_note_schema, out, &error);
                json_free(value);
        }
        return r > 0 ? REJECTED_RECORD_E_INVALID : r;
}

void rejected_note_write(const struct rejected_note *note, struct buf *out)
{
        json_encode(&rejected_note_schema, note, out);
        buf_add_byte(out, '\n');
}

static int hash_issuers(struct rejected_record *record)
{
        const struct rejected_note *note = &record->note;
        int r = 0;

        record->issuers = calloc(note->n_issuers + 1, sizeof(*record->issuers));
        if (!record->issuers)
                return -ENOMEM;

        for (; record->n_issuers < note->n_issuers && !r; record->n_issuers++)
                r = ossl_sha256((struct bytes){ note->issuers[record->n_issuers].data,
                                                note->issuers[record->n_issuers].n },
                                record->issuers[record->n_issuers].sha256);
        return r;
}

/* Their hashes suffice; the certificates themselves stay in the file. */
static void drop_issuers(struct rejected_note *note)
{
        for (size_t i = 0; i < note->n_issuers; i++)
                free(note->issuers[i].data);
        free(note->issuers);
        note->issuers = NULL;
        note->n_issuers = 0;
}

int rejected_record_new(struct rejected_note *note, struct rejected_record **out)
{
        CLEANUP(rejected_record_unrefp)
        struct rejected_record *record = calloc(1, sizeof(*record));
        int r;

        if (!record) {
                rejected_note_deinit(note);
                return -ENOMEM;
        }

        record->ref = (struct ref)REF_INIT;
        record->note = *note;
        schema_init(&rejected_note_schema, note);
        if (strlen(record->note.sha256) != 2 * sizeof(record->sha256) ||
            hex_decode(record->note.sha256, 2 * sizeof(record->sha256), record->sha256) != 0)
                return REJECTED_RECORD_E_INVALID;

        r = hash_issuers(record);
        if (r)
                return r;

        drop_issuers(&record->note);
        *out = TAKE(record);
        return 0;
}

struct rejected_record *rejected_record_ref(const struct rejected_record *record)
{
        struct rejected_record *counted = (struct rejected_record *)record;

        ref_get(&counted->ref);
        return counted;
}

struct rejected_record *rejected_record_unref(struct rejected_record *record)
{
        if (!record || !ref_put(&record->ref))
                return NULL;

        rejected_note_deinit(&record->note);
        free(record->issuers);
        free(record);
        return NULL;
}
