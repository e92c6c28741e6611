/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/cause.h"

#include "engine/profile.h"
#include "engine/validate.h"
#include "engine/verdict.h"
#include "proto/compiler.h"
#include "proto/names.h"
#include "proto/status.h"
#include "trust/entry.h"
#include "trust/role.h"
#include "trust/snapshot.h"
#include "trust/suppress.h"

#include <stdint.h>

static const char *const NAMES[] = {
        [CAUSE_BLOCKED] = NAMES_CAUSE_BLOCKED, [CAUSE_REVOKED] = NAMES_CAUSE_REVOKED,
        [CAUSE_UNKNOWN] = NAMES_CAUSE_UNKNOWN, [CAUSE_UNTRUSTED] = NAMES_CAUSE_UNTRUSTED,
        [CAUSE_EXPIRED] = NAMES_CAUSE_EXPIRED, [CAUSE_GOOD] = NAMES_CAUSE_GOOD,
};

const char *cause_name(enum cause cause)
{
        return NAMES[cause];
}

/* --- what may not be known --- */

static bool is_clock_early(const struct terms *terms)
{
        return terms->now_s < terms->at_least_s;
}

static enum step first_step(const struct verdict *verdict)
{
        for (size_t i = 0; i < verdict->findings.n; i++)
                if (verdict->findings.items[i].severity == SEVERITY_ERROR)
                        return verdict->findings.items[i].step;
        return STEP_N;
}

/* Would another judgement, of what was known last, say anything else? */
static bool is_in_question(const struct snapshot *snap, const struct terms *terms,
                           const struct verdict *verdict)
{
        return snap->known || is_clock_early(terms) ||
               first_step(verdict) == STEP_FIND_REVOCATION_LIST;
}

static int judge_as_known(const struct snapshot *snap, const struct cause_case *who,
                          const struct terms *terms, struct verdict *out)
{
        struct profile profile = *who->profile;

        profile.suppress |= SUPPRESS_REVOCATION_UNKNOWN | SUPPRESS_ISSUER_REVOCATION_UNKNOWN;
        if (is_clock_early(terms))
                profile.suppress |= SUPPRESS_TIME | SUPPRESS_ISSUER_TIME;
        return engine_validate(snap->known ? snap->known : snap, who->presented, &profile, terms,
                               out);
}

static bool has_unread_file(const struct snapshot *snap)
{
        for (size_t i = snapshot_find_kind(snap, ENTRY_BROKEN); i < snap->n_entries; i++)
                if (role_is_judged(snap->entries[i]->role) && !snap->entries[i]->is_foreign)
                        return true;
        return false;
}

/* Is it for want of a certificate, which a file that nobody ever read might hold? */
static bool may_be_unread(const struct snapshot *snap, const struct cause_case *who,
                          const struct verdict *verdict)
{
        switch (first_step(verdict)) {
        case STEP_CHAIN:
        case STEP_SIGNATURE:
        case STEP_TRUST:
                return !who->was_good && has_unread_file(snap);
        default:
                return false;
        }
}

/* --- the cause --- */

static bool is_revoked(const struct verdict *verdict)
{
        return verdict->status == STATUS_CERTIFICATE_REVOKED ||
               verdict->status == STATUS_CERTIFICATE_ISSUER_REVOKED;
}

/* Of a verdict that is not Good; @known is what it would be if nothing was unknown. */
static enum cause cause_of(const struct verdict *verdict, const struct verdict *known)
{
        if (verdict->is_blocked || known->is_blocked)
                return CAUSE_BLOCKED;
        if (is_revoked(verdict) || is_revoked(known))
                return CAUSE_REVOKED;
        if (known->is_unfinished)
                return CAUSE_UNKNOWN;

        switch (known->status) {
        case STATUS_GOOD:
                return CAUSE_UNKNOWN;
        case STATUS_CERTIFICATE_TIME_INVALID:
        case STATUS_CERTIFICATE_ISSUER_TIME_INVALID:
                return CAUSE_EXPIRED;
        default:
                return CAUSE_UNTRUSTED;
        }
}

static void bound(struct verdict *verdict, int64_t until_s)
{
        if (until_s < verdict->valid_until_s)
                verdict->valid_until_s = until_s;
}

static int find_cause(const struct snapshot *snap, const struct cause_case *who,
                      const struct terms *terms, struct verdict *verdict, enum cause *out)
{
        CLEANUP(verdict_deinit) struct verdict known = { 0 };
        int r;

        if (verdict->status == STATUS_GOOD) {
                *out = CAUSE_GOOD;
                return 0;
        }
        if (!is_in_question(snap, terms, verdict)) {
                *out = cause_of(verdict, verdict);
        } else {
                r = judge_as_known(snap, who, terms, &known);
                if (r)
                        return r;

                *out = cause_of(verdict, &known);
                bound(verdict, known.valid_until_s);
                footprint_add(&verdict->footprint, &known.footprint);
                if (is_clock_early(terms))
                        bound(verdict, terms->at_least_s);
        }

        if (*out == CAUSE_UNTRUSTED && may_be_unread(snap, who, verdict))
                *out = CAUSE_UNKNOWN;
        return 0;
}

int cause_judge(const struct snapshot *snap, const struct cause_case *who,
                const struct terms *terms, struct verdict *out, enum cause *out_cause)
{
        CLEANUP(verdict_deinit) struct verdict verdict = { 0 };
        int r;

        r = engine_validate(snap, who->presented, who->profile, terms, &verdict);
        if (!r)
                r = find_cause(snap, who, terms, &verdict, out_cause);
        if (r)
                return r;

        *out = verdict;
        verdict = (struct verdict){ 0 };
        return 0;
}
