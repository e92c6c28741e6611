/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/listing.h"

#include "engine/chain.h"
#include "engine/judgement.h"
#include "engine/lookup.h"
#include "engine/strength.h"
#include "engine/usage.h"
#include "pki/cert.h"
#include "pki/link.h"
#include "trust/entry.h"

#define STEPS_A_CRL   8 /* what looking at one costs the budget */
#define POINTS_A_STEP 8 /* bytes of distribution points that cost a step */

/* One walk over the CRLs of a name and a signer. */
struct walk {
        struct listing *listing;
        const struct snapshot_crl *crls;
        size_t n;
        const struct cert *signer;
        bool is_signer_stored;

        const struct crl *newest; /* of the scope that the walk is in, or NULL */
        bool has_begun;           /* the newest, or an older one behind it, is valid already */
};

void listing_init(struct listing *listing, struct judgement *judgement, const struct cert *cert)
{
        *listing = (struct listing){
                .judgement = judgement,
                .cert = cert,
                .flaw = LISTING_FLAW_NONE_THERE,
        };
}

/* The CRL that came closest tells the administrator what to renew. */
static void note_flaw(struct listing *listing, enum listing_flaw flaw, const struct crl *crl)
{
        if (listing->flawed_by && flaw <= listing->flaw)
                return;

        listing->flaw = flaw;
        listing->flawed_by = crl;
}

static void revoke(struct listing *listing, const struct crl *crl, enum crl_reason reason)
{
        if (listing->is_revoked)
                return;

        listing->is_revoked = true;
        listing->reason = reason;
        listing->revoked_by = crl;
}

/* Return: 0 with @out, LISTING_E_BUDGET, or -ENOMEM. */
static int is_by_signer(const struct walk *walk, const struct snapshot_crl *crl, bool *out)
{
        struct budget *budget = &walk->listing->judgement->budget;
        enum link_result result;
        int r;

        *out = crl->signer && bytes_equal(crl->signer->key.spki, walk->signer->key.spki);
        if (crl->signer || walk->is_signer_stored)
                return 0;

        r = budget_verify_crl(budget, walk->signer, crl->crl, &result);
        if (r)
                return r < 0 ? r : LISTING_E_BUDGET;

        *out = result == LINK_VERIFIED;
        return 0;
}

/* --- dates --- */

static const struct settings *settings_of(const struct walk *walk)
{
        return walk->listing->judgement->snap->settings;
}

static struct moment *moment_of(const struct walk *walk)
{
        return &walk->listing->judgement->moment;
}

static bool has_begun(const struct walk *walk, const struct crl *crl)
{
        return moment_has_begun(moment_of(walk), crl->this_update_s);
}

static bool has_ended(const struct walk *walk, const struct crl *crl)
{
        return moment_has_ended(moment_of(walk), settings_crl_last_s(settings_of(walk), crl));
}

static bool is_in_grace(const struct walk *walk, const struct crl *crl)
{
        int64_t grace_s = settings_of(walk)->crl_grace_s;

        if (crl->next_update_s == CRL_NO_NEXT_UPDATE_S || grace_s == 0)
                return false;
        return !moment_has_ended(moment_of(walk), moment_add(crl->next_update_s, grace_s));
}

/* --- what a CRL is good for --- */

/* What speaks against a CRL whatever the moment. */
static enum listing_flaw lasting_flaw(const struct walk *walk, const struct snapshot_crl *crl)
{
        bool is_https = walk->listing->judgement->profile->purpose == PURPOSE_HTTPS;

        if (snapshot_crl_is_last_good(crl))
                return LISTING_FLAW_LAST_GOOD;
        if (crl->crl->has_unknown_critical)
                return LISTING_FLAW_UNKNOWN_CRITICAL;
        if (strength_is_key_too_weak(&walk->signer->key) ||
            strength_is_signature_too_weak(settings_of(walk), &crl->crl->signature))
                return LISTING_FLAW_WEAK;
        /* The other purposes ask it of every CA in the chain, in step 9. */
        if (is_https && !usage_may_sign_crls(walk->signer))
                return LISTING_FLAW_SIGNER_USAGE;
        return LISTING_FLAW_NOTHING;
}

