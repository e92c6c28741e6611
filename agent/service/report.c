/* SPDX-License-Identifier: Apache-2.0 */
#include "service/report.h"

#include "engine/freshness.h"
#include "engine/moment.h"
#include "engine/verdict.h"
#include "pki/cert.h"
#include "pki/crl.h"
#include "proto/hex.h"
#include "proto/message.h"
#include "proto/names.h"
#include "proto/utf8.h"
#include "service/put.h"
#include "service/stores.h"
#include "trust/change.h"
#include "trust/entry.h"
#include "trust/settings.h"
#include "trust/snapshot.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of a certificate that should be text, and may be anything. */
static void put_bytes(char **out, struct bytes bytes, int *r)
{
        if (*r)
                return;

        *out = strndup("", 0);
        if (!*out) {
                *r = -ENOMEM;
                return;
        }
        if (memchr(bytes.data, 0, bytes.n) || !utf8_is_valid((const char *)bytes.data, bytes.n))
                return;

        free(*out);
        *out = strndup((const char *)bytes.data, bytes.n);
        if (!*out)
                *r = -ENOMEM;
}

/* -- verdict ------------------------------------------------------------------------------------ */

static int report_finding(const struct finding *finding, struct message_finding *out)
{
        int r = 0;

        out->status_code = finding->status;
        out->chain_index = finding->chain_index;
        put_text(&out->step, step_name(finding->step), &r);
        put_text(&out->severity, severity_name(finding->severity), &r);
        put_text(&out->status_name, status_code_name(finding->status), &r);
        if (finding->has_thumbprint)
                put_hex(&out->thumbprint, finding->thumbprint, sizeof(finding->thumbprint), &r);
        else
                put_text(&out->thumbprint, "", &r);
        put_text(&out->audit_event_type, finding_audit_event_type(finding), &r);
        put_text(&out->message, finding->message, &r);
        return r;
}

static int report_link(const struct verdict_link *link, struct message_chain_element *out)
{
        int r = 0;

        put_hex(&out->sha256, link->cert->sha256, sizeof(link->cert->sha256), &r);
        put_hex(&out->thumbprint, link->cert->sha1, sizeof(link->cert->sha1), &r);
        put_name(&out->subject, &link->cert->subject, &r);
        put_text(&out->list, chain_list_name(link->list), &r);
        if (link->origin)
                put_text(&out->origin, link->origin, &r);
        return r;
}

static void report_not_checked(unsigned int not_checked, struct message_verdict *out, int *r)
{
        static const struct {
                enum not_checked bit;
                const char *name;
        } ROWS[] = {
                { NOT_CHECKED_HOST_NAME, NAMES_NOT_CHECKED_HOST },
                { NOT_CHECKED_URI, NAMES_NOT_CHECKED_URI },
                { NOT_CHECKED_POLICY, NAMES_NOT_CHECKED_POLICY },
        };

        put_array(&out->not_checked, ARRAY_SIZE(ROWS), sizeof(*out->not_checked), r);
        for (size_t i = 0; i < ARRAY_SIZE(ROWS) && !*r; i++)
                if (not_checked & ROWS[i].bit)
                        put_text(&out->not_checked[out->n_not_checked++], ROWS[i].name, r);
}

int report_verdict(const struct verdict *verdict, const struct store_state *state,
                   const char *agent_id, struct message_verdict *out)
{
        int r = 0;

        /* Emptied, it would be Good. */
        assert(verdict->chain.n > 0 || verdict->status != STATUS_GOOD);

        schema_init(&message_verdict_schema, out);
        out->trusted = verdict->status == STATUS_GOOD;
        out->status_code = verdict->status;
        out->wire_status_code = verdict->wire_status;
        out->generation = state->generation;
        if (verdict->valid_until_s != INT64_MAX)
                out->valid_until = verdict->valid_until_s;

        put_text(&out->status_name, status_code_name(verdict->status), &r);
        put_text(&out->wire_status_name, status_code_name(verdict->wire_status), &r);
        put_text(&out->store, state->name, &r);
        put_text(&out->agent_id, agent_id, &r);
        report_not_checked(verdict->not_checked, out, &r);

        put_array(&out->findings, verdict->findings.n, sizeof(*out->findings), &r);
        for (size_t i = 0; i < verdict->findings.n && !r; i++)
                r = report_finding(&verdict->findings.items[i], &out->findings[out->n_findings++]);

        put_array(&out->chain, verdict->chain.n, sizeof(*out->chain), &r);
        for (size_t i = 0; i < verdict->chain.n && !r; i++)
                r = report_link(&verdict->chain.items[i], &out->chain[out->n_chain++]);
        return r;
}

