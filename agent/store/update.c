/* SPDX-License-Identifier: Apache-2.0 */
#include "store/update.h"

#include "proto/buf.h"
#include "store/goal.h"
#include "store/journal.h"
#include "store/own_folder.h"
#include "store/picture.h"
#include "store/plan.h"
#include "store/recovery.h"
#include "store/sources.h"
#include "store/vet.h"
#include "trust/change.h"
#include "trust/snapshot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* -- one update -------------------------------------------------------------------------------- */

struct run {
        const struct update *update;
        struct own_folder folder;
        struct store_result seen; /* the store as it was found */
        struct goal goal;
        struct plan plan;
        struct plan_world world;
        struct journal journal;
        struct update_outcome out;
};

static void end_run(struct run *run)
{
        journal_deinit(&run->journal);
        plan_deinit(&run->plan);
        goal_deinit(&run->goal);
        store_result_deinit(&run->seen);
        own_folder_close(&run->folder);
        update_outcome_deinit(&run->out);
}

static bool has_ended(const struct run *run)
{
        return run->out.status != UPDATE_DONE;
}

static int end_failed(struct run *run)
{
        const struct own_folder *folder = &run->folder;
        CLEANUP(freep) char *reason = NULL;
        int r = own_folder_describe(folder, run->update->config->user, &reason);

        return r < 0 ? r
                     : update_outcome_end(&run->out, UPDATE_NOT_WRITABLE,
                                          folder->failed ? folder->failed : folder->path, reason);
}

/* Neither the old list nor the new one is whole on disk. */
static int end_stuck(struct run *run, const char *reason)
{
        int r = store_stay_stuck(run->update->picture, reason, &run->out.result);

        run->out.is_stuck = true;
        return r < 0 ? r : update_outcome_end(&run->out, UPDATE_NOT_READY, NULL, reason);
}

static int become_only_writer(struct run *run)
{
        CLEANUP(recover_outcome_deinit) struct recover_outcome left = RECOVER_OUTCOME_NULL;
        int r = own_folder_lock(&run->folder, true);

        if (r < 0)
                return r;
        if (r == OWN_FOLDER_E_BUSY)
                return update_outcome_end(&run->out, UPDATE_BUSY, NULL, NULL);
        if (r)
                return end_failed(run);

        r = recovery_finish(&run->folder, run->update->config, &left);
        return r < 0 || left.status != RECOVER_STUCK ? r : end_stuck(run, left.reason);
}

static int open_folder(struct run *run)
{
        int r = own_folder_open(&run->update->config->sources[0], &run->folder);

        if (r < 0)
                return r;
        if (r == OWN_FOLDER_E_ABSENT)
                return update_outcome_end(&run->out, UPDATE_NOT_READY, NULL,
                                          "there is no such directory");
        if (r)
                return end_failed(run);

        return run->update->request->is_dry_run ? 0 : become_only_writer(run);
}

/* From the picture that was published, so that the change is the one since then. */
static int look_at_all(struct run *run, const struct store_hints *hints, struct store_result *out)
{
        const struct update *update = run->update;

        return store_refresh(update->config, update->picture, hints, update->now, out);
}

/* Below a mount point nobody would find what is written; and it alone would be the store. */
static const char *find_hindrance(const struct store_result *seen)
{
        if (seen->not_ready || !seen->picture->is_root_vanished)
                return seen->not_ready;
        return "another folder is in the place of its own, and has no lists: mount what is "
               "missing, or restart the agent to begin anew";
}

static int look_first(struct run *run)
{
        const struct store_hints *told = run->update->hints;
        struct store_hints hints = { .is_all = true, .items = told->items, .n = told->n };
        const char *reason = NULL;
        int r;

        r = look_at_all(run, &hints, &run->seen);
        if (!r)
                reason = find_hindrance(&run->seen);
        return r < 0 || !reason ? r : update_outcome_end(&run->out, UPDATE_NOT_READY, NULL, reason);
}

static int end_stale(struct run *run, enum update_list list)
{
        return update_outcome_end(&run->out, UPDATE_CONFLICT, update_list_name(list),
                                  "it was changed since the update was begun");
}

static int plan(struct run *run)
{
        const struct update *update = run->update;
        const struct snapshot *before = picture_get_snapshot(run->seen.picture);
        enum update_list list;
        int r;

        if (update_request_is_stale(update->request, before, &list))
                return end_stale(run, list);

        run->world =
                (struct plan_world){ update->config, run->seen.picture, &run->goal, &run->folder };
        r = goal_make(update->request, update->config->sources[0].name, before, &run->goal,
                      &run->out);
        if (!r && !has_ended(run))
                r = plan_make(&run->world, &run->plan, &run->out);
        if (!r && !has_ended(run))
                r = plan_build(&run->plan, &run->world, &run->out.after);
        if (!r && !has_ended(run))
                r = vet_plan(&run->goal, before, run->out.after, &run->out);
        return r;
}

static int copy_thumbprints(const struct change_thumbprint *from, size_t n, struct run *run,
                            bool is_added)
{
        int r = 0;

        for (size_t i = 0; !r && i < n; i++) {
                struct update_thumbprint to;

                memcpy(to.sha256, from[i].sha256, sizeof(to.sha256));
                r = is_added ? VEC_PUSH(&run->out.added, to) : VEC_PUSH(&run->out.removed, to);
        }
        return r;
}

static int tell_change(struct run *run)
{
        CLEANUP(change_unrefp) struct change *change = NULL;
        int r;

        r = change_between(picture_get_snapshot(run->seen.picture), run->out.after, &change);
        if (!r)
                r = copy_thumbprints(change->added.items, change->added.n, run, true);
        if (!r)
                r = copy_thumbprints(change->removed.items, change->removed.n, run, false);
        run->out.has_changed = run->plan.files.n > 0;
        return r;
}

