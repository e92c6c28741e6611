/* SPDX-License-Identifier: Apache-2.0 */
#include "store/plan.h"

#include "proto/hex.h"
#include "store/block_record.h"
#include "store/cut.h"
#include "store/goal.h"
#include "store/layout.h"
#include "store/origin.h"
#include "store/picture.h"
#include "store/rejected.h"
#include "store/sources.h"
#include "store/store.h"
#include "store/update_outcome.h"
#include "trust/block.h"
#include "trust/builder.h"
#include "trust/entry.h"
#include "trust/snapshot.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MAX_BYTES (64 + 5 + 1)

struct planner {
        const struct plan_world *world;
        const struct store_source *own;
        struct plan *plan;
        struct update_outcome *out;
};

static void file_deinit(struct plan_file *file)
{
        free(file->name);
        buf_deinit(&file->owned);
}

void plan_deinit(struct plan *plan)
{
        for (size_t i = 0; i < plan->files.n; i++)
                file_deinit(&plan->files.items[i]);
        VEC_FREE(&plan->files);
        VEC_FREE(&plan->dropped);
        entries_deinit(&plan->added);
}

/* -- how it ends early ------------------------------------------------------------------------- */

static int end_at(struct planner *planner, enum update_status status, const struct plan_file *file,
                  const char *reason)
{
        CLEANUP(freep) char *path = NULL;

        if (asprintf(&path, "%s/%s/%s", planner->own->path, file->dir, file->name) < 0) {
                path = NULL;
                return -ENOMEM;
        }
        return update_outcome_end(planner->out, status, path, reason);
}

/* What the disk refused. */
static int end_failed(struct planner *planner)
{
        const struct own_folder *folder = planner->world->folder;
        CLEANUP(freep) char *reason = NULL;
        int r;

        r = own_folder_describe(folder, planner->world->config->user, &reason);
        if (r < 0)
                return r;

        return update_outcome_end(planner->out, UPDATE_NOT_WRITABLE,
                                  folder->failed ? folder->failed : folder->path, reason);
}

static bool has_ended(const struct planner *planner)
{
        return planner->out->status != UPDATE_DONE;
}

/* -- files that exist -------------------------------------------------------------------------- */

static bool is_going(const struct planner *planner, const struct entry *entry)
{
        return entry->kind != ENTRY_BROKEN &&
               goal_removes(planner->world->goal, entry->role, entry->kind, entry_sha256(entry),
                            entry->is_last_good);
}

static size_t count_going(const struct planner *planner, const struct entries *entries)
{
        size_t n = 0;

        for (size_t i = 0; i < entries->list.n; i++)
                n += is_going(planner, entries->list.items[i]);
        return n;
}

/* @is_all: not only what goes. */
static int drop(struct planner *planner, const struct entries *entries, bool is_all)
{
        int r = 0;

        for (size_t i = 0; !r && i < entries->list.n; i++) {
                const struct entry *entry = entries->list.items[i];

                if (is_all || is_going(planner, entry))
                        r = VEC_PUSH(&planner->plan->dropped, entry);
        }
        return r;
}

/* @file: with its name and directory; what the picture says of it is @old. */
static int change_file(struct planner *planner, struct plan_file *file, enum role role,
                       const struct picture_file *old)
{
        CLEANUP(buf_deinit) struct buf content = BUF_NULL;
        struct cut cut = {
                .goal = planner->world->goal,
                .role = role,
                .is_mended = count_going(planner, &old->held) > 0,
        };
        size_t dir, n_left = 0;
        int r;

        r = own_folder_find_dir(planner->world->folder, file->dir, false, &dir);
        if (!r)
                r = own_folder_read(planner->world->folder, dir, file->name, &file->before,
                                    &content);
        if (r == OWN_FOLDER_E_FAILED)
                return end_failed(planner);
        if (r < 0)
                return r;
        if (r || !file->before.has_sha256 || !old->has_sha256 ||
            memcmp(file->before.sha256, old->sha256, sizeof(old->sha256)) != 0)
                return end_at(planner, UPDATE_CONFLICT, file, "it is not as it was read");

        cut.content = (struct bytes){ content.data, content.n };
        r = cut_make(&cut, &file->owned, &n_left);
        if (r == CUT_E_PRIVATE_KEY)
                explicit_bzero(content.data, content.n_room);
        if (r)
                return r < 0 ? r
                             : end_at(planner, UPDATE_NOT_WRITABLE, file,
                                      "it holds a private key as well: take it out by hand");

        file->has_after = n_left > 0;
        file->after = (struct bytes){ file->owned.data, file->owned.n };
        r = drop(planner, &old->entries, !file->has_after || cut.is_mended);
        return r ? r : drop(planner, &old->held, !file->has_after || cut.is_mended);
}

