/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store.h"

#include "base/fs.h"
#include "proto/buf.h"
#include "store/hold.h"
#include "store/large.h"
#include "store/layout.h"
#include "store/look.h"
#include "store/origin.h"
#include "store/picture.h"
#include "store/scan.h"
#include "trust/builder.h"
#include "trust/change.h"
#include "trust/entry.h"
#include "trust/snapshot.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The folder of a source. */
struct root {
        int fd; /* -1 if it cannot be opened */
        int error;
};

/* One refresh. */
struct run {
        const struct store_config *config;
        const struct picture *old;
        const struct store_hints *hints;
        const struct store_now *now;
        VEC(struct root) roots; /* one a source */
        struct picture *made;
        bool has_changed; /* entries or settings are other than before */
};

static void end_run(struct run *run)
{
        for (size_t i = 0; i < run->roots.n; i++) {
                if (run->roots.items[i].fd >= 0)
                        close(run->roots.items[i].fd);
        }
        VEC_FREE(&run->roots);
        picture_unref(run->made);
}

/* -- directories ------------------------------------------------------------------------------- */

/* A folder that may not be entered opens all the same: it says no more than one that is not there. */
static struct root open_root(const char *path)
{
        struct root root = { .fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC) };

        if (root.fd >= 0 && faccessat(root.fd, ".", X_OK, AT_EACCESS) == 0)
                return root;

        root.error = errno;
        if (root.fd >= 0)
                close(root.fd);
        root.fd = -1;
        return root;
}

static int open_roots(struct run *run)
{
        for (size_t i = 0; i < run->config->n_sources; i++) {
                struct root root = open_root(run->config->sources[i].path);
                int r;

                if (fs_is_about_us(root.error))
                        return -root.error;

                r = VEC_PUSH(&run->roots, root);
                if (r < 0) {
                        if (root.fd >= 0)
                                close(root.fd);
                        return r;
                }
        }
        return 0;
}

/* Why the folder of a source cannot be opened, for people. */
static void describe(int error, char *reason, size_t n_reason)
{
        if (error == ENOENT)
                snprintf(reason, n_reason, "there is no such directory");
        else if (error == ENOTDIR)
                snprintf(reason, n_reason, "it is no directory");
        else
                snprintf(reason, n_reason, "it cannot be opened: %s", strerrordesc_np(error));
}

static int note_missing_source(struct run *run, const struct store_source *source, int error)
{
        struct entry *entry;
        char reason[160];
        int r;

        describe(error, reason, sizeof(reason));
        r = entry_new_broken(ROLE_TRUSTED, source->name, reason, &entry);
        return r < 0 ? r : entries_add(&run->made->broken, entry);
}

/* A folder that cannot be opened, which may be over soon. */
static void plan_retry(struct run *run)
{
        const struct retry never = RETRY_NULL;
        bool may_pass = false;

        for (size_t i = 0; i < run->roots.n; i++)
                may_pass |= retry_may_pass(run->roots.items[i].error);

        run->made->retry =
                may_pass ? retry_after(run->old ? &run->old->retry : &never, run->now->monotonic_ns)
                         : never;
}

static int look_at_dir(struct run *run, const struct store_source *source,
                       const struct layout_dir *where, int root_fd)
{
        size_t i = run->made->dirs.n;
        struct picture_dir *dir;
        struct look look = {
                .source = source->name,
                .layout = source->layout,
                .where = where,
                .dir = i,
                .hints = run->hints,
                .now = run->now,
        };
        int r;

        if (run->old && run->old->dirs.n > 0) {
                assert(i < run->old->dirs.n);
                look.old = run->old->dirs.items[i];
                look.before = run->old->snapshot;
        }

        r = look_at(&look, root_fd, &dir, &run->has_changed);
        if (r < 0)
                return r;

        r = VEC_PUSH(&run->made->dirs, dir);
        if (r < 0)
                picture_dir_unref(dir);
        return r;
}

static int look_at_source(struct run *run, size_t i)
{
        const struct store_source *source = &run->config->sources[i];
        const struct root *root = &run->roots.items[i];
        int r = 0;

        if (root->fd < 0)
                r = note_missing_source(run, source, root->error);

        for (size_t k = 0; !r && k < source->layout->n_dirs; k++)
                r = look_at_dir(run, source, &source->layout->dirs[k], root->fd);

        return r;
}

