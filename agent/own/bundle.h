/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Bundle - the certificates in a PKCS#7 file (.p7b, .p7c), as some CAs answer.
 */

#include "pki/bytes.h"

struct decode_list;

/**
 * bundle_read() - the certificates of a PKCS#7, PEM or DER, as decode_file() gives those of a file
 * @out: DECODE_LIST_NULL; nothing is added to it if this is no PKCS#7
 *
 * A bundle is not signed, and if it is, nobody looks at that. Return: 0 or -ENOMEM.
 */
int bundle_read(struct bytes content, struct decode_list *out);
