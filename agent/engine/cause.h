/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Cause - why a certificate stands as it does, so that a session is ended only for what is known:
 * that its certificate is revoked, blocked, or trusted no more. Never because a file cannot be
 * read, a CRL ran out, or the clock stands wrong.
 *
 * What is not known is asked away: where the picture lacks something (snapshot.known), no current
 * CRL is there, or the clock stands too early, the certificate is judged once more as if each of
 * these were as it was last. What that second verdict says is the cause.
 *
 *                                                             cause
 *         the certificate or one of its chain is blocked      blocked
 *         either verdict is Revoked or IssuerRevoked          revoked
 *         the second is Good, the first is not                unknown
 *         the second ran out of its budget                    unknown
 *         the second is TimeInvalid or IssuerTimeInvalid      expired
 *         the second is anything else                         untrusted
 *         both are Good                                       good
 *
 * Reading: a certificate that has not been Good since it is watched may be in a file that was
 * broken before anybody read it. As long as there is one in a judged list, a chain, a signature or
 * trust that is missing is unknown. One that was Good cannot be, unless the store could not be read
 * at all since then, or got other folders: with its picture goes what was known of such files.
 */

#include <stdbool.h>

struct decode_chain;
struct profile;
struct snapshot;
struct terms;
struct verdict;

enum cause {
        CAUSE_BLOCKED,
        CAUSE_REVOKED,
        CAUSE_UNKNOWN,
        CAUSE_UNTRUSTED,
        CAUSE_EXPIRED,
        CAUSE_GOOD,
};

/* Who is judged, time and again. */
struct cause_case {
        const struct decode_chain *presented;
        const struct profile *profile;
        bool was_good; /* once, by a picture from which this one came */
};

/**
 * cause_judge() - engine_validate(), and why
 * @out:       verdict_deinit() it; its valid_until_s also bounds the cause
 * @out_cause: written, like @out, on success only
 *
 * Cost: that of engine_validate(), twice where the cause is in doubt. Any thread.
 * Return: as engine_validate(): 0, VALIDATE_E_BUDGET, or -ENOMEM.
 */
int cause_judge(const struct snapshot *snap, const struct cause_case *who,
                const struct terms *terms, struct verdict *out, enum cause *out_cause);

/** cause_name() - as on the wire: "blocked", "revoked", ... */
const char *cause_name(enum cause cause);