/* -- the snapshot ------------------------------------------------------------------------------ */

static int build_from(struct builder *builder, const struct entries *entries)
{
        int r = 0;

        for (size_t i = 0; !r && i < entries->list.n; i++)
                r = builder_add(builder, entries->list.items[i]);
        return r;
}

static bool is_held(const struct picture_file *file)
{
        return file->is_whole && file->held.list.n > 0;
}

static int build_from_held(struct builder *builder, const struct picture_shelf *shelf)
{
        int r = 0;

        for (size_t i = 0; !r && shelf->n_held > 0 && i < shelf->n; i++)
                if (is_held(shelf->files[i]))
                        r = build_from(builder, &shelf->files[i]->held);
        return r;
}

static int build_from_dir(struct builder *builder, const struct picture_dir *dir,
                          bool with_all_held)
{
        int r = dir->broken ? builder_add(builder, dir->broken) : 0;

        if (!r)
                r = build_from(builder, &dir->foreign);
        for (size_t i = 0; !r && i < dir->shelves.n; i++) {
                const struct picture_shelf *shelf = dir->shelves.items[i];

                r = builder_add_batch(builder, shelf->batch);
                if (!r && with_all_held)
                        r = build_from_held(builder, shelf);
        }
        return r;
}

static int build(const struct run *run, bool with_all_held, struct snapshot **out)
{
        CLEANUP(builder_freep) struct builder *builder = NULL;
        int r;

        r = builder_new(run->config->settings, &builder);
        if (r < 0)
                return r;

        if (run->old && run->old->snapshot)
                builder_follow(builder, run->old->snapshot);
        r = build_from(builder, &run->made->broken);
        for (size_t i = 0; !r && i < run->made->dirs.n; i++)
                r = build_from_dir(builder, run->made->dirs.items[i], with_all_held);

        return r < 0 ? r : builder_build(builder, out);
}

static int copy_without_held(const struct picture_file *file, struct picture_file **out)
{
        int r = picture_file_new(file->name, file, out);

        if (!r)
                entries_deinit(&(*out)->held);
        return r;
}

/* Adds the files of a shelf; those that @snap shows to be good again hold nothing any more. */
static int release_shelf(struct picture_dir *made, const struct picture_shelf *shelf,
                         const struct snapshot *snap, bool *out_is_needed)
{
        int r = 0;

        if (shelf->n_held == 0)
                return picture_dir_share(made, shelf);

        for (size_t i = 0; !r && i < shelf->n; i++) {
                struct picture_file *file = shelf->files[i];

                if (is_held(file) && hold_is_over(file, snap)) {
                        r = copy_without_held(file, &file);
                } else {
                        *out_is_needed |= is_held(file);
                        picture_file_ref(file);
                }
                if (!r)
                        r = picture_dir_add(made, file);
        }
        return r;
}

static int release_held(const struct picture_dir *dir, const struct snapshot *snap,
                        struct picture_dir **out, bool *out_is_needed)
{
        CLEANUP(picture_dir_unrefp) struct picture_dir *made = NULL;
        int r;

        r = picture_dir_new(&made);
        if (r < 0)
                return r;

        made->dev = dir->dev;
        made->ino = dir->ino;
        made->broken = dir->broken ? entry_ref(dir->broken) : NULL;
        r = entries_add_all(&made->foreign, &dir->foreign);
        for (size_t i = 0; !r && i < dir->shelves.n; i++)
                r = release_shelf(made, dir->shelves.items[i], snap, out_is_needed);
        if (!r)
                r = picture_dir_end(made);
        if (r < 0)
                return r;

        *out = TAKE(made);
        return 0;
}

/* Whether what is held of whole files counts is seen from a snapshot without it. */
static int settle_held(struct run *run, const struct snapshot *snap, bool *out_is_needed)
{
        for (size_t i = 0; i < run->made->dirs.n; i++) {
                struct picture_dir *dir = run->made->dirs.items[i], *released;
                int r;

                if (dir->n_held == 0)
                        continue;

                r = release_held(dir, snap, &released, out_is_needed);
                if (r < 0)
                        return r;

                picture_dir_unref(dir);
                run->made->dirs.items[i] = released;
        }
        return 0;
}

