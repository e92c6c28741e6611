/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/freshness.h"

#include "engine/chain.h"
#include "engine/judgement.h"
#include "engine/listing.h"
#include "engine/signer.h"
#include "engine/usage.h"
#include "engine/validate.h"
#include "pki/cert.h"
#include "pki/crl.h"
#include "trust/snapshot.h"

#include <errno.h>

struct reading {
        const struct snapshot *snap;
        const struct freshness_terms *terms;
        struct freshness *out;
        struct judgement judgement; /* of which the moment is used throughout */
        struct moment warning;      /* moment, but without the skew */
};

static const struct profile ANYONE = { .purpose = PURPOSE_CLIENT };

/* Is it @period_s or less before the end at @last_s? */
static bool is_soon(struct reading *reading, int64_t last_s, int64_t period_s)
{
        return moment_has_begun(&reading->warning, moment_add(last_s, -period_s));
}

static void note_end(struct reading *reading, int64_t last_s)
{
        if (last_s < reading->out->soonest_s)
                reading->out->soonest_s = last_s;
}

/*
 * -- CRLs ---------------------------------------------------------------------------------------
 */

/* May @signer speak for the CA? Return: 0 with @out, SIGNER_E_BUDGET, or -ENOMEM. */
static int may_speak(struct judgement *judgement, const struct cert *ca, const struct cert *signer,
                     bool *out)
{
        struct chain_search search;
        int r;

        *out = bytes_equal(signer->key.spki, ca->key.spki);
        if (*out)
                return 0;

        r = signer_is_same_ca(judgement, signer, ca, out);
        if (r || !*out)
                return r;

        *out = false;
        chain_search_init(&search, judgement, ca, false, false);
        r = chain_search_next(&search);
        if (r == CHAIN_E_END)
                return 0;
        return r ? r : signer_is_sound(judgement, signer, &search.chain, out);
}

static enum freshness_state state_of(const struct listing_worth *worth)
{
        switch (worth->flaw) {
        case LISTING_FLAW_NOTHING:
                return FRESHNESS_CURRENT;
        case LISTING_FLAW_EXPIRED:
        case LISTING_FLAW_TOO_OLD:
                return worth->delta ? FRESHNESS_CURRENT : FRESHNESS_OUT_OF_DATE;
        case LISTING_FLAW_NOT_YET_VALID:
                return FRESHNESS_NOT_YET_VALID;
        case LISTING_FLAW_NONE_THERE:
        case LISTING_FLAW_NOT_VERIFIED:
        case LISTING_FLAW_SCOPE:
        case LISTING_FLAW_LAST_GOOD:
        case LISTING_FLAW_DELTA_ALONE:
        case LISTING_FLAW_UNKNOWN_CRITICAL:
        case LISTING_FLAW_WEAK:
        case LISTING_FLAW_SIGNER_USAGE:
        case LISTING_FLAW_PARTIAL:
                break;
        }
        return FRESHNESS_DAMAGED;
}

static int64_t warn_crl_s(const struct settings *settings, const struct crl *crl, int64_t last_s)
{
        int64_t quarter_s;

        if (settings->warn_crl_s != SETTINGS_WARN_CRL_AUTO)
                return settings->warn_crl_s;

        quarter_s = (last_s - crl->this_update_s) / 4;
        return quarter_s < FRESHNESS_WARN_CRL_MAX_S ? quarter_s : FRESHNESS_WARN_CRL_MAX_S;
}

/* The CRL of one scope at @at. Return: 0 with @out, LISTING_E_BUDGET, or -ENOMEM. */
static int read_crl(struct reading *reading, const struct snapshot_crl *crls, size_t n, size_t at,
                    struct freshness_authority *out)
{
        struct listing_worth worth;
        int64_t skew_s = reading->judgement.moment.skew_s;
        int r;

        r = listing_weigh(&reading->judgement, crls, n, at, crls[at].signer, &worth);
        if (r)
                return r;

        out->crl = worth.delta ? worth.delta : crls[at].crl;
        out->state = state_of(&worth);
        out->in_grace = out->state == FRESHNESS_OUT_OF_DATE && worth.is_in_grace;
        out->last_s = moment_add(settings_crl_last_s(reading->snap->settings, out->crl), skew_s);
        if (out->state == FRESHNESS_CURRENT && out->last_s != FRESHNESS_NEVER_S &&
            is_soon(reading, out->last_s,
                    warn_crl_s(reading->snap->settings, out->crl, out->last_s)))
                out->state = FRESHNESS_SOON_OUT_OF_DATE;
        return 0;
}

static bool is_of_same_scope(const struct snapshot_crl *a, const struct snapshot_crl *b)
{
        return a->signer && bytes_equal(a->signer->key.spki, b->signer->key.spki) &&
               crl_compare_scope(a->crl, b->crl) == 0;
}

/*
 * The first of a signer and scope is the one that counts. Scopes stand together, newest first, and
 * last good contents behind all of them (trust/snapshot).
 */
static bool is_first_of_scope(const struct snapshot_crl *crls, size_t at)
{
        size_t begin = crls[at].state == SNAPSHOT_CRL_LAST_GOOD || at == 0 ? 0 : at - 1;

        for (size_t i = begin; i < at; i++)
                if (is_of_same_scope(&crls[i], &crls[at]))
                        return false;
        return true;
}

