/* SPDX-License-Identifier: Apache-2.0 */
#include "service/aging.h"

#include "engine/freshness.h"
#include "pki/cert.h"
#include "pki/crl.h"
#include "proto/hex.h"
#include "proto/message_trust.h"
#include "proto/names.h"
#include "service/host_clock.h"
#include "service/pages.h"
#include "service/put.h"
#include "service/stores.h"
#include "trust/snapshot.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define CURSOR_CA   "ca/"
#define CURSOR_CERT "certificate/"

/* All rows in one order: CAs, then certificates, each by SHA-256. What came last before the page. */
struct cursor {
        bool is_past_cas; /* no CA follows */
        bool has_sha256;
        uint8_t sha256[32];
};

static bool read_cursor(const char *text, struct cursor *out)
{
        const char *digits;

        *out = (struct cursor){ .has_sha256 = text };
        if (!text)
                return true;

        out->is_past_cas = strncmp(text, CURSOR_CERT, strlen(CURSOR_CERT)) == 0;
        if (!out->is_past_cas && strncmp(text, CURSOR_CA, strlen(CURSOR_CA)) != 0)
                return false;

        digits = strchr(text, '/') + 1;
        return strlen(digits) == 2 * sizeof(out->sha256) &&
               hex_decode(digits, strlen(digits), out->sha256) == 0;
}

static int write_cursor(const struct message_get_freshness_reply *page, char **out)
{
        int n;

        if (page->n_expiries > 0)
                n = asprintf(out, CURSOR_CERT "%s", page->expiries[page->n_expiries - 1].sha256);
        else
                n = asprintf(out, CURSOR_CA "%s",
                             page->authorities[page->n_authorities - 1].sha256);
        if (n >= 0)
                return 0;
        *out = NULL;
        return -ENOMEM;
}

static bool is_behind(const struct cert *cert, const struct cursor *after)
{
        return !after->has_sha256 || memcmp(cert->sha256, after->sha256, sizeof(after->sha256)) > 0;
}

static const char *const STATES[] = {
        [FRESHNESS_CURRENT] = NAMES_AUTHORITY_CURRENT,
        [FRESHNESS_SOON_OUT_OF_DATE] = NAMES_AUTHORITY_SOON_OUT_OF_DATE,
        [FRESHNESS_OUT_OF_DATE] = NAMES_AUTHORITY_OUT_OF_DATE,
        [FRESHNESS_NOT_YET_VALID] = NAMES_AUTHORITY_NOT_YET_VALID,
        [FRESHNESS_DAMAGED] = NAMES_AUTHORITY_DAMAGED,
        [FRESHNESS_MISSING] = NAMES_AUTHORITY_MISSING,
};

static int report_authority(const struct freshness_authority *from, struct message_authority *out)
{
        const struct cert *cert = from->ca->cert;
        int r = 0;

        schema_init(&message_authority_schema, out);
        put_hex(&out->sha256, cert->sha256, sizeof(cert->sha256), &r);
        put_name(&out->subject, &cert->subject, &r);
        put_text(&out->list, role_name(freshness_role(from->ca)), &r);
        put_text(&out->state, STATES[from->state], &r);
        put_text(&out->revocation_check, settings_revocation_name(from->revocation), &r);
        if (!from->crl)
                return r;

        put_hex(&out->crl, from->crl->sha256, sizeof(from->crl->sha256), &r);
        out->this_update = from->crl->this_update_s;
        if (from->last_s != FRESHNESS_NEVER_S)
                out->next_update = from->last_s;
        out->in_grace = from->in_grace;
        return r;
}

static int report_expiry(const struct freshness_expiry *from, struct message_expiry *out)
{
        const struct cert *cert = from->cert->cert;
        int r = 0;

        schema_init(&message_expiry_schema, out);
        put_hex(&out->sha256, cert->sha256, sizeof(cert->sha256), &r);
        put_hex(&out->thumbprint, cert->sha1, sizeof(cert->sha1), &r);
        put_name(&out->subject, &cert->subject, &r);
        put_text(&out->list, role_name(freshness_role(from->cert)), &r);
        put_text(&out->state, from->is_expired ? NAMES_EXPIRY_EXPIRED : NAMES_EXPIRY_SOON, &r);
        out->not_after = cert->not_after_s;
        return r;
}

/* Return: 1 if the page was full before the end, 0, or -ENOMEM. */
static int add_authorities(const struct freshness *freshness, const struct cursor *after,
                           size_t n_page, struct message_get_freshness_reply *out)
{
        int r = 0;

        for (size_t i = 0; i < freshness->authorities.n && !r; i++) {
                const struct freshness_authority *authority = &freshness->authorities.items[i];

                if (after->is_past_cas || !is_behind(authority->ca->cert, after))
                        continue;
                if (out->n_authorities == n_page)
                        return 1;
                r = report_authority(authority, &out->authorities[out->n_authorities++]);
        }
        return r;
}

static int add_expiries(const struct freshness *freshness, const struct cursor *after,
                        size_t n_page, struct message_get_freshness_reply *out)
{
        int r = 0;

        for (size_t i = 0; i < freshness->expiries.n && !r; i++) {
                const struct freshness_expiry *expiry = &freshness->expiries.items[i];

                if (after->is_past_cas && !is_behind(expiry->cert->cert, after))
                        continue;
                if (out->n_authorities + out->n_expiries == n_page)
                        return 1;
                r = report_expiry(expiry, &out->expiries[out->n_expiries++]);
        }
        return r;
}

static int gather(const struct freshness *freshness, const struct cursor *after, size_t n_page,
                  struct message_get_freshness_reply *out)
{
        int r = 0;

        put_array(&out->authorities, n_page, sizeof(*out->authorities), &r);
        put_array(&out->expiries, n_page, sizeof(*out->expiries), &r);
        if (!r)
                r = add_authorities(freshness, after, n_page, out);
        if (!r)
                r = add_expiries(freshness, after, n_page, out);
        return r > 0 ? write_cursor(out, &out->next) : r;
}

static int report_head(const struct store_state *state, const char *agent_id,
                       const struct host_clock *clock, struct message_get_freshness_reply *out)
{
        int64_t frequency_s = state->snap->settings->update_frequency_s;
        int r = 0;

        put_text(&out->store, state->name, &r);
        put_text(&out->agent_id, agent_id, &r);
        out->generation = state->generation;
        out->clock_is_plausible = host_clock_is_plausible(clock);
        if (state->last_update_s != FRESHNESS_UNKNOWN_S)
                out->last_update_time = state->last_update_s;
        if (frequency_s > 0)
                out->update_frequency = frequency_s;
        return r;
}

void aging_call(const struct store_state *state, const char *agent_id,
                const struct host_clock *clock, const struct service_call *call)
{
        const struct message_get_freshness *in = call->in;
        const struct freshness_terms terms = { .now_s = host_clock_later_s(clock),
                                               .last_update_s = state->last_update_s };
        struct message_get_freshness_reply out;
        size_t n_page;
        struct freshness freshness = { .is_out_of_date = false };
        struct cursor after;
        int r;

        if (!pages_begin(call, in->limit, read_cursor(in->after, &after), &n_page))
                return;

        schema_init(&message_get_freshness_reply_schema, &out);
        r = report_head(state, agent_id, clock, &out);
        if (!r)
                r = freshness_read(state->snap, &terms, &freshness);
        if (!r)
                r = gather(&freshness, &after, n_page, &out);
        out.is_out_of_date = freshness.is_out_of_date;
        freshness_deinit(&freshness);
        pages_answer(call, &message_get_freshness_reply_schema, &out, r);
}
