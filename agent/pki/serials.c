/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/serials.h"

#include "base/vec.h"
#include "pki/ossl_private.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#define ROWS_PER_BUCKET 4

/*
 * Rows are collected in parts by the first bits of their hash, so that when they are put in order,
 * memory is touched part by part: for a million rows that takes a third of the time.
 */
#define PART_BITS 6
#define N_PARTS   (1 << PART_BITS)

struct part {
        VEC(uint8_t) added;
};

struct serials {
        uint64_t keys[2];
        bool has_issuers;
        size_t n, n_bytes;

        /* Rows, each: length of the number, reason, the issuer if there are any, number. */
        struct part *parts; /* as they came, N_PARTS; NULL once sealed */
        uint8_t *rows;      /* sealed: by bucket */

        unsigned int n_bucket_bits;
        uint32_t *starts; /* of the rows of each bucket; one more is the end of all */
};

/* Both halves of a product, one upon the other. */
#ifdef __SIZEOF_INT128__
static uint64_t fold(uint64_t a, uint64_t b)
{
        unsigned __int128 product = (unsigned __int128)a * b;

        return (uint64_t)product ^ (uint64_t)(product >> 64);
}
#else
static uint64_t fold(uint64_t a, uint64_t b)
{
        uint64_t low = (a & UINT32_MAX) * (b & UINT32_MAX);
        uint64_t one = (a >> 32) * (b & UINT32_MAX) + (low >> 32);
        uint64_t two = (a & UINT32_MAX) * (b >> 32) + (one & UINT32_MAX);

        return (a * b) ^ ((a >> 32) * (b >> 32) + (one >> 32) + (two >> 32));
}
#endif

static uint64_t hash(const struct serials *serials, const uint8_t *number, size_t n)
{
        uint64_t value = serials->keys[0] ^ n, chunk;

        for (size_t i = 0; i < n; i += sizeof(chunk)) {
                chunk = 0;
                memcpy(&chunk, number + i, n - i < sizeof(chunk) ? n - i : sizeof(chunk));
                value = fold(value ^ chunk, serials->keys[1]);
        }

        return value;
}

static size_t find_bucket(const struct serials *serials, const uint8_t *number, size_t n)
{
        return hash(serials, number, n) >> (64 - serials->n_bucket_bits);
}

/* Bytes of a row before its number. */
static size_t head_bytes(const struct serials *serials)
{
        return 2 + (serials->has_issuers ? sizeof(uint32_t) : 0);
}

int serials_new(bool has_issuers, struct serials **out)
{
        CLEANUP(serials_freep) struct serials *serials = NULL;

        serials = calloc(1, sizeof(*serials));
        if (!serials)
                return -ENOMEM;

        serials->parts = calloc(N_PARTS, sizeof(*serials->parts));
        if (!serials->parts)
                return -ENOMEM;

        serials->has_issuers = has_issuers;
        memcpy(serials->keys, ossl_get()->secret, sizeof(serials->keys));
        serials->keys[1] |= 1;
        *out = TAKE(serials);
        return 0;
}

static void free_parts(struct serials *serials)
{
        for (size_t i = 0; serials->parts && i < N_PARTS; i++)
                VEC_FREE(&serials->parts[i].added);
        free(serials->parts);
        serials->parts = NULL;
}

struct serials *serials_free(struct serials *serials)
{
        if (!serials)
                return NULL;

        free_parts(serials);
        free(serials->starts);
        free(serials->rows);
        free(serials);
        return NULL;
}

int serials_add(struct serials *serials, const struct serials_row *row)
{
        size_t n_head = head_bytes(serials), n_row = n_head + row->serial.n;
        struct part *part;
        uint8_t *at;
        int r;

        assert(row->serial.n <= SERIALS_NUMBER_MAX && serials->parts);
        part = &serials->parts[hash(serials, row->serial.data, row->serial.n) >> (64 - PART_BITS)];
        r = VEC_RESERVE(&part->added, n_row);
        if (r)
                return r;

        at = part->added.items + part->added.n;
        at[0] = (uint8_t)row->serial.n;
        at[1] = row->reason;
        if (serials->has_issuers)
                memcpy(at + 2, &row->issuer, sizeof(row->issuer));
        memcpy(at + n_head, row->serial.data, row->serial.n);

        part->added.n += n_row;
        serials->n++;
        serials->n_bytes += n_row;
        return 0;
}

/*
 * Buckets of one part: first their sizes are counted, then each row is put in front of those of its
 * bucket.
 */
static void sort_part(struct serials *serials, size_t which, uint32_t *sum)
{
        const struct part *part = &serials->parts[which];
        size_t n_buckets = (size_t)1 << (serials->n_bucket_bits - PART_BITS);
        size_t n_head = head_bytes(serials), n_row;
        const uint8_t *row;
        uint32_t *start;

        for (size_t at = 0; at < part->added.n; at += n_row) {
                row = part->added.items + at;
                n_row = n_head + row[0];
                serials->starts[find_bucket(serials, row + n_head, row[0])] += (uint32_t)n_row;
        }

        for (size_t i = 0; i < n_buckets; i++)
                serials->starts[which * n_buckets + i] = *sum +=
                        serials->starts[which * n_buckets + i];

        for (size_t at = 0; at < part->added.n; at += n_row) {
                row = part->added.items + at;
                n_row = n_head + row[0];
                start = &serials->starts[find_bucket(serials, row + n_head, row[0])];
                *start -= (uint32_t)n_row;

                /* gcc would make of memcpy() a "rep movsq", which is slow to start */
                memmove(serials->rows + *start, row, n_row);
        }
}

int serials_seal(struct serials *serials)
{
        uint32_t sum = 0;

        assert(serials->n_bytes <= SERIALS_BYTES_MAX && serials->parts);
        serials->n_bucket_bits = PART_BITS;
        while (serials->n >> serials->n_bucket_bits > ROWS_PER_BUCKET)
                serials->n_bucket_bits++;

        serials->rows = malloc(serials->n_bytes ? serials->n_bytes : 1);
        serials->starts =
                calloc(((size_t)1 << serials->n_bucket_bits) + 1, sizeof(*serials->starts));
        if (!serials->starts || !serials->rows)
                return -ENOMEM;

        for (size_t i = 0; i < N_PARTS; i++)
                sort_part(serials, i, &sum);

        serials->starts[(size_t)1 << serials->n_bucket_bits] = sum;
        free_parts(serials);
        return 0;
}

bool serials_next(const struct serials *serials, struct bytes serial, size_t *at,
                  struct serials_row *out)
{
        size_t bucket = find_bucket(serials, serial.data, serial.n);
        size_t i = *at ? *at : serials->starts[bucket], n_head = head_bytes(serials);

        while (i < serials->starts[bucket + 1]) {
                const uint8_t *row = serials->rows + i;
                struct bytes number = { row + n_head, row[0] };

                i += n_head + number.n;
                if (!bytes_equal(number, serial))
                        continue;

                *out = (struct serials_row){ .serial = number, .reason = row[1] };
                if (serials->has_issuers)
                        memcpy(&out->issuer, row + 2, sizeof(out->issuer));
                *at = i;
                return true;
        }

        return false;
}
