/* SPDX-License-Identifier: Apache-2.0 */
#include "store/picture.h"

#include "trust/batch.h"
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

static bool is_judged(const struct picture_file *file)
{
        for (size_t i = 0; i < file->entries.list.n; i++) {
                const struct entry *entry = file->entries.list.items[i];

                if (role_is_judged(entry->role) && !entry->is_foreign)
                        return true;
        }
        return false;
}

/* A file that is moved here keeps its mtime; one that is written keeps neither. */
static int64_t last_change_of_shelf_ns(const struct picture_shelf *shelf, int64_t last_ns)
{
        for (size_t i = 0; i < shelf->n; i++) {
                const struct scan_stamp *stamp = &shelf->files[i]->stamp;
                int64_t ns = stamp->mtime_ns > stamp->ctime_ns ? stamp->mtime_ns : stamp->ctime_ns;

                if (ns > last_ns && is_judged(shelf->files[i]))
                        last_ns = ns;
        }
        return last_ns;
}

int64_t picture_last_change_ns(const struct picture *picture)
{
        int64_t last_ns = PICTURE_NEVER_NS;

        for (size_t d = 0; d < picture->dirs.n; d++) {
                const struct picture_dir *dir = picture->dirs.items[d];

                for (size_t i = 0; i < dir->shelves.n; i++)
                        last_ns = last_change_of_shelf_ns(dir->shelves.items[i], last_ns);
        }
        return last_ns;
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

        file->retry = (struct retry)RETRY_NULL;
        if (like) {
                *file = *like;
                file->entries = (struct entries)ENTRIES_NULL;
                file->held = (struct entries)ENTRIES_NULL;
                file->lost = (struct entries)ENTRIES_NULL;
        }

        file->ref = (struct ref)REF_INIT;
        memcpy(file->name, name, n_name);

        r = like ? entries_add_all(&file->entries, &like->entries) : 0;
        if (like && !r)
                r = entries_add_all(&file->held, &like->held);
        if (like && !r)
                r = entries_add_all(&file->lost, &like->lost);
        if (r < 0)
                return r;

        *out = TAKE(file);
        return 0;
}

bool picture_file_is_doubtful(const struct picture_file *file)
{
        return file->todo != PICTURE_SETTLED && file->todo != PICTURE_READ_AGAIN;
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
        entries_deinit(&file->lost);
        free(file);
        return NULL;
}

/* -- shelves ----------------------------------------------------------------------------------- */

static int push_entries(struct entries *entries, const struct picture_file *file)
{
        int r = entries_add_all(entries, &file->entries);

        return r || file->is_whole ? r : entries_add_all(entries, &file->held);
}

static int make_batch(struct picture_file *const *files, size_t n, struct batch **out)
{
        CLEANUP(entries_deinit) struct entries entries = ENTRIES_NULL;
        int r = 0;

        for (size_t i = 0; !r && i < n; i++)
                r = push_entries(&entries, files[i]);

        return r ? r
                 : batch_new((const struct entry *const *)entries.list.items, entries.list.n, out);
}

/* Takes the references to the files, but not on failure. */
static int make_shelf(struct picture_file *const *files, size_t n, struct picture_shelf **out)
{
        struct picture_shelf *shelf = malloc(sizeof(*shelf) + n * sizeof(shelf->files[0]));
        int r;

        if (!shelf)
                return -ENOMEM;

        *shelf = (struct picture_shelf){ .ref = REF_INIT, .n = n };
        r = make_batch(files, n, &shelf->batch);
        if (r) {
                free(shelf);
                return r;
        }

        memcpy(shelf->files, files, n * sizeof(*files));
        for (size_t i = 0; i < n; i++) {
                shelf->n_todos += files[i]->todo != PICTURE_SETTLED;
                shelf->n_aliases += files[i]->is_alias;
                shelf->n_held += files[i]->held.list.n > 0;
                shelf->n_lost += files[i]->lost.list.n > 0;
                shelf->n_foreign += files[i]->foreign != NULL;
        }
        *out = shelf;
        return 0;
}

struct picture_shelf *picture_shelf_unref(struct picture_shelf *shelf)
{
        if (!shelf || !ref_put(&shelf->ref))
                return NULL;

        for (size_t i = 0; i < shelf->n; i++)
                picture_file_unref(shelf->files[i]);
        batch_unref(shelf->batch);
        free(shelf);
        return NULL;
}

