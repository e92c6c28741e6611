/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz/fuzz.h"
#include "harness/must.h"

char *fuzz_text(struct bytes bytes)
{
        char *text = must_calloc(1, bytes.n + 1);

        if (bytes.n)
                memcpy(text, bytes.data, bytes.n);
        return text;
}
