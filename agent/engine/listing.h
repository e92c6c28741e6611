/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Listing - what the store's CRLs say of one certificate: is it revoked, and for which reasons of
 * revocation is it known that it is not?
 *
 * CRLs are read signer by signer: all of one name that one key verified. Of one signer and scope
 * the newest decides; older ones say nothing more, unless the newest is not valid yet: then they
 * still revoke. What a CRL lists stays revoked, also if it is out of date, of an unknown critical
 * extension, signed below the floor, or the last good content of a damaged file; but none of these
 * shows that a certificate is not revoked.
 *
 * Spec: OPC 10000-4 Table 106, steps 10 and 11; RFC 5280 6.3.3.
 * Reading: hold revokes while no newer full CRL of the same signer and scope leaves the entry out;
 * removeFromCRL counts only in a delta, and only against hold.
 */

#include "pki/crl.h"

#include <stdbool.h>
#include <stddef.h>

struct cert;
struct judgement;
struct snapshot_crl;

/* Why a CRL does not show that a certificate is not revoked; the later, the closer it came. */
enum listing_flaw {
        LISTING_FLAW_NONE_THERE, /* no CRL of that issuer at all */
        LISTING_FLAW_NOT_VERIFIED,
        LISTING_FLAW_SCOPE, /* says nothing about this certificate */
        LISTING_FLAW_LAST_GOOD,
        LISTING_FLAW_DELTA_ALONE,
        LISTING_FLAW_UNKNOWN_CRITICAL,
        LISTING_FLAW_WEAK,
        LISTING_FLAW_SIGNER_USAGE,
        LISTING_FLAW_NOT_YET_VALID,
        LISTING_FLAW_TOO_OLD, /* older than CrlMaxAge= */
        LISTING_FLAW_EXPIRED,
        LISTING_FLAW_PARTIAL, /* fine, but speaks about some reasons only */
        LISTING_FLAW_NOTHING, /* fine */
};

struct listing {
        struct judgement *judgement;
        const struct cert *cert; /* in question here */

        bool is_revoked;
        enum crl_reason reason;
        const struct crl *revoked_by;

        bool has_crl; /* there is one of a signer that was read, or in its name and of nobody */
        /* ReasonFlags for which a CRL that counts covers it; and with those within CrlGrace=. */
        unsigned int reasons, reasons_in_grace;

        enum listing_flaw flaw;      /* of the CRL that came closest */
        const struct crl *flawed_by; /* NULL: none is there */
};

/* What one full CRL is good for at the moment, whatever it covers. */
struct listing_worth {
        enum listing_flaw flaw;  /* LISTING_FLAW_NOTHING: it satisfies step 10 */
        const struct crl *delta; /* it is out of date, but this one of it is current; else NULL */
        bool is_in_grace;        /* out of date for no longer than CrlGrace= */
};

enum {
        LISTING_E_BUDGET = 1,
};

/** listing_init() - nothing read yet */
void listing_init(struct listing *listing, struct judgement *judgement, const struct cert *cert);

/**
 * listing_read() - read the CRLs of one signer
 * @crls:   n of them, all that the store holds of one issuer's name, in the snapshot's order
 * @signer: whose key verified those that are meant; whether it may speak about the certificate is
 *          the caller's to know
 *
 * CRLs that no certificate of the store verifies are verified now where the signer is known from
 * the message only.
 *
 * Cost: O(n), a search by serial for each scope, and signatures within the budget.
 * Return: 0, LISTING_E_BUDGET, or -ENOMEM.
 */
int listing_read(struct listing *listing, const struct snapshot_crl *crls, size_t n,
                 const struct cert *signer);

/** listing_read_issuer() - read the CRLs of the name and key of the certificate's issuer */
int listing_read_issuer(struct listing *listing, const struct cert *issuer);

/**
 * listing_weigh() - what a CRL is good for
 * @crls:   n of them, as for listing_read(); the one at @at is full, and meant
 * @signer: a certificate of the store whose key verified it
 *
 * Return: 0 with @out, LISTING_E_BUDGET, or -ENOMEM.
 */
int listing_weigh(struct judgement *judgement, const struct snapshot_crl *crls, size_t n, size_t at,
                  const struct cert *signer, struct listing_worth *out);

/** listing_flaw_text() - "is out of date", ... : what follows "the CRL of X"; static */
const char *listing_flaw_text(enum listing_flaw flaw);
