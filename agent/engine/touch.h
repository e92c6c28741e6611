/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Touch - what a change of a snapshot touches: a judgement whose footprint it does not reach comes
 * out as before, of the same status and cause, until the same moment.
 *
 * A certificate touches who looked for it, for its name or for its key id; a CRL, who looked for its
 * issuer's name; a block, who looked for the certificate or for its issuer's name. Anything else (a
 * setting, a file that broke or is broken no more, a picture that lacks something or has last good
 * contents) touches all.
 */

#include "base/vec.h"
#include "engine/footprint.h"

#include <stdbool.h>

struct change;
struct snapshot;

#define TOUCH_MAX 128 /* things; a change of more touches all */

struct touch {
        bool is_all;
        VEC(struct footprint) things;
};

/**
 * touch_init() - of the change from @before to @after
 * @before, @after, @change: NULL, any: it touches all
 *
 * Where memory is short, it touches all.
 */
void touch_init(struct touch *touch, const struct snapshot *before, const struct snapshot *after,
                const struct change *change);

void touch_deinit(struct touch *touch);

bool touch_reaches(const struct touch *touch, const struct footprint *footprint);
