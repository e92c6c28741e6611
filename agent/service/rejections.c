/* SPDX-License-Identifier: Apache-2.0 */
#include "service/rejections.h"

#include "base/vec.h"
#include "pki/cert.h"
#include "proto/hex.h"
#include "proto/message_trust.h"
#include "service/pages.h"
#include "service/recorder.h"
#include "service/report_rejected.h"
#include "service/service_call.h"
#include "service/stores.h"
#include "trust/entry.h"
#include "trust/snapshot.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHA256_DIGITS 64

/* Where a row stands: last seen first, then by SHA-256. In a cursor: "LASTSEEN-SHA256". */
struct place {
        int64_t last_seen;
        uint8_t sha256[32];
};

struct row {
        struct place place;
        const struct snapshot_cert *cert;
        struct recorder_known known;
};

struct rows {
        VEC(struct row) list;
};

static int compare_places(const struct place *a, const struct place *b)
{
        if (a->last_seen != b->last_seen)
                return a->last_seen > b->last_seen ? -1 : 1;
        return memcmp(a->sha256, b->sha256, sizeof(a->sha256));
}

static int compare_rows(const void *a, const void *b)
{
        return compare_places(&((const struct row *)a)->place, &((const struct row *)b)->place);
}

static bool read_cursor(const char *text, struct place *out)
{
        const char *dash = strchr(text, '-');
        size_t n_digits = dash ? (size_t)(dash - text) : 0;

        if (n_digits == 0 || n_digits > 18 || strspn(text, "0123456789") != n_digits)
                return false;

        out->last_seen = 0;
        for (size_t i = 0; i < n_digits; i++)
                out->last_seen = out->last_seen * 10 + (text[i] - '0');
        return strlen(dash + 1) == SHA256_DIGITS &&
               hex_decode(dash + 1, SHA256_DIGITS, out->sha256) == 0;
}

static int write_cursor(const struct place *place, char **out)
{
        char sha256[SHA256_DIGITS + 1];

        hex_encode(place->sha256, sizeof(place->sha256), sha256);
        if (asprintf(out, "%" PRId64 "-%s", place->last_seen, sha256) < 0) {
                *out = NULL;
                return -ENOMEM;
        }
        return 0;
}

/* Those behind @after, in their order. */
static int find_rows(const struct recorder *recorder, const struct store_state *state,
                     const struct place *after, struct rows *out)
{
        int r = 0;

        for (size_t i = 0; i < state->snap->n_certs && !r; i++) {
                struct row row = { .cert = &state->snap->certs[i] };

                if (!(row.cert->roles >> ROLE_REJECTED & 1))
                        continue;

                row.known = recorder_find(recorder, state->handle, row.cert->cert->sha256);
                memcpy(row.place.sha256, row.cert->cert->sha256, sizeof(row.place.sha256));
                row.place.last_seen = row.known.last_seen > 0 ? row.known.last_seen : 0;
                if (!after || compare_places(&row.place, after) > 0)
                        r = VEC_PUSH(&out->list, row);
        }
        if (out->list.n > 0)
                qsort(out->list.items, out->list.n, sizeof(*out->list.items), compare_rows);
        return r;
}

/* A file that somebody else put there. */
static int put_origin(const struct snapshot_cert *cert, struct message_rejected *out)
{
        const char *origin = "";

        for (size_t i = 0; i < cert->n_entries; i++) {
                if (cert->entries[i]->role == ROLE_REJECTED)
                        origin = cert->entries[i]->origin;
        }
        if (asprintf(&out->reason, "not known: found as %s", origin) < 0) {
                out->reason = NULL;
                return -ENOMEM;
        }
        return 0;
}

static int put_row(const struct row *row, const char *store, struct message_rejected *out)
{
        int r = report_rejected(store, row->cert->cert, row->known.record, out);

        if (!r && !row->known.record)
                r = put_origin(row->cert, out);
        out->last_seen = row->place.last_seen;
        out->count = row->known.count;
        return r;
}

static int gather(const struct rows *rows, const char *store, size_t n_page,
                  struct message_list_rejected_reply *out)
{
        int r = 0;

        out->rejected = calloc(n_page, sizeof(*out->rejected));
        out->store = strdup(store);
        if (!out->rejected || !out->store)
                return -ENOMEM;

        for (size_t i = 0; i < rows->list.n && i < n_page && !r; i++)
                r = put_row(&rows->list.items[i], store, &out->rejected[out->n_rejected++]);
        if (!r && rows->list.n > n_page)
                r = write_cursor(&rows->list.items[n_page - 1].place, &out->next);
        return r;
}

void rejections_list(const struct recorder *recorder, const struct store_state *state,
                     const struct service_call *call)
{
        const struct message_list_rejected *in = call->in;
        struct message_list_rejected_reply out;
        struct rows rows = { VEC_NULL };
        struct place after;
        size_t n_page;
        int r;

        if (!pages_begin(call, in->limit, !in->after || read_cursor(in->after, &after), &n_page))
                return;

        schema_init(&message_list_rejected_reply_schema, &out);
        r = find_rows(recorder, state, in->after ? &after : NULL, &rows);
        if (!r)
                r = gather(&rows, state->name, n_page, &out);
        pages_answer(call, &message_list_rejected_reply_schema, &out, r);
        VEC_FREE(&rows.list);
}
