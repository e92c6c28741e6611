/* SPDX-License-Identifier: Apache-2.0 */
#include "store/block_record.h"

#include "proto/base64.h"
#include "proto/buf.h"
#include "proto/compiler.h"
#include "proto/hex.h"
#include "proto/json.h"
#include "proto/schema.h"
#include "trust/block.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define VALUES_MAX 256

struct record {
        char *sha256, *issuer, *serial_number, *reason;
        int64_t since, by;
};

#define ROW(member, wire, kind)                                                                    \
        {                                                                                          \
                .name = wire, .type = SCHEMA_##kind, .flags = SCHEMA_OPTIONAL,                     \
                .offset = offsetof(struct record, member)                                          \
        }

static const struct schema_field ROWS[] = {
        ROW(sha256, "sha256", STRING),
        ROW(issuer, "issuer", STRING),
        ROW(serial_number, "serialNumber", STRING),
        ROW(reason, "reason", STRING),
        ROW(since, "since", INT),
        ROW(by, "by", INT),
};

static const struct schema SCHEMA = {
        .size_bytes = sizeof(struct record),
        .fields = ROWS,
        .n_fields = ARRAY_SIZE(ROWS),
};

static void record_deinit(struct record *record)
{
        schema_deinit(&SCHEMA, record);
}

bool block_record_is_one(struct bytes content)
{
        size_t i = 0;

        while (i < content.n && strchr(" \t\r\n", content.data[i]) && content.data[i])
                i++;
        return i < content.n && content.data[i] == '{';
}

static int fail(const char *reason, const char **out_reason)
{
        *out_reason = reason;
        return BLOCK_RECORD_E_INVALID;
}

static int read_text(struct bytes content, struct record *out, const char **out_reason)
{
        struct json_error error;
        struct json_object *value;
        int r;

        r = json_parse((const char *)content.data, content.n, VALUES_MAX, &value, &error);
        if (!r) {
                r = json_decode_known(value, &SCHEMA, out, &error);
                json_free(value);
        }
        return r > 0 ? fail("it is no block's record: not such a JSON object", out_reason) : r;
}

static int64_t number_of(int64_t value)
{
        return value == SCHEMA_INT_ABSENT ? BLOCK_ABSENT : value;
}

static struct block_note note_of(const struct record *record)
{
        return (struct block_note){ record->reason, number_of(record->since),
                                    number_of(record->by) };
}

static int make_by_sha256(const struct record *record, struct block **out, const char **out_reason)
{
        struct block_note note = note_of(record);
        uint8_t sha256[32];

        if (strlen(record->sha256) != 2 * sizeof(sha256) ||
            hex_decode(record->sha256, 2 * sizeof(sha256), sha256) != 0)
                return fail("it is no block's record: its sha256 is none", out_reason);

        return block_new_sha256(sha256, &note, out);
}

static int make_by_serial(const struct record *record, struct block **out, const char **out_reason)
{
        static const char BAD[] = "it is no block's record: no such issuer or serial number";
        struct block_note note = note_of(record);
        size_t n_text = strlen(record->issuer), n_serial = strlen(record->serial_number), n_issuer;
        CLEANUP(freep) uint8_t *issuer = malloc(base64_decoded_bytes(n_text) + 1);
        uint8_t serial[BLOCK_SERIAL_MAX];
        int r;

        if (!issuer)
                return -ENOMEM;
        if (n_serial == 0 || n_serial % 2 != 0 || n_serial > 2 * sizeof(serial) ||
            hex_decode(record->serial_number, n_serial, serial) != 0 ||
            base64_decode(record->issuer, n_text, issuer, &n_issuer) != 0)
                return fail(BAD, out_reason);

        r = block_new_serial((struct bytes){ issuer, n_issuer },
                             (struct bytes){ serial, n_serial / 2 }, &note, out);
        return r > 0 ? fail(BAD, out_reason) : r;
}

int block_record_read(struct bytes content, struct block **out, const char **out_reason)
{
        CLEANUP(record_deinit) struct record record;
        int r;

        schema_init(&SCHEMA, &record);
        if (content.n > BLOCK_RECORD_MAX_BYTES)
                return fail("it is too large for a block's record", out_reason);

        r = read_text(content, &record, out_reason);
        if (r)
                return r;

        if (record.sha256 && !record.issuer && !record.serial_number)
                return make_by_sha256(&record, out, out_reason);
        if (!record.sha256 && record.issuer && record.serial_number)
                return make_by_serial(&record, out, out_reason);

        return fail("it is no block's record: it needs sha256, or issuer and serialNumber",
                    out_reason);
}

/* Borrows from @block and the other texts. */
void block_record_write(const struct block *block, struct buf *out)
{
        CLEANUP(buf_deinit) struct buf issuer = BUF_NULL;
        char sha256[2 * 32 + 1], serial[2 * BLOCK_SERIAL_MAX + 1];
        struct record record;

        schema_init(&SCHEMA, &record);
        if (block->has_sha256) {
                hex_encode(block->sha256, sizeof(block->sha256), sha256);
                record.sha256 = sha256;
        } else {
                base64_encode(block->issuer.der.data, block->issuer.der.n, &issuer);
                buf_add_byte(&issuer, '\0');
                hex_encode(block->serial.data, block->serial.n, serial);
                record.issuer = (char *)issuer.data;
                record.serial_number = serial;
        }

        record.reason = (char *)block->reason;
        record.since = block->since_s == BLOCK_ABSENT ? SCHEMA_INT_ABSENT : block->since_s;
        record.by = block->uid == BLOCK_ABSENT ? SCHEMA_INT_ABSENT : block->uid;
        if (buf_error(&issuer))
                out->error = -ENOMEM;
        else
                json_encode(&SCHEMA, &record, out);
        buf_add_byte(out, '\n');
}
