/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Stage - makes of a row what the engine is asked with: a snapshot, the certificates presented, a profile. A spec
 * is minted once and is then the same certificate in every list and row, told by the spec's address.
 */

#include "engine/profile.h"
#include "engine/validate.h"
#include "pki/decode.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mint_cert;
struct mint_crl;
struct mint_der;
struct row;
struct snapshot;
struct stage;
struct verdict;

/* One row, ready to be judged. */
struct scene {
        struct snapshot *snap;
        struct decode_chain presented;
        struct profile profile;
        struct terms terms;
};

struct stage *stage_new(void);
struct stage *stage_free(struct stage *stage);

/** stage_cert() - the certificate of @spec in DER; borrowed from the stage */
const struct mint_der *stage_cert(struct stage *stage, const struct mint_cert *spec);

/** stage_crl() - the same of a CRL */
const struct mint_der *stage_crl(struct stage *stage, const struct mint_crl *spec);

/** stage_sha256() - of the certificate of @spec */
void stage_sha256(struct stage *stage, const struct mint_cert *spec, uint8_t out[32]);

/** stage_elements() - what @row presents; mint_der_deinit() each; Return: how many */
size_t stage_elements(struct stage *stage, const struct row *row, struct mint_der *out);

/**
 * stage_set() - build the world and the question of @row
 * @is_lenient: with every suppression there is, of the store, the request and each CA, and deprecated policies on
 *
 * Stops the test if the row makes no sense. scene_deinit() it.
 */
void stage_set(struct stage *stage, const struct row *row, bool is_lenient, struct scene *out);

void scene_deinit(struct scene *scene);

/** scene_judge() - engine_validate(); verdict_deinit() @out; Return: 0 or VALIDATE_E_BUDGET, then without @out */
int scene_judge(const struct scene *scene, const struct terms *terms, struct verdict *out);