/* -- events ------------------------------------------------------------------------------------- */

static void put_thumbprints(char ***out, size_t *out_n, const struct change_thumbprint *from,
                            size_t n, int *r)
{
        put_array(out, n, sizeof(**out), r);
        for (size_t i = 0; i < n && !*r; i++)
                put_hex(&(*out)[(*out_n)++], from[i].sha256, sizeof(from[i].sha256), r);
}

static void put_texts(char ***out, size_t *out_n, char *const *from, size_t n, int *r)
{
        put_array(out, n, sizeof(**out), r);
        for (size_t i = 0; i < n && !*r; i++)
                put_text(&(*out)[(*out_n)++], from[i], r);
}

static void put_broken_now(const struct snapshot *snap, struct message_event *out, int *r)
{
        put_array(&out->broken, snap->n_broken, sizeof(*out->broken), r);
        for (size_t i = 0; i < snap->n_entries && !*r; i++)
                if (snap->entries[i]->kind == ENTRY_BROKEN && !snap->entries[i]->is_foreign &&
                    role_is_judged(snap->entries[i]->role))
                        put_text(&out->broken[out->n_broken++], snap->entries[i]->origin, r);
}

static size_t count_news(const struct change *change)
{
        return change->added.n + change->removed.n + change->affected.n + change->broken.n +
               change->healed.n;
}

int report_event(const char *kind, const struct store_state *state, const char *agent_id,
                 const struct change *change, struct message_event *out)
{
        bool is_listed = change && count_news(change) <= REPORT_EVENT_MAX;
        int r = 0;

        schema_init(&message_event_schema, out);
        out->generation = state->generation;
        put_text(&out->kind, change && !is_listed ? NAMES_EVENT_RESYNC : kind, &r);
        put_text(&out->store, state->name, &r);
        put_text(&out->agent_id, agent_id, &r);

        if (!change && strcmp(kind, NAMES_EVENT_STATE) == 0 && state->snap &&
            state->snap->n_broken <= REPORT_EVENT_MAX)
                put_broken_now(state->snap, out, &r);
        if (is_listed) {
                put_thumbprints(&out->added, &out->n_added, change->added.items, change->added.n,
                                &r);
                put_thumbprints(&out->removed, &out->n_removed, change->removed.items,
                                change->removed.n, &r);
                put_thumbprints(&out->affected_issuers, &out->n_affected_issuers,
                                change->affected.items, change->affected.n, &r);
                put_texts(&out->broken, &out->n_broken, change->broken.items, change->broken.n, &r);
                put_texts(&out->healed, &out->n_healed, change->healed.items, change->healed.n, &r);
        }
        return r;
}

/* -- lists -------------------------------------------------------------------------------------- */

int report_store(struct store_state *state, struct message_store *out)
{
        const struct snapshot *snap = state->snap;
        const uint8_t *hash;
        int r = 0;

        schema_init(&message_store_schema, out);
        put_text(&out->name, state->name, &r);
        put_texts(&out->sources, &out->n_sources, state->sources, state->n_sources, &r);
        out->ready = snap && !state->is_in_doubt;
        out->generation = state->generation;
        if (!out->ready)
                put_text(&out->reason, state->reason ? state->reason : "is being read", &r);
        if (!r && snap)
                r = stores_get_hash(state, &hash);
        if (r || !snap)
                return r;

        put_hex(&out->state_hash, hash, sizeof(state->hash), &r);
        out->trusted = snap->n_role_certs[ROLE_TRUSTED];
        out->issuers = snap->n_role_certs[ROLE_ISSUERS];
        out->own = snap->n_role_certs[ROLE_OWN];
        out->rejected = snap->n_role_certs[ROLE_REJECTED];
        out->crls = snap->n_crls;
        out->broken = snap->n_broken;
        if (state->last_update_s != FRESHNESS_UNKNOWN_S)
                out->last_update_time = state->last_update_s;
        if (state->soonest_s == FRESHNESS_UNKNOWN_S)
                return r;

        out->problems = state->n_problems;
        if (state->soonest_s != FRESHNESS_NEVER_S)
                out->soonest_expiry = state->soonest_s;
        return r;
}

