/* SPDX-License-Identifier: Apache-2.0 */
#include "store/look.h"

#include "store/foreign.h"
#include "store/hint.h"
#include "store/large.h"
#include "store/layout.h"
#include "store/mend.h"
#include "store/origin.h"
#include "store/picture.h"
#include "store/renew.h"
#include "store/scan.h"
#include "store/sources.h"
#include "trust/entry.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One look at one directory. */
struct pass {
        const struct look *look;
        struct mend mend;
        struct renew renew;
        struct scan_dir dir;
        VEC(struct store_hint) hints; /* names worth looking at, sorted, each once */
        VEC(const char *) names;      /* to be looked at, sorted, each once; unless @is_whole */
        bool is_whole;
        struct picture_dir *made;
        bool has_changed;
};

static void end_pass(struct pass *pass)
{
        scan_close_dir(&pass->dir);
        VEC_FREE(&pass->hints);
        VEC_FREE(&pass->names);
        picture_dir_unref(pass->made);
}

/* -- where to look ----------------------------------------------------------------------------- */

static int compare_hints(const void *left, const void *right)
{
        const struct store_hint *a = left, *b = right;

        return strcmp(a->name, b->name);
}

/* A name that is told twice is being written only if nothing else was told of it. */
static void unite_hints(struct pass *pass)
{
        struct store_hint *items = pass->hints.items;
        size_t n = 0;

        if (pass->hints.n == 0)
                return;

        qsort(items, pass->hints.n, sizeof(*items), compare_hints);
        for (size_t i = 0; i < pass->hints.n; i++) {
                if (n > 0 && strcmp(items[n - 1].name, items[i].name) == 0)
                        items[n - 1].is_being_written &= items[i].is_being_written;
                else
                        items[n++] = items[i];
        }
        pass->hints.n = n;
}

/* A temporary name is none of ours, but see collect_names(). */
static int take_hints(struct pass *pass)
{
        const struct look *look = pass->look;
        const struct large *large = look->hints->large;
        int r;

        pass->is_whole = look->hints->is_all || !look->old ||
                         look->old->presence != look->presence ||
                         retry_is_due(&look->old->retry, look->now->monotonic_ns);
        for (size_t i = 0; i < look->hints->n; i++) {
                const struct store_hint *hint = &look->hints->items[i];

                if (hint->dir != look->dir)
                        continue;
                if (!hint->name)
                        pass->is_whole = true;
                if (!hint->name || layout_is_temporary(hint->name))
                        continue;

                r = VEC_PUSH(&pass->hints, *hint);
                if (r < 0)
                        return r;
        }

        if (large && large->dir == look->dir) {
                struct store_hint hint = { .dir = look->dir, .name = large->name };

                r = VEC_PUSH(&pass->hints, hint);
                if (r < 0)
                        return r;
        }

        unite_hints(pass);
        return 0;
}

static const struct store_hint *find_hint(const struct pass *pass, const char *name)
{
        struct store_hint key = { .name = name };

        if (pass->hints.n == 0)
                return NULL;

        return bsearch(&key, pass->hints.items, pass->hints.n, sizeof(key), compare_hints);
}

static int compare_names(const void *left, const void *right)
{
        const char *const *a = left, *const *b = right;

        return strcmp(*a, *b);
}

static void unite_names(struct pass *pass)
{
        const char **items = pass->names.items;
        size_t n = 0;

        if (pass->names.n == 0)
                return;

        qsort(items, pass->names.n, sizeof(*items), compare_names);
        for (size_t i = 0; i < pass->names.n; i++)
                if (n == 0 || strcmp(items[n - 1], items[i]) != 0)
                        items[n++] = items[i];
        pass->names.n = n;
}

static int collect_aliases(struct pass *pass)
{
        const struct picture_dir *old = pass->look->old;
        int r = 0;

        for (size_t i = 0; i < old->shelves.n; i++) {
                const struct picture_shelf *shelf = old->shelves.items[i];

                for (size_t k = 0; !r && shelf->n_aliases > 0 && k < shelf->n; k++)
                        if (shelf->files[k]->is_alias)
                                r = VEC_PUSH(&pass->names, shelf->files[k]->name);
        }
        return r;
}

