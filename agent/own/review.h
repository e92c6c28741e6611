/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Review - what OPC UA asks of an application's own certificate beyond what a peer's judgement
 * refuses: a pure look at one certificate.
 *
 * Spec: OPC 10000-6 6.2.2. Not here: whether it would be trusted (own/judge), files (own/inspect).
 */

#include <stdint.h>

struct cert;
struct findings;

/* As what the application presents its certificate. */
enum review_purpose {
        REVIEW_CLIENT = 1 << 0,
        REVIEW_SERVER = 1 << 1,
};

#define REVIEW_SOON_S (INT64_C(30) * 24 * 3600) /* to expire so soon is a warning */

struct review_terms {
        int64_t now_s;
        unsigned int purposes; /* enum review_purpose */
};

/** review_certificate() - add to @findings what is wrong or odd about it */
void review_certificate(const struct cert *cert, const struct review_terms *terms,
                        struct findings *findings);

/** review_days_left() - whole days until it expires; negative: since it did, at least -1 */
int64_t review_days_left(const struct cert *cert, int64_t now_s);
