/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Plan - which files of the store's own folder are made, rewritten and removed, so that its lists
 * become what a goal wants; and what the store would be then. Nothing is written here.
 */

#include "base/vec.h"
#include "pki/bytes.h"
#include "proto/buf.h"
#include "store/entries.h"
#include "store/own_folder.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct entry;
struct goal;
struct picture;
struct snapshot;
struct store_config;
struct update_outcome;

/* The new content of one file. */
struct plan_file {
        size_t dir_number; /* as of store_list_dirs() */
        const char *dir;   /* below the folder; the layout's */
        char *name;
        struct own_folder_file before;
        bool has_after;
        struct bytes after; /* points into @owned, or is borrowed from the goal */
        struct buf owned;
};

struct plan {
        VEC(struct plan_file) files;
        VEC(const struct entry *) dropped; /* of the picture's; borrowed */
        struct entries added;
};

#define PLAN_NULL                                                                                  \
        {                                                                                          \
                .files = VEC_NULL                                                                  \
        }

/* All borrowed. */
struct plan_world {
        const struct store_config *config;
        const struct picture *picture; /* of now; the store is ready */
        const struct goal *goal;
        struct own_folder *folder;
};

/**
 * plan_make() - what is to be done
 * @plan: PLAN_NULL; plan_deinit() it, also on failure
 * @out:  a status other than UPDATE_DONE, if the request ends here
 *
 * Errors: what is about us. Cost: reads and decodes each file that something is taken out of.
 * Return: 0 or a negative errno.
 */
int plan_make(const struct plan_world *world, struct plan *plan, struct update_outcome *out);

void plan_deinit(struct plan *plan);

/** plan_build() - the store as it would be; Return: 0 or -ENOMEM */
int plan_build(const struct plan *plan, const struct plan_world *world, struct snapshot **out);
