/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Lookup - the only way by which a judgement looks for something in its snapshot, so that its
 * footprint says what it rests on. Each as the function of trust/snapshot that it is named after.
 */

#include "pki/bytes.h"

#include <stdbool.h>
#include <stddef.h>

struct cert;
struct judgement;
struct name;
struct snapshot_cert;
struct snapshot_crl;

const struct snapshot_cert *lookup_cert(struct judgement *judgement, const struct cert *cert);
const struct snapshot_cert *const *lookup_by_subject(struct judgement *judgement,
                                                     const struct name *subject, size_t *out_n);
const struct snapshot_cert *const *lookup_by_key_id(struct judgement *judgement,
                                                    struct bytes key_id, size_t *out_n);
const struct snapshot_crl *lookup_crls(struct judgement *judgement, const struct name *issuer,
                                       size_t *out_n);
bool lookup_is_trusted(struct judgement *judgement, const struct cert *cert);
bool lookup_is_blocked(struct judgement *judgement, const struct cert *cert);
