/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * PEM - RFC 7468, written.
 */

#include "pki/bytes.h"

struct buf;

/** pem_add() - append @der between its boundaries; @label: as "CERTIFICATE". See buf_error() */
void pem_add(struct buf *out, const char *label, struct bytes der);
