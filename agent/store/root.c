/* SPDX-License-Identifier: Apache-2.0 */
#include "store/root.h"

#include "base/fs.h"
#include "store/layout.h"
#include "store/sources.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* A folder that may not be entered opens all the same: it says no more than one that is not there. */
static struct root open_folder(const char *path)
{
        struct root root = { .fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC) };

        if (root.fd >= 0 && faccessat(root.fd, ".", X_OK, AT_EACCESS) == 0)
                return root;

        root.error = errno;
        root_close(&root);
        return root;
}

/* What cannot be looked at may be there. */
static bool is_there(int root_fd, const char *path)
{
        struct stat st;

        return fstatat(root_fd, path, &st, 0) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

static bool has_any_dir(const struct root *root, const struct layout *layout)
{
        for (size_t i = 0; i < layout->n_dirs; i++) {
                if (is_there(root->fd, layout->dirs[i].path))
                        return true;
        }
        return false;
}

int root_open(const struct store_source *source, bool is_own, struct root *out)
{
        struct root root = open_folder(source->path);

        if (fs_is_about_us(root.error))
                return -root.error;

        /* Of directories that were named one by one, each speaks for itself. */
        if (!is_own && !source->layout->is_named)
                root.is_vanished = root.fd < 0 || !has_any_dir(&root, source->layout);

        *out = root;
        return 0;
}

void root_close(struct root *root)
{
        if (root->fd >= 0)
                close(root->fd);
        root->fd = -1;
}

bool root_is_displaced(const struct root *root, const struct layout_dir *dir)
{
        return dir->unless && root->fd >= 0 && is_there(root->fd, dir->unless);
}

void root_describe(const struct root *root, const struct store_source *source, const char *user,
                   char text[MEND_TEXT_MAX])
{
        const struct mend mend = { .source = source, .user = user };

        if (root->fd >= 0)
                snprintf(text, MEND_TEXT_MAX, "none of the directories of the layout %s is in it",
                         source->layout->name);
        else if (root->error == ENOENT)
                snprintf(text, MEND_TEXT_MAX, "there is no such directory");
        else if (root->error == ENOTDIR)
                snprintf(text, MEND_TEXT_MAX, "it is no directory");
        else
                mend_describe(&mend, MEND_READ_DIRECTORY, NULL, root->error, text);
}