static int make_snapshot(struct run *run)
{
        CLEANUP(snapshot_unrefp) struct snapshot *snap = NULL;
        bool is_needed = false;
        int r;

        r = build(run, false, &snap);
        if (!r)
                r = settle_held(run, snap, &is_needed);
        if (r < 0)
                return r;

        if (is_needed) {
                snapshot_unref(TAKE(snap));
                r = build(run, true, &snap);
                if (r < 0)
                        return r;
        }

        run->made->last = snapshot_ref(snap);
        run->made->snapshot = TAKE(snap);
        return 0;
}

static bool is_equal(const struct entries *a, const struct entries *b)
{
        if (a->list.n != b->list.n)
                return false;

        for (size_t i = 0; i < a->list.n; i++) {
                const struct entry *x = a->list.items[i], *y = b->list.items[i];

                if (strcmp(x->origin, y->origin) != 0 || strcmp(x->reason, y->reason) != 0)
                        return false;
        }
        return true;
}

static bool is_rebuild_needed(const struct run *run)
{
        const struct picture *old = run->old;

        return run->has_changed || !old || !old->snapshot ||
               old->snapshot->settings != run->config->settings ||
               !is_equal(&old->broken, &run->made->broken);
}

/* -- what is left to do ------------------------------------------------------------------------ */

/* Which directory number @i is; NULL: there are not so many. */
static const struct layout_dir *find_dir(const struct store_config *config, size_t i,
                                         const struct store_source **out_source)
{
        for (size_t s = 0; s < config->n_sources; s++) {
                const struct store_source *source = &config->sources[s];

                if (i < source->layout->n_dirs) {
                        *out_source = source;
                        return &source->layout->dirs[i];
                }
                i -= source->layout->n_dirs;
        }
        return NULL;
}

static int note_large(const struct run *run, size_t dir, const struct picture_file *file,
                      struct store_result *result)
{
        CLEANUP(freep) char *origin = NULL;
        const struct layout_dir *where;
        const struct store_source *source;
        struct large_place place;
        int r;

        if (result->large || file->todo != PICTURE_LARGE)
                return 0;

        where = find_dir(run->config, dir, &source);
        place = (struct large_place){
                .folder = source->path,
                .path = where->path,
                .name = file->name,
                .role = where->role,
                .dir = dir,
        };
        r = origin_make(source->name, where->path, file->name, &origin);
        return r ? r : large_new(&place, origin, file, &result->large);
}

static const char *describe_todo(enum picture_todo todo)
{
        switch (todo) {
        case PICTURE_LARGE:
                return "is large, and is being read";
        case PICTURE_BEING_WRITTEN:
                return "is being written";
        case PICTURE_LOOK_AGAIN:
        case PICTURE_READ_AGAIN:
        case PICTURE_SETTLED:
                break;
        }
        return "changes while it is read";
}

static int note_doubt(const struct run *run, size_t dir, const struct picture_file *file,
                      struct store_result *result)
{
        CLEANUP(buf_deinit) struct buf text = BUF_NULL;
        CLEANUP(freep) char *origin = NULL;
        const struct layout_dir *where;
        const struct store_source *source;
        int r;

        if (!picture_file_is_doubtful(file) || file->doubt_ns >= result->doubt_ns)
                return 0;

        where = find_dir(run->config, dir, &source);
        r = origin_make(source->name, where->path, file->name, &origin);
        if (r < 0)
                return r;

        buf_printf(&text, "%s %s", origin, describe_todo(file->todo));
        free(result->doubt);
        result->doubt = NULL;
        result->doubt_ns = file->doubt_ns;
        return buf_take_text(&text, &result->doubt);
}

