/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Outbox - what a connection has still to send: bytes of its own, and bulletins, which many
 * connections send alike and which are in memory once. In the order in which they were added.
 */

#include "base/vec.h"
#include "proto/buf.h"
#include "proto/compiler.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

/* Bytes that are the same for everybody; of the loop thread. */
struct bulletin {
        size_t n_refs;
        struct buf bytes; /* frozen once it is in an outbox */
};

/** bulletin_new() - empty, to be filled; Return: 0 or -ENOMEM */
int bulletin_new(struct bulletin **out);
struct bulletin *bulletin_ref(struct bulletin *bulletin);
struct bulletin *bulletin_unref(struct bulletin *bulletin);
DEFINE_CLEANUP(struct bulletin *, bulletin_unref)

struct outbox_item {
        size_t n_own; /* unsent bytes of own between the bulletin before and this one */
        struct bulletin *bulletin;
};

struct outbox {
        struct buf own; /* appended to by whoever writes a reply */
        size_t n_own_sent;
        VEC(struct outbox_item) items; /* what own holds beyond those comes after the last one */
        size_t n_own_counted;          /* unsent bytes of own that the items count */
        size_t n_bulletin_bytes;       /* of all bulletins */
        size_t n_bulletin_sent;        /* of the first one */
};

void outbox_deinit(struct outbox *outbox);

/**
 * outbox_add() - @bulletin, whose bytes are no longer to change; takes a reference; Return: 0 or
 * -ENOMEM
 */
int outbox_add(struct outbox *outbox, struct bulletin *bulletin);

/** outbox_count() - bytes that are not sent */
static inline size_t outbox_count(const struct outbox *outbox)
{
        return outbox->own.n - outbox->n_own_sent + outbox->n_bulletin_bytes -
               outbox->n_bulletin_sent;
}

#define OUTBOX_PARTS 16

/** outbox_peek() - what to send next; Return: how many of @parts there are, 0: nothing */
size_t outbox_peek(const struct outbox *outbox, struct iovec parts[OUTBOX_PARTS]);

/** outbox_skip() - the first @n bytes that are not sent, are */
void outbox_skip(struct outbox *outbox, size_t n);

/**
 * outbox_trim() - free what is sent
 * @n_room_kept: so much room for bytes of its own is kept when all is
 */
void outbox_trim(struct outbox *outbox, size_t n_room_kept);
