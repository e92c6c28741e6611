/* SPDX-License-Identifier: Apache-2.0 */
#include "own/pem.h"

#include "proto/base64.h"
#include "proto/buf.h"

#define LINE_BYTES 48 /* 64 characters */

void pem_add(struct buf *out, const char *label, struct bytes der)
{
        buf_printf(out, "-----BEGIN %s-----\n", label);
        while (der.n) {
                size_t n = der.n < LINE_BYTES ? der.n : LINE_BYTES;

                base64_encode(der.data, n, out);
                buf_add_byte(out, '\n');
                der.data += n;
                der.n -= n;
        }
        buf_printf(out, "-----END %s-----\n", label);
}
