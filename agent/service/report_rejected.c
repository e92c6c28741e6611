/* SPDX-License-Identifier: Apache-2.0 */
#include "service/report_rejected.h"

#include "pki/cert.h"
#include "proto/hex.h"
#include "proto/message_trust.h"
#include "service/report.h"
#include "store/rejected_record.h"
#include "trust/snapshot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int put_text(char **out, const char *text)
{
        *out = strdup(text);
        return *out ? 0 : -ENOMEM;
}

/* What a certificate says itself is said as everywhere. */
static int put_certificate(const struct cert *cert, struct message_rejected *out)
{
        const struct snapshot_cert shown = { .cert = cert };
        struct message_certificate message;
        int r = report_certificate(&shown, ROLE_REJECTED, &message);

        if (!r) {
                out->sha256 = TAKE(message.sha256);
                out->thumbprint = TAKE(message.thumbprint);
                out->subject = TAKE(message.subject);
                out->issuer = TAKE(message.issuer);
                out->application_uri = TAKE(message.application_uri);
        }
        schema_deinit(&message_certificate_schema, &message);
        return r;
}

static int put_context(const struct message_context *context, struct message_rejected *out)
{
        int r;

        out->context = calloc(1, sizeof(*out->context));
        if (!out->context)
                return -ENOMEM;

        r = schema_copy(&message_context_schema, context, out->context);
        if (r) {
                free(out->context);
                out->context = NULL;
        }
        return r;
}

static int put_chain(const struct rejected_record *record, struct message_rejected *out)
{
        out->chain = calloc(record->n_issuers + 1, sizeof(*out->chain));
        if (!out->chain)
                return -ENOMEM;

        for (; out->n_chain < record->n_issuers; out->n_chain++) {
                char *hex = malloc(2 * 32 + 1);

                if (!hex)
                        return -ENOMEM;
                hex_encode(record->issuers[out->n_chain].sha256, 32, hex);
                out->chain[out->n_chain] = hex;
        }
        return 0;
}

static int put_record(const struct rejected_record *record, struct message_rejected *out)
{
        const struct rejected_note *note = &record->note;
        int r;

        out->uid = note->caller.uid;
        out->first_seen = note->first_seen;
        out->last_seen = note->last_seen;
        out->count = note->count;
        r = put_text(&out->status_name, note->status_name);
        if (!r)
                r = put_text(&out->reason, note->reason);
        if (!r)
                r = put_text(&out->purpose, note->purpose);
        if (!r && note->context)
                r = put_context(note->context, out);
        if (!r && note->caller.unit)
                r = put_text(&out->unit, note->caller.unit);
        if (!r)
                r = put_chain(record, out);
        return r;
}

int report_rejected(const char *store, const struct cert *cert,
                    const struct rejected_record *record, struct message_rejected *out)
{
        int r;

        schema_init(&message_rejected_schema, out);
        r = put_text(&out->store, store);
        if (!r)
                r = put_certificate(cert, out);
        if (!r && record)
                r = put_record(record, out);
        return r;
}