/* -- writing ----------------------------------------------------------------------------------- */

static int stage(struct run *run)
{
        size_t n_made = 0;
        int r = 0;

        for (size_t i = 0; i < run->plan.files.n; i++)
                n_made += run->plan.files.items[i].has_after;
        run->folder.is_bulk = n_made > OWN_FOLDER_FSYNCS_MAX;
        for (size_t i = 0; !r && i < run->plan.files.n; i++) {
                const struct plan_file *file = &run->plan.files.items[i];
                struct journal_op op = {
                        .dir = (char *)file->dir,
                        .name = file->name,
                        .has_before = file->before.is_there,
                        .has_after = file->has_after,
                };

                memcpy(op.before, file->before.sha256, sizeof(op.before));
                r = journal_stage(&run->journal, &run->folder, &op, file->after,
                                  file->before.has_sha256 ? &file->before : NULL);
        }
        return r;
}

static int end_conflict(struct run *run, size_t at)
{
        const struct journal_op *op = &run->journal.ops.items[at];
        CLEANUP(buf_deinit) struct buf path = BUF_NULL;
        CLEANUP(freep) char *text = NULL;
        int r;

        buf_printf(&path, "%s/%s/%s", run->folder.path, op->dir, op->name);
        r = buf_take_text(&path, &text);
        return r < 0 ? r
                     : update_outcome_end(&run->out, UPDATE_CONFLICT, text,
                                          "somebody else changes it now");
}

/* Nothing has changed; or, if the journal cannot be removed, it is in force. */
static int give_up(struct run *run, int why)
{
        CLEANUP(freep) char *reason = NULL;
        int r = has_ended(run) || why < 0 ? 0 : end_failed(run);

        if (!r)
                r = journal_drop(&run->journal, &run->folder);
        if (r > 0)
                r = recovery_describe(&run->folder, run->update->config->user, false, &reason);
        if (!r && reason)
                r = end_stuck(run, reason);
        return why < 0 ? why : r;
}

static int carry_out(struct run *run)
{
        CLEANUP(journal_texts_deinit) struct journal_texts foreign = { VEC_NULL };
        CLEANUP(freep) char *reason = NULL;
        int r = journal_carry_out(&run->journal, &run->folder, &foreign);

        if (r <= 0)
                return r;

        r = recovery_describe(&run->folder, run->update->config->user, false, &reason);
        return r < 0 ? r : end_stuck(run, reason);
}

static int write_files(struct run *run)
{
        size_t at;
        int r;

        r = stage(run);
        if (!r)
                r = journal_check(&run->journal, &run->folder, &at);
        if (r == JOURNAL_E_CONFLICT) {
                r = end_conflict(run, at);
                return give_up(run, r);
        }
        if (!r)
                r = journal_commit(&run->journal, &run->folder);

        return r ? give_up(run, r) : carry_out(run);
}

/* Names that were written are read again, whatever their stamps say. */
static int look_again(struct run *run)
{
        const struct store_hints *told = run->update->hints;
        size_t n = run->plan.files.n;
        CLEANUP(freep) struct store_hint *items = calloc(told->n + n + 1, sizeof(*items));
        struct store_hints hints = { .is_all = true, .items = items, .n = told->n + n };
        int r;

        if (!items)
                return -ENOMEM;

        for (size_t i = 0; i < n; i++)
                items[i] = (struct store_hint){ .dir = run->plan.files.items[i].dir_number,
                                                .name = run->plan.files.items[i].name };
        if (told->n > 0)
                memcpy(items + n, told->items, told->n * sizeof(*items));

        r = look_at_all(run, &hints, &run->out.result);
        if (!r && picture_get_snapshot(run->out.result.picture)) {
                snapshot_unref(run->out.after);
                run->out.after = snapshot_ref(picture_get_snapshot(run->out.result.picture));
        }
        return r;
}

/* -- all of it --------------------------------------------------------------------------------- */

/* What was found is what is to be published, unless it was changed. */
static void publish_seen(struct run *run)
{
        if (run->out.result.picture)
                return;

        run->out.result = run->seen;
        run->seen = (struct store_result)STORE_RESULT_NULL;
}

static int carry_through(struct run *run)
{
        int r;

        r = plan(run);
        if (!r && !has_ended(run))
                r = tell_change(run);
        if (r < 0 || has_ended(run) || !run->out.has_changed || run->update->request->is_dry_run)
                return r;

        r = write_files(run);
        if (r < 0 || has_ended(run))
                return r;

        /* It is in force: what fails now is told by a picture that is missing. */
        look_again(run);
        return 1;
}

static int do_update(struct run *run)
{
        int r;

        r = open_folder(run);
        if (!r && !run->out.result.picture)
                r = look_first(run);
        if (!r && !has_ended(run))
                r = carry_through(run);
        if (r < 0)
                return r;

        if (!r)
                publish_seen(run);
        return 0;
}

int store_update(const struct update *update, struct update_outcome *out)
{
        CLEANUP(end_run)
        struct run run = {
                .update = update,
                .folder = OWN_FOLDER_NULL,
                .seen = STORE_RESULT_NULL,
                .goal = GOAL_NULL,
                .plan = PLAN_NULL,
                .journal = JOURNAL_NULL,
                .out = UPDATE_OUTCOME_NULL,
        };
        int r = do_update(&run);

        if (r < 0)
                return r;

        if (has_ended(&run)) {
                snapshot_unref(run.out.after);
                run.out.after = NULL;
                VEC_FREE(&run.out.added);
                VEC_FREE(&run.out.removed);
                run.out.has_changed = false;
        }
        *out = run.out;
        run.out = (struct update_outcome)UPDATE_OUTCOME_NULL;
        return 0;
}
