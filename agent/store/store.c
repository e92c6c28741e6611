/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store.h"

#include "base/fs.h"
#include "proto/buf.h"
#include "store/build.h"
#include "store/large.h"
#include "store/layout.h"
#include "store/look.h"
#include "store/origin.h"
#include "store/picture.h"
#include "store/root.h"
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

/* One refresh. */
struct run {
        const struct store_config *config;
        const struct picture *old;
        const struct store_hints *hints;
        const struct store_now *now;
        VEC(struct root) roots; /* one a source */
        struct picture *made;
        bool has_changed;  /* entries are other than before */
        int64_t settle_ms; /* see struct change */
};

static void end_run(struct run *run)
{
        for (size_t i = 0; i < run->roots.n; i++)
                root_close(&run->roots.items[i]);
        VEC_FREE(&run->roots);
        picture_unref(run->made);
}

/* -- directories ------------------------------------------------------------------------------- */

static int open_roots(struct run *run)
{
        struct root_id before = { 0 };

        if (run->old)
                before = run->old->root;
        for (size_t i = 0; i < run->config->n_sources; i++) {
                struct root root;
                int r;

                r = root_open(&run->config->sources[i], i == 0 ? &before : NULL, &root);
                if (r < 0)
                        return r;

                r = VEC_PUSH(&run->roots, root);
                if (r < 0) {
                        root_close(&root);
                        return r;
                }
        }

        run->made->root = run->roots.items[0].id;
        run->made->is_root_vanished = run->roots.items[0].is_vanished;
        return 0;
}

static int note_missing_source(struct run *run, const struct store_source *source,
                               const struct root *root)
{
        struct entry *entry;
        char reason[MEND_TEXT_MAX];
        int r;

        root_describe(root, source, run->config->user, reason);
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

static int look_at_dir(struct run *run, size_t source, const struct layout_dir *where,
                       bool *out_changed)
{
        const struct root *root = &run->roots.items[source];
        size_t i = run->made->dirs.n;
        struct picture_dir *dir;
        struct look look = {
                .source = &run->config->sources[source],
                .where = where,
                .dir = i,
                .hints = run->hints,
                .now = run->now,
                .user = run->config->user,
        };
        int r;

        if (run->old && run->old->dirs.n > 0) {
                assert(i < run->old->dirs.n);
                look.old = run->old->dirs.items[i];
                look.before = run->old->snapshot;
        }

        r = root_find_presence(root, where, &look.presence);
        if (!r)
                r = look_at(&look, root->fd, &dir, out_changed);
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
        bool has_changed = false;
        int r = 0;

        if (root->fd < 0 || root->is_vanished)
                r = note_missing_source(run, source, root);

        for (size_t k = 0; !r && k < source->layout->n_dirs; k++)
                r = look_at_dir(run, i, &source->layout->dirs[k], &has_changed);

        if (has_changed) {
                run->has_changed = true;
                if (source->settle_ms > run->settle_ms)
                        run->settle_ms = source->settle_ms;
        }
        return r;
}

/* -- is there anything new --------------------------------------------------------------------- */

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
        char reason[MEND_TEXT_MAX];

        root_describe(&run->roots.items[0], &run->config->sources[0], run->config->user, reason);
        if (asprintf(&result->not_ready, "%s: %s", run->config->sources[0].path, reason) < 0) {
                result->not_ready = NULL;
                return -ENOMEM;
        }

        if (run->old && run->old->last)
                run->made->last = snapshot_ref(run->old->last);
        return 0;
}

static int make_snapshot(struct run *run)
{
        struct build build = {
                .picture = run->made,
                .settings = run->config->settings,
                .base = run->old ? run->old->snapshot : NULL,
        };
        int r;

        r = build_snapshot(&build, &run->made->snapshot);
        if (!r)
                run->made->last = snapshot_ref(run->made->snapshot);
        return r;
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
                result->change->settle_ms = run->settle_ms;
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
