/* SPDX-License-Identifier: Apache-2.0 */
#include "service/lookup.h"

#include "pki/cert.h"
#include "proto/hex.h"
#include "proto/message_trust.h"
#include "service/judge.h"
#include "service/pages.h"
#include "service/put.h"
#include "service/report.h"
#include "service/stores.h"
#include "trust/snapshot.h"

#include <string.h>

#define SHA1_BYTES   20
#define SHA256_BYTES 32

int lookup_read(const char *text, uint8_t out[32], size_t *out_n)
{
        size_t n = strlen(text);

        if ((n != 2 * SHA1_BYTES && n != 2 * SHA256_BYTES) || hex_decode(text, n, out) != 0)
                return LOOKUP_E_NO_THUMBPRINT;

        *out_n = n / 2;
        return 0;
}

static const struct snapshot_cert *find_by_sha1(const struct snapshot *snap,
                                                const uint8_t sha1[SHA1_BYTES])
{
        for (size_t i = 0; i < snap->n_certs; i++)
                if (memcmp(snap->certs[i].cert->sha1, sha1, SHA1_BYTES) == 0)
                        return &snap->certs[i];
        return NULL;
}

int lookup_find(const struct snapshot *snap, const char *text, const struct snapshot_cert **out)
{
        const struct snapshot_cert *found;
        uint8_t thumbprint[SHA256_BYTES];
        size_t n;
        int r;

        r = lookup_read(text, thumbprint, &n);
        if (r)
                return r;

        found = n == SHA256_BYTES ? snapshot_find_cert(snap, thumbprint)
                                  : find_by_sha1(snap, thumbprint);
        if (!found)
                return LOOKUP_E_NOT_FOUND;

        *out = found;
        return 0;
}

/* What lookup_find() returned. */
static void refuse(const struct service_call *call, const char *thumbprint, int r)
{
        if (r == LOOKUP_E_NOT_FOUND)
                service_call_refuse(call, STATUS_E_NO_SUCH_CERTIFICATE, thumbprint, NULL);
        else
                service_call_refuse(call, STATUS_E_BAD_REQUEST, "thumbprint",
                                    "is no SHA-1 or SHA-256 in hex");
}

static enum role first_role(const struct snapshot_cert *cert)
{
        int role = 0;

        while (!(cert->roles >> role & 1))
                role++;
        return (enum role)role;
}

static int fill(const struct snapshot_cert *found, const struct store_state *state,
                const char *agent_id, struct message_get_certificate_reply *out)
{
        const struct cert *cert = found->cert;
        int r;

        r = report_certificate(found, first_role(found), &out->certificate);
        out->generation = state->generation;
        put_text(&out->store, state->name, &r);
        put_text(&out->agent_id, agent_id, &r);
        put_array(&out->der.data, cert->n_der, 1, &r);
        if (r)
                return r;

        memcpy(out->der.data, cert->der, cert->n_der);
        out->der.n = cert->n_der;
        return 0;
}

void lookup_certificate(const struct store_state *state, const char *agent_id,
                        const struct service_call *call)
{
        const struct message_get_certificate *in = call->in;
        struct message_get_certificate_reply out;
        const struct snapshot_cert *found;
        int r;

        r = lookup_find(state->snap, in->thumbprint, &found);
        if (r) {
                refuse(call, in->thumbprint, r);
                return;
        }

        schema_init(&message_get_certificate_reply_schema, &out);
        r = fill(found, state, agent_id, &out);
        pages_answer(call, &message_get_certificate_reply_schema, &out, r);
}

struct service_pending *lookup_validate(struct judge *judge, const struct store_state *state,
                                        const struct service_call *call)
{
        const struct message_validate *asked = call->in;
        const struct snapshot_cert *found;
        struct message_validate in = *asked;
        struct service_call presenting = *call;
        struct schema_bytes element;
        int r;

        if (!asked->thumbprint)
                return judge_call(judge, state, call);
        if (asked->n_certificates > 0) {
                service_call_refuse(call, STATUS_E_BAD_REQUEST, "thumbprint",
                                    "is given beside certificates");
                return NULL;
        }

        r = lookup_find(state->snap, asked->thumbprint, &found);
        if (r) {
                refuse(call, asked->thumbprint, r);
                return NULL;
        }

        element = (struct schema_bytes){ (uint8_t *)found->cert->der, found->cert->n_der };
        in.thumbprint = NULL;
        in.certificates = &element;
        in.n_certificates = 1;
        presenting.in = &in;
        presenting.is_named = true;
        return judge_call(judge, state, &presenting);
}
