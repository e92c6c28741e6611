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

struct mint_cert;
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