static enum listing_flaw flaw_of(const struct walk *walk, const struct snapshot_crl *crl)
{
        enum listing_flaw flaw = lasting_flaw(walk, crl);

        if (flaw != LISTING_FLAW_NOTHING)
                return flaw;
        if (!has_begun(walk, crl->crl))
                return LISTING_FLAW_NOT_YET_VALID;
        if (!has_ended(walk, crl->crl))
                return LISTING_FLAW_NOTHING;
        return crl->crl->next_update_s == settings_crl_last_s(settings_of(walk), crl->crl)
                       ? LISTING_FLAW_EXPIRED
                       : LISTING_FLAW_TOO_OLD;
}

/* RFC 5280 5.2.4: same scope, and made on this base or an older one, after it. */
static bool is_delta_of(const struct crl *delta, const struct crl *base)
{
        return delta->is_delta && base->number.n > 0 &&
               bytes_equal(delta->scope.der, base->scope.der) &&
               crl_compare_number(delta->delta_base, base->number) <= 0 &&
               crl_compare_number(delta->number, base->number) > 0;
}

/*
 * The newest delta that goes with @base, in @out; NULL: none, or one that is not current. Return:
 * 0, LISTING_E_BUDGET, or -ENOMEM.
 */
static int find_delta(const struct walk *walk, const struct crl *base, const struct crl **out)
{
        const struct snapshot_crl *newest = NULL;

        if (budget_step(&walk->listing->judgement->budget, STEPS_A_CRL * walk->n))
                return LISTING_E_BUDGET;

        for (size_t i = 0; i < walk->n; i++) {
                const struct snapshot_crl *crl = &walk->crls[i];
                bool is_meant;
                int r;

                if (!is_delta_of(crl->crl, base) || snapshot_crl_is_last_good(crl))
                        continue;

                r = is_by_signer(walk, crl, &is_meant);
                if (r)
                        return r;
                if (is_meant &&
                    (!newest || crl_compare_number(crl->crl->number, newest->crl->number) > 0))
                        newest = crl;
        }
        *out = newest && flaw_of(walk, newest) == LISTING_FLAW_NOTHING ? newest->crl : NULL;
        return 0;
}

static bool lists(const struct walk *walk, const struct crl *crl, enum crl_reason *out_reason)
{
        const struct cert *cert = walk->listing->cert;

        return crl_find(crl, &cert->issuer, cert->serial, out_reason);
}

/* A full CRL puts the certificate on hold: does a delta take it off again? */
static int is_taken_off(const struct walk *walk, const struct crl *base, bool *out)
{
        enum crl_reason reason;
        const struct crl *delta;
        int r;

        r = find_delta(walk, base, &delta);
        if (!r)
                *out = delta && lists(walk, delta, &reason) && reason == CRL_REASON_REMOVE_FROM_CRL;
        return r;
}

/* --- step 11 --- */

/* Is @full newer than @crl? A full CRL of the moment and number of a delta knows what that says. */
static bool is_newer(const struct crl *full, const struct crl *crl)
{
        int order = crl_compare_number(full->number, crl->number);

        if (full->this_update_s != crl->this_update_s)
                return full->this_update_s > crl->this_update_s;
        return order > 0 || (order == 0 && crl->is_delta);
}

/*
 * Is there a newer full CRL of this scope that is in force? It leaves the entry out, or lists it
 * itself. Return: 0, LISTING_E_BUDGET, or -ENOMEM.
 */
static int is_overtaken(const struct walk *walk, const struct crl *crl, bool *out)
{
        *out = false;
        if (budget_step(&walk->listing->judgement->budget, STEPS_A_CRL * walk->n))
                return LISTING_E_BUDGET;

        for (size_t i = 0; !*out && i < walk->n; i++) {
                const struct snapshot_crl *full = &walk->crls[i];
                int r;

                if (full->crl->is_delta || snapshot_crl_is_last_good(full) ||
                    !is_newer(full->crl, crl) ||
                    !bytes_equal(full->crl->scope.der, crl->scope.der) ||
                    !has_begun(walk, full->crl))
                        continue;

                r = is_by_signer(walk, full, out);
                if (r)
                        return r;
        }
        return 0;
}

