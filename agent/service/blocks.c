/* SPDX-License-Identifier: Apache-2.0 */
#include "service/blocks.h"

#include "proto/hex.h"
#include "proto/message_trust.h"
#include "service/pages.h"
#include "service/put.h"
#include "service/stores.h"
#include "trust/block.h"
#include "trust/entry.h"
#include "trust/snapshot.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ID_BYTES 32

struct cursor {
        uint8_t id[ID_BYTES];
        const char *origin; /* NULL: the begin of the list */
};

static bool read_cursor(const char *text, struct cursor *out)
{
        out->origin = NULL;
        if (!text)
                return true;
        if (strnlen(text, 2 * ID_BYTES + 1) <= 2 * ID_BYTES || text[2 * ID_BYTES] != '/')
                return false;

        out->origin = text + 2 * ID_BYTES + 1;
        return hex_decode(text, 2 * ID_BYTES, out->id) == 0;
}

static bool is_behind(const struct entry *entry, const struct cursor *cursor)
{
        int order;

        if (!cursor->origin)
                return true;
        order = memcmp(entry->block->id, cursor->id, ID_BYTES);
        return order > 0 || (order == 0 && strcmp(entry->origin, cursor->origin) > 0);
}

static int64_t number(int64_t value)
{
        return value == BLOCK_ABSENT ? SCHEMA_INT_ABSENT : value;
}

static int report(const struct entry *entry, struct message_block *out)
{
        const struct block *block = entry->block;
        int r = 0;

        schema_init(&message_block_schema, out);
        out->since = number(block->since_s);
        out->uid = number(block->uid);
        put_text(&out->origin, entry->origin, &r);
        if (block->reason[0])
                put_text(&out->reason, block->reason, &r);
        if (block->has_sha256) {
                put_hex(&out->sha256, block->sha256, sizeof(block->sha256), &r);
        } else {
                put_name(&out->issuer, &block->issuer, &r);
                put_hex(&out->serial_number, block->serial.data, block->serial.n, &r);
        }
        return r;
}

static int write_next(const struct entry *last, char **out)
{
        char id[2 * ID_BYTES + 1];

        hex_encode(last->block->id, ID_BYTES, id);
        if (asprintf(out, "%s/%s", id, last->origin) < 0) {
                *out = NULL;
                return -ENOMEM;
        }
        return 0;
}

static int gather(const struct snapshot *snap, const struct cursor *after, size_t n_page,
                  struct message_list_blocks_reply *out)
{
        size_t end = snapshot_find_kind(snap, ENTRY_BLOCK + 1);
        const struct entry *last = NULL;
        int r = 0;

        out->blocks = calloc(n_page, sizeof(*out->blocks));
        if (!out->blocks)
                return -ENOMEM;

        for (size_t i = snapshot_find_kind(snap, ENTRY_BLOCK); i < end && !r; i++) {
                if (!is_behind(snap->entries[i], after))
                        continue;
                if (out->n_blocks == n_page)
                        return write_next(last, &out->next);
                last = snap->entries[i];
                r = report(last, &out->blocks[out->n_blocks++]);
        }
        return r;
}

void blocks_list(const struct store_state *state, const char *agent_id,
                 const struct service_call *call)
{
        const struct message_list_blocks *in = call->in;
        struct message_list_blocks_reply out;
        size_t n_page;
        struct cursor after;
        int r = 0;

        if (!pages_begin(call, in->limit, read_cursor(in->after, &after), &n_page))
                return;

        schema_init(&message_list_blocks_reply_schema, &out);
        out.generation = state->generation;
        put_text(&out.store, state->name, &r);
        put_text(&out.agent_id, agent_id, &r);
        if (!r)
                r = gather(state->snap, &after, n_page, &out);
        pages_answer(call, &message_list_blocks_reply_schema, &out, r);
}
