/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Examine - what our rules say against the objects of a PKI folder, as an agent would see it.
 *
 * Every certificate that may be presented is judged by the engine, as what its extendedKeyUsage
 * says it may be; a CA as what stands above such ones. Issuers give no trust and own certificates
 * are judged by others, so neither has to be trusted here, and an own certificate's CA may be
 * unknown. Rejected ones are not judged: they are where they belong.
 */

#include "store/layout.h"

#include <stdbool.h>
#include <stdint.h>

struct remark_list;
struct snapshot;

struct examine_terms {
        enum layout_group group; /* what the folder's certificates are for */
        int64_t now_s;           /* since 1970 */
        bool wants_notes;        /* what the engine notes, too */
};

/** examine() - add to @out what there is to say of @snap; Return: 0 or -ENOMEM */
int examine(const struct snapshot *snap, const struct examine_terms *terms,
            struct remark_list *out);
