/* SPDX-License-Identifier: Apache-2.0 */
#include "front/outbox.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

int bulletin_new(struct bulletin **out)
{
        struct bulletin *bulletin = malloc(sizeof(*bulletin));

        if (!bulletin)
                return -ENOMEM;

        *bulletin = (struct bulletin){ .n_refs = 1, .bytes = BUF_NULL };
        *out = bulletin;
        return 0;
}

struct bulletin *bulletin_ref(struct bulletin *bulletin)
{
        bulletin->n_refs++;
        return bulletin;
}

struct bulletin *bulletin_unref(struct bulletin *bulletin)
{
        if (bulletin && --bulletin->n_refs == 0) {
                buf_deinit(&bulletin->bytes);
                free(bulletin);
        }
        return NULL;
}

void outbox_deinit(struct outbox *outbox)
{
        for (size_t i = 0; i < outbox->items.n; i++)
                bulletin_unref(outbox->items.items[i].bulletin);
        VEC_FREE(&outbox->items);
        buf_deinit(&outbox->own);
}

int outbox_add(struct outbox *outbox, struct bulletin *bulletin)
{
        struct outbox_item item = {
                .n_own = outbox->own.n - outbox->n_own_sent - outbox->n_own_counted,
                .bulletin = bulletin,
        };
        int r;

        assert(bulletin->bytes.n > 0);
        r = VEC_PUSH(&outbox->items, item);
        if (r)
                return r;

        bulletin_ref(bulletin);
        outbox->n_own_counted += item.n_own;
        outbox->n_bulletin_bytes += bulletin->bytes.n;
        return 0;
}

static void add_part(struct iovec parts[OUTBOX_PARTS], size_t *n, uint8_t *data, size_t n_data)
{
        if (n_data > 0 && *n < OUTBOX_PARTS)
                parts[(*n)++] = (struct iovec){ .iov_base = data, .iov_len = n_data };
}

size_t outbox_peek(const struct outbox *outbox, struct iovec parts[OUTBOX_PARTS])
{
        size_t own = outbox->n_own_sent, n_sent = outbox->n_bulletin_sent, n = 0;

        for (size_t i = 0; i < outbox->items.n && n < OUTBOX_PARTS; i++) {
                const struct outbox_item *item = &outbox->items.items[i];

                add_part(parts, &n, outbox->own.data + own, item->n_own);
                add_part(parts, &n, item->bulletin->bytes.data + n_sent,
                         item->bulletin->bytes.n - n_sent);
                own += item->n_own;
                n_sent = 0;
        }
        if (own < outbox->own.n)
                add_part(parts, &n, outbox->own.data + own, outbox->own.n - own);
        return n;
}

/* Of the first item. Return: how many of @n bytes were its. */
static size_t skip_item(struct outbox *outbox, size_t n)
{
        struct outbox_item *item = &outbox->items.items[0];
        size_t n_left = item->bulletin->bytes.n - outbox->n_bulletin_sent;
        size_t n_own = n < item->n_own ? n : item->n_own;
        size_t n_bulletin = n - n_own < n_left ? n - n_own : n_left;

        item->n_own -= n_own;
        outbox->n_own_sent += n_own;
        outbox->n_own_counted -= n_own;
        outbox->n_bulletin_sent += n_bulletin;
        if (n_bulletin == n_left) {
                outbox->n_bulletin_bytes -= item->bulletin->bytes.n;
                outbox->n_bulletin_sent = 0;
                bulletin_unref(item->bulletin);
                outbox->items.n--;
                memmove(item, item + 1, outbox->items.n * sizeof(*item));
        }
        return n_own + n_bulletin;
}

void outbox_skip(struct outbox *outbox, size_t n)
{
        assert(n <= outbox_count(outbox));
        while (n > 0 && outbox->items.n > 0)
                n -= skip_item(outbox, n);
        outbox->n_own_sent += n;
}

void outbox_trim(struct outbox *outbox, size_t n_room_kept)
{
        struct buf *own = &outbox->own;

        if (outbox->n_own_sent == 0)
                return;

        own->n -= outbox->n_own_sent;
        memmove(own->data, own->data + outbox->n_own_sent, own->n);
        outbox->n_own_sent = 0;
        if (own->n == 0 && own->n_room > n_room_kept)
                buf_deinit(own);
}