/* @role: of which role; ROLE_N: of all. */
static void put_origins(char ***out, size_t *out_n, const struct entry *const *entries, size_t n,
                        enum role role, int *r)
{
        put_array(out, n, sizeof(**out), r);
        for (size_t i = 0; i < n && !*r; i++)
                if (role == ROLE_N || entries[i]->role == role)
                        put_text(&(*out)[(*out_n)++], entries[i]->origin, r);
}

int report_certificate(const struct snapshot_cert *from, enum role role,
                       struct message_certificate *out)
{
        const struct cert *cert = from->cert;
        char key_type[KEY_TYPE_TEXT_MAX];
        int r = 0;

        schema_init(&message_certificate_schema, out);
        put_hex(&out->sha256, cert->sha256, sizeof(cert->sha256), &r);
        put_hex(&out->thumbprint, cert->sha1, sizeof(cert->sha1), &r);
        put_name(&out->subject, &cert->subject, &r);
        put_name(&out->issuer, &cert->issuer, &r);
        put_hex(&out->serial_number, cert->serial.data, cert->serial.n, &r);
        put_text(&out->key_type, key_info_text(&cert->key, key_type), &r);
        put_text(&out->list, role_name(role), &r);
        if (cert->alt_names.n_uris > 0)
                put_bytes(&out->application_uri, cert->alt_names.uris[0], &r);
        put_origins(&out->origins, &out->n_origins, from->entries, from->n_entries, role, &r);

        out->not_before = cert->not_before_s;
        out->not_after = cert->not_after_s;
        out->is_ca = cert->basic_constraints.is_ca;
        return r;
}

int report_broken(const struct entry *entry, struct message_broken_file *out)
{
        int r = 0;

        put_text(&out->list, role_name(entry->role), &r);
        put_text(&out->origin, entry->origin, &r);
        put_text(&out->reason, entry->reason, &r);
        return r;
}

static const char *crl_state(const struct snapshot_crl *from, const struct settings *settings,
                             int64_t now_s)
{
        const struct crl *crl = from->crl;

        if (from->state == SNAPSHOT_CRL_UNVERIFIED)
                return NAMES_CRL_UNVERIFIED;
        if (from->state == SNAPSHOT_CRL_LAST_GOOD || crl->has_unknown_critical)
                return NAMES_CRL_UNUSABLE;
        if (from->state == SNAPSHOT_CRL_SUPERSEDED)
                return NAMES_CRL_SUPERSEDED;
        if (now_s < moment_add(crl->this_update_s, -settings->clock_skew_s))
                return NAMES_CRL_NOT_YET_VALID;
        if (now_s > moment_add(settings_crl_last_s(settings, crl), settings->clock_skew_s))
                return NAMES_CRL_OUT_OF_DATE;
        return NAMES_CRL_CURRENT;
}

/* What is on disk says it, before what a damaged file is known to have held. */
static enum role crl_role(const struct snapshot_crl *from)
{
        for (size_t i = 0; i < from->n_entries; i++)
                if (!from->entries[i]->is_last_good)
                        return from->entries[i]->role;
        return from->entries[0]->role;
}

int report_crl(const struct snapshot_crl *from, const struct settings *settings, int64_t now_s,
               struct message_crl *out)
{
        const struct crl *crl = from->crl;
        int r = 0;

        schema_init(&message_crl_schema, out);
        put_hex(&out->sha256, crl->sha256, sizeof(crl->sha256), &r);
        put_name(&out->issuer, &crl->issuer, &r);
        if (crl->number.n > 0)
                put_hex(&out->crl_number, crl->number.data, crl->number.n, &r);
        put_text(&out->state, crl_state(from, settings, now_s), &r);
        if (from->signer)
                put_hex(&out->signer, from->signer->sha256, sizeof(from->signer->sha256), &r);
        put_text(&out->list, role_name(crl_role(from)), &r);
        put_origins(&out->origins, &out->n_origins, from->entries, from->n_entries, ROLE_N, &r);

        out->this_update = crl->this_update_s;
        if (crl->next_update_s != CRL_NO_NEXT_UPDATE_S)
                out->next_update = crl->next_update_s;
        out->is_delta = crl->is_delta;
        out->entries = crl->n_entries;
        return r;
}
