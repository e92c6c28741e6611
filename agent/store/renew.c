/* SPDX-License-Identifier: Apache-2.0 */
#include "store/renew.h"

#include "store/hint.h"
#include "store/hold.h"
#include "store/large.h"
#include "store/layout.h"
#include "store/load.h"
#include "store/mend.h"
#include "store/origin.h"
#include "store/picture.h"
#include "store/scan.h"
#include "store/sources.h"
#include "trust/entry.h"

#include <stdlib.h>
#include <string.h>

#define NOTHING_LEFT "it holds no certificate, CRL or block any more"

enum step {
        STEP_KEEP, /* nothing is different, or not yet */
        STEP_WAIT, /* it is being written */
        STEP_READ,
};

/* One file at hand. */
struct task {
        const struct renew *renew;
        const struct scan_row *row;
        const struct picture_file *old; /* or NULL */
        struct load_place place;
        struct load load;
};

bool renew_is_due(const struct picture_file *file, const struct store_now *now)
{
        return file->todo != PICTURE_SETTLED && file->due_ns <= now->monotonic_ns;
}

static enum step choose(const struct task *task, const struct store_hint *hint)
{
        const struct picture_file *old = task->old;
        const struct scan_row *row = task->row;
        bool is_closed = hint && !hint->is_being_written;

        if (!old || is_closed || row->kind != SCAN_FILE || renew_is_due(old, task->renew->now))
                return STEP_READ;
        if (old->todo == PICTURE_BEING_WRITTEN)
                return STEP_KEEP;
        if (hint)
                return STEP_WAIT;
        if (old->has_sha256 && old->is_alias == row->is_alias &&
            scan_stamp_equal(&old->stamp, &row->stamp))
                return STEP_KEEP;

        return STEP_READ;
}

static bool has_entries(const struct picture_file *file)
{
        return file &&
               (file->entries.list.n + file->held.list.n + file->lost.list.n > 0 || file->foreign);
}

static void set_todo(const struct task *task, struct picture_file *file, enum picture_todo todo,
                     int64_t delay_ns)
{
        int64_t now_ns = task->renew->now->monotonic_ns;

        file->todo = todo;
        file->due_ns = now_ns + delay_ns;
        file->doubt_ns =
                task->old && picture_file_is_doubtful(task->old) ? task->old->doubt_ns : now_ns;
}

static int64_t delay_of(enum picture_todo todo)
{
        return todo == PICTURE_BEING_WRITTEN ? RENEW_WRITING_NS : RENEW_BUSY_NS;
}

/* As it was, or empty, but for what is to be done. */
static int postpone(const struct task *task, enum picture_todo todo, struct picture_file **out)
{
        int r = picture_file_new(task->row->name, task->old, out);

        if (r)
                return r;

        set_todo(task, *out, todo, delay_of(todo));
        if (todo == PICTURE_LARGE)
                (*out)->due_ns = INT64_MAX;
        return 0;
}

/* Until it was to be read once more, as it was. */
static int64_t find_left_ns(const struct task *task)
{
        int64_t left_ns = task->old->due_ns - task->renew->now->monotonic_ns;

        return task->old->todo == PICTURE_READ_AGAIN && left_ns > 0 ? left_ns : 0;
}

/*
 * Could a write that comes now leave the very stamp that was read? Return: for how long, or 0. What
 * time it is for a file server is not known: there each stamp counts as one of now when it is new.
 */
static int64_t find_fresh_ns(const struct task *task)
{
        const struct scan_stamp *stamp = &task->load.stamp;
        int64_t newest = stamp->mtime_ns > stamp->ctime_ns ? stamp->mtime_ns : stamp->ctime_ns;
        int64_t now_ns = task->renew->now->realtime_ns, grain_ns = RENEW_GRAIN_NS;
        bool is_local = task->renew->dir->is_local;

        if (!is_local || stamp->ctime_ns % INT64_C(1000000000) == 0)
                grain_ns = RENEW_GRAIN_COARSE_NS;

        /* In the future when it was read before, and still so: no write of now leaves that. */
        if ((newest > now_ns || !is_local) && task->old &&
            scan_stamp_equal(&task->old->stamp, stamp))
                return is_local ? 0 : find_left_ns(task);
        if (!is_local)
                return grain_ns;

        return newest > now_ns - grain_ns ? grain_ns : 0;
}