static int add_file(struct planner *planner, struct plan_file *file)
{
        int r = VEC_PUSH(&planner->plan->files, *file);

        if (r < 0)
                file_deinit(file);
        return r;
}

static int look_at_file(struct planner *planner, size_t dir_number, const struct picture_file *old)
{
        const struct layout_dir *where = &planner->own->layout->dirs[dir_number];
        struct plan_file file = { .dir_number = dir_number, .dir = where->path };
        int r;

        if (count_going(planner, &old->entries) + count_going(planner, &old->held) == 0)
                return 0;

        file.name = strdup(old->name);
        r = file.name ? change_file(planner, &file, where->role, old) : -ENOMEM;
        if (r < 0) {
                file_deinit(&file);
                return r;
        }
        return add_file(planner, &file);
}

static int look_at_dir(struct planner *planner, size_t i)
{
        const struct picture_dir *dir = planner->world->picture->dirs.items[i];
        int r = 0;

        for (size_t k = 0; k < dir->shelves.n; k++) {
                const struct picture_shelf *shelf = dir->shelves.items[k];

                for (size_t n = 0; !r && !has_ended(planner) && n < shelf->n; n++)
                        r = look_at_file(planner, i, shelf->files[n]);
        }
        return r;
}

static int take_away(struct planner *planner)
{
        int r = 0;

        for (size_t i = 0; !r && !has_ended(planner) && i < planner->own->layout->n_dirs; i++)
                r = look_at_dir(planner, i);
        return r;
}

/* -- files that are made ----------------------------------------------------------------------- */

/* Where to write: of the directories of one list, one that is there before one that is not. */
static bool find_target(const struct planner *planner, enum role role, bool is_crl,
                        struct plan_file *file)
{
        const struct layout *layout = planner->own->layout;
        const char *path = layout_find_target(layout, role, is_crl);
        const char *ending = path ? strrchr(path, '/') : NULL;
        bool is_found = false;

        for (size_t i = 0; path && i < layout->n_dirs; i++) {
                const struct layout_dir *dir = &layout->dirs[i];
                const char *slash = strrchr(dir->path, '/');
                bool is_there = planner->world->picture->dirs.items[i]->ino != 0;

                if (strcmp(dir->path, path) == 0 && !is_found) {
                        file->dir_number = i;
                        file->dir = dir->path;
                        is_found = is_there;
                } else if (dir->role == role && is_there && !is_found && ending && slash &&
                           strcmp(slash, ending) == 0) {
                        file->dir_number = i;
                        file->dir = dir->path;
                        is_found = true;
                }
        }
        return path;
}

/* Does what the file of this name holds stay? */
static bool is_name_needed(const struct planner *planner, const struct plan_file *file)
{
        const struct picture_dir *dir = planner->world->picture->dirs.items[file->dir_number];

        for (size_t k = 0; k < dir->shelves.n; k++) {
                const struct picture_shelf *shelf = dir->shelves.items[k];

                for (size_t n = 0; n < shelf->n; n++) {
                        const struct picture_file *old = shelf->files[n];

                        if (strcmp(old->name, file->name) != 0)
                                continue;
                        for (size_t i = 0; i < old->entries.list.n; i++)
                                if (old->entries.list.items[i]->kind != ENTRY_BROKEN &&
                                    !is_going(planner, old->entries.list.items[i]))
                                        return true;
                }
        }
        return false;
}

/* A file of that name that is rewritten or removed anyway. */
static struct plan_file *find_file(const struct planner *planner, const struct plan_file *like)
{
        for (size_t i = 0; i < planner->plan->files.n; i++) {
                struct plan_file *file = &planner->plan->files.items[i];

                if (file->dir_number == like->dir_number && strcmp(file->name, like->name) == 0)
                        return file;
        }
        return NULL;
}

/* What has that name now. */
static int look_before(struct planner *planner, struct plan_file *file)
{
        size_t dir;
        int r;

        r = own_folder_find_dir(planner->world->folder, file->dir, false, &dir);
        if (!r)
                r = own_folder_look(planner->world->folder, dir, file->name, &file->before);
        if (r == OWN_FOLDER_E_FAILED)
                return end_failed(planner);
        return r < 0 ? r : 0;
}

/*
 * May a file of that name be made? If it is to be removed anyway, it is in the plan: then it only
 * gets another content.
 */
static int take_name(struct planner *planner, struct plan_file *file, bool *out_is_planned)
{
        struct plan_file *other = find_file(planner, file);

        *out_is_planned = other && !other->has_after;
        if (*out_is_planned) {
                other->has_after = true;
                other->after = file->after;
        } else if (other || !file->before.has_sha256 || is_name_needed(planner, file)) {
                return end_at(planner, UPDATE_CONFLICT, file, "something else has this name");
        }
        return 0;
}

