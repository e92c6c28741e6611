/* SPDX-License-Identifier: Apache-2.0 */
#include "store/origin.h"

#include "proto/buf.h"
#include "proto/utf8.h"

#include <stdbool.h>
#include <string.h>

static void add_name(struct buf *text, const char *name)
{
        bool is_utf8 = utf8_is_valid(name, strlen(name));

        for (const char *at = name; *at != '\0'; at++) {
                unsigned char byte = (unsigned char)*at;

                if (byte < 0x20 || byte == 0x7f || (byte >= 0x80 && !is_utf8))
                        buf_printf(text, "\\x%02x", byte);
                else
                        buf_add_byte(text, byte);
        }
}

int origin_make(const char *source, const char *path, const char *name, char **out)
{
        CLEANUP(buf_deinit) struct buf text = BUF_NULL;

        buf_printf(&text, "%s/%s", source, path);
        if (name) {
                buf_add_byte(&text, '/');
                add_name(&text, name);
        }

        return buf_take_text(&text, out);
}