/* It cannot be read, which may be over soon. */
static void try_again(const struct task *task, struct picture_file *file)
{
        const struct retry never = RETRY_NULL;

        file->retry =
                retry_after(task->old ? &task->old->retry : &never, task->renew->now->monotonic_ns);
        file->todo = file->retry.due_ns < INT64_MAX ? PICTURE_READ_AGAIN : PICTURE_SETTLED;
        file->due_ns = file->retry.due_ns;
}

/* Completes what was read, whether or not it is what was known. */
static void settle(const struct task *task, struct picture_file *file)
{
        int64_t fresh_ns = find_fresh_ns(task);

        file->stamp = task->load.stamp;
        file->is_alias = task->load.is_alias;
        if (task->load.may_pass)
                try_again(task, file);
        else if (task->load.was_written)
                set_todo(task, file, PICTURE_LOOK_AGAIN, RENEW_BUSY_NS);
        else if (fresh_ns > 0)
                set_todo(task, file, PICTURE_READ_AGAIN, fresh_ns);
        else
                set_todo(task, file, PICTURE_SETTLED, 0);
}

/* The content is the one that is known. */
static int keep(const struct task *task, struct picture_file **out)
{
        const struct picture_file *old = task->old;
        int r;

        r = picture_file_new(old->name, old, out);
        if (r < 0)
                return r;

        settle(task, *out);
        if (old->todo == PICTURE_SETTLED && (*out)->todo == PICTURE_SETTLED &&
            old->is_alias == (*out)->is_alias && scan_stamp_equal(&old->stamp, &(*out)->stamp)) {
                picture_file_unref(*out);
                *out = picture_file_ref(old);
        }
        return 0;
}

static int hold(const struct task *task, struct picture_file *file)
{
        struct hold what = {
                .role = task->renew->role,
                .origin = task->place.origin,
                .old = task->old,
                .before = task->renew->before,
        };

        return hold_collect(&what, &file->entries, file->is_whole,
                            file->is_whole ? "no certificate of the store verifies a CRL in it"
                                           : NOTHING_LEFT,
                            &file->held);
}

/* What it held when it last was whole is lost. */
static int lose(const struct picture_file *old, struct picture_file *file)
{
        return entries_add_all(&file->lost, old->is_whole ? &old->entries : &old->lost);
}

/* Where something was lost, people are told why. */
static int tell_loss(const struct task *task, struct picture_file *file)
{
        struct entry *broken;
        int r;

        if (file->lost.list.n == 0 || entries_find_broken(&file->entries) ||
            entries_find_broken(&file->held))
                return 0;

        r = entry_new_broken(task->renew->role, task->place.origin, NOTHING_LEFT, &broken);
        return r < 0 ? r : entries_add(&file->entries, broken);
}

static int replace(struct task *task, struct picture_file **out)
{
        /* what no verdict depends on is as it is now */
        bool has_past = task->old && role_is_judged(task->renew->role);
        CLEANUP(picture_file_unrefp) struct picture_file *file = NULL;
        int r;

        r = picture_file_new(task->row->name, NULL, &file);
        if (r < 0)
                return r;

        file->is_whole = task->load.is_whole;
        file->has_sha256 = task->load.has_sha256;
        memcpy(file->sha256, task->load.sha256, sizeof(file->sha256));
        file->entries = task->load.entries;
        task->load.entries = (struct entries)ENTRIES_NULL;
        settle(task, file);

        r = has_past ? hold(task, file) : 0;
        if (!r && has_past && !file->is_whole)
                r = lose(task->old, file);
        if (!r)
                r = tell_loss(task, file);
        if (r < 0)
                return r;

        if (file->held.list.n + file->lost.list.n == 0)
                file->foreign = task->load.foreign;
        *out = TAKE(file);
        return 0;
}

/* Not read before either, and for the same reason. */
static bool is_same_trouble(const struct task *task)
{
        const struct entry *now = entries_find_broken(&task->load.entries), *before;

        if (!task->old || task->old->has_sha256 || task->load.has_sha256 || !now)
                return false;

        before = entries_find_broken(&task->old->entries);
        return before && strcmp(now->reason, before->reason) == 0;
}

