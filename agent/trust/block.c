/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/block.h"

#include "pki/ossl.h"
#include "proto/buf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct bytes block_trim_serial(struct bytes serial)
{
        while (serial.n > 1 && serial.data[0] == 0)
                serial = (struct bytes){ serial.data + 1, serial.n - 1 };
        return serial;
}

static int make_block(const struct block_note *note, struct block **out)
{
        CLEANUP(block_unrefp) struct block *block = calloc(1, sizeof(*block));

        if (!block)
                return -ENOMEM;

        block->ref = (struct ref)REF_INIT;
        block->since_s = note->since_s;
        block->uid = note->uid;
        block->reason = strndup(note->reason ? note->reason : "", BLOCK_REASON_MAX);
        if (!block->reason)
                return -ENOMEM;

        *out = TAKE(block);
        return 0;
}

int block_new_sha256(const uint8_t sha256[32], const struct block_note *note, struct block **out)
{
        int r = make_block(note, out);

        if (!r) {
                (*out)->has_sha256 = true;
                memcpy((*out)->sha256, sha256, 32);
                memcpy((*out)->id, sha256, 32);
        }
        return r;
}

/* Of the name in its canonical form, which ends where the serial number begins. */
static int set_id(struct block *block)
{
        CLEANUP(buf_deinit) struct buf content = BUF_NULL;

        buf_printf(&content, "issuer %zu ", block->issuer.canon.n);
        buf_add(&content, block->issuer.canon.data, block->issuer.canon.n);
        buf_add(&content, block->serial.data, block->serial.n);
        if (buf_error(&content))
                return -ENOMEM;

        return ossl_sha256((struct bytes){ content.data, content.n }, block->id);
}

int block_new_serial(struct bytes issuer, struct bytes serial, const struct block_note *note,
                     struct block **out)
{
        CLEANUP(block_unrefp) struct block *block = NULL;
        int r;

        if (issuer.n > NAME_BYTES_MAX || serial.n == 0 || serial.n > BLOCK_SERIAL_MAX)
                return BLOCK_E_INVALID;

        serial = block_trim_serial(serial);
        r = make_block(note, &block);
        if (r)
                return r;

        block->owned = malloc(issuer.n + serial.n);
        if (!block->owned)
                return -ENOMEM;

        if (issuer.n > 0)
                memcpy(block->owned, issuer.data, issuer.n);
        memcpy(block->owned + issuer.n, serial.data, serial.n);
        block->serial = (struct bytes){ block->owned + issuer.n, serial.n };
        r = name_init(&block->issuer, (struct bytes){ block->owned, issuer.n });
        if (r)
                return r < 0 ? r : BLOCK_E_INVALID;

        r = set_id(block);
        if (r)
                return r;

        *out = TAKE(block);
        return 0;
}

int block_compare(const struct block *a, const struct block *b)
{
        int order;

        if (a->has_sha256 != b->has_sha256)
                return a->has_sha256 ? -1 : 1;
        if (a->has_sha256)
                return memcmp(a->sha256, b->sha256, 32);

        order = name_compare(&a->issuer, &b->issuer);
        return order != 0 ? order : bytes_compare(a->serial, b->serial);
}

struct block *block_ref(const struct block *block)
{
        struct block *counted = (struct block *)block;

        ref_get(&counted->ref);
        return counted;
}

struct block *block_unref(struct block *block)
{
        if (!block || !ref_put(&block->ref))
                return NULL;

        name_deinit(&block->issuer);
        free(block->owned);
        free((char *)block->reason);
        free(block);
        return NULL;
}