/* Completes and takes @file, whose name, target and content are known. */
static int make_file(struct planner *planner, struct plan_file *file)
{
        bool is_planned = false;
        int r;

        file->has_after = true;
        r = look_before(planner, file);
        if (!r && !has_ended(planner) && file->before.is_there)
                r = take_name(planner, file, &is_planned);
        if (r < 0 || has_ended(planner) || is_planned) {
                file_deinit(file);
                return r;
        }
        return add_file(planner, file);
}

static int make_entry(const struct planner *planner, const struct goal_object *object,
                      const struct plan_file *file, struct entry **out)
{
        enum role role = update_list_role(object->list);
        CLEANUP(freep) char *origin = NULL;
        int r;

        r = origin_make(planner->own->name, file->dir, file->name, &origin);
        if (r < 0)
                return r;

        return object->cert ? entry_new_cert(role, origin, object->cert, out)
                            : entry_new_crl(role, origin, object->crl, false, out);
}

static bool is_in_own(const struct planner *planner, const struct goal_object *object)
{
        const struct snapshot *snap = picture_get_snapshot(planner->world->picture);
        enum entry_kind kind = object->cert ? ENTRY_CERT : ENTRY_CRL;
        size_t low = snapshot_find_kind(snap, kind), end = snapshot_find_kind(snap, kind + 1);
        size_t high = end;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (memcmp(entry_sha256(snap->entries[middle]), object->sha256, 32) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }

        for (; low < end; low++) {
                const struct entry *entry = snap->entries[low];

                if (memcmp(entry_sha256(entry), object->sha256, 32) != 0)
                        break;
                if (entry->role == update_list_role(object->list) && !entry->is_last_good &&
                    goal_is_own(planner->own->name, entry))
                        return true;
        }
        return false;
}

static int no_target(struct planner *planner)
{
        return update_outcome_end(planner->out, UPDATE_NOT_WRITABLE, planner->own->path,
                                  "its layout is one that is only read: see Layout= in "
                                  "uatrustd.conf(5)");
}

static char *name_file(const uint8_t sha256[32], const char *ending)
{
        char name[NAME_MAX_BYTES];

        hex_encode(sha256, 32, name);
        snprintf(name + 64, sizeof(name) - 64, "%s", ending);
        return strdup(name);
}

static int give_object(struct planner *planner, const struct goal_object *object)
{
        struct plan_file file = { .after = object->der };
        struct entry *entry;
        int r;

        if (object->is_repeat || is_in_own(planner, object))
                return 0;
        if (!find_target(planner, update_list_role(object->list), object->crl, &file))
                return no_target(planner);

        file.name = name_file(object->sha256, object->crl ? ".crl" : ".der");
        r = file.name ? make_entry(planner, object, &file, &entry) : -ENOMEM;
        if (!r)
                r = entries_add(&planner->plan->added, entry);
        if (r < 0) {
                file_deinit(&file);
                return r;
        }
        return make_file(planner, &file);
}

static int give_objects(struct planner *planner)
{
        const struct goal *goal = planner->world->goal;
        int r = 0;

        for (size_t i = 0; !r && !has_ended(planner) && i < goal->given.n; i++)
                r = give_object(planner, &goal->given.items[i]);
        return r;
}

/* Said once more, with another reason, the newer reason stays; with the same, nothing is to do. */
static bool is_said(const struct planner *planner, const struct plan_file *file,
                    const struct block *block)
{
        const struct picture_dir *dir = planner->world->picture->dirs.items[file->dir_number];

        for (size_t k = 0; k < dir->shelves.n; k++) {
                const struct picture_shelf *shelf = dir->shelves.items[k];

                for (size_t n = 0; n < shelf->n; n++) {
                        const struct entries *entries = &shelf->files[n]->entries;

                        for (size_t i = 0; i < entries->list.n; i++) {
                                const struct entry *entry = entries->list.items[i];

                                if (entry->kind == ENTRY_BLOCK &&
                                    block_compare(entry->block, block) == 0 &&
                                    (block->reason[0] == '\0' ||
                                     strcmp(entry->block->reason, block->reason) == 0))
                                        return true;
                        }
                }
        }
        return false;
}

static int add_block(struct planner *planner, const struct plan_file *file,
                     const struct block *block)
{
        CLEANUP(freep) char *origin = NULL;
        struct entry *entry;
        int r;

        r = origin_make(planner->own->name, file->dir, file->name, &origin);
        if (!r)
                r = entry_new_block(ROLE_BLOCKED, origin, block, false, &entry);
        return r < 0 ? r : entries_add(&planner->plan->added, entry);
}