/* -- directories ------------------------------------------------------------------------------- */

int picture_dir_new(struct picture_dir **out)
{
        struct picture_dir *dir = calloc(1, sizeof(*dir));

        if (!dir)
                return -ENOMEM;

        dir->ref = (struct ref)REF_INIT;
        dir->retry = (struct retry)RETRY_NULL;
        *out = dir;
        return 0;
}

int picture_dir_new_like(const struct picture_dir *like, struct picture_dir **out)
{
        CLEANUP(picture_dir_unrefp) struct picture_dir *dir = NULL;
        int r;

        r = picture_dir_new(&dir);
        if (!r)
                r = entries_add_all(&dir->foreign, &like->foreign);
        if (r)
                return r;

        dir->presence = like->presence;
        dir->dev = like->dev;
        dir->ino = like->ino;
        dir->broken = like->broken ? entry_ref(like->broken) : NULL;
        dir->retry = like->retry;
        *out = TAKE(dir);
        return 0;
}

static int push_todos(struct picture_dir *dir, const struct picture_shelf *shelf)
{
        int r = 0;

        for (size_t i = 0; !r && shelf->n_todos > 0 && i < shelf->n; i++)
                if (shelf->files[i]->todo != PICTURE_SETTLED)
                        r = VEC_PUSH(&dir->todos, shelf->files[i]);
        return r;
}

/* Takes the reference, also on failure. */
static int push_shelf(struct picture_dir *dir, struct picture_shelf *shelf)
{
        int r = push_todos(dir, shelf);

        if (!r)
                r = VEC_PUSH(&dir->shelves, shelf);
        if (r) {
                picture_shelf_unref(shelf);
                return r;
        }

        dir->n_files += shelf->n;
        dir->n_aliases += shelf->n_aliases;
        dir->n_held += shelf->n_held;
        dir->n_lost += shelf->n_lost;
        dir->n_foreign += shelf->n_foreign;
        return 0;
}

/* The first @n of what is loose become a shelf. */
static int shelve(struct picture_dir *dir, size_t n)
{
        struct picture_shelf *shelf;
        int r;

        r = make_shelf(dir->loose.items, n, &shelf);
        if (r)
                return r;

        dir->loose.n -= n;
        memmove(dir->loose.items, dir->loose.items + n, dir->loose.n * sizeof(*dir->loose.items));
        return push_shelf(dir, shelf);
}

int picture_dir_add(struct picture_dir *dir, struct picture_file *file)
{
        int r = VEC_PUSH(&dir->loose, file);

        if (r) {
                picture_file_unref(file);
                return r;
        }

        return dir->loose.n < 2 * PICTURE_SHELF_FILES ? 0 : shelve(dir, PICTURE_SHELF_FILES);
}

int picture_dir_share(struct picture_dir *dir, const struct picture_shelf *shelf)
{
        struct picture_shelf *counted = (struct picture_shelf *)shelf;
        int r = 0;

        if (dir->loose.n == 0 || dir->loose.n >= PICTURE_SHELF_FILES_MIN) {
                r = picture_dir_end(dir);
                if (r)
                        return r;
                ref_get(&counted->ref);
                return push_shelf(dir, counted);
        }

        for (size_t i = 0; !r && i < shelf->n; i++)
                r = picture_dir_add(dir, picture_file_ref(shelf->files[i]));
        return r;
}

int picture_dir_end(struct picture_dir *dir)
{
        return dir->loose.n > 0 ? shelve(dir, dir->loose.n) : 0;
}

bool picture_dir_is_same(const struct picture_dir *a, const struct picture_dir *b)
{
        return a->dev == b->dev && a->ino == b->ino && a->presence == b->presence && !a->broken &&
               !b->broken && a->shelves.n == b->shelves.n &&
               (a->shelves.n == 0 || memcmp(a->shelves.items, b->shelves.items,
                                            a->shelves.n * sizeof(*a->shelves.items)) == 0);
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

        for (size_t i = 0; i < dir->shelves.n; i++)
                picture_shelf_unref(dir->shelves.items[i]);
        VEC_FREE(&dir->shelves);
        for (size_t i = 0; i < dir->loose.n; i++)
                picture_file_unref(dir->loose.items[i]);
        VEC_FREE(&dir->loose);
        VEC_FREE(&dir->todos);
        entries_deinit(&dir->foreign);
        entry_unref(dir->broken);
        free(dir);
        return NULL;
}
