/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Bundle - what is in a PKCS#7 file (.p7b, .p7c), as some CAs answer and hand out theirs.
 */

#include "pki/bytes.h"

struct buf;

/**
 * bundle_flatten() - the certificates and CRLs of a PKCS#7, PEM or DER, for decode_file(): DER, one
 * after another
 * @out: nothing is added to it if this is no PKCS#7
 *
 * A bundle is not signed, and if it is, nobody looks at that. Return: 0 or -ENOMEM.
 */
int bundle_flatten(struct bytes content, struct buf *out);
