/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/judgement.h"

#include "trust/policy.h"

static const struct policy *policy_of(const struct snapshot *snap, const struct profile *profile)
{
        if (profile->policy && profile->purpose != PURPOSE_HTTPS)
                return profile->policy;
        return snap->settings->policy ? snap->settings->policy : policy_default();
}

void judgement_init(struct judgement *judgement, const struct snapshot *snap,
                    const struct profile *profile, int64_t now_s, int64_t at_least_s)
{
        judgement->snap = snap;
        judgement->profile = profile;
        judgement->policy = policy_of(snap, profile);
        judgement->suppress =
                snap->settings->suppress | snap->settings->tolerated | profile->suppress;
        judgement->n_presented = 0;
        judgement->footprint = (struct footprint){ { 0 } };
        moment_init(&judgement->moment, now_s, at_least_s, snap->settings->clock_skew_s);
}