/*
 * What is hinted and what is due. Where a file may change under other names than its own, any
 * event, also of another directory or of a temporary name, may be about it.
 */
static int collect_names(struct pass *pass)
{
        const struct picture_dir *old = pass->look->old;
        int r = 0;

        for (size_t i = 0; !r && i < pass->hints.n; i++)
                r = VEC_PUSH(&pass->names, pass->hints.items[i].name);
        for (size_t i = 0; !r && i < old->todos.n; i++)
                if (renew_is_due(old->todos.items[i], pass->look->now))
                        r = VEC_PUSH(&pass->names, old->todos.items[i]->name);
        if (!r && pass->look->hints->n > 0 && old->n_aliases > 0)
                r = collect_aliases(pass);

        unite_names(pass);
        return r;
}

/* -- what is there ----------------------------------------------------------------------------- */

static int add_row(const struct pass *pass, const char *name, struct scan_list *rows)
{
        struct scan_row row;
        int r;

        r = scan_name(&pass->dir, name, &row);
        if (r < 0)
                return r;

        r = VEC_PUSH(&rows->rows, row);
        if (r < 0)
                free(row.name);
        return r;
}

static int look_at_names(const struct pass *pass, struct scan_list *rows)
{
        int r = 0;

        for (size_t i = 0; !r && i < pass->names.n; i++)
                r = add_row(pass, pass->names.items[i], rows);
        return r;
}

/* What becomes of one shelf. */
struct shelving {
        struct pass *pass;
        VEC(struct picture_file *) files; /* owned references */
        size_t n_shared;                  /* those that are on it already */
};

static void end_shelving(struct shelving *shelving)
{
        for (size_t i = 0; i < shelving->files.n; i++)
                picture_file_unref(shelving->files.items[i]);
        VEC_FREE(&shelving->files);
}

static int put_file(struct shelving *shelving, struct picture_file *file,
                    const struct picture_file *old)
{
        int r = VEC_PUSH(&shelving->files, file);

        if (r)
                picture_file_unref(file);
        shelving->n_shared += file == old;
        return r;
}

/* A directory in this one that has a role of its own, or a link to it, is no file of this one. */
static int renew(struct shelving *shelving, const struct scan_row *row,
                 const struct picture_file *old)
{
        struct pass *pass = shelving->pass;
        struct renew_news news = { .row = row, .old = old, .hint = find_hint(pass, row->name) };
        struct picture_file *file;
        int r;

        if (layout_has_dir(pass->look->source->layout, pass->look->where->path, row->name))
                return 0;

        r = renew_file(&pass->renew, &news, &file, &pass->has_changed);
        return r < 0 || !file ? r : put_file(shelving, file, old);
}

static int drop_file(struct shelving *shelving, const struct picture_file *old)
{
        struct scan_row row = { .name = (char *)old->name, .kind = SCAN_NOTHING };

        return renew(shelving, &row, old);
}

/* A file of which nothing is said is as it was, or gone where everything that is there was said. */
static int merge_files(struct shelving *shelving, const struct picture_shelf *shelf,
                       const struct scan_row *rows, size_t n)
{
        size_t n_old = shelf ? shelf->n : 0, i = 0, k = 0;
        int r = 0;

        while (!r && (i < n_old || k < n)) {
                const struct picture_file *file = i < n_old ? shelf->files[i] : NULL;
                const struct scan_row *row = k < n ? &rows[k] : NULL;
                int order = !file ? 1 : !row ? -1 : strcmp(file->name, row->name);

                if (order >= 0)
                        r = renew(shelving, row, order == 0 ? file : NULL);
                else if (shelving->pass->is_whole)
                        r = drop_file(shelving, file);
                else
                        r = put_file(shelving, picture_file_ref(file), file);
                i += order <= 0;
                k += order >= 0;
        }
        return r;
}

