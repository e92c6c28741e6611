/* SPDX-License-Identifier: Apache-2.0 */
#include "store/root.h"

#include "base/fs.h"
#include "store/layout.h"
#include "store/sources.h"
#include "trust/role.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * A folder that may not be entered opens all the same: it says no more than one that is not there.
 */
static struct root open_folder(const char *path)
{
        struct root root = { .fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC) };

        if (root.fd >= 0 && faccessat(root.fd, ".", X_OK, AT_EACCESS) == 0)
                return root;

        root.error = errno;
        root_close(&root);
        return root;
}

enum {
        UNCERTAIN = 1, /* it cannot be looked at */
};

/* Return: 0 with @out, UNCERTAIN, or a negative errno that is about us. */
static int look_for(int root_fd, const char *path, bool *out)
{
        struct stat st;

        *out = fstatat(root_fd, path, &st, 0) == 0;
        if (*out || errno == ENOENT || errno == ENOTDIR)
                return 0;
        return fs_is_about_us(errno) ? -errno : UNCERTAIN;
}

/* What cannot be looked at may be there. Return: 0 with @out, or a negative errno. */
static int has_any_dir(const struct root *root, const struct layout *layout, bool is_judged,
                       bool *out)
{
        int r = 0;

        *out = false;
        for (size_t i = 0; !r && !*out && i < layout->n_dirs; i++)
                if (!is_judged || role_is_judged(layout->dirs[i].role))
                        r = look_for(root->fd, layout->dirs[i].path, out);

        *out |= r == UNCERTAIN;
        return r < 0 ? r : 0;
}

static int find_id(const struct root *root, struct root_id *out)
{
        struct stat st;

        if (fstat(root->fd, &st) < 0)
                return fs_is_about_us(errno) ? -errno : UNCERTAIN;

        *out = (struct root_id){ st.st_dev, st.st_ino };
        return 0;
}

/* A store's own folder that is open. Return: 0 or a negative errno. */
static int compare(struct root *root, const struct layout *layout, const struct root_id *before)
{
        struct root_id id;
        bool has_lists;
        int r;

        r = has_any_dir(root, layout, true, &has_lists);
        if (!r)
                r = find_id(root, &id);
        if (r)
                return r < 0 ? r : 0;

        if (has_lists)
                root->id = id;
        else
                root->is_vanished =
                        before->ino != 0 && (id.dev != before->dev || id.ino != before->ino);
        return 0;
}

/* Of directories that were named one by one, each speaks for itself. */
static int find_vanished(struct root *root, const struct layout *layout,
                         const struct root_id *before)
{
        bool has_dirs = false;
        int r = 0;

        if (before)
                root->id = *before;
        if (layout->is_named)
                return 0;
        if (before)
                return root->fd < 0 ? 0 : compare(root, layout, before);

        if (root->fd >= 0)
                r = has_any_dir(root, layout, false, &has_dirs);
        root->is_vanished = !has_dirs;
        return r;
}

int root_open(const struct store_source *source, const struct root_id *before, struct root *out)
{
        struct root root = open_folder(source->path);
        int r = fs_is_about_us(root.error) ? -root.error
                                           : find_vanished(&root, source->layout, before);

        if (r < 0) {
                root_close(&root);
                return r;
        }

        *out = root;
        return 0;
}

void root_close(struct root *root)
{
        if (root->fd >= 0)
                close(root->fd);
        root->fd = -1;
}

int root_find_presence(const struct root *root, const struct layout_dir *dir,
                       enum picture_presence *out)
{
        bool is_vanished = root->is_vanished && role_is_judged(dir->role);
        bool is_displaced = false;
        int r = 0;

        if (!is_vanished && dir->unless && root->fd >= 0)
                r = look_for(root->fd, dir->unless, &is_displaced);
        if (r < 0)
                return r;

        *out = is_vanished || r == UNCERTAIN ? PICTURE_VANISHED
               : is_displaced                ? PICTURE_DISPLACED
                                             : PICTURE_COUNTS;
        return 0;
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
