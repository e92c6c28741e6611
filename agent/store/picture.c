/* SPDX-License-Identifier: Apache-2.0 */
#include "store/picture.h"

#include "trust/entry.h"
#include "trust/snapshot.h"

#include <stdlib.h>
#include <string.h>

struct picture *picture_ref(const struct picture *picture)
{
        struct picture *counted = (struct picture *)picture;

        ref_get(&counted->ref);
        return counted;
}

struct picture *picture_unref(struct picture *picture)
{
        if (!picture || !ref_put(&picture->ref))
                return NULL;

        for (size_t i = 0; i < picture->dirs.n; i++)
                picture_dir_unref(picture->dirs.items[i]);
        VEC_FREE(&picture->dirs);
        entries_deinit(&picture->broken);
        snapshot_unref(picture->snapshot);
        snapshot_unref(picture->last);
        free(picture);
        return NULL;
}

struct snapshot *picture_get_snapshot(const struct picture *picture)
{
        return picture->snapshot;
}

int picture_file_new(const char *name, const struct picture_file *like, struct picture_file **out)
{
        CLEANUP(picture_file_unrefp) struct picture_file *file = NULL;
        size_t n_name = strlen(name) + 1;
        int r;

        file = calloc(1, sizeof(*file) + n_name);
        if (!file)
                return -ENOMEM;

        if (like) {
                *file = *like;
                file->entries = (struct entries)ENTRIES_NULL;
                file->held = (struct entries)ENTRIES_NULL;
        }

        file->ref = (struct ref)REF_INIT;
        memcpy(file->name, name, n_name);

        r = like ? entries_add_all(&file->entries, &like->entries) : 0;
        if (like && !r)
                r = entries_add_all(&file->held, &like->held);
        if (r < 0)
                return r;

        *out = TAKE(file);
        return 0;
}

struct picture_file *picture_file_ref(const struct picture_file *file)
{
        struct picture_file *counted = (struct picture_file *)file;

        ref_get(&counted->ref);
        return counted;
}

struct picture_file *picture_file_unref(struct picture_file *file)
{
        if (!file || !ref_put(&file->ref))
                return NULL;

        entries_deinit(&file->entries);
        entries_deinit(&file->held);
        free(file);
        return NULL;
}

int picture_dir_add(struct picture_dir *dir, struct picture_file *file)
{
        int r = 0;

        if (file->todo != PICTURE_SETTLED)
                r = VEC_PUSH(&dir->todos, dir->files.n);
        if (!r)
                r = VEC_PUSH(&dir->files, file);
        if (r < 0) {
                picture_file_unref(file);
                return r;
        }

        dir->n_aliases += file->is_alias;
        dir->n_held += file->held.list.n > 0;
        return 0;
}

struct picture_dir *picture_dir_ref(const struct picture_dir *dir)
{
        struct picture_dir *counted = (struct picture_dir *)dir;

        ref_get(&counted->ref);
        return counted;
}

struct picture_dir *picture_dir_unref(struct picture_dir *dir)
{
        if (!dir || !ref_put(&dir->ref))
                return NULL;

        for (size_t i = 0; i < dir->files.n; i++)
                picture_file_unref(dir->files.items[i]);
        VEC_FREE(&dir->files);
        VEC_FREE(&dir->todos);
        entry_unref(dir->broken);
        free(dir);
        return NULL;
}
