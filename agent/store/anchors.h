/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Anchors - which certificates of a store have a whole chain in it: signed by a certificate of the
 * trusted or issuers list, and so on to one that signed itself.
 *
 * Signatures and names alone; what an issuer is good for, and when, is the engine's to say.
 */

#include "proto/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cert;
struct snapshot;

#define ANCHORS_DEPTH_MAX   10 /* certificates in a chain */
#define ANCHORS_ISSUERS_MAX 16 /* candidates of one name that are tried */

struct anchors {
        const struct snapshot *snap; /* borrowed */
        bool *is_wanted;   /* for each of snap->certs: it, or what it issued, was asked for */
        bool *is_anchored; /* of those */
};

#define ANCHORS_NULL                                                                               \
        {                                                                                          \
                .snap = NULL                                                                       \
        }

/**
 * anchors_find() - look at some certificates of the judged lists, and at what is above them
 * @wanted: @n of them, in any order; those that are in no judged list are passed over
 * @out:    anchors_deinit() it
 *
 * Cost: a signature check each, but for those that were verified before. Return: 0 or -ENOMEM.
 */
int anchors_find(const struct snapshot *snap, const struct cert *const *wanted, size_t n,
                 struct anchors *out);

void anchors_deinit(struct anchors *anchors);

/** anchors_has() - has the certificate of this SHA-256, which was asked for, a whole chain? */
bool anchors_has(const struct anchors *anchors, const uint8_t sha256[32]);

enum anchors_lack {
        ANCHORS_LACK_ISSUER, /* none of that name */
        ANCHORS_LACK_KEY,    /* there are, and none signed it */
        ANCHORS_LACK_ROOT,   /* its issuer has no whole chain itself */
};

/** anchors_explain() - what one that has none lacks; Return: 0 or -ENOMEM */
int anchors_explain(const struct anchors *anchors, const struct cert *cert, enum anchors_lack *out);
