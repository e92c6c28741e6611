/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Judgement - what the steps of one judgement share: the question, the picture it is judged by, the
 * moment, and what is left of the budget. Lives on the stack of engine_validate() and freshness_read().
 */

#include "engine/budget.h"
#include "engine/footprint.h"
#include "engine/moment.h"
#include "engine/profile.h"
#include "pki/decode.h"
#include "trust/settings.h"
#include "trust/snapshot.h"

struct cert;
struct policy;

struct judgement {
        const struct snapshot *snap;
        const struct profile *profile;
        const struct policy *policy; /* that holds: the request's, the store's or the default */
        unsigned int suppress;       /* enum suppress: the store's and the request's */

        /* As presented; one that is also in the store is the store's object. */
        const struct cert *presented[DECODE_CHAIN_MAX];
        size_t n_presented;

        struct moment moment;
        struct budget budget;
        struct footprint footprint; /* of engine/lookup */
};

/**
 * judgement_init() - nothing presented yet; the budget is the caller's to set
 * @at_least_s: as in struct terms
 */
void judgement_init(struct judgement *judgement, const struct snapshot *snap,
                    const struct profile *profile, int64_t now_s, int64_t at_least_s);
