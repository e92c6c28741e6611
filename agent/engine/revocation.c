/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/revocation.h"

#include "engine/chain.h"
#include "engine/judgement.h"
#include "engine/listing.h"
#include "engine/lookup.h"
#include "engine/report.h"
#include "engine/signer.h"
#include "pki/cert.h"
#include "pki/link.h"
#include "proto/status.h"

#include <stdlib.h>

/* One certificate of the chain, and who may speak about it. */
struct inquiry {
        struct judgement *judgement;
        const struct chain *chain;
        size_t at;
        const struct cert *issuer; /* itself if it is the root */
        struct listing listing;
};

static bool is_root(const struct inquiry *inquiry)
{
        return inquiry->at + 1 == inquiry->chain->n;
}

static bool is_same_key(const struct cert *a, const struct cert *b)
{
        return bytes_equal(a->key.spki, b->key.spki);
}

/* --- signers other than the issuer --- */

/* Return: 0 with @out, REVOCATION_E_BUDGET, or -ENOMEM. */
static int may_speak(const struct inquiry *inquiry, const struct cert *signer, bool *out)
{
        int r = 0;

        *out = !name_equal(&signer->subject, &inquiry->issuer->subject);
        if (!*out)
                r = signer_is_same_ca(inquiry->judgement, signer, inquiry->issuer, out);
        if (!r && *out)
                r = signer_is_sound(inquiry->judgement, signer, inquiry->chain, out);
        return r > 0 ? REVOCATION_E_BUDGET : r;
}

static int read_signer(struct inquiry *inquiry, const struct snapshot_crl *crls, size_t n,
                       const struct cert *signer)
{
        bool may = false;
        int r;

        if (is_same_key(signer, inquiry->issuer) &&
            name_equal(&signer->subject, &inquiry->issuer->subject))
                return 0; /* read before */

        r = may_speak(inquiry, signer, &may);
        if (!r && may)
                r = listing_read(&inquiry->listing, crls, n, signer);
        return r > 0 ? REVOCATION_E_BUDGET : r;
}

/* Certificates known from the message only may have signed what nobody in the store did. */
static int read_presented_signers(struct inquiry *inquiry, const struct snapshot_crl *crls,
                                  size_t n)
{
        struct judgement *judgement = inquiry->judgement;

        for (size_t i = 0; i < judgement->n_presented; i++) {
                const struct cert *signer = judgement->presented[i];
                int r;

                if (!name_equal(&signer->subject, &crls[0].crl->issuer) ||
                    chain_link_of(judgement, signer).stored)
                        continue;

                r = read_signer(inquiry, crls, n, signer);
                if (r)
                        return r;
        }
        return 0;
}

/* All that the store holds of one issuer's name: n CRLs, in order of their signers' keys. */
static int read_signers(struct inquiry *inquiry, const struct snapshot_crl *crls, size_t n)
{
        const struct cert *last = NULL;
        bool has_unverified = false;

        for (size_t i = 0; i < n; i++) {
                const struct cert *signer = crls[i].signer;
                int r;

                has_unverified = has_unverified || !signer;
                if (!signer || (last && is_same_key(signer, last)))
                        continue;

                last = signer;
                r = read_signer(inquiry, crls, n, signer);
                if (r)
                        return r;
        }
        return has_unverified ? read_presented_signers(inquiry, crls, n) : 0;
}

/* CRLs of other names that the certificate's distribution points send us to. */
static int read_indirect(struct inquiry *inquiry)
{
        const struct crl_points *points = &inquiry->listing.cert->crl_points;

        for (size_t i = 0; i < points->n_issuers; i++) {
                const struct snapshot_crl *crls;
                size_t n;
                int r;

                if (name_equal(&points->issuers[i], &inquiry->issuer->subject))
                        continue; /* read before */

                crls = lookup_crls(inquiry->judgement, &points->issuers[i], &n);
                r = n > 0 ? read_signers(inquiry, crls, n) : 0;
                if (r)
                        return r;
        }
        return 0;
}

/*
 * A CRL that lists the certificate may be signed by any that may speak, so all are read, also if
 * one is enough for step 10.
 */
static int inquire(struct inquiry *inquiry)
{
        const struct snapshot_crl *crls;
        size_t n;
        int r;

        crls = lookup_crls(inquiry->judgement, &inquiry->issuer->subject, &n);
        r = listing_read(&inquiry->listing, crls, n, inquiry->issuer);
        if (r)
                return r < 0 ? r : REVOCATION_E_BUDGET;
        if (is_root(inquiry))
                return 0;

        r = read_signers(inquiry, crls, n);
        return r ? r : read_indirect(inquiry);
}

/* --- findings --- */

