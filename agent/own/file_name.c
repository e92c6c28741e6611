/* SPDX-License-Identifier: Apache-2.0 */
#include "own/file_name.h"

#include "own/subject.h"
#include "proto/compiler.h"
#include "proto/hex.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COMMON_NAME_MAX 64

enum hash {
        SHA1,
        SHA256,
};

static const struct style {
        const char *layout;
        bool has_common_name;
        const char *before, *after; /* the hash */
        enum hash hash;
        const char *cert_ending, *crl_ending;
        bool is_pem;
} STYLES[] = {
        { "net", true, " [", "]", SHA1, ".der", ".crl", false },
        { "open62541", true, "[", "]", SHA1, "", "", false },
        { "node-opcua", true, "[", "]", SHA1, ".pem", ".pem", true },
        { "milo", false, "", "", SHA1, ".der", ".crl", false },
        { NULL, false, "", "", SHA256, ".der", ".crl", false },
};

static const struct style *find_style(const char *layout)
{
        const struct style *style = STYLES;

        while (style->layout && strcmp(style->layout, layout) != 0)
                style++;
        return style;
}

/* A leading dot would hide it, and "-" looks like an option. */
static void tame(char *text)
{
        for (size_t i = 0; text[i]; i++) {
                bool is_plain =
                        isalnum((unsigned char)text[i]) || (i > 0 && strchr(" ._-", text[i]));

                if (!is_plain || (unsigned char)text[i] >= 0x80)
                        text[i] = '_';
                if (i + 1 == COMMON_NAME_MAX)
                        text[i + 1] = '\0';
        }
}

int file_name_make(const char *layout, const struct file_name_of *of, char **out)
{
        const struct style *style = find_style(layout);
        CLEANUP(freep) char *common_name = NULL;
        const char *unnamed = style->has_common_name ? "unnamed" : "";
        char digits[2 * 32 + 1];

        if (style->has_common_name)
                common_name = subject_find_common_name(of->name);
        if (common_name)
                tame(common_name);
        if (style->hash == SHA1)
                hex_encode(of->sha1, 20, digits);
        else
                hex_encode(of->sha256, 32, digits);
        for (char *digit = digits; style->has_common_name && *digit; digit++)
                *digit = (char)toupper((unsigned char)*digit);

        if (asprintf(out, "%s%s%s%s%s", common_name ? common_name : unnamed, style->before, digits,
                     style->after, of->is_crl ? style->crl_ending : style->cert_ending) < 0)
                return -ENOMEM;
        return 0;
}

bool file_name_is_pem(const char *layout)
{
        return find_style(layout)->is_pem;
}