static bool is_worse(const struct freshness_authority *a, const struct freshness_authority *b)
{
        return a->state != b->state ? a->state > b->state : a->last_s < b->last_s;
}

/* Return: 0, a budget that ran out (> 0), or -ENOMEM. */
static int read_crls(struct reading *reading, struct freshness_authority *authority)
{
        const struct cert *ca = authority->ca->cert;
        const struct snapshot_crl *crls;
        size_t n;
        int r = 0;

        crls = snapshot_find_crls(reading->snap, &ca->subject, &n);
        for (size_t i = 0; i < n && !r; i++) {
                struct freshness_authority found = *authority;
                bool may = false;

                if (!crls[i].signer || crls[i].crl->is_delta ||
                    crls[i].crl->scope.has_only_attribute || !is_first_of_scope(crls, i))
                        continue;

                r = may_speak(&reading->judgement, ca, crls[i].signer, &may);
                if (!r && may)
                        r = read_crl(reading, crls, n, i, &found);
                if (!r && may && (!authority->crl || is_worse(&found, authority)))
                        *authority = found;
        }
        return r;
}

static int read_authority(struct reading *reading, const struct snapshot_cert *ca)
{
        struct freshness_authority authority = {
                .ca = ca,
                .state = FRESHNESS_MISSING,
                .revocation = settings_revocation_of(reading->snap->settings, ca->cert->sha256),
                .last_s = FRESHNESS_NEVER_S,
        };
        int r;

        budget_init(&reading->judgement.budget, VALIDATE_BUDGET_UNITS, VALIDATE_BUDGET_CHECKS);
        r = read_crls(reading, &authority);
        if (authority.state <= FRESHNESS_SOON_OUT_OF_DATE)
                note_end(reading, authority.last_s);
        return r < 0 ? r : VEC_PUSH(&reading->out->authorities, authority);
}

/*
 * -- certificates -------------------------------------------------------------------------------
 */

enum role freshness_role(const struct snapshot_cert *cert)
{
        int role = ROLE_TRUSTED;

        while (role < ROLE_N && !(cert->roles >> role & 1))
                role++;
        return role;
}

static bool is_judged(const struct snapshot_cert *cert)
{
        return cert->roles & (1 << ROLE_TRUSTED | 1 << ROLE_ISSUERS);
}

static int read_expiry(struct reading *reading, const struct snapshot_cert *cert)
{
        int64_t last_s = moment_add(cert->cert->not_after_s, reading->judgement.moment.skew_s);
        struct freshness_expiry expiry = {
                .cert = cert,
                .is_expired = moment_has_ended(&reading->judgement.moment, cert->cert->not_after_s),
        };

        if (!expiry.is_expired)
                note_end(reading, cert->cert->not_after_s);
        if (last_s == FRESHNESS_NEVER_S ||
            (!expiry.is_expired &&
             !is_soon(reading, last_s, reading->snap->settings->warn_certificate_s)))
                return 0;
        return VEC_PUSH(&reading->out->expiries, expiry);
}

static int read_cert(struct reading *reading, const struct snapshot_cert *cert)
{
        int r = 0;

        if (is_judged(cert) || cert->roles & 1 << ROLE_OWN)
                r = read_expiry(reading, cert);
        if (!r && is_judged(cert) && usage_may_issue(cert->cert))
                r = read_authority(reading, cert);
        return r;
}

/*
 * -- all of it ----------------------------------------------------------------------------------
 */

static void read_update(struct reading *reading)
{
        int64_t frequency_s = reading->snap->settings->update_frequency_s;
        int64_t last_update_s = reading->terms->last_update_s;

        if (frequency_s != 0 && last_update_s != FRESHNESS_UNKNOWN_S)
                reading->out->is_out_of_date =
                        moment_has_ended(&reading->warning, moment_add(last_update_s, frequency_s));
}

int freshness_read(const struct snapshot *snap, const struct freshness_terms *terms,
                   struct freshness *out)
{
        struct freshness freshness = { .soonest_s = FRESHNESS_NEVER_S };
        struct reading reading = {
                .snap = snap,
                .terms = terms,
                .out = &freshness,
        };
        const struct moment *moment = &reading.judgement.moment;
        int r = 0;

        judgement_init(&reading.judgement, snap, &ANYONE, terms->now_s, terms->now_s);
        moment_init(&reading.warning, terms->now_s, terms->now_s, 0);

        for (size_t i = 0; i < snap->n_certs && !r; i++)
                r = read_cert(&reading, &snap->certs[i]);
        if (r) {
                freshness_deinit(&freshness);
                return r;
        }

        read_update(&reading);
        freshness.next_s = moment->valid_until_s < reading.warning.valid_until_s
                                   ? moment->valid_until_s
                                   : reading.warning.valid_until_s;
        *out = freshness;
        return 0;
}

void freshness_deinit(struct freshness *freshness)
{
        VEC_FREE(&freshness->authorities);
        VEC_FREE(&freshness->expiries);
}

int64_t freshness_newest_crl_s(const struct snapshot *snap, int64_t now_s)
{
        int64_t newest_s = FRESHNESS_UNKNOWN_S;

        for (size_t i = 0; i < snap->n_crls; i++) {
                const struct snapshot_crl *crl = &snap->crls[i];

                if (crl->signer && crl->crl->this_update_s <= now_s &&
                    crl->crl->this_update_s > newest_s)
                        newest_s = crl->crl->this_update_s;
        }
        return newest_s;
}
