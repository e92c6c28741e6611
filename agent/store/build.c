/* SPDX-License-Identifier: Apache-2.0 */
#include "store/build.h"

#include "store/hold.h"
#include "store/picture.h"
#include "trust/builder.h"
#include "trust/entry.h"
#include "trust/snapshot.h"

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

static int build_all(const struct build *build, bool with_all_held, struct snapshot **out)
{
        CLEANUP(builder_freep) struct builder *builder = NULL;
        int r;

        r = builder_new(build->settings, &builder);
        if (r < 0)
                return r;

        if (build->base)
                builder_follow(builder, build->base);
        r = build_from(builder, &build->picture->broken);
        for (size_t i = 0; !r && i < build->picture->dirs.n; i++)
                r = build_from_dir(builder, build->picture->dirs.items[i], with_all_held);

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

        r = picture_dir_new_like(dir, &made);
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
static int settle_held(struct picture *picture, const struct snapshot *snap, bool *out_is_needed)
{
        for (size_t i = 0; i < picture->dirs.n; i++) {
                struct picture_dir *dir = picture->dirs.items[i], *released;
                int r;

                if (dir->n_held == 0)
                        continue;

                r = release_held(dir, snap, &released, out_is_needed);
                if (r < 0)
                        return r;

                picture_dir_unref(dir);
                picture->dirs.items[i] = released;
        }
        return 0;
}

/* -- what was known ----------------------------------------------------------------------------- */

static bool has_losses(const struct picture *picture)
{
        for (size_t i = 0; i < picture->dirs.n; i++) {
                if (picture->dirs.items[i]->n_lost > 0)
                        return true;
        }
        return false;
}

/* As it was last in place of as it is. */
static int add_known_file(struct builder *builder, const struct picture_file *file)
{
        int r;

        if (file->lost.list.n > 0)
                return build_from(builder, &file->lost);

        r = build_from(builder, &file->entries);
        return r || file->is_whole ? r : build_from(builder, &file->held);
}

static int add_known_shelf(struct builder *builder, const struct picture_shelf *shelf)
{
        int r = 0;

        if (shelf->n_lost == 0)
                return builder_add_batch(builder, shelf->batch);

        for (size_t i = 0; !r && i < shelf->n; i++)
                r = add_known_file(builder, shelf->files[i]);
        return r;
}

static int build_known(const struct build *build, const struct snapshot *snap,
                       struct snapshot **out)
{
        CLEANUP(builder_freep) struct builder *builder = NULL;
        int r;

        r = builder_new(build->settings, &builder);
        if (r < 0)
                return r;

        builder_follow(builder, snap);
        for (size_t i = 0; !r && i < build->picture->dirs.n; i++) {
                const struct picture_dir *dir = build->picture->dirs.items[i];

                for (size_t k = 0; !r && k < dir->shelves.n; k++)
                        r = add_known_shelf(builder, dir->shelves.items[k]);
        }

        return r < 0 ? r : builder_build(builder, out);
}

/* -- all of it ----------------------------------------------------------------------------------- */

int build_snapshot(const struct build *build, struct snapshot **out)
{
        CLEANUP(snapshot_unrefp) struct snapshot *snap = NULL;
        struct snapshot *known;
        bool is_needed = false;
        int r;

        r = build_all(build, false, &snap);
        if (!r)
                r = settle_held(build->picture, snap, &is_needed);
        if (r < 0)
                return r;

        if (is_needed) {
                snapshot_unref(TAKE(snap));
                r = build_all(build, true, &snap);
                if (r < 0)
                        return r;
        }

        if (has_losses(build->picture)) {
                r = build_known(build, snap, &known);
                if (r < 0)
                        return r;
                snapshot_set_known(snap, known);
        }

        *out = TAKE(snap);
        return 0;
}
