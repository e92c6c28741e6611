/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Tlv - DER changed so that it stays DER: one element is replaced, and the lengths of all around it follow. Otherwise
 * most of what a fuzzer tries ends at the first wrong length.
 */

#include "pki/bytes.h"

struct mint_der;

struct tlv {
        size_t at, n; /* the element, tag and length with it */
};

/** tlv_count() - how many elements @der has, inner ones too, also of extensions' values */
size_t tlv_count(struct bytes der);

/** tlv_find() - the element number @which, below tlv_count(), the outer before the inner */
struct tlv tlv_find(struct bytes der, size_t which);

/** tlv_replace() - @der with @by in place of the element number @which; free() its data */
struct mint_der tlv_replace(struct bytes der, size_t which, struct bytes by);
