/* SPDX-License-Identifier: Apache-2.0 */
#include "store/mend.h"

#include "store/sources.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct row {
        const char *what;
        int mode;               /* of faccessat() */
        const char *permission; /* of setfacl */
} NEEDS[] = {
        [MEND_READ_FILE] = { "read", R_OK, "r" },
        [MEND_READ_DIRECTORY] = { "read", R_OK | X_OK, "rx" },
        [MEND_WRITE_DIRECTORY] = { "written", R_OK | W_OK | X_OK, "rwx" },
};

/* What a shell takes as it stands, between quotes if need be, and any message may hold. */
static bool is_plain(const char *path)
{
        for (const char *at = path; *at != '\0'; at++) {
                if (*at < 0x20 || *at > 0x7e || *at == '\'')
                        return false;
        }
        return true;
}

static bool needs_quotes(const char *path)
{
        static const char SAFE[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                   "/._-+,:@%=";

        return path[strspn(path, SAFE)] != '\0';
}

/* Cuts @path at the first directory that may not be entered. Return: is it whole? */
static bool cut_at_barrier(char *path)
{
        for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
                bool is_closed;

                *slash = '\0';
                is_closed = faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) < 0 && errno == EACCES;
                if (is_closed)
                        return false;
                *slash = '/';
        }
        return true;
}

static bool write_path(const struct mend *mend, const char *name, char path[PATH_MAX])
{
        size_t n = mend->dir ? sources_write_dir(mend->source, mend->dir, path, PATH_MAX)
                             : (size_t)snprintf(path, PATH_MAX, "%s", mend->source->path);

        if (n >= PATH_MAX)
                return false;
        if (name)
                n += (size_t)snprintf(path + n, PATH_MAX - n, "/%s", name);
        return n < PATH_MAX && is_plain(path);
}

void mend_describe(const struct mend *mend, enum mend_need need, const char *name, int error,
                   char text[MEND_TEXT_MAX])
{
        const struct row *row = &NEEDS[need];
        const char *permission = row->permission;
        char path[PATH_MAX], reason[128];
        const char *quote;
        int n;

        snprintf(reason, sizeof(reason), "it cannot be %s: %s", row->what,
                 strerrordesc_np(error) ? strerrordesc_np(error) : "unknown error");
        snprintf(text, MEND_TEXT_MAX, "%s", reason);
        if (!mend || error != EACCES || !write_path(mend, name, path))
                return;

        if (!cut_at_barrier(path))
                permission = "x";
        else if (faccessat(AT_FDCWD, path, row->mode, AT_EACCESS) == 0)
                return; /* mended already, or it is no matter of permissions */

        quote = needs_quotes(path) ? "'" : "";
        n = snprintf(text, MEND_TEXT_MAX, "%s; mend it with: setfacl -m u:%s:%s %s%s%s", reason,
                     mend->user ? mend->user : "uatrust", permission, quote, path, quote);
        if (n >= MEND_TEXT_MAX)
                snprintf(text, MEND_TEXT_MAX, "%s", reason);
}