static const char *reason_text(enum crl_reason reason)
{
        switch (reason) {
        case CRL_REASON_UNSPECIFIED:
                break;
        case CRL_REASON_KEY_COMPROMISE:
                return ": keyCompromise";
        case CRL_REASON_CA_COMPROMISE:
                return ": cACompromise";
        case CRL_REASON_AFFILIATION_CHANGED:
                return ": affiliationChanged";
        case CRL_REASON_SUPERSEDED:
                return ": superseded";
        case CRL_REASON_CESSATION_OF_OPERATION:
                return ": cessationOfOperation";
        case CRL_REASON_CERTIFICATE_HOLD:
                return ": certificateHold";
        case CRL_REASON_REMOVE_FROM_CRL:
                return ": removeFromCRL";
        case CRL_REASON_PRIVILEGE_WITHDRAWN:
                return ": privilegeWithdrawn";
        case CRL_REASON_AA_COMPROMISE:
                return ": aACompromise";
        }
        return "";
}

static struct report_item item_of(const struct inquiry *inquiry, enum step step)
{
        bool is_leaf = inquiry->at == 0;
        bool is_revoked = step == STEP_REVOCATION;
        struct report_item item = {
                .step = step,
                .cert = inquiry->listing.cert,
                .chain_index = inquiry->at,
        };

        if (is_revoked) {
                item.status =
                        is_leaf ? STATUS_CERTIFICATE_REVOKED : STATUS_CERTIFICATE_ISSUER_REVOKED;
                return item;
        }
        item.status = is_leaf ? STATUS_CERTIFICATE_REVOCATION_UNKNOWN
                              : STATUS_CERTIFICATE_ISSUER_REVOCATION_UNKNOWN;
        item.may_suppress =
                is_leaf ? SUPPRESS_REVOCATION_UNKNOWN : SUPPRESS_ISSUER_REVOCATION_UNKNOWN;
        return item;
}

static void report_revoked(const struct inquiry *inquiry, struct report *report)
{
        const struct listing *listing = &inquiry->listing;
        struct report_item item = item_of(inquiry, STEP_REVOCATION);
        CLEANUP(freep) char *signer = report_name(report, &listing->revoked_by->issuer);

        if (signer)
                report_add(report, &item, "was revoked by the CRL of %s%s", signer,
                           reason_text(listing->reason));
}

/* "CRL of CN=Plant CA expired 2026-11-01T00:00:00Z" */
static void report_unknown(const struct inquiry *inquiry, bool is_in_grace, struct report *report)
{
        const struct listing *listing = &inquiry->listing;
        struct report_item item = item_of(inquiry, STEP_FIND_REVOCATION_LIST);
        const struct crl *crl = listing->flawed_by;
        CLEANUP(freep)
        char *name = report_name(report, crl ? &crl->issuer : &inquiry->issuer->subject);
        char text[MOMENT_TEXT_MAX] = "";

        if (!name)
                return;

        item.is_bare = true;
        if (is_in_grace)
                item.severity = SEVERITY_SUPPRESSED;
        if (listing->flaw == LISTING_FLAW_EXPIRED)
                moment_text(crl->next_update_s, text);
        else if (listing->flaw == LISTING_FLAW_NOT_YET_VALID ||
                 listing->flaw == LISTING_FLAW_TOO_OLD)
                moment_text(crl->this_update_s, text);
        report_add(report, &item, "CRL of %s %s%s%s%s", name, listing_flaw_text(listing->flaw),
                   listing->flaw == LISTING_FLAW_EXPIRED || !text[0] ? "" : ", made",
                   text[0] ? " " : "", text);
}

static void report_inquiry(const struct inquiry *inquiry, struct report *report)
{
        const struct listing *listing = &inquiry->listing;
        enum settings_revocation wanted;

        if (listing->is_revoked)
                report_revoked(inquiry, report);
        if (is_root(inquiry) || listing->reasons == LINK_REASONS_ALL)
                return;

        wanted =
                settings_revocation_of(inquiry->judgement->snap->settings, inquiry->issuer->sha256);
        if (wanted == SETTINGS_REVOCATION_OFF ||
            (wanted == SETTINGS_REVOCATION_IF_PRESENT && !listing->has_crl))
                return;

        report_unknown(inquiry, (listing->reasons | listing->reasons_in_grace) == LINK_REASONS_ALL,
                       report);
}

int revocation_check(struct judgement *judgement, const struct chain *chain, struct report *report)
{
        for (size_t i = 0; i < chain->n; i++) {
                struct inquiry inquiry = {
                        .judgement = judgement,
                        .chain = chain,
                        .at = i,
                        .issuer = chain->links[i + 1 < chain->n ? i + 1 : i].cert,
                };
                int r;

                listing_init(&inquiry.listing, judgement, chain->links[i].cert);
                r = inquire(&inquiry);
                if (r)
                        return r;
                report_inquiry(&inquiry, report);
        }
        return 0;
}