/* Hold is what may end: does anything take the certificate off again? */
static int is_hold_over(const struct walk *walk, const struct snapshot_crl *crl, bool *out)
{
        int r = 0;

        if (crl->crl->is_delta || snapshot_crl_is_last_good(crl))
                r = is_overtaken(walk, crl->crl, out);
        if (!r && !*out && !crl->crl->is_delta)
                r = is_taken_off(walk, crl->crl, out);
        return r;
}

static int read_entry(const struct walk *walk, const struct snapshot_crl *crl)
{
        enum crl_reason reason;
        bool is_off = false;
        int r = 0;

        if (!lists(walk, crl->crl, &reason))
                return 0;

        if (crl->crl->is_delta && reason == CRL_REASON_REMOVE_FROM_CRL)
                is_off = true;
        else if (reason == CRL_REASON_CERTIFICATE_HOLD)
                r = is_hold_over(walk, crl, &is_off);

        if (!r && !is_off)
                revoke(walk->listing, crl->crl, reason);
        return r;
}

/* --- step 10 --- */

/* Return: 0 with @out, LISTING_E_BUDGET, or -ENOMEM. */
static int weigh(const struct walk *walk, const struct snapshot_crl *crl, struct listing_worth *out)
{
        *out = (struct listing_worth){ .flaw = flaw_of(walk, crl) };
        if (out->flaw != LISTING_FLAW_EXPIRED && out->flaw != LISTING_FLAW_TOO_OLD)
                return 0;

        out->is_in_grace = out->flaw == LISTING_FLAW_EXPIRED && is_in_grace(walk, crl->crl);
        return find_delta(walk, crl->crl, &out->delta);
}

static int read_coverage(const struct walk *walk, const struct snapshot_crl *crl,
                         unsigned int reasons)
{
        struct listing *listing = walk->listing;
        struct listing_worth worth;
        int r;

        if (crl->crl->is_delta) {
                note_flaw(listing, LISTING_FLAW_DELTA_ALONE, crl->crl);
                return 0;
        }

        r = weigh(walk, crl, &worth);
        if (r)
                return r;
        if (worth.flaw == LISTING_FLAW_NOTHING || worth.delta) {
                listing->reasons |= reasons;
                note_flaw(listing, LISTING_FLAW_PARTIAL, crl->crl);
                return 0;
        }
        if (worth.is_in_grace)
                listing->reasons_in_grace |= reasons;
        note_flaw(listing, worth.flaw, crl->crl);
        return 0;
}

int listing_weigh(struct judgement *judgement, const struct snapshot_crl *crls, size_t n, size_t at,
                  const struct cert *signer, struct listing_worth *out)
{
        struct listing listing = { .judgement = judgement };
        const struct walk walk = {
                .listing = &listing,
                .crls = crls,
                .n = n,
                .signer = signer,
                .is_signer_stored = true,
        };

        return weigh(&walk, &crls[at], out);
}

/* --- the walk: groups of one scope, the newest first, last good contents at the end --- */

/* Does the store have a full CRL that @delta goes with? */
static int has_base(const struct walk *walk, const struct crl *delta, bool *out)
{
        *out = false;
        if (budget_step(&walk->listing->judgement->budget, STEPS_A_CRL * walk->n))
                return LISTING_E_BUDGET;

        for (size_t i = 0; !*out && i < walk->n; i++) {
                const struct snapshot_crl *full = &walk->crls[i];
                int r;

                if (full->crl->is_delta || !is_delta_of(delta, full->crl))
                        continue;

                r = is_by_signer(walk, full, out);
                if (r)
                        return r;
        }
        return 0;
}