/* @shelf NULL: there was none. @rows belong there by their names. */
static int merge_shelf(struct pass *pass, const struct picture_shelf *shelf,
                       const struct scan_row *rows, size_t n)
{
        CLEANUP(end_shelving) struct shelving shelving = { .pass = pass };
        int r;

        if (shelf && n == 0 && !pass->is_whole)
                return picture_dir_share(pass->made, shelf);

        r = merge_files(&shelving, shelf, rows, n);
        if (r < 0)
                return r;
        if (shelf && shelving.n_shared == shelf->n && shelving.files.n == shelf->n)
                return picture_dir_share(pass->made, shelf);

        for (size_t i = 0; !r && i < shelving.files.n; i++)
                r = picture_dir_add(pass->made, TAKE(shelving.files.items[i]));
        return r;
}

/* How many of the first rows come before the shelf @next; NULL: all. */
static size_t count_before(const struct scan_row *rows, size_t n, const struct picture_shelf *next)
{
        size_t i = 0;

        while (i < n && (!next || strcmp(rows[i].name, next->files[0]->name) < 0))
                i++;
        return i;
}

static int merge(struct pass *pass, const struct scan_list *rows)
{
        const struct picture_dir *old = pass->look->old;
        size_t n_old = old ? old->shelves.n : 0, done = 0;
        int r = 0;

        for (size_t i = 0; !r && i < (n_old > 0 ? n_old : 1); i++) {
                const struct picture_shelf *shelf = i < n_old ? old->shelves.items[i] : NULL;
                const struct picture_shelf *next = i + 1 < n_old ? old->shelves.items[i + 1] : NULL;
                const struct scan_row *first =
                        done > 0 ? &rows->rows.items[done] : rows->rows.items;
                size_t n = count_before(first, rows->rows.n - done, next);

                r = merge_shelf(pass, shelf, first, n);
                done += n;
        }
        return r;
}

/* -- a directory that cannot be read ----------------------------------------------------------- */

static void describe(const struct pass *pass, int error, char reason[MEND_TEXT_MAX])
{
        if (error == ENOENT)
                snprintf(reason, MEND_TEXT_MAX, "there is no such directory");
        else if (error == ENOTDIR)
                snprintf(reason, MEND_TEXT_MAX, "it is no directory");
        else if (error == E2BIG)
                snprintf(reason, MEND_TEXT_MAX, "it holds more than %d files", LAYOUT_FILES_MAX);
        else
                mend_describe(&pass->mend, MEND_READ_DIRECTORY, NULL, error, reason);
}

/* @reason: for what is held; NULL: the files are gone. */
static int lose_file(struct pass *pass, const struct picture_file *old, const char *reason)
{
        struct picture_file *file;
        int r;

        r = renew_lost(&pass->renew, old, reason, &file);
        return r < 0 || !file ? r : picture_dir_add(pass->made, file);
}

static int lose_files(struct pass *pass, const char *reason)
{
        const struct picture_dir *old = pass->look->old;
        int r = 0;

        for (size_t i = 0; old && i < old->shelves.n; i++) {
                const struct picture_shelf *shelf = old->shelves.items[i];

                for (size_t k = 0; !r && k < shelf->n; k++)
                        r = lose_file(pass, shelf->files[k], reason);
        }

        pass->has_changed |= old && old->n_files > 0;
        return r;
}

/* For the same reason as before: what is known of its files stays. */
static int stay_lost(struct pass *pass)
{
        const struct picture_dir *old = pass->look->old;
        int r = 0;

        pass->made->broken = old->broken ? entry_ref(old->broken) : NULL;
        for (size_t i = 0; !r && i < old->shelves.n; i++)
                r = picture_dir_share(pass->made, old->shelves.items[i]);
        return r;
}

/* Of its files nothing is known; damaged CRLs among them go on revoking, unless it is gone. */
static int note_unreadable(struct pass *pass, int error)
{
        const struct look *look = pass->look;
        const struct retry never = RETRY_NULL;
        CLEANUP(freep) char *origin = NULL;
        char reason[MEND_TEXT_MAX];
        int r;

        if (retry_may_pass(error))
                pass->made->retry = retry_after(look->old ? &look->old->retry : &never,
                                                look->now->monotonic_ns);

        describe(pass, error, reason);
        if (look->old && look->old->broken && strcmp(look->old->broken->reason, reason) == 0)
                return stay_lost(pass);

        pass->has_changed = true;
        r = origin_make(look->source->name, look->where->path, NULL, &origin);
        if (!r)
                r = entry_new_broken(look->where->role, origin, reason, &pass->made->broken);

        return r < 0 ? r
                     : lose_files(pass, error == ENOENT ? NULL : "its directory cannot be read");
}

