/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Bundle - what is in a PKCS#7 file (.p7b, .p7c), as some CAs answer and hand out theirs.
 */

#include "pki/bytes.h"

struct buf;
struct decode_list;

/**
 * bundle_decode() - as decode_file(); but what holds no certificate or CRL by itself may be a PKCS#7
 * of some, PEM or DER
 * @content: if it is, what is in it from then on, as DER, one after another
 * @room:    BUF_NULL; buf_deinit() it when neither @content nor @out is used any more
 * @out:     DECODE_LIST_NULL; decode_list_deinit() it, also on failure
 *
 * A bundle is not signed, and if it is, nobody looks at that. Return: as decode_file().
 */
int bundle_decode(struct bytes *content, struct buf *room, struct decode_list *out);