static int conclude(struct task *task, bool is_tentative, struct picture_file **out,
                    bool *out_changed)
{
        switch (task->load.outcome) {
        case LOAD_GONE:
                *out = NULL;
                break;
        case LOAD_BUSY:
                return postpone(task, PICTURE_LOOK_AGAIN, out);
        case LOAD_SAME:
                return keep(task, out);
        case LOAD_READ:
                if (is_same_trouble(task))
                        return keep(task, out);
                if (is_tentative && !task->load.is_whole)
                        return postpone(task, PICTURE_BEING_WRITTEN, out);

                int r = replace(task, out);

                if (r < 0)
                        return r;
                break;
        }

        if (has_entries(task->old) || has_entries(*out))
                *out_changed = true;
        return 0;
}

/* Somebody else may have done it. */
static int load(struct task *task, const uint8_t *known_sha256)
{
        struct large *large = task->renew->large;
        struct load *loaded = large_take(large, task->renew->number, task->row, task->old);

        if (!loaded)
                return load_file(&task->place, task->row, known_sha256, &task->load);

        task->load = *loaded;
        large->is_loaded = false;
        return 0;
}

static int read_file(struct task *task, bool is_tentative, struct picture_file **out,
                     bool *out_changed)
{
        CLEANUP(freep) char *origin = NULL;
        const uint8_t *known = task->old && task->old->has_sha256 ? task->old->sha256 : NULL;
        int r;

        r = origin_make(task->renew->mend->source->name, task->renew->mend->dir, task->row->name,
                        &origin);
        if (r < 0)
                return r;

        task->place = (struct load_place){
                .dir = task->renew->dir,
                .mend = task->renew->mend,
                .role = task->renew->role,
                .name = task->row->name,
                .origin = origin,
        };
        r = load(task, known);
        if (r < 0)
                return r;

        r = conclude(task, is_tentative, out, out_changed);
        load_deinit(&task->load);
        return r;
}

/* Is it to be left to somebody else, who has not done it yet? */
static bool is_left(const struct task *task)
{
        const struct renew *renew = task->renew;

        return renew->may_leave_large && task->row->kind == SCAN_FILE &&
               task->row->stamp.size > LARGE_BYTES_MIN &&
               task->row->stamp.size <= LAYOUT_FILE_BYTES_MAX &&
               !large_take(renew->large, renew->number, task->row, task->old);
}

/* What is being written, or was while it was loaded, is given time to come to an end. */
static enum picture_todo leave(const struct task *task, const struct store_hint *hint)
{
        const struct renew *renew = task->renew;
        const struct large *large = renew->large;
        bool was_loaded =
                large && large->dir == renew->number && strcmp(large->name, task->row->name) == 0;
        bool is_over = task->old && task->old->todo == PICTURE_BEING_WRITTEN &&
                       renew_is_due(task->old, renew->now);

        return was_loaded || (hint && hint->is_being_written && !is_over) ? PICTURE_BEING_WRITTEN
                                                                          : PICTURE_LARGE;
}

int renew_file(const struct renew *renew, const struct renew_news *news, struct picture_file **out,
               bool *out_changed)
{
        struct task task = { .renew = renew, .row = news->row, .old = news->old };
        enum step step = choose(&task, news->hint);

        if (step == STEP_READ && is_left(&task))
                return postpone(&task, leave(&task, news->hint), out);

        switch (step) {
        case STEP_KEEP:
                *out = picture_file_ref(news->old);
                return 0;
        case STEP_WAIT:
                return postpone(&task, PICTURE_BEING_WRITTEN, out);
        case STEP_READ:
                break;
        }

        return read_file(&task, !news->old && news->hint && news->hint->is_being_written, out,
                         out_changed);
}

static int hold_of_lost(const struct renew *renew, const struct picture_file *old,
                        const char *reason, struct picture_file *file)
{
        CLEANUP(freep) char *origin = NULL;
        struct hold what = { .role = renew->role, .old = old, .before = renew->before };
        int r;

        r = origin_make(renew->mend->source->name, renew->mend->dir, old->name, &origin);
        if (r < 0)
                return r;

        what.origin = origin;
        return hold_collect(&what, &file->entries, false, reason, &file->held);
}

int renew_lost(const struct renew *renew, const struct picture_file *old, const char *reason,
               struct picture_file **out)
{
        CLEANUP(picture_file_unrefp) struct picture_file *file = NULL;
        int r;

        r = picture_file_new(old->name, NULL, &file);
        if (!r)
                r = lose(old, file);
        if (!r && reason)
                r = hold_of_lost(renew, old, reason, file);
        if (r < 0)
                return r;

        *out = file->held.list.n + file->lost.list.n > 0 ? TAKE(file) : NULL;
        return 0;
}