/* The source says why. */
static int note_vanished(struct pass *pass)
{
        const struct picture_dir *old = pass->look->old;

        return old && old->presence == PICTURE_VANISHED ? stay_lost(pass) : lose_files(pass, NULL);
}

/* -- all of it --------------------------------------------------------------------------------- */

static int look_inside(struct pass *pass)
{
        CLEANUP(scan_list_deinit) struct scan_list rows = { 0 };
        const struct picture_dir *old = pass->look->old;
        int r;

        if (!old || old->dev != pass->dir.dev || old->ino != pass->dir.ino)
                pass->is_whole = true;
        if (pass->dir.folds_names && pass->hints.n > 0) /* any file may be meant */
                pass->is_whole = true;

        r = pass->is_whole ? scan_directory(&pass->dir, &rows) : look_at_names(pass, &rows);
        if (r < 0)
                return r;
        if (rows.error)
                return note_unreadable(pass, rows.error);

        pass->made->dev = pass->dir.dev;
        pass->made->ino = pass->dir.ino;
        return merge(pass, &rows);
}

static int open_dir(struct pass *pass, int root_fd)
{
        const char *path = pass->look->where->path;

        if (root_fd >= 0 || path[0] == '/')
                return scan_open_dir(root_fd, path, &pass->dir);

        pass->dir.error = ENOENT;
        return 0;
}

static int look_from(struct pass *pass, int root_fd)
{
        const struct look *look = pass->look;
        struct scan_list nothing = { 0 };
        int r;

        r = picture_dir_new(&pass->made);
        if (r < 0)
                return r;

        pass->made->presence = look->presence;
        if (look->presence == PICTURE_VANISHED)
                return note_vanished(pass);

        if (look->presence == PICTURE_COUNTS) {
                r = open_dir(pass, root_fd);
                if (r < 0)
                        return r;
                if (pass->dir.fd >= 0)
                        return look_inside(pass);
                if (pass->dir.error != ENOENT || look->source->layout->is_named)
                        return note_unreadable(pass, pass->dir.error);
        }

        /* Spec: OPC 10000-12 F.1 recommends its directories; a missing one is an empty one. */
        pass->is_whole = true;
        return merge(pass, &nothing);
}

int look_at(const struct look *look, int root_fd, struct picture_dir **out, bool *out_changed)
{
        CLEANUP(end_pass) struct pass pass = { .look = look, .dir = SCAN_DIR_NULL };
        int r;

        pass.mend = (struct mend){
                .source = look->source,
                .dir = look->where->path,
                .user = look->user,
        };
        pass.renew = (struct renew){
                .mend = &pass.mend,
                .role = look->where->role,
                .dir = &pass.dir,
                .before = look->before,
                .now = look->now,
                .number = look->dir,
                .may_leave_large = look->hints->may_leave_large && look->old,
                .large = look->hints->large,
        };

        r = take_hints(&pass);
        if (!r && !pass.is_whole)
                r = collect_names(&pass);
        if (r < 0)
                return r;

        if (pass.is_whole || pass.names.n > 0) {
                r = look_from(&pass, root_fd);
                if (!r)
                        r = picture_dir_end(pass.made);
                if (r < 0)
                        return r;
        }

        if (!pass.made || (look->old && picture_dir_is_same(pass.made, look->old))) {
                *out = picture_dir_ref(look->old);
                return 0;
        }

        r = foreign_list(pass.made, &pass.renew);
        if (r < 0)
                return r;

        if (pass.has_changed || (look->old && look->old->broken && !pass.made->broken))
                *out_changed = true;
        *out = TAKE(pass.made);
        return 0;
}
