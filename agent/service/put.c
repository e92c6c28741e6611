/* SPDX-License-Identifier: Apache-2.0 */
#include "service/put.h"

#include "pki/name.h"
#include "proto/hex.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void put_text(char **out, const char *text, int *r)
{
        if (*r)
                return;

        *out = strdup(text);
        if (!*out)
                *r = -ENOMEM;
}

void put_hex(char **out, const uint8_t *data, size_t n, int *r)
{
        if (*r)
                return;

        *out = malloc(2 * n + 1);
        if (*out)
                hex_encode(data, n, *out);
        else
                *r = -ENOMEM;
}

void put_name(char **out, const struct name *name, int *r)
{
        if (!*r)
                *r = name_text(name, out);
}

void put_array(void *out, size_t n, size_t item_bytes, int *r)
{
        void **array = out;

        if (*r || n == 0)
                return;

        *array = calloc(n, item_bytes);
        if (!*array)
                *r = -ENOMEM;
}
