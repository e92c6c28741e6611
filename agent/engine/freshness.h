/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Freshness - what in a store has run out, or will soon: the revocation list of each CA and the
 * certificates of the lists trusted, issuers and own, and whether the whole list was changed as
 * often as it should be. A pure function of picture and moment; it also says at which second its
 * answer changes next.
 *
 * A CA is whatever may issue (usage_may_issue()), since step 10 asks for a CRL of each such one.
 * Its CRLs are weighed as engine/revocation does: of each scope the newest that its key, or another
 * key of the same CA, verifies; of several scopes (a partitioned CRL) the one that is worst.
 *
 * Reading: a CA that has another one speak for it (indirect CRLs) shows as missing, for only each
 * certificate's distribution points say so.
 *
 * Spec: OPC 10000-12 TrustListType (LastUpdateTime, UpdateFrequency), TrustListOutOfDateAlarmType,
 * CertificateExpirationAlarmType.
 */

#include "base/vec.h"
#include "trust/role.h"
#include "trust/settings.h"

#include <stdbool.h>
#include <stdint.h>

struct crl;
struct snapshot;
struct snapshot_cert;

#define FRESHNESS_NEVER_S   INT64_MAX
#define FRESHNESS_UNKNOWN_S INT64_MIN

/* Without WarnCrl=: a quarter of the CRL's life, and no more than so long, before it ends. */
#define FRESHNESS_WARN_CRL_MAX_S (INT64_C(2) * 24 * 3600)

/* In order of how urgent they are, the least first. */
enum freshness_state {
        FRESHNESS_CURRENT,
        FRESHNESS_SOON_OUT_OF_DATE,
        FRESHNESS_OUT_OF_DATE,
        FRESHNESS_NOT_YET_VALID,
        FRESHNESS_DAMAGED, /* or not fit for step 10 for another lasting reason */
        FRESHNESS_MISSING,
};

struct freshness_terms {
        int64_t now_s;         /* what the clock says, or more if it is known to be later */
        int64_t last_update_s; /* of the lists; or FRESHNESS_UNKNOWN_S */
};

/* Pointers are borrowed from the snapshot. */
struct freshness_authority {
        const struct snapshot_cert *ca;
        enum freshness_state state;
        enum settings_revocation revocation; /* RevocationCheck= of this CA */
        const struct crl *crl;               /* that the state is about; NULL: it is missing */
        int64_t last_s; /* the last second at which the CRL satisfies; FRESHNESS_NEVER_S */
        bool in_grace;  /* out of date, within CrlGrace= */
};

struct freshness_expiry {
        const struct snapshot_cert *cert;
        bool is_expired; /* false: will be, within WarnCertificate= */
};

struct freshness {
        VEC(struct freshness_authority) authorities; /* in order of SHA-256 */
        VEC(struct freshness_expiry) expiries;       /* likewise */
        bool is_out_of_date; /* the lists did not change for UpdateFrequency= */
        int64_t soonest_s;   /* the last second of what runs out next; FRESHNESS_NEVER_S */
        int64_t next_s;      /* the first second at which any of this is different */
};

/**
 * freshness_read() - how fresh a picture is
 * @out: freshness_deinit() it; holds as long as @snap does
 *
 * Cost: O(n) in certificates, and for CAs without a CRL by their own key signatures within the
 * budget of a judgement each, which stored certificates remember. Return: 0 or -ENOMEM.
 */
int freshness_read(const struct snapshot *snap, const struct freshness_terms *terms,
                   struct freshness *out);

/** freshness_deinit() - fine on a struct of zeros */
void freshness_deinit(struct freshness *freshness);

/** freshness_role() - the list that a certificate counts for: trusted, else issuers, own, rejected */
enum role freshness_role(const struct snapshot_cert *cert);

/** freshness_newest_crl_s() - the newest thisUpdate, of those that are verified and not after @now_s
 *
 * No clock that is earlier is right. Return: FRESHNESS_UNKNOWN_S if there is none.
 */
int64_t freshness_newest_crl_s(const struct snapshot *snap, int64_t now_s);