/* In force: what is older of this scope counts no more. A delta alone says too little for that. */
static int may_supersede(const struct walk *walk, const struct crl *crl, bool *out)
{
        *out = has_begun(walk, crl);
        return *out && crl->is_delta ? has_base(walk, crl, out) : 0;
}

static int read_crl(struct walk *walk, const struct snapshot_crl *crl)
{
        bool is_last = snapshot_crl_is_last_good(crl), is_newest;
        unsigned int reasons;
        int r;

        walk->listing->has_crl = true;
        if (walk->newest && crl_compare_scope(walk->newest, crl->crl) != 0) {
                walk->newest = NULL;
                walk->has_begun = false;
        }
        if (walk->has_begun && !is_last)
                return 0; /* superseded */

        r = link_crl_scope(crl->crl, walk->listing->cert, &reasons);
        if (r)
                return r;

        is_newest = !walk->newest;
        if (!is_last) {
                walk->newest = is_newest ? crl->crl : walk->newest;
                r = may_supersede(walk, crl->crl, &walk->has_begun);
                if (r)
                        return r;
        }
        if (reasons == 0) {
                note_flaw(walk->listing, LISTING_FLAW_SCOPE, crl->crl);
                return 0;
        }

        r = read_entry(walk, crl);
        return r || !is_newest ? r : read_coverage(walk, crl, reasons);
}

/* Another's of the same name; or one that nobody signed, which may be the CA's own and damaged. */
static void pass_over(struct listing *listing, const struct snapshot_crl *crl)
{
        note_flaw(listing, LISTING_FLAW_NOT_VERIFIED, crl->crl);
        listing->has_crl = listing->has_crl || !crl->signer;
}

int listing_read(struct listing *listing, const struct snapshot_crl *crls, size_t n,
                 const struct cert *signer)
{
        struct walk walk = {
                .listing = listing,
                .crls = crls,
                .n = n,
                .signer = signer,
                .is_signer_stored = chain_link_of(listing->judgement, signer).stored,
        };
        unsigned int steps = STEPS_A_CRL + listing->cert->crl_points.value.n / POINTS_A_STEP;

        for (size_t i = 0; i < n; i++) {
                bool is_meant;
                int r;

                if (budget_step(&listing->judgement->budget, steps))
                        return LISTING_E_BUDGET;

                r = is_by_signer(&walk, &crls[i], &is_meant);
                if (!r && is_meant)
                        r = read_crl(&walk, &crls[i]);
                else if (!r)
                        pass_over(listing, &crls[i]);
                if (r)
                        return r;
        }
        return 0;
}

int listing_read_issuer(struct listing *listing, const struct cert *issuer)
{
        const struct snapshot_crl *crls;
        size_t n;

        crls = lookup_crls(listing->judgement, &issuer->subject, &n);
        return listing_read(listing, crls, n, issuer);
}

static const char *const FLAWS[] = {
        [LISTING_FLAW_NONE_THERE] = "is missing",
        [LISTING_FLAW_NOT_VERIFIED] = "is not signed by it",
        [LISTING_FLAW_SCOPE] = "does not cover such certificates",
        [LISTING_FLAW_LAST_GOOD] = "is damaged, and only its last good content is known",
        [LISTING_FLAW_DELTA_ALONE] = "is a delta without its base",
        [LISTING_FLAW_UNKNOWN_CRITICAL] = "has an unknown critical extension",
        [LISTING_FLAW_WEAK] = "is signed too weakly",
        [LISTING_FLAW_SIGNER_USAGE] = "is signed by a key that may not sign CRLs",
        [LISTING_FLAW_NOT_YET_VALID] = "is not valid yet",
        [LISTING_FLAW_TOO_OLD] = "is older than the store allows",
        [LISTING_FLAW_EXPIRED] = "expired",
        [LISTING_FLAW_PARTIAL] = "speaks about some reasons of revocation only",
        [LISTING_FLAW_NOTHING] = "is current",
};

const char *listing_flaw_text(enum listing_flaw flaw)
{
        return FLAWS[flaw];
}