static int give_block(struct planner *planner, const struct block *block)
{
        struct plan_file file = { .name = name_file(block->id, ".json") };
        int r;

        if (!file.name)
                return -ENOMEM;

        r = find_target(planner, ROLE_BLOCKED, false, &file) ? 0 : no_target(planner);
        if (r < 0 || has_ended(planner) || is_said(planner, &file, block)) {
                file_deinit(&file);
                return r;
        }

        block_record_write(block, &file.owned);
        file.after = (struct bytes){ file.owned.data, file.owned.n };
        file.has_after = true;
        r = buf_error(&file.owned);
        if (!r)
                r = add_block(planner, &file, block);
        if (!r)
                r = look_before(planner, &file);
        if (!r && !has_ended(planner) && file.before.is_there && !file.before.has_sha256)
                r = end_at(planner, UPDATE_CONFLICT, &file, "something else has this name");
        if (r < 0 || has_ended(planner)) {
                file_deinit(&file);
                return r;
        }
        return add_file(planner, &file);
}

/* What was noted about a rejected certificate goes with its file. */
static int remove_note(struct planner *planner, size_t dir_number, const uint8_t sha256[32])
{
        struct plan_file file = {
                .dir_number = dir_number,
                .dir = planner->own->layout->dirs[dir_number].path,
                .name = name_file(sha256, ".json"),
        };
        int r = file.name ? look_before(planner, &file) : -ENOMEM;

        if (r < 0 || has_ended(planner) || !file.before.has_sha256) {
                file_deinit(&file);
                return r;
        }
        return add_file(planner, &file);
}

static int remove_notes(struct planner *planner)
{
        const struct goal *goal = planner->world->goal;
        const struct layout *layout = planner->own->layout;
        int r = 0;

        for (size_t i = 0; i < goal->targets.n; i++) {
                const struct goal_target *target = &goal->targets.items[i];

                for (size_t k = 0; !r && !has_ended(planner) && k < layout->n_dirs; k++)
                        if (target->kind == ENTRY_CERT && target->roles & 1u << ROLE_REJECTED &&
                            strcmp(layout->dirs[k].path, REJECTED_DIR) == 0)
                                r = remove_note(planner, k, target->sha256);
        }
        return r;
}

/* -- all of it --------------------------------------------------------------------------------- */

static int check_room(struct planner *planner)
{
        const struct layout *layout = planner->own->layout;

        for (size_t i = 0; i < layout->n_dirs; i++) {
                size_t n = planner->world->picture->dirs.items[i]->n_files;

                for (size_t k = 0; k < planner->plan->files.n; k++) {
                        const struct plan_file *file = &planner->plan->files.items[k];

                        if (file->dir_number == i && file->has_after && !file->before.is_there)
                                n++;
                }
                if (n > LAYOUT_FILES_MAX)
                        return update_outcome_end(planner->out, UPDATE_TOO_LARGE,
                                                  "262144 files in a directory", NULL);
        }
        return 0;
}

int plan_make(const struct plan_world *world, struct plan *plan, struct update_outcome *out)
{
        struct planner planner = {
                .world = world,
                .own = &world->config->sources[0],
                .plan = plan,
                .out = out,
        };
        const struct update_request *request = world->goal->request;
        int r;

        r = take_away(&planner);
        if (!r && !has_ended(&planner))
                r = give_objects(&planner);
        if (!r && !has_ended(&planner) && request->kind == UPDATE_BLOCK)
                r = give_block(&planner, request->block);
        if (!r && !has_ended(&planner))
                r = remove_notes(&planner);
        return r || has_ended(&planner) ? r : check_room(&planner);
}

static int compare_addresses(const void *left, const void *right)
{
        const void *const *a = left, *const *b = right;

        return *a == *b ? 0 : (uintptr_t)*a < (uintptr_t)*b ? -1 : 1;
}

static bool is_dropped(const struct plan *plan, const struct entry *entry)
{
        return plan->dropped.n > 0 && bsearch(&entry, plan->dropped.items, plan->dropped.n,
                                              sizeof(entry), compare_addresses);
}

int plan_build(const struct plan *plan, const struct plan_world *world, struct snapshot **out)
{
        const struct snapshot *snap = picture_get_snapshot(world->picture);
        CLEANUP(builder_freep) struct builder *builder = NULL;
        int r;

        if (plan->dropped.n > 0)
                qsort(plan->dropped.items, plan->dropped.n, sizeof(*plan->dropped.items),
                      compare_addresses);

        r = builder_new(world->config->settings, &builder);
        for (size_t i = 0; !r && i < snap->n_entries; i++)
                if (!is_dropped(plan, snap->entries[i]))
                        r = builder_add(builder, snap->entries[i]);
        for (size_t i = 0; !r && i < plan->added.list.n; i++)
                r = builder_add(builder, plan->added.list.items[i]);
        return r ? r : builder_build(builder, out);
}
