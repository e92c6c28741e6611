/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Sources - the folders that a store is made of: its own, which the agent writes to, and any number
 * of others, which it only reads: an application's PKI, a mounted ConfigMap, a package under
 * /usr/share. Frozen once others have a reference.
 */

#include "base/ref.h"
#include "base/vec.h"
#include "proto/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct layout;

#define SOURCES_SETTLE_MS INT64_C(1000)

struct store_source {
        const char *name; /* the first part of its entries' origins */
        const char *path; /* absolute */
        const struct layout *layout;

        /*
         * Settle=: news of peers waits so long after it changed, as its owner may have emptied it
         * in order to fill it again. Verdicts do not wait. 0 for a store's own folder.
         */
        int64_t settle_ms;
};

struct sources {
        struct ref ref;
        VEC(struct store_source) list; /* the store's own folder first */
};

/** sources_new() - none yet; Return: 0 or -ENOMEM */
int sources_new(struct sources **out);

/** sources_add() - one more; all of it is copied; Return: 0 or -ENOMEM */
int sources_add(struct sources *sources, const struct store_source *source);

/**
 * sources_list_folders() - the folders, and directories that were named, for people
 * @out: free() it, one block; paths, then NULL
 *
 * Return: 0 or -ENOMEM.
 */
int sources_list_folders(const struct sources *sources, const char ***out);

/**
 * sources_write_dir() - the path of a directory of a source
 * @dir: of its layout: absolute, or below the source's path
 * @text, @n_text: filled as by snprintf()
 *
 * Return: the path's length, as of snprintf().
 */
size_t sources_write_dir(const struct store_source *source, const char *dir, char *text,
                         size_t n_text);

/** sources_are_equal() - do they name the same directories, in the same roles? */
bool sources_are_equal(const struct sources *a, const struct sources *b);

struct sources *sources_ref(const struct sources *sources);
struct sources *sources_unref(struct sources *sources);
DEFINE_CLEANUP(struct sources *, sources_unref)
