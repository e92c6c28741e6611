/* SPDX-License-Identifier: Apache-2.0 */
#include "own/permission.h"

#include "own/remark.h"

#include <errno.h>
#include <fts.h>
#include <string.h>
#include <sys/stat.h>

/* Where SDKs keep keys, and how such files are called. */
static const char *const KEY_FOLDERS[] = { "private", "keys" };
static const char *const KEY_ENDINGS[] = { ".key", ".pfx", ".p12" };

static bool is_key(const FTSENT *item)
{
        size_t n = strlen(item->fts_name);

        for (size_t i = 0; i < ARRAY_SIZE(KEY_FOLDERS); i++)
                if (strcmp(item->fts_parent->fts_name, KEY_FOLDERS[i]) == 0)
                        return true;
        for (size_t i = 0; i < ARRAY_SIZE(KEY_ENDINGS); i++)
                if (n > strlen(KEY_ENDINGS[i]) &&
                    strcmp(item->fts_name + n - strlen(KEY_ENDINGS[i]), KEY_ENDINGS[i]) == 0)
                        return true;
        return false;
}

/* Of S_IRWXG and S_IRWXO, what the folders above leave of the item's own mode. */
static mode_t effective_mode(const FTSENT *item)
{
        mode_t mode = item->fts_statp->st_mode;

        for (const FTSENT *above = item->fts_parent; above->fts_level >= FTS_ROOTLEVEL;
             above = above->fts_parent) {
                if (!(above->fts_statp->st_mode & S_IXGRP))
                        mode &= ~(mode_t)S_IRWXG;
                if (!(above->fts_statp->st_mode & S_IXOTH))
                        mode &= ~(mode_t)S_IRWXO;
        }
        return mode;
}

static void examine_key(const FTSENT *item, const struct remark_place *place,
                        struct remark_list *out)
{
        mode_t mode = effective_mode(item);

        if (mode & S_IROTH)
                remark_add(out, REMARK_REFUSED, place,
                           "every user of this host may read this private key: chmod 600");
        else if (mode & S_IRGRP)
                remark_add(out, REMARK_WARNING, place,
                           "the group of this private key may read it: chmod 600");
        if (mode & (S_IWGRP | S_IWOTH))
                remark_add(out, REMARK_REFUSED, place,
                           "others than its owner may change this private key: chmod 600");
}

static void examine_item(const FTSENT *item, const char *root, struct remark_list *out)
{
        size_t n = strlen(root);
        const char *file = item->fts_path + (item->fts_pathlen > n ? n + 1 : n);
        const struct remark_place place = { .file = file };

        switch (item->fts_info) {
        case FTS_D:
                if (effective_mode(item) & S_IWOTH)
                        remark_add(out, REMARK_REFUSED, &place,
                                   "every user of this host may change what is in this folder");
                break;
        case FTS_F:
                if (item->fts_level > FTS_ROOTLEVEL && is_key(item))
                        examine_key(item, &place, out);
                break;
        case FTS_DNR:
        case FTS_ERR:
        case FTS_NS:
                remark_add(out, REMARK_WARNING, &place, "it could not be looked at: %s",
                           strerror(item->fts_errno));
                break;
        default:
                break;
        }
}

int permission_examine(const char *path, struct remark_list *out)
{
        char *const paths[] = { (char *)path, NULL };
        FTS *tree = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
        FTSENT *item;
        int r = tree ? 0 : -errno;

        for (size_t n = 0; tree && n < PERMISSION_FILES_MAX && (item = fts_read(tree)); n++) {
                examine_item(item, path, out);
                if (item->fts_info == FTS_D && item->fts_level >= PERMISSION_DEPTH_MAX)
                        fts_set(tree, item, FTS_SKIP);
        }
        if (tree)
                fts_close(tree);
        return r ? r : out->error;
}
