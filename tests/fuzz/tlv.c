/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz/tlv.h"

#include "harness/mint.h"
#include "harness/must.h"

#define DEPTH_MAX  32
#define HEADER_MAX 6

#define CONSTRUCTED  0x20
#define OCTET_STRING 0x04
#define SEQUENCE     0x30

/* An element that others are in. */
struct around {
        size_t at, content, end;
};

struct walk {
        struct bytes der;
        size_t at; /* of the next element */
        struct around around[DEPTH_MAX];
        size_t depth;
};

/* The element that starts at @at and ends by @end; false if there is none. */
static bool read_header(struct bytes der, size_t at, size_t end, struct around *out)
{
        size_t n_octets, n = 0;

        if (end - at < 2)
                return false;
        n_octets = der.data[at + 1] & 0x80 ? der.data[at + 1] & 0x7f : 0;
        if (n_octets > HEADER_MAX - 2 || end - at < 2 + n_octets)
                return false;
        if (!(der.data[at + 1] & 0x80))
                n = der.data[at + 1];
        for (size_t i = 0; i < n_octets; i++)
                n = n << 8 | der.data[at + 2 + i];
        if (n > end - at - 2 - n_octets)
                return false;

        *out = (struct around){ at, at + 2 + n_octets, at + 2 + n_octets + n };
        return true;
}

static bool holds_elements(struct bytes der, const struct around *element)
{
        uint8_t tag = der.data[element->at];

        return tag & CONSTRUCTED || (tag == OCTET_STRING && element->end > element->content &&
                                     der.data[element->content] == SEQUENCE);
}

/* The next element, the outer before the inner; walk->around is what it lies in. */
static bool walk_next(struct walk *walk, struct around *out)
{
        size_t end;

        while (walk->depth > 0 && walk->at == walk->around[walk->depth - 1].end)
                walk->depth--;

        end = walk->depth > 0 ? walk->around[walk->depth - 1].end : walk->der.n;
        if (!read_header(walk->der, walk->at, end, out)) {
                /* What cannot be read is left alone with all that follows in the same element. */
                if (walk->depth == 0)
                        return false;
                walk->at = end;
                return walk_next(walk, out);
        }
        walk->at = out->end;
        return true;
}

/* To be called between walk_next() and the next one: its elements come next. */
static void walk_in(struct walk *walk, const struct around *element)
{
        if (walk->depth == DEPTH_MAX || !holds_elements(walk->der, element))
                return;

        walk->around[walk->depth++] = *element;
        walk->at = element->content;
}

size_t tlv_count(struct bytes der)
{
        struct walk walk = { .der = der };
        struct around element;
        size_t n = 0;

        for (; walk_next(&walk, &element); n++)
                walk_in(&walk, &element);
        return n;
}

/* @walk is left with what the element lies in. */
static struct around find(struct walk *walk, size_t which)
{
        struct around element = { 0 };

        for (size_t i = 0; i <= which; i++) {
                must(walk_next(walk, &element), "there is no element %zu", which);
                if (i < which)
                        walk_in(walk, &element);
        }
        return element;
}

struct tlv tlv_find(struct bytes der, size_t which)
{
        struct walk walk = { .der = der };
        struct around element = find(&walk, which);

        return (struct tlv){ element.at, element.end - element.at };
}

static void append(struct mint_der *to, const uint8_t *data, size_t n)
{
        if (n)
                memcpy(to->data + to->n, data, n);
        to->n += n;
}

static void append_header(struct mint_der *to, uint8_t tag, size_t n)
{
        uint8_t header[HEADER_MAX] = { tag, (uint8_t)n };
        size_t n_octets = 0;

        if (n >= 0x80) {
                for (size_t rest = n; rest; rest >>= 8)
                        n_octets++;
                must(n_octets <= HEADER_MAX - 2, "too long");
                header[1] = (uint8_t)(0x80 | n_octets);
                for (size_t i = 0; i < n_octets; i++)
                        header[2 + i] = (uint8_t)(n >> (8 * (n_octets - 1 - i)));
        }
        append(to, header, 2 + n_octets);
}

struct mint_der tlv_replace(struct bytes der, size_t which, struct bytes by)
{
        struct walk walk = { .der = der };
        struct around element = find(&walk, which);
        size_t n_room = der.n + by.n + (walk.depth + 1) * HEADER_MAX;
        struct mint_der made = { must_calloc(1, n_room), 0 };

        append(&made, by.data, by.n);
        for (size_t i = walk.depth; i-- > 0;) {
                const struct around *around = &walk.around[i];
                size_t n = element.at - around->content + made.n + around->end - element.end;
                struct mint_der next = { must_calloc(1, n_room), 0 };

                append_header(&next, der.data[around->at], n);
                append(&next, der.data + around->content, element.at - around->content);
                append(&next, made.data, made.n);
                append(&next, der.data + element.end, around->end - element.end);
                free(made.data);
                made = next;
                element = *around;
        }

        /* Around the outermost element there may be bytes, too. */
        if (element.at > 0 || element.end < der.n) {
                struct mint_der whole = { must_calloc(1, n_room), 0 };

                append(&whole, der.data, element.at);
                append(&whole, made.data, made.n);
                append(&whole, der.data + element.end, der.n - element.end);
                free(made.data);
                made = whole;
        }
        return made;
}