/* Rounded up, so that what is due then is due. */
static void note_due(const struct run *run, int64_t due_ns, struct store_result *result)
{
        int64_t in_ns = due_ns - run->now->monotonic_ns;
        int64_t in_ms = in_ns > 0 ? in_ns / 1000000 + (in_ns % 1000000 > 0) : 0;

        if (due_ns == INT64_MAX)
                return;
        if (result->again_ms == STORE_NEVER_MS || in_ms < result->again_ms)
                result->again_ms = in_ms;
}

static int note_remains(const struct run *run, struct store_result *result)
{
        for (size_t i = 0; i < run->made->dirs.n; i++) {
                const struct picture_dir *dir = run->made->dirs.items[i];

                result->has_aliases |= dir->n_aliases > 0;
                note_due(run, dir->retry.due_ns, result);
                for (size_t k = 0; k < dir->todos.n; k++) {
                        const struct picture_file *file = dir->todos.items[k];
                        int r;

                        note_due(run, file->due_ns, result);
                        r = note_doubt(run, i, file, result);
                        if (!r)
                                r = note_large(run, i, file, result);
                        if (r < 0)
                                return r;
                }
        }
        return 0;
}

/* -- all of it --------------------------------------------------------------------------------- */

static int set_not_ready(struct run *run, struct store_result *result)
{
        char reason[160];

        describe(run->roots.items[0].error, reason, sizeof(reason));
        if (asprintf(&result->not_ready, "%s: %s", run->config->sources[0].path, reason) < 0) {
                result->not_ready = NULL;
                return -ENOMEM;
        }

        if (run->old && run->old->last)
                run->made->last = snapshot_ref(run->old->last);
        return 0;
}

static int set_ready(struct run *run, struct store_result *result)
{
        const struct picture *old = run->old;
        int r = 0;

        for (size_t i = 0; !r && i < run->config->n_sources; i++)
                r = look_at_source(run, i);
        if (r < 0)
                return r;

        if (is_rebuild_needed(run)) {
                r = make_snapshot(run);
                if (!r)
                        r = change_between(old ? old->last : NULL, run->made->snapshot,
                                           &result->change);
                if (r < 0)
                        return r;
        } else {
                run->made->snapshot = snapshot_ref(old->snapshot);
                run->made->last = snapshot_ref(old->last);
        }

        return note_remains(run, result);
}

int store_refresh(const struct store_config *config, const struct picture *old,
                  const struct store_hints *hints, const struct store_now *now,
                  struct store_result *out)
{
        CLEANUP(end_run)
        struct run run = {
                .config = config,
                .old = old,
                .hints = hints,
                .now = now,
        };
        CLEANUP(store_result_deinit) struct store_result result = STORE_RESULT_NULL;
        int r;

        run.made = calloc(1, sizeof(*run.made));
        if (!run.made)
                return -ENOMEM;
        run.made->ref = (struct ref)REF_INIT;

        r = open_roots(&run);
        if (r < 0)
                return r;

        plan_retry(&run);
        r = run.roots.items[0].fd < 0 ? set_not_ready(&run, &result) : set_ready(&run, &result);
        if (r < 0)
                return r;

        note_due(&run, run.made->retry.due_ns, &result);

        result.picture = TAKE(run.made);
        *out = result;
        result = (struct store_result)STORE_RESULT_NULL;
        return 0;
}

void store_result_deinit(struct store_result *result)
{
        picture_unref(result->picture);
        change_unref(result->change);
        free(result->not_ready);
        free(result->doubt);
        large_free(result->large);
        *result = (struct store_result)STORE_RESULT_NULL;
}

int store_list_dirs(const struct store_config *config, char ***out, size_t *out_n)
{
        const struct layout_dir *where;
        const struct store_source *source;
        size_t n = 0, n_text = 0, n_used;
        char **list, *text;

        for (; (where = find_dir(config, n, &source)); n++)
                n_text += sources_write_dir(source, where->path, NULL, 0) + 1;

        list = malloc(n * sizeof(*list) + n_text);
        if (!list)
                return -ENOMEM;

        text = (char *)(list + n);
        for (size_t i = 0; i < n; i++) {
                where = find_dir(config, i, &source);
                list[i] = text;
                n_used = sources_write_dir(source, where->path, text, n_text) + 1;
                text += n_used;
                n_text -= n_used;
        }

        *out = list;
        *out_n = n;
        return 0;
}
